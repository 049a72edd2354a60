/** Requests that only read: whenever they are answered, it is with all that is there. */
import type { Answer } from '../test/support/client.ts';
import type { Asked } from './changing.ts';
import { expectOk, point, postPoints, type Scene } from './scene.ts';

/** Hours ago, so that more than one bucket is read. */
const EARLIER = [1, 2, 30, 40];

/** A page about people, devices or events, of which there is more than one. */
export function reading(path: string): (scene: Scene) => Promise<Asked> {
  return async (scene) => {
    const { stage, tenant_id, number } = scene;
    const user_id = `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
    const { seed, clock } = stage.server;
    // Events of one time would come in any order.
    clock.advance(1);
    await seed.user({ tenant_id, user_id, username: 'somebody-else' });
    clock.advance(1);
    await seed.device({ tenant_id, device_id: 'valve' });
    clock.advance(1);
    return asking(scene, path);
  };
}

/** A page of points. */
export function telemetryReading(pathAt: (now_ms: number) => string): (scene: Scene) => Promise<Asked> {
  return async (scene) => {
    const { stage, tenant_id } = scene;
    const now_ms = stage.server.clock.now_ms();
    const points = EARLIER.map((hour) => point(now_ms - hour * 3_600_000, hour));
    const other = await stage.server.seed.device({ tenant_id, device_id: 'valve' });
    expectOk(await postPoints(scene, points));
    expectOk(await postPoints({ ...scene, device: other }, points.slice(1)));
    await stage.server.suite.usage.writeAll();
    return asking(scene, pathAt(now_ms));
  };
}

function asking(scene: Scene, path: string): Asked {
  const { browser } = scene;
  const effect = () => Promise.resolve(null);
  const shown = (answer: Answer): string => comparable(scene, answer);
  return { ask: () => browser.get(path), shown, effect, done: [200], again: [200], repeats: false };
}

/** What every tenant would be shown that has done the same: times as how long ago, and names that are made up by number. */
function comparable({ stage, tenant_id, from }: Scene, { text }: Answer): string {
  const now_ms = stage.server.clock.now_ms();
  const made_up = new Map<string, string>();
  const nameOf = (id: string): string => {
    const name = made_up.get(id) ?? `id ${made_up.size + 1}`;
    made_up.set(id, name);
    return name;
  };
  return text
    .replaceAll(tenant_id, 'its tenant')
    .replaceAll(from, 'its network')
    .replace(/\b1\d{12}\b/g, (time_ms) => String(Number(time_ms) - now_ms))
    .replace(/(?<=")[\w-]{20,}(?=")/g, nameOf);
}
