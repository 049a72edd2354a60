import assert from 'node:assert/strict';
import { DAY_MS, HOUR_MS } from '@bas/core/clock';
import { parse } from 'csv-parse/sync';
import { placesOf } from './axes.ts';
import { choiceOf, optionsOf } from './choice.ts';
import { exportName, exportText } from './export.ts';
import { dragged } from './gestures.ts';
import { progressText, summaryOf } from './summary.ts';
import { figuresFor, timeLabels } from './plot-options.ts';

const NOW = 1_795_400_000_000;
const span = { start_ms: NOW - 10 * HOUR_MS, end_ms: NOW - 9 * HOUR_MS };
const area = { left: 100, width: 600 };

describe('fingers on a chart', () => {
  it('move it as far as they move, but not by a click', () => {
    const grip = { span, begun: new Map([[1, 400]]) };
    assert.equal(dragged(grip, new Map([[1, 402]]), area, NOW), null);
    assert.deepEqual(dragged(grip, new Map([[1, 500]]), area, NOW), {
      kind: 'fixed',
      start_ms: span.start_ms - HOUR_MS / 6,
      end_ms: span.end_ms - HOUR_MS / 6,
    });
  });

  it('hold on to the times that two are put on', () => {
    const grip = { span, begun: new Map([[1, 300], [2, 500]]) }; // prettier-ignore
    const range = dragged(grip, new Map([[1, 200], [2, 600]]), area, NOW); // prettier-ignore
    assert.deepEqual(range, {
      kind: 'fixed',
      start_ms: span.start_ms + HOUR_MS / 4,
      end_ms: span.end_ms - HOUR_MS / 4,
    });
  });
});

describe('what a person chose', () => {
  it('is written into the address only where it differs', () => {
    assert.equal(optionsOf(choiceOf({}), {}), null);
    const options = { range: 'week', value: 'max', metrics: 'a,b' };
    assert.equal(optionsOf(choiceOf(options), options), null);
    assert.deepEqual(optionsOf(choiceOf(options), { range: 'day' }), options);
    assert.deepEqual(optionsOf({ ...choiceOf({}), metrics: new Set() }, {}), { range: 'live', metrics: '' });
    assert.deepEqual(choiceOf({ metrics: '' }).metrics, new Set());
  });
});

describe('a file of what is shown', () => {
  it('has a row for each point and a column for each metric', () => {
    const points = [
      { timestamp_ms: 0, metrics: { mode: '=1', temp: -1.5 } },
      { timestamp_ms: 1, metrics: { on: true, temp: 2 } },
    ];
    const unitOf = (name: string) => (name === 'temp' ? '°C' : '');
    const text = exportText(points, { unitOf, summary: '' });
    assert.deepEqual(parse(text, { bom: true }), [
      ['time_utc', 'timestamp_ms', 'mode', 'on', 'temp [°C]'],
      ['1970-01-01T00:00:00.000Z', '0', "'=1", '', '-1.5'],
      ['1970-01-01T00:00:00.001Z', '1', '', 'true', '2'],
    ]);
  });

  it('says what a value of an interval is', () => {
    const points = [{ timestamp_ms: 0, metrics: { flow: 1, temp: 2 } }];
    const unitOf = (name: string) => (name === 'temp' ? '°C' : '');
    const [heading] = parse(exportText(points, { unitOf, summary: 'average of 30 min' }), { bom: true });
    assert.deepEqual(heading?.slice(2), ['flow (average of 30 min)', 'temp [°C] (average of 30 min)']);
  });

  it('has a name that every system takes', () => {
    assert.equal(
      exportName('ahu:1@x', { start_ms: 0, end_ms: DAY_MS }),
      'ahu-1-x_19700101T000000Z_19700102T000000Z.csv',
    );
  });
});

describe('a chart in words', () => {
  it('tells how much has come', () => {
    const needed = { start_ms: 0, end_ms: 9 * DAY_MS };
    assert.equal(progressText(needed, [{ start_ms: 0, end_ms: 5.5 * DAY_MS }]), '3 of 9 days');
    assert.equal(
      progressText({ start_ms: 0, end_ms: 6 * HOUR_MS }, [{ start_ms: 0, end_ms: HOUR_MS }]),
      '5 of 6 hours',
    );
    assert.equal(progressText(needed, []), null);
    assert.equal(progressText(null, []), null);
  });

  it('tells how far each metric goes', () => {
    const points = [1, 3, 2].map((temp, at) => ({ timestamp_ms: at, metrics: { temp, on: true } }));
    const text = summaryOf(points, [{ name: 'temp', kind: 'number', place: 0 }, { name: 'on', kind: 'boolean', place: 1 }], () => '°C'); // prettier-ignore
    assert.match(text, /^3 points from .* temp: 1 to 3 °C, newest 2 °C\. on: newest yes\.$/);
    assert.equal(
      summaryOf([], [], () => ''),
      'There are no points here.',
    );
  });

  it('names the day where it changes', () => {
    const noon_ms = new Date(2026, 10, 22, 20).getTime();
    const labels = timeLabels([0, 2, 4, 6].map((hour) => noon_ms + hour * HOUR_MS));
    assert.deepEqual(labels.map((label) => label.includes('\n')), [true, false, true, false]); // prettier-ignore
  });

  it('names each axis where it stands', () => {
    const axis = (label: string, side: 'left' | 'right') => ({ label, side, scale: label, metrics: [] });
    const places = placesOf([axis('°C', 'left'), axis('rpm', 'right'), axis('%', 'left')], [50, 60, 40], 800);
    assert.deepEqual(
      places.map(({ label, x, align }) => [label, x, align]),
      [
        ['°C', 44, 'left'],
        ['%', 4, 'left'],
        ['rpm', 796, 'right'],
      ],
    );
  });
});

describe('the figures beside an axis', () => {
  const texts = (values: readonly number[]) =>
    values.map((value) => figuresFor(values).format(value).replaceAll(',', ''));

  it('are told apart, however large what they begin with', () => {
    assert.deepEqual(texts([12_345_678.4, 12_345_678.6]), ['12345678.4', '12345678.6']);
    assert.deepEqual(texts([0, 2.5]), ['0.0', '2.5']);
    assert.deepEqual(texts([20, 40]), ['20', '40']);
    assert.deepEqual(texts([0, 0.001]), ['0.000', '0.001']);
  });

  it('are powers of ten where nobody would count the zeros', () => {
    assert.deepEqual(texts([0, 1e-9]), ['0E0', '1E-9']);
    assert.deepEqual(texts([2e12, 4e12]), ['2E12', '4E12']);
  });
});
