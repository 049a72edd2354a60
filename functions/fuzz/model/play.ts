/** Does operations one after the other, in the suite and in the model, and throws where they part. */
import type { Answer } from '../../test/support/client.ts';
import { callOf } from './calls.ts';
import { patchDevice, register } from './device-calls.ts';
import { difference } from './compare.ts';
import type { Call, Expected } from './expected.ts';
import { answerTo, isExpired, senderOf, type Sender } from './guard.ts';
import type { Operation } from './operation.ts';
import { login } from './session-calls.ts';
import { dumpOf } from './stored.ts';
import { pick, type Model, type ModelSession } from './state.ts';
import type { Tally } from './tally.ts';
import type { World } from './world.ts';

/** The suite did something else than the model; `leak` when a tenant was shown what is another's. */
export class Difference extends Error {
  override readonly name = 'Difference';
  readonly leak: boolean;

  constructor(message: string, leak: boolean) {
    super(message);
    this.leak = leak;
  }
}

export interface Stage {
  readonly world: World;
  readonly model: Model;
  readonly tally: Tally;
  /** Every so many refusals the stores are read before and after. */
  readonly refusals_per_dump: number;
}

/** As many as one more than the write budget. */
const FLOOD = 6;
/** Each stores other values in place of the ones before, so that each is a write. */
const OVERWRITES = 7;
const SELDOM_SEEN_NETWORK = 65_536;

export async function perform(stage: Stage, operation: Operation): Promise<void> {
  const { model, world, tally } = stage;
  model.clock.advance(operation.pause_s * 1_000);
  tally.add('operations');
  tally.add(`kind ${operation.kind}`);
  const sender = senderOf(model, operation);
  tellTricks(stage, operation, sender);
  const { kind } = operation;
  if (kind === 'deliver') return world.deliver();
  if (kind === 'login') return signIn(stage, operation, sender);
  if (kind === 'move_device') return moveDevice(stage, operation, sender);
  if (kind !== 'flood') return ask(stage, sender, callOf(kind, model, sender, operation));
  for (let n = 0; n < FLOOD; n += 1) {
    await ask(stage, sender, callOf('post', model, sender, { ...operation, b: OVERWRITES * (n + 1) }));
  }
}

async function ask(stage: Stage, sender: Sender, call: Call): Promise<void> {
  const expected = answerTo(stage.model, sender, call);
  await check(stage, call, expected, { headers: sender.headers, reader: sender.of.tenant_id });
}

/** Wrong tries come from somewhere else each time: how they are throttled is another matter. */
async function signIn(stage: Stage, operation: Operation, sender: Sender): Promise<void> {
  const { call, expected } = login(stage.model, sender, operation);
  const nth = stage.tally.count('wrong sign-ins') % SELDOM_SEEN_NETWORK;
  const from = `127.1.${nth >> 8}.${nth & 255}`;
  if (expected.status !== 200) stage.tally.add('wrong sign-ins');
  const place = expected.status === 200 ? {} : { from };
  await check(stage, call, expected, { headers: sender.headers, reader: sender.tenant ?? null, ...place });
}

/** One tenant gives a device up, another registers it under the same id. */
async function moveDevice(stage: Stage, operation: Operation, sender: Sender): Promise<void> {
  const { model, tally } = stage;
  const { tenant_id, device_id } = pick(model.devices, operation.a);
  const giver = managerIn(stage, operation, (of) => of === tenant_id) ?? sender;
  await ask(stage, giver, patchDevice(model, device_id, { disabled: true }));
  const without = (of: string): boolean => of !== tenant_id && model.device(of, device_id) === undefined;
  const taker = managerIn(stage, operation, without) ?? sender;
  const given_up = model.device(tenant_id, device_id)?.disabled === true;
  const devices = model.devices.length;
  await ask(stage, taker, register(model, taker, device_id));
  if (given_up && model.devices.length > devices) tally.add('trick device moved to another tenant');
}

/** Somebody who may manage the devices of such a tenant, with whatever is wrong with what they send. */
function managerIn({ model }: Stage, operation: Operation, fits: (tenant_id: string) => boolean): Sender | null {
  const isLive = (one: ModelSession): boolean => !one.ended && !isExpired(one, model.now_ms);
  const found = model.sessions.find((one) => fits(one.tenant_id) && isLive(one) && one.role !== 'viewer');
  return found === undefined ? null : senderOf(model, operation, found);
}

interface Sent {
  readonly headers: Sender['headers'];
  /** The tenant that reads the answer. */
  readonly reader: string | null;
  readonly from?: string;
}

async function check(stage: Stage, call: Call, expected: Expected, { headers, reader, from }: Sent): Promise<void> {
  const { world, model, tally } = stage;
  const is_refused = expected.status >= 400;
  tally.add('requests');
  if (is_refused) tally.add('refusals');
  const looks = is_refused && tally.count('refusals') % stage.refusals_per_dump === 0;
  const before = looks ? await dumpOf(world) : null;
  const sending = { headers, ...(call.json === undefined ? {} : { json: call.json }), ...(from ? { from } : {}) };
  const answer = await world.server.client.send(call.method, call.path, sending);
  tally.add(`answer ${answer.status} ${expected.code ?? ''}`);
  const asked = `${world.phase}: ${call.method} ${call.path} ${JSON.stringify(call.json ?? null)}`;
  refuseLeak(model, answer, reader, asked);
  if (isSpentBudget(call, answer)) return;
  const found = difference(answer, expected);
  if (found !== null) throw new Difference(`${asked} ${found}`, answer.status < 400 && is_refused);
  if (before !== null) {
    tally.add('dumps');
    if ((await dumpOf(world)) !== before) throw new Difference(`${asked} was refused and yet stored something`, false);
  }
  await expected.learn?.(answer);
}

function refuseLeak(model: Model, answer: Answer, reader: string | null, asked: string): void {
  const shown = model.foreignMarkers(reader).find((marker) => answer.text.includes(marker));
  if (shown !== undefined) throw new Difference(`${asked} shows ${shown} to ${String(reader)}: ${answer.text}`, true);
}

/** Documents read are not the model's matter, and nothing else has happened then. */
function isSpentBudget(call: Call, answer: Answer): boolean {
  return call.permission === 'telemetry.read' && answer.status === 429 && answer.code === 'read_budget';
}

function tellTricks({ model, tally }: Stage, operation: Operation, { of, access }: Sender): void {
  if (operation.credential !== 'right') tally.add(`trick credential ${operation.credential}`);
  if (operation.header !== 'own') tally.add(`trick tenant header ${operation.header}`);
  if (operation.cursor !== 'none' && PAGED.has(operation.kind)) tally.add(`trick cursor ${operation.cursor}`);
  if (access === null) return;
  if (of.kind === 'key') {
    if (of.revoked) tally.add('trick revoked key');
    const moved = model.devices.filter(({ device_id, disabled }) => device_id === of.device_id && !disabled);
    const own = model.device(of.tenant_id, of.device_id);
    if (own?.disabled === true && moved.length > 0) tally.add('trick key of a device that moved away');
  } else if (of.ended) tally.add('trick ended session');
  else if (isExpired(of, model.now_ms)) tally.add('trick expired session');
}

const PAGED: ReadonlySet<Operation['kind']> = new Set(['recent', 'window', 'shown', 'devices', 'users']);
