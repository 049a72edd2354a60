import assert from 'node:assert/strict';
import { cellKind, cellTime_ms, cellValue, metricName } from './cells.ts';
import { readLayout, type LayoutOptions, type RowSource } from './layout.ts';
import { pointsOf, survey, type Survey } from './table.ts';

function source(...rows: readonly string[][]): RowSource {
  return async function* () {
    for (const [at, cells] of rows.entries()) yield await Promise.resolve({ line: at + 1, cells });
  };
}

interface Reading extends LayoutOptions {
  readonly decimal_comma?: boolean;
}

async function read(rows: RowSource, { decimal_comma = false, ...options }: Reading = {}): Promise<Survey> {
  return survey(rows, await readLayout(rows, options), { decimal_comma });
}

async function pointsIn(rows: RowSource, options?: Reading): Promise<unknown[]> {
  const points: unknown[] = [];
  for await (const { timestamp_ms, metrics } of pointsOf(rows, await read(rows, options))) {
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
    const cases: Record<string, string[]> = {
      whole: ['0', '-17', '9007199254740991'],
      decimal: ['23.18', '0.00479298817650529', '-0.0', '.5', '1e3'],
      decimal_comma: ['21,5', '-0,004'],
      grouped: ['1,234.5', '1.234.567', '1 234 567'],
      boolean: ['true', 'FALSE'],
      text: ['007', '12345678901234567890', '1e999', 'auto', '21.5 °C'],
      empty: ['', ' ', 'NaN', 'n/a', 'null'],
    };
    for (const [kind, cells] of Object.entries(cases))
      for (const cell of cells) assert.equal(cellKind(cell), kind, cell);
    assert.ok(Object.is(cellValue('-0', 'number'), 0));
    assert.equal(cellValue(' 0,004 ', 'decimal comma'), 0.004);
    assert.equal(cellValue('17', 'text'), '17');
    assert.equal(cellValue('NaN', 'number'), undefined);
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
    const found = await read(rows);
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
    await assert.rejects(readLayout(source(['date', 'b'], ['04/02/2015', '2'])), /line 2 has "04\/02\/2015"/);
    await assert.rejects(readLayout(source(['time'], ['2015-02-04'])), /nothing to post/);
    await assert.rejects(readLayout(source(['time;a'], ['2015-02-04;1'])), /--delimiter ';'/);
    const rows = source(['time', 'a'], ['2015-02-04', '1']);
    await assert.rejects(readLayout(rows, { time_column: 'when' }), /no column when/);
    await assert.rejects(readLayout(rows, { text_columns: ['b'] }), /no column b/);
  });

  it('refuses rows that do not fit the header, by their line', async () => {
    const rows = source(['time', 'a'], ['2015-02-04', '1'], ['2015-02-05', '1', '5']);
    await assert.rejects(read(rows), /^SetupError: Line 3 has 3 fields and the header 2/);
    // A decimal comma that splits every row must not pass for a column of row numbers.
    await assert.rejects(read(source(['time', 'a'], ['2015-02-04', '21', '5'])), /Line 2 has 3 fields/);
    await assert.rejects(read(source(['time', 'a'], ['1423051200', '21', '5'])), /Line 2 has 3 fields/);
  });

  it('refuses two columns of one title, and a time that is none', async () => {
    await assert.rejects(read(source(['time', 'a', 'a'], ['2015-02-04', '1', '2'])), /two columns titled "a"/);
    const rows = source(['time', 'a'], ['2015-02-04', '1'], ['2015-02-05', '1'], ['2015-02-30', '1'], ['', '1']);
    await assert.rejects(read(rows), /Line 4 has "2015-02-30" as its time \("time"\)/);
  });
});

describe('a column of a CSV table', () => {
  function column(...cells: string[]): RowSource {
    const rows = cells.map((cell, at) => [new Date(Date.UTC(2015, 1, 4) + at * 60_000).toISOString(), cell]);
    return source(['time', 'a'], ...rows);
  }

  async function typeOf(rows: RowSource, options?: Reading): Promise<string | null | undefined> {
    return (await read(rows, options)).columns[1]?.type;
  }

  it('has one type as a whole; empty cells are left out', async () => {
    assert.equal(await typeOf(column('1', '', '2.5', 'NaN')), 'number');
    assert.equal(await typeOf(column('true', '', 'FALSE')), 'boolean');
    assert.equal(await typeOf(column('auto', '7')), 'text');
    assert.deepEqual(await pointsIn(column('auto', '7')), [
      [Date.UTC(2015, 1, 4), { a: 'auto' }],
      [Date.UTC(2015, 1, 4, 0, 1), { a: '7' }],
    ]);
  });

  it('of numbers refuses what is none, by its line, unless it is wanted as text', async () => {
    const rows = column(...Array.from({ length: 20 }, (_, at) => (at === 7 ? 'error' : String(at))));
    await assert.rejects(read(rows), /column "a" holds numbers, but line 9 has "error".*--text-column "a"/);
    assert.equal(await typeOf(rows, { text_columns: ['a'] }), 'text');
    const book = column(...Array.from({ length: 20 }, (_, at) => (at === 7 ? 'x'.repeat(4_000) : String(at))));
    await assert.rejects(read(book), /but line 9 has "x{60}…": correct/);
    const switched = column(...Array.from({ length: 20 }, (_, at) => (at === 7 ? '1' : 'true')));
    await assert.rejects(read(switched), /holds true or false, but line 9 has "1"/);
  });

  it('may have decimal commas when all of it has, where a comma separates nothing else', async () => {
    const decimal_comma = true;
    const rows = column('21,5', '22', '-0,25');
    assert.deepEqual(
      (await pointsIn(rows, { decimal_comma })).map((point) => JSON.stringify(point).replace(/^\[\d+,/, '')),
      ['{"a":21.5}]', '{"a":22}]', '{"a":-0.25}]'],
    );
    await assert.rejects(read(rows), /"a" holds numbers, but line 2 has "21,5"/);
    await assert.rejects(read(column('21,5', '1.5', '2,5'), { decimal_comma }), /decimal comma, but line 3 has "1\.5"/);
    await assert.rejects(read(column('1,234.5', '1'), { decimal_comma }), /but line 2 has "1,234\.5"/);
    const two = source(['time', 'a', 'b'], ['2015-02-04', '21,5', '1.234']);
    await assert.rejects(read(two, { decimal_comma }), /"a" has decimal commas, but line 2 of "b" has "1\.234"/);
  });
});
