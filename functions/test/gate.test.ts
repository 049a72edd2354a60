/** The index gate asks through Google's own client; a server of our own answers. */
import assert from 'node:assert/strict';
import { REQUIRED } from '@bas/core/gate/required';
import type { FreshFinding } from '@bas/core/gate/findings';
import { AdminApi, type Message } from './support/admin-api.ts';
import {
  changeField,
  changeIndex,
  deployAll,
  fieldName,
  indexMessage,
  PROJECT,
  readGate,
} from './support/database-indexes.ts';

const TELEMETRY = 'index telemetry (tenant_id asc, device_id asc, timestamp_ms desc)';
const TTL = 'TTL policy telemetry.expire_at';
const EXPIRES_AT = 'single-field indexes sessions.expires_at';

describe('the index gate and the Admin API', () => {
  let api: AdminApi;

  const read = () => readGate(api.host);
  const one = async (subject: string): Promise<FreshFinding> => {
    const found = (await read()).filter((finding) => finding.subject === subject);
    assert.equal(found.length, 1, `findings of ${subject}`);
    return found[0] ?? assert.fail();
  };

  before(async () => {
    api = await AdminApi.start();
  });
  beforeEach(() => {
    api.page_size = 100;
    api.calls.length = 0;
    deployAll(api);
  });
  after(() => api.stop());

  it('finds all that was deployed ready, with two calls', async () => {
    const findings = await read();
    assert.deepEqual([...new Set(findings.map(({ code }) => code))].sort(), [
      'exemption_ready',
      'index_ready',
      'ttl_active',
    ]);
    const ttls = REQUIRED.fields.filter(({ ttl }) => ttl).length;
    assert.equal(findings.length, REQUIRED.composites.length + REQUIRED.fields.length + ttls);
    const parent = `projects/${PROJECT}/databases/(default)/collectionGroups/-`;
    assert.deepEqual([...api.calls].sort(), [`ListFields ${parent}`, `ListIndexes ${parent}`]);
  });

  it('reads every page', async () => {
    api.page_size = 2;
    assert((await read()).every(({ code }) => /_(ready|active)$/.test(code)));
    assert.equal(api.calls.filter((call) => call.startsWith('ListIndexes')).length, 3);
    assert.equal(api.calls.filter((call) => call.startsWith('ListFields')).length, 7);
  });

  describe('tells apart how a composite index is:', () => {
    const fields = (...names: string[]): Message => ({
      fields: names.map((name) => {
        const [fieldPath, mode] = name.split(' ');
        return { fieldPath, order: mode === 'asc' ? 'ASCENDING' : 'DESCENDING' };
      }),
    });

    it('being built', async () => {
      changeIndex(api, 0, (index) => [{ ...index, state: 'CREATING' }]);
      const { code, concern, detail } = await one(TELEMETRY);
      assert.deepEqual([code, concern], ['index_creating', 'telemetry']);
      assert.equal(detail, 'Firestore is building it; wait.');
    });

    it('broken, with the command that deletes it', async () => {
      changeIndex(api, 0, (index) => [{ ...index, state: 'NEEDS_REPAIR' }]);
      const { code, detail } = await one(TELEMETRY);
      assert.equal(code, 'index_needs_repair');
      assert.match(
        detail,
        /composite delete CI0 --project=gate-project, then run firebase deploy --only firestore:ind/,
      );
    });

    it('not there', async () => {
      changeIndex(api, 0, () => []);
      const { code, detail } = await one(TELEMETRY);
      assert.deepEqual(
        [code, detail],
        ['index_missing', 'not deployed; run firebase deploy --only firestore:indexes.'],
      );
    });

    it('there without the document id that Firestore adds', async () => {
      changeIndex(api, 0, (index) => [{ ...index, ...fields('tenant_id asc', 'device_id asc', 'timestamp_ms desc') }]);
      assert.equal((await one(TELEMETRY)).code, 'index_ready');
    });

    it('with the document id the other way round, which is another index', async () => {
      const opposed = fields('tenant_id asc', 'device_id asc', 'timestamp_ms desc', '__name__ asc');
      changeIndex(api, 0, (index) => [{ ...index, ...opposed }]);
      const { code, detail } = await one(TELEMETRY);
      assert.equal(code, 'index_different');
      assert.match(detail, /its last field, __name__, runs asc, against the field before it/);
    });

    it('with its fields in another direction, or over other collections', async () => {
      changeIndex(api, 0, (index) => [{ ...index, ...fields('tenant_id asc', 'device_id asc', 'timestamp_ms asc') }]);
      const other = await one(TELEMETRY);
      assert.equal(other.code, 'index_different');
      assert.match(other.detail, /its fields have another order or direction/);
      deployAll(api);
      changeIndex(api, 0, (index) => [{ ...index, queryScope: 'COLLECTION_GROUP' }]);
      const wide = await one(TELEMETRY);
      assert.equal(wide.code, 'index_different');
      assert.match(wide.detail, /its scope is COLLECTION_GROUP/);
    });

    it('there beside one like it', async () => {
      const [wanted = assert.fail()] = REQUIRED.composites;
      const like = indexMessage(wanted, 'LIKE', fields('device_id asc', 'tenant_id asc', 'timestamp_ms desc'));
      api.indexes = [like, ...api.indexes];
      assert.equal((await one(TELEMETRY)).code, 'index_ready');
    });

    it('in a state that nobody has heard of', async () => {
      changeIndex(api, 0, (index) => [{ ...index, state: 'STATE_UNSPECIFIED' }]);
      const { code, detail } = await one(TELEMETRY);
      assert.equal(code, 'index_state_unknown');
      assert.match(detail, /STATE_UNSPECIFIED/);
    });
  });

  describe('tells apart how a TTL policy is:', () => {
    const withTtl = (state: string, more: Message = {}) => {
      changeField(api, 'telemetry.expire_at', (field) => [{ ...field, ttlConfig: { state, ...more } }]);
    };

    it('being turned on, and broken', async () => {
      withTtl('CREATING');
      assert.equal((await one(TTL)).code, 'ttl_creating');
      withTtl('NEEDS_REPAIR');
      const broken = await one(TTL);
      assert.equal(broken.code, 'ttl_needs_repair');
      assert.match(broken.detail, /nothing expires; run gcloud .* --disable-ttl .*, then firebase deploy/);
    });

    it('missing, with or without the exemption of its field', async () => {
      changeField(api, 'telemetry.expire_at', (field) => [{ ...field, ttlConfig: null }]);
      const { code, concern } = await one(TTL);
      assert.deepEqual([code, concern], ['ttl_missing', 'telemetry']);
      changeField(api, 'telemetry.expire_at', () => []);
      assert.equal((await one(TTL)).code, 'ttl_missing');
    });

    it('on the wrong field', async () => {
      changeField(api, 'telemetry.expire_at', () => []);
      changeField(api, 'telemetry.timestamp_ms', (field) => [{ ...field, ttlConfig: { state: 'ACTIVE' } }]);
      const { code, detail } = await one(TTL);
      assert.equal(code, 'ttl_wrong_field');
      assert.match(detail, /expires telemetry by timestamp_ms instead; run gcloud .* update timestamp_ms /);
    });

    it('later than it must be', async () => {
      withTtl('ACTIVE', { expirationOffset: { seconds: 86_400 } });
      const { code, detail } = await one(TTL);
      assert.equal(code, 'ttl_different');
      assert.match(detail, /documents stay 86400 s longer than expire_at says/);
    });
  });

  describe('tells apart how the indexes of one field are:', () => {
    const single = (order: string, state = 'READY'): Message => ({
      queryScope: 'COLLECTION',
      state,
      fields: [{ fieldPath: 'expires_at', order }],
    });
    const having = (...indexes: Message[]): void => {
      changeField(api, 'sessions.expires_at', (field) => [{ ...field, indexConfig: { indexes } }]);
    };

    it('being built, and broken', async () => {
      having(single('ASCENDING', 'CREATING'));
      assert.equal((await one(EXPIRES_AT)).code, 'exemption_creating');
      having(single('ASCENDING', 'NEEDS_REPAIR'));
      assert.equal((await one(EXPIRES_AT)).code, 'exemption_needs_repair');
    });

    it('the default ones, or on the way back to them', async () => {
      changeField(api, 'sessions.expires_at', () => []);
      const missing = await one(EXPIRES_AT);
      assert.deepEqual([missing.code, missing.concern], ['exemption_missing', null]);
      deployAll(api);
      changeField(api, 'sessions.expires_at', (field) => [
        { ...field, indexConfig: { indexes: [single('ASCENDING')], reverting: true } },
      ]);
      assert.equal((await one(EXPIRES_AT)).code, 'exemption_missing');
    });

    it('more or fewer than those that were asked for', async () => {
      having(single('ASCENDING'), single('DESCENDING'));
      const more = await one(EXPIRES_AT);
      assert.equal(more.code, 'exemption_different');
      assert.match(more.detail, /^asc, desc, not asc;/);
      having();
      assert.match((await one(EXPIRES_AT)).detail, /^none, not asc;/);
    });
  });

  it('ignores what other applications have in the same database', async () => {
    api.indexes = [
      ...api.indexes,
      { name: fieldName('orders', 'x').replace('fields', 'indexes'), state: 'NEEDS_REPAIR' },
    ];
    api.fields = [...api.fields, { name: fieldName('orders', 'gone_at'), ttlConfig: { state: 'CREATING' } }];
    assert((await read()).every(({ code }) => /_(ready|active)$/.test(code)));
  });
});
