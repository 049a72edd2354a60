/** Which function answers what a browser asks of Hosting. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findDoor } from '@bas/core/http/match';
import { rootDir } from '../../scripts/lib/paths.ts';
import { doors } from '../src/doors.ts';

interface Rewrite {
  readonly source: string;
  readonly function: { readonly functionId: string };
}

const { hosting } = JSON.parse(readFileSync(join(rootDir, 'firebase.json'), 'utf8')) as {
  hosting: { rewrites: readonly Rewrite[] };
};

/** As Hosting does: the first that fits; `**` is anything, nothing included. */
function functionFor(path: string): string | undefined {
  const fits = ({ source }: Rewrite) =>
    source.endsWith('/**') ? `${path}/`.startsWith(source.slice(0, -2)) : path === source;
  return hosting.rewrites.find(fits)?.function.functionId;
}

const READING = ['recentTelemetry', 'windowTelemetry', 'latestTelemetry'] as const;

describe('behind Hosting', () => {
  it('one function answers all that a dashboard looks at, so that it has one budget', async () => {
    for (const name of READING) {
      const { routes } = (await doors[name]()).default;
      assert.deepEqual(
        routes.map(({ path }) => functionFor(path)),
        routes.map(() => 'recentTelemetry'),
      );
    }
  });

  it('every other door is answered by the function of its name', async () => {
    for (const [name, load] of Object.entries(doors)) {
      if (READING.some((reading) => reading === name)) continue;
      for (const { path } of (await load()).default.routes) {
        assert.equal(functionFor(path.replaceAll(/\{\w+\}/g, 'x')), name, path);
      }
    }
  });
});

describe('a function of several doors', () => {
  const found = async (path: string) =>
    (await findDoor([doors.recentTelemetry, doors.windowTelemetry, doors.latestTelemetry], path)).name;

  it('takes the door that answers the path, with or without /v1, and its own for all else', async () => {
    assert.equal(await found('/v1/telemetry/window'), 'windowTelemetry');
    assert.equal(await found('/telemetry/latest'), 'latestTelemetry');
    for (const path of ['/v1/telemetry/recent', '/', '', '/v1/users'])
      assert.equal(await found(path), 'recentTelemetry');
  });

  it('loads no other door for what its own answers: a cold start would pay for it', async () => {
    const loaded: string[] = [];
    const other = () => {
      loaded.push('other');
      return doors.latestTelemetry();
    };
    for (const path of ['/v1/telemetry/recent', '/']) await findDoor([doors.recentTelemetry, other], path);
    assert.deepEqual(loaded, []);
    await findDoor([doors.recentTelemetry, other], '/v1/telemetry/latest');
    assert.deepEqual(loaded, ['other']);
  });
});
