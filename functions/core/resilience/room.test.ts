import assert from 'node:assert/strict';
import { setImmediate as round } from 'node:timers/promises';
import { Room, type Place } from './room.ts';

/** Takes places and tells, in order, who got one. */
class Takers {
  readonly entered: string[] = [];
  readonly #room: Room;

  constructor(room: Room) {
    this.#room = room;
  }

  async take(name: string, amount: number): Promise<Place> {
    const place = await this.#room.take(amount);
    this.entered.push(name);
    return place;
  }
}

describe('a room', () => {
  it('is never taken beyond its size, and a small one does not overtake a large one that waits', async () => {
    const room = new Room({ size: 10 });
    const takers = new Takers(room);
    const first = await takers.take('first', 6);
    const large = takers.take('large', 8);
    const small = takers.take('small', 2);
    await round();
    assert.deepEqual([takers.entered, room.taken], [['first'], 6]);
    first.resize(0);
    await Promise.all([large, small]);
    assert.deepEqual([takers.entered, room.taken], [['first', 'large', 'small'], 10]);
  });

  it('lets others in as soon as one needs less than it took, and keeps them out while one needs more', async () => {
    const room = new Room({ size: 10 });
    const takers = new Takers(room);
    const first = await takers.take('first', 10);
    const second = takers.take('second', 4);
    first.resize(12);
    await round();
    assert.deepEqual(takers.entered, ['first']);
    first.resize(6);
    await second;
    assert.equal(room.taken, 10);
  });

  it('gives all of it to who needs more than there is, and takes back what leaves twice once', async () => {
    const room = new Room({ size: 10 });
    const place = await room.take(1_000);
    assert.equal(room.taken, 10);
    place.resize(0);
    place.resize(0);
    assert.equal(room.taken, 0);
  });

  it('refuses who has waited too long, and then lets in who waits behind it', async () => {
    const room = new Room({ size: 10, wait_ms: 20 });
    await room.take(6);
    const large = room.take(8);
    const behind = room.take(4);
    await assert.rejects(large, { code: 'overloaded', retry_after_s: 2 });
    await behind;
    assert.equal(room.taken, 10);
  });

  it('refuses at once when as many wait as may', async () => {
    const room = new Room({ size: 1, waiting: 1 });
    const place = await room.take(1);
    const waits = room.take(1);
    await assert.rejects(room.take(1), { code: 'overloaded' });
    place.resize(0);
    await waits;
  });
});
