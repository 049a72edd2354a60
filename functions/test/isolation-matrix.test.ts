/** Every route of every door, by every method, asked by everybody: who may is answered, all others are refused and change nothing. */
import assert from 'node:assert/strict';
import type { Door, Route } from '@bas/core/http/route';
import { dumpOf } from '../fuzz/model/stored.ts';
import { doors } from '../src/doors.ts';
import { Matrix } from './support/matrix.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
const all: readonly Door[] = await Promise.all(Object.values(doors).map(async (load) => (await load()).default));
const routes = all.flatMap((door) => door.routes);
/** Methods that no route has at this path. */
const unknownMethods = ({ path }: Route) =>
  METHODS.filter((method) => !routes.some((route) => route.path === path && route.method === method));

for (const [backend, phase] of [
  ['sqlite', 'box'],
  ['firestore', 'cloud'],
] as const) {
  describe(`every route on ${backend}`, function () {
    this.timeout(30_000);
    let matrix: Matrix;

    before(async () => {
      matrix = await Matrix.open(phase);
    });
    after(() => matrix.close());

    for (const route of routes) {
      const name = `${route.method} ${route.path}`;
      const open = route.capability === 'nobody' || route.capability === 'signIn';

      it(`${name} ${open ? 'is for everybody' : 'refuses all but who may'}`, async () => {
        const askers = open ? [] : await matrix.refused(route);
        const wrong: string[] = [];
        let before = await dumpOf(matrix.world);
        for (const { who, headers, refusal } of askers) {
          const { status, code } = await matrix.ask(route, headers);
          if (status !== refusal[0] || code !== refusal[1]) wrong.push(`${who}: ${status} ${String(code)}`);
          const after = await dumpOf(matrix.world);
          if (after !== before) wrong.push(`${who}: changed what is stored`);
          before = after;
        }
        assert.deepEqual(wrong, []);
        const { status, text } = await matrix.ask(route, await matrix.owner(route));
        assert.equal(status, matrix.request(route).status ?? route.answer.status, text);
      });

      it(`${name} has no other method`, async () => {
        const owner = await matrix.owner(route);
        const before = await dumpOf(matrix.world);
        for (const method of unknownMethods(route)) {
          for (const headers of [owner, {}]) {
            const { status } = await matrix.ask(route, headers, method);
            assert.equal(status, 405, method);
          }
        }
        assert((await dumpOf(matrix.world)) === before, 'something was stored');
      });
    }
  });
}
