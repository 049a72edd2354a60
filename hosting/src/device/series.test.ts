import assert from 'node:assert/strict';
import { axesOf, firstShown } from './axes.ts';
import { gap_ms, linesOf, readingAt, withMetricsOf } from './series.ts';

const point = (timestamp_ms: number, metrics: Record<string, number | boolean | string>) => ({ timestamp_ms, metrics });

describe('the lines of a chart', () => {
  it('break where points are missing, and go on where only another metric has a value', () => {
    const points = [
      point(0, { a: 1, on: true }),
      point(10, { a: 2 }),
      point(15, { on: false, mode: 'auto' }),
      point(20, { a: 3 }),
      point(90, { a: 4 }),
    ];
    assert.deepEqual(linesOf(points, ['a', 'on'], 25), {
      times_ms: [0, 10, 15, 20, 21, 90],
      values: [
        [1, 2, undefined, 3, null, 4],
        [1, undefined, 0, undefined, undefined, undefined],
      ],
    });
  });

  it('break through all of a gap, though other metrics have values inside it', () => {
    const points = [0, 10, 20, 30, 40, 90].map((at) => point(at, at > 10 && at < 90 ? { b: at } : { a: at, b: at }));
    const { times_ms, values } = linesOf(points, ['a', 'b'], 25);
    assert.deepEqual(times_ms, [0, 10, 11, 20, 30, 40, 41, 90]);
    assert.deepEqual(values[0], [0, 10, null, null, null, null, null, 90]);
    assert.deepEqual(values[1], [0, 10, undefined, 20, 30, 40, null, 90]);
  });

  it('go on where a metric comes more seldom than the others', () => {
    const points = Array.from({ length: 20 }, (_, at) => point(at * 10, at % 4 === 0 ? { a: 1, b: 1 } : { a: 1 }));
    assert.equal(linesOf(points, ['a', 'b'], 25).values.flat().includes(null), false);
  });

  it('break after two and a half intervals of points, and after one and a half of aggregates', () => {
    assert.equal(gap_ms(60_000, null), 150_000);
    assert.equal(gap_ms(60_000, 300_000), 450_000);
  });

  it('know what a metric is by its newest value', () => {
    const metrics = withMetricsOf([point(0, { b: true, a: 'off' }), point(1, { a: 2, c: 'x' })]);
    assert.deepEqual(
      metrics.map(({ name, kind, place }) => [name, kind, place]),
      [
        ['a', 'number', 0],
        ['b', 'boolean', 1],
        ['c', 'text', 2],
      ],
    );
  });

  it('keep their colour while others come and go', () => {
    const first = withMetricsOf([point(0, { b: 1, c: true })]);
    const later = withMetricsOf([point(1, { a: 2, c: 3 })], first);
    assert.deepEqual(
      later.map(({ name, kind, place }) => [name, kind, place]),
      [
        ['a', 'number', 2],
        ['b', 'number', 0],
        ['c', 'number', 1],
      ],
    );
    assert.deepEqual(withMetricsOf([], later), later);
  });

  it('are read at the pointer, each metric by its nearest value', () => {
    const points = [point(0, { a: 1, b: 1 }), point(10, { a: 2 }), point(30, { a: 3, b: 3 })];
    assert.deepEqual(readingAt(points, 12, 15), { timestamp_ms: 10, metrics: { a: 2, b: 1 } });
    assert.equal(readingAt(points, 100, 15), null);
  });
});

describe('the axes of a chart', () => {
  const number = (name: string, place: number) => ({ name, place, kind: 'number' as const });
  const units: Readonly<Record<string, string>> = { supply: '°C', return: '°C', fan: 'rpm', flow: '' };
  const unitOf = (name: string) => units[name] ?? '';

  it('are shared by the metrics of one unit, and stand left and right in turn as far as there is room', () => {
    const metrics = [number('supply', 0), number('fan', 1), number('return', 2), number('flow', 3), number('load', 4)];
    const axes = axesOf(metrics, unitOf, 3);
    assert.deepEqual(
      axes.map(({ label, side, metrics: of }) => [label, side, of.map(({ name }) => name)]),
      [
        ['°C', 'left', ['supply', 'return']],
        ['rpm', 'right', ['fan']],
        ['flow', 'left', ['flow']],
        ['load', null, ['load']],
      ],
    );
  });

  it('are few until somebody chooses', () => {
    const many = Array.from({ length: 30 }, (_, place) => number(`m${place}`, place));
    const shown = firstShown([...many, number('supply', 30), number('return', 31)], unitOf);
    assert.deepEqual([...shown], ['supply', 'return', 'm0', 'm1']);
  });
});
