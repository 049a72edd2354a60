import assert from 'node:assert/strict';
import { draftOf, NO_DEVICE, patchOf, readDraft, type DeviceDraft } from './device-draft.ts';

const DEVICE = {
  device_id: 'ahu-1',
  name: 'Air handler',
  tags: { floor: 'roof' },
  expected_interval_ms: 90_000,
  disabled: false,
  last_seen_ms: null,
  keys: [],
};

function troubles(draft: Partial<DeviceDraft>) {
  const read = readDraft({ ...NO_DEVICE, device_id: 'ahu-1', ...draft });
  return 'troubles' in read ? Object.keys(read.troubles) : [];
}

function patch(draft: Partial<DeviceDraft>) {
  const read = readDraft({ ...draftOf(DEVICE), ...draft });
  return 'body' in read ? patchOf(DEVICE, read.body) : assert.fail(JSON.stringify(read.troubles));
}

describe('a device that is being typed', () => {
  it('is read with its tags and its interval', () => {
    const read = readDraft({
      ...NO_DEVICE,
      device_id: ' ahu-1 ',
      tags: 'floor = roof\n\nformula=a=b',
      interval: '0.1',
      unit: 'seconds',
    });
    assert.deepEqual(read, {
      body: { device_id: 'ahu-1', tags: { floor: 'roof', formula: 'a=b' }, expected_interval_ms: 100, disabled: false },
    });
  });

  it('is refused where the server would refuse it', () => {
    assert.deepEqual(troubles({}), []);
    assert.deepEqual(troubles({ device_id: '-ahu' }), ['device_id']);
    assert.deepEqual(troubles({ name: 'x'.repeat(201) }), ['name']);
    for (const tags of ['floor', '=roof', 'a=1\na=2', 'two words=1', `a=${'x'.repeat(257)}`]) {
      assert.deepEqual(troubles({ tags }), ['tags'], tags);
    }
    for (const interval of ['0.05', '8 d', '700000']) {
      assert.deepEqual(troubles({ interval, unit: 'seconds' }), ['expected_interval_ms'], interval);
    }
  });

  it('changes only what differs', () => {
    assert.equal(patch({}), null);
    assert.deepEqual(patch({ name: 'Roof unit' }), { name: 'Roof unit' });
    assert.deepEqual(patch({ name: '' }), { name: 'ahu-1' });
    assert.deepEqual(patch({ tags: '' }), { tags: {} });
    assert.deepEqual(patch({ tags: 'floor=1' }), { tags: { floor: '1' } });
    assert.deepEqual(patch({ interval: '' }), { expected_interval_ms: null });
    assert.deepEqual(patch({ interval: '1.5', unit: 'minutes' }), null);
    assert.deepEqual(patch({ disabled: true }), { disabled: true });
  });
});
