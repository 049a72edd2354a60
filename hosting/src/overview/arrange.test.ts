import assert from 'node:assert/strict';
import type { Device } from '../api/answers.ts';
import { arrange, fits, stateOf, tally, wishOf, type Row, type State, type Wish } from './arrange.ts';

function device(device_id: string, more: Partial<Device> = {}): Device {
  return { device_id, name: device_id, tags: {}, expected_interval_ms: null, disabled: false, ...more };
}

function row(device_id: string, state: State, timestamp_ms: number | null = null): Row {
  return { device: device(device_id), state, timestamp_ms };
}

const WISH: Wish = { search: '', show: 'all', sort: 'name', reversed: false };
const ids = (rows: readonly Row[]): string => rows.map((one) => one.device.device_id).join(' ');

describe('the rows of the overview', () => {
  const rows = [
    row('ok-10', 'ok', 90),
    row('ok-9', 'ok', 95),
    row('x', 'unseen'),
    row('s', 'silent'),
    row('l', 'late', 5),
  ];

  it('are in the order of names, as people count', () => {
    assert.equal(ids(arrange(rows, WISH)), 'l ok-9 ok-10 s x');
    assert.equal(ids(arrange(rows, { ...WISH, reversed: true })), 'x s ok-10 ok-9 l');
  });

  it('are the worst first by status and the oldest first by age, what is not known last', () => {
    assert.equal(ids(arrange(rows, { ...WISH, sort: 'status' })), 's l ok-9 ok-10 x');
    assert.equal(ids(arrange(rows, { ...WISH, sort: 'age' })), 's l ok-10 ok-9 x');
  });

  it('are as the address wishes, as far as it is known', () => {
    assert.deepEqual(wishOf({ options: { search: 'x', show: 'no such', sort: 'constructor' } }), {
      ...WISH,
      search: 'x',
    });
    const wish = { ...WISH, show: 'late', sort: 'age', reversed: true };
    assert.deepEqual(wishOf({ options: { show: 'late', sort: 'age', reversed: 'yes' } }), wish);
  });

  it('are those of one status, and counted by it', () => {
    assert.equal(ids(arrange(rows, { ...WISH, show: 'ok' })), 'ok-9 ok-10');
    assert.deepEqual(tally(rows), { silent: 1, late: 1, ok: 2, disabled: 0, unseen: 1 });
  });

  it('are found by every word, in name, id and tags', () => {
    const ahu = device('ahu-1', { name: 'Air handling unit', tags: { floor: '12' } });
    for (const search of ['', ' AIR ', 'unit ahu', 'floor=12', 'floor']) assert.ok(fits(ahu, search), search);
    for (const search of ['air room', 'floor=2', 'unseen']) assert.ok(!fits(ahu, search), search);
  });

  it('tell the state by age, unless a device is disabled or was not asked for', () => {
    assert.equal(stateOf(device('a', { expected_interval_ms: 1_000 }), { timestamp_ms: 0 }, 2_001), 'late');
    assert.equal(stateOf(device('a'), { timestamp_ms: null }, 0), 'silent');
    assert.equal(stateOf(device('a'), null, 0), 'unseen');
    assert.equal(stateOf(device('a', { disabled: true }), { timestamp_ms: 0 }, 0), 'disabled');
  });
});
