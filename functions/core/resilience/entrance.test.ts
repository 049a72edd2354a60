import assert from 'node:assert/strict';
import { setImmediate as nextRound } from 'node:timers/promises';
import { Entrance } from './entrance.ts';

const HOME = '10.0.0';
/** Of one tenant, in a round. */
const FEW = 8;

describe('the entrance', () => {
  let entrance: Entrance;
  let now_ms: number;
  let begun: string[];
  let refused: string[];

  /** Comes in, and tells when it may begin. */
  const arrive = (tenant: string | undefined, network = HOME, name = tenant ?? 'nobody'): void => {
    const turn = entrance.enter({ tenant, network });
    const told = { begun, refused };
    if (turn === null) begun.push(name);
    else void turn.then((refusal) => told[refusal === null ? 'begun' : 'refused'].push(name));
  };

  /** Both have shown to whom they belong. */
  const introduce = async (...tenants: string[]): Promise<void> => {
    for (const tenant of tenants) {
      arrive(tenant);
      entrance.know(tenant);
      await nextRound();
    }
    begun = [];
  };

  beforeEach(() => {
    now_ms = 0;
    entrance = new Entrance(() => now_ms);
    begun = [];
    refused = [];
  });

  it('lets a few of each tenant begin in a round, however many of one there are', async () => {
    await introduce('flood', 'calm');
    for (let n = 0; n < 50; n += 1) arrive('flood');
    assert.deepEqual([begun.length], [FEW]);
    arrive('calm');
    assert.deepEqual(begun.slice(FEW), ['calm'], 'at once, past those who wait');
    await nextRound();
    assert.ok(begun.length <= 2 * FEW + 1 && begun.length > FEW + 1, `${begun.length} after a round`);
    while (begun.length < 51) await nextRound();
    assert.deepEqual(refused, []);
  });

  it('holds nobody up while all are of one, and a minute after others were seen', async () => {
    for (let n = 0; n < 200; n += 1) arrive('only');
    assert.equal(begun.length, 200);
    await introduce('only', 'other');
    now_ms += 60_000;
    arrive('only');
    assert.deepEqual(begun, ['only']);
    await nextRound();
    now_ms += 60_000;
    for (let n = 0; n < 200; n += 1) arrive('only');
    assert.equal(begun.length, 201);
  });

  it('has who only claims to be of a tenant stand behind its own people, network by network', async () => {
    await introduce('calm', 'other');
    for (let n = 0; n < 100; n += 1) arrive('calm', '203.0.113', 'stranger');
    arrive('calm', HOME, 'own');
    await nextRound();
    await nextRound();
    assert.ok(begun.indexOf('own') >= FEW && begun.indexOf('own') <= FEW + 2, begun.join(' '));
  });

  it('knows as strangers all who have shown nothing: many made-up names are no more than one', async () => {
    await introduce('calm', 'calm');
    for (let n = 0; n < 50; n += 1) arrive(`made-up-${n}`, HOME, 'stranger');
    assert.deepEqual([begun.length], [FEW]);
    arrive('calm');
    assert.deepEqual(begun.slice(FEW), ['calm']);
  });

  it('turns away the last of the longest line when there is no more room, and in time who waited too long', async () => {
    await introduce('calm', 'other');
    for (let n = 0; n < 1_000 + FEW; n += 1) arrive('calm', '203.0.113', 'stranger');
    assert.deepEqual([begun.length, refused.length], [FEW, 0]);
    arrive('calm', HOME, 'own');
    for (let n = 0; n < 3; n += 1) await nextRound();
    assert.ok(begun.includes('own'), 'past a thousand who only claim to be of the tenant');
    assert.deepEqual(refused, [], 'not at once, or it would be asked again at once');
    now_ms += 1_000;
    await nextRound();
    assert.deepEqual(refused, ['stranger']);
    now_ms += 10_000;
    for (let n = 0; n < 3; n += 1) await nextRound();
    assert.equal(begun.length + refused.length, 1_000 + FEW + 1);
    assert.ok(begun.length < 100, `${begun.length} begun`);
  });
});
