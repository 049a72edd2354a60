import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readConfig } from '@bas/core/config';
import { sealTenant } from '@bas/core/audit/sealing';
import { DAY_MS, HOUR_MS, SECOND_MS } from '@bas/core/clock';
import type { AuditEvent } from '@bas/core/model/audit';
import { Meter } from '@bas/core/observability/meter';
import type { Stores } from '@bas/core/stores/contracts';
import { connectWitness } from '@bas/core/stores/firestore/harness';
import { anEvent, aTenant } from '@bas/core/stores/suite/fixtures';
import { createSuite } from '@bas/core/suite';
import Driver from 'better-sqlite3';
import { run, type Finished } from './support/command.ts';
import type { Target } from './support/legacy.ts';
import { MigrationPlace } from './support/migration.ts';
import { STORES } from './support/server.ts';

for (const store of STORES) {
  describe(`npm run audit on ${store}`, function () {
    this.timeout(120_000);
    let place: MigrationPlace;
    let target: Target;
    let events: readonly AuditEvent[];

    before(async () => {
      place = new MigrationPlace();
      target = await place.target(store);
      const old_ms = Date.now() - 3 * HOUR_MS;
      events = Array.from({ length: 6 }, (_, n) => anEvent({ timestamp_ms: old_ms + n * SECOND_MS }));
      await append(...events, anEvent({ tenant_id: 'system', timestamp_ms: old_ms }));
    });
    after(() => place.remove());

    async function withStores(work: (stores: Stores) => Promise<unknown>): Promise<void> {
      const suite = createSuite({ ...readConfig({ SQLITE_FILE: '/dev/null/none' }), home: target.home });
      await work((await suite.backend()).withMeter(new Meter()));
      await suite.close();
    }

    const append = (...more: readonly AuditEvent[]): Promise<void> =>
      withStores(async (stores) => {
        await stores.tenants.create(aTenant());
        for (const event of more) await stores.forTenant(event.tenant_id).audit.append(event);
      });

    async function tamper(event_id: string, ip: string | null): Promise<void> {
      const { home } = target;
      if (home.kind === 'sqlite') {
        const db = new Driver(home.file);
        db.exec('DROP TRIGGER IF EXISTS audit_log_is_append_only');
        db.prepare('UPDATE audit_log SET ip = ? WHERE event_id = ?').run(ip, event_id);
        db.close();
        return;
      }
      const firestore = connectWitness(home.project_id);
      await firestore.collection('audit_log').doc(event_id).update({ ip });
      await firestore.terminate();
    }

    const audit = (...args: readonly string[]): Promise<Finished> =>
      run('audit', [...args, '--data', target.folder], { env: target.env });
    const file = (name: string): string => join(place.folder, name);
    const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? '';

    it('seals, verifies, exports, and names what was changed since', async () => {
      const unsealed = await audit('verify');
      const nothing = 'Not known: nothing is sealed; npm run audit -- seal does it at once.';
      assert.deepEqual([unsealed.code, lastLine(unsealed.stdout)], [3, nothing]);
      const sealed = await audit('seal');
      assert.deepEqual([sealed.code, sealed.stdout], [0, 'acme: 6 events in 1 seal.\nsystem: 1 event in 1 seal.\n']);
      const sound = await audit('verify');
      assert.deepEqual([sound.code, lastLine(sound.stdout)], [0, 'Sound: every sealed event is as it was.']);
      const [, head = ''] = /^acme: 6 events, 1 seal, the newest (1:[\w-]{43})\.$/m.exec(sound.stdout) ?? [];
      const kept = await audit('verify', '--tenant', 'acme', '--head', head);
      assert.equal(kept.code, 0);
      assert.match(kept.stdout, /^ {2}The kept seal was looked for\.$/m);
      const other = await audit('verify', '--tenant', 'acme', '--head', `1:${'x'.repeat(43)}`);
      assert.match(other.stdout, /^ {2}The chain does not go on from what was kept elsewhere: seal 1 is another one/m);
      assert.equal(other.code, 1);

      const exported = await audit('export', '--out', file('log.ndjson'));
      assert.equal(exported.code, 0, exported.stderr);
      assert.ok(exported.stdout.includes(`acme: 7 events, newest seal ${head}\n`), exported.stdout);
      const lines = readFileSync(file('log.ndjson'), 'utf8').trim().split('\n');
      assert.deepEqual(JSON.parse(lines[0] ?? ''), events[0]);
      assert.equal(lines.length, 7 + 1 + 2 + 1);
      const again = await audit('export', '--out', file('log.ndjson'));
      assert.deepEqual([again.code, again.stderr.includes('exists already: name a new file.')], [1, true]);
      assert.equal(readFileSync(file('log.ndjson'), 'utf8').trim().split('\n').length, 11, 'it is as it was');
      assert.equal((await audit('verify', '--against', file('log.ndjson'))).code, 0);

      const { event_id = '', ip = null } = events[2] ?? {};
      await tamper(event_id, '203.0.113.9');
      const found = await audit('verify', '--json', '--tenant', 'acme');
      await tamper(event_id, ip);
      assert.equal(found.code, 1);
      const { tenants } = JSON.parse(found.stdout) as { tenants: { findings: unknown[] }[] };
      assert.deepEqual(tenants[0]?.findings, [
        { kind: 'changed', event_id, timestamp_ms: events[2]?.timestamp_ms, seal: 1 },
      ]);
      assert.equal((await audit('verify')).code, 0);
    });

    it('verifies an export without its store', async () => {
      const text = readFileSync(file('log.ndjson'), 'utf8');
      const of = ['verify', '--file', file('copy.ndjson'), '--data', '/dev/null/none'];
      writeFileSync(file('copy.ndjson'), text);
      assert.equal((await run('audit', of)).code, 0);
      writeFileSync(file('copy.ndjson'), text.replace('"outcome":"success"', '"outcome":"refused"'));
      const changed = await run('audit', of);
      assert.deepEqual([changed.code, changed.stdout.includes(`event ${events[0]?.event_id} of`)], [1, true]);
      writeFileSync(file('copy.ndjson'), text.replace(/^.*\n/, ''));
      assert.match((await run('audit', of)).stdout, new RegExp(`event ${events[0]?.event_id} of .* was removed`));
      writeFileSync(file('copy.ndjson'), 'no export\n');
      const none = await run('audit', of);
      assert.deepEqual(
        [none.code, none.stderr],
        [3, `${file('copy.ndjson')} is no whole export: npm run audit -- export writes one.\n`],
      );
    });

    it('says nothing of what a file does not have', async () => {
      const text = readFileSync(file('log.ndjson'), 'utf8');
      const verified = (changed: string, ...more: readonly string[]) => {
        writeFileSync(file('part.ndjson'), changed);
        return run('audit', ['verify', '--file', file('part.ndjson'), ...more]);
      };
      const refused = async (what: RegExp, changed: string, ...more: readonly string[]) => {
        const { code, stdout, stderr } = await verified(changed, ...more);
        assert.deepEqual([code, stdout], [3, ''], String(what));
        assert.match(stderr, what);
      };
      await refused(/is no whole export: it has no end of tenant ghost\./, text, '--tenant', 'ghost');
      await refused(
        /is no whole export: it has no end of tenant system\./,
        text.replace(/^{"end_of":"system".*\n/m, ''),
      );
      const [line = ''] = /^.*"tenant_id":"system".*\n/m.exec(text) ?? [];
      await refused(/is no whole export: it has 3 events of system, not 2\./, text.replace(line, line + line));
    });

    it('says so when the seals that were kept prove nothing any more', async () => {
      const text = readFileSync(file('log.ndjson'), 'utf8');
      writeFileSync(file('old.ndjson'), text.replaceAll(/("end_of".*"sealed_ms":)\d+/g, '$11'));
      const old = await audit('verify', '--against', file('old.ndjson'));
      assert.equal(old.code, 3);
      assert.match(old.stdout, /^ {2}The kept seal has expired: nothing was compared with it\.$/m);
      assert.equal(lastLine(old.stdout), 'Not known: no kept seal could be compared.');
      writeFileSync(file('none.ndjson'), text.replaceAll(/"head":{[^}]*}/g, '"head":null'));
      assert.equal((await audit('verify', '--against', file('none.ndjson'))).code, 3);
      writeFileSync(file('some.ndjson'), text.replace(/("end_of":"acme".*"sealed_ms":)\d+/, '$11'));
      assert.equal((await audit('verify', '--against', file('some.ndjson'))).code, 0);
    });

    it('names events that came late, and takes them in when it is told to', async () => {
      const late = anEvent({ timestamp_ms: (events[0]?.timestamp_ms ?? 0) + 1, source: 'sqlite_backfill' });
      await append(late);
      const found = await audit('verify');
      assert.deepEqual([found.code, found.stdout.includes(`event ${late.event_id} of`)], [1, true]);
      const taken = await audit('seal', '--late');
      assert.equal(
        taken.stdout.split('\n').slice(0, 2).join('\n'),
        `acme: 1 event in 1 seal.\n  took in event ${late.event_id}`,
      );
      const sound = await audit('verify', '--against', file('log.ndjson'));
      assert.equal(sound.code, 0, sound.stdout);
      const told = `  event ${late.event_id} of ${new Date(late.timestamp_ms).toISOString()} came late: an operator took it in by seal 2.`;
      assert.ok(sound.stdout.split('\n').includes(told), sound.stdout);
    });

    it('begins again where a clock was ahead, when it is told to', async () => {
      const ahead_ms = Date.now() + 30 * DAY_MS;
      await append(anEvent({ tenant_id: 'system', timestamp_ms: ahead_ms - HOUR_MS }));
      await withStores((stores) => sealTenant(stores.forTenant('system').audit, 'system', ahead_ms));
      const refused = await audit('seal', '--tenant', 'system');
      assert.deepEqual([refused.code, refused.stdout], [1, '']);
      assert.match(refused.stderr, /sealed until \S+ already/);
      const again = await audit('seal', '--again', '--tenant', 'system');
      assert.deepEqual([again.code, again.stdout], [0, 'system: 0 events in 1 seal.\n']);
      assert.equal((await audit('seal', '--tenant', 'system')).code, 0);
      const sound = await audit('verify', '--tenant', 'system');
      assert.deepEqual([sound.code, lastLine(sound.stdout)], [0, 'Sound: every sealed event is as it was.']);
    });

    it('says what is wrong with how it is used, and what it cannot look at', async () => {
      for (const wrong of [['look'], ['export'], ['verify', '--head', '1:x'], ['verify', '--tenant', '?']]) {
        assert.equal((await run('audit', wrong)).code, 2, wrong.join(' '));
      }
      assert.equal((await run('audit', ['verify', '--data', '/dev/null/none'])).code, 3);
      assert.equal((await audit('verify', '--tenant', 'nobody')).code, 3);
    });
  });
}
