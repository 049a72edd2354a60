import assert from 'node:assert/strict';
import { cellTime_ms, cellValue, metricName } from './cells.ts';
import { pointsOf, readLayout, survey, type RowSource } from './table.ts';

function source(...rows: readonly string[][]): RowSource {
  return async function* () {
    for (const row of rows) yield await Promise.resolve(row);
  };
}

async function pointsIn(rows: RowSource): Promise<unknown[]> {
  const points: unknown[] = [];
  for await (const { timestamp_ms, metrics } of pointsOf(rows, await readLayout(rows), () => undefined)) {
    points.push([timestamp_ms, metrics]);
  }
  return points;
}

describe('cells of a CSV file', () => {
  it('are instants in the forms that exports use; without a zone they are UTC', () => {
    const noon_ms = Date.UTC(2015, 1, 4, 12, 0, 0);
    const forms = ['2015-02-04 12:00:00', '2015-02-04T12:00:00Z', '2015-02-04T13:00:00+01:00', '2015-02-04 12:00'];
    for (const form of [...forms, '1423051200', '1423051200000', '1423051200.000', '2015-02-04 12:00:00.000 UTC']) {
      assert.equal(cellTime_ms(form), noon_ms, form);
    }
    assert.equal(cellTime_ms('2015-02-04'), Date.UTC(2015, 1, 4));
    assert.equal(cellTime_ms('2015-02-04 12:00:00.25'), noon_ms + 250);
  });

  it('are no instants when they only look like one', () => {
    for (const form of ['', '17', '2015-02-30 12:00:00', '2015-13-01', '12:00:00', 'yesterday', '04/02/2015']) {
      assert.equal(cellTime_ms(form), null, form);
    }
  });

  it('keep their type, and stay text where a number would lose something', () => {
    const cases: [string, unknown][] = [
      ['23.18', 23.18],
      ['0.00479298817650529', 0.00479298817650529],
      ['-0', 0],
      ['.5', 0.5],
      ['1e3', 1000],
      ['true', true],
      ['FALSE', false],
      ['007', '007'],
      ['12345678901234567890', '12345678901234567890'],
      ['1e999', '1e999'],
      ['auto', 'auto'],
      ['', undefined],
      ['NaN', undefined],
    ];
    for (const [cell, value] of cases) assert.equal(Object.is(cellValue(cell), value), true, cell);
  });

  it('of the header become metric names', () => {
    const cases = { Temperature: 'Temperature', 'Temp (°C)': 'Temp_C', '2nd floor': '_2nd_floor', '°': 'column_4' };
    for (const [title, name] of Object.entries(cases)) assert.equal(metricName(title, 3), name);
    assert.equal(metricName('constructor', 0), 'constructor_');
    assert.equal(metricName('x'.repeat(100), 0).length, 64);
  });
});

describe('a CSV table', () => {
  it('may number its rows without a title for it', async () => {
    const rows = source(
      ['date', 'T', 'On'],
      ['1', '2015-02-04 17:51:00', '23.1', 'true'],
      ['2', '2015-02-04 17:52:00', '', ''],
      ['3', '2015-02-04 17:53:00', '23.3', ''],
    );
    assert.deepEqual(await pointsIn(rows), [
      [Date.UTC(2015, 1, 4, 17, 51), { T: 23.1, On: true }],
      [Date.UTC(2015, 1, 4, 17, 53), { T: 23.3 }],
    ]);
    const found = await survey(rows, await readLayout(rows));
    assert.deepEqual([found.points, found.skipped_rows], [2, 1]);
  });

  it('has its time in the column whose title says so, wherever it is', async () => {
    const rows = source(['installed', 'value', 'timestamp'], ['2014-01-01', '1', '1423051200']);
    assert.deepEqual(await pointsIn(rows), [[1_423_051_200_000, { installed: '2014-01-01', value: 1 }]]);
  });

  it('gives columns of the same title names of their own', async () => {
    const rows = source(['time', 'a b', 'a_b'], ['2015-02-04', '1', '2']);
    assert.deepEqual(await pointsIn(rows), [[Date.UTC(2015, 1, 4), { a_b: 1, a_b_2: 2 }]]);
  });

  it('says what is missing', async () => {
    await assert.rejects(readLayout(source()), /no rows/);
    await assert.rejects(readLayout(source(['a', 'b'], ['1', '2'])), /No column holds times/);
    await assert.rejects(readLayout(source(['time'], ['2015-02-04'])), /nothing to post/);
    await assert.rejects(readLayout(source(['time', 'a'], ['2015-02-04', '1']), 'when'), /no column when/);
  });
});
