import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MINUTE_MS } from '../clock.ts';
import { readConfig } from '../config.ts';
import { silentLogger } from '../observability/log.ts';
import { Meter } from '../observability/meter.ts';
import { createSuite, type Suite } from '../suite.ts';
import { AccessEvents } from './access-events.ts';

describe('events of refused access', () => {
  let folder: string;
  let now_ms: number;
  let suite: Suite;
  let events: AccessEvents;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bas-access-'));
    now_ms = Date.UTC(2025, 2, 3, 9);
    const clock = { now_ms: () => now_ms };
    suite = createSuite(readConfig({ SQLITE_FILE: join(folder, 'bas.sqlite') }), { clock, logger: silentLogger });
    const { ids, logger, home } = suite;
    events = new AccessEvents({ clock, ids, logger, home, meter: () => new Meter(), elapsed_ms: () => now_ms });
  });
  afterEach(async () => {
    await suite.close();
    rmSync(folder, { recursive: true });
  });

  async function told(): Promise<number> {
    await sleep(50);
    const { audit } = (await suite.backend()).withMeter(new Meter()).forTenant('system');
    return (await audit.query({ start_ms: 0, end_ms: now_ms + 1, action: 'gate.change' }, { limit: 10 })).length;
  }

  it('are one for an outage, however long it is and however often it is asked', async () => {
    for (let n = 0; n < 100; n += 1) {
      events.refused();
      now_ms += MINUTE_MS;
    }
    assert.equal(await told(), 1);
    now_ms += 60 * MINUTE_MS;
    events.refused();
    assert.equal(await told(), 1);
  });

  it('are one while some of it is answered and some refused', async () => {
    for (let n = 0; n < 100; n += 1) {
      events.refused();
      events.answered();
      now_ms += 9 * MINUTE_MS;
    }
    assert.equal(await told(), 1);
  });

  it('are another for an outage after ten minutes that were well', async () => {
    events.refused();
    events.answered();
    assert.equal(await told(), 1);
    now_ms += 10 * MINUTE_MS;
    events.refused();
    assert.equal(await told(), 2);
  });
});
