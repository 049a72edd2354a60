/** When nothing can be learnt about the indexes, the gate says why. */
import { status } from '@grpc/grpc-js';
import assert from 'node:assert/strict';
import type { FreshFinding } from '@bas/core/gate/findings';
import { AdminApi, failureBecause } from './support/admin-api.ts';
import { deployAll, readGate } from './support/database-indexes.ts';

describe('the index gate, when it learns nothing, says why:', () => {
  let api: AdminApi;

  const failure = async (limit_ms?: number, host = api.host): Promise<FreshFinding> => {
    const [only, ...more] = await readGate(host, limit_ms);
    assert.deepEqual(more, []);
    return only ?? assert.fail('nothing was found');
  };

  before(async () => {
    api = await AdminApi.start();
    deployAll(api);
  });
  beforeEach(() => {
    Object.assign(api, { failure: null, delay_ms: 0, page_size: 100 });
    api.calls.length = 0;
  });
  after(() => api.stop());

  const CASES = [
    [
      { code: status.PERMISSION_DENIED, details: 'Missing or insufficient permissions.' },
      'permission_denied',
      /grant .* roles\/datastore\.viewer in gate-project,.* datastore\.indexes\.list and datastore\.indexes\.get\.$/,
    ],
    [
      failureBecause(status.PERMISSION_DENIED, 'It is disabled.', 'SERVICE_DISABLED'),
      'api_disabled',
      /gcloud services enable/,
    ],
    [
      { code: status.UNAUTHENTICATED, details: 'Token expired.' },
      'unauthenticated',
      /application-default login.*\(Token expired\)/,
    ],
    [
      { code: status.UNKNOWN, details: 'Getting metadata from plugin failed with error: invalid_grant' },
      'unauthenticated',
      /invalid_grant/,
    ],
    [
      { code: status.UNKNOWN, details: 'Getting metadata from plugin failed with error: getaddrinfo ENOTFOUND a.b' },
      'unreachable',
      /no answer.*ENOTFOUND/,
    ],
    [{ code: status.UNAVAILABLE, details: 'Try again.' }, 'unreachable', /no answer.*\(Try again\)/],
    [
      { code: status.NOT_FOUND, details: 'The database (default) does not exist' },
      'database_missing',
      /now gate-project.*not exist/,
    ],
    [{ code: status.RESOURCE_EXHAUSTED, details: 'Quota' }, 'busy', /quota/],
    [{ code: status.INTERNAL, details: 'Internal.' }, 'unexpected', /: Internal\.$/],
    [{ code: status.UNIMPLEMENTED, details: 'Method not implemented' }, 'emulator', /--emulator/],
  ] as const;
  for (const [answer, code, words] of CASES) {
    it(`${code}: ${answer.details}`, async () => {
      api.failure = answer;
      const finding = await failure();
      assert.equal(finding.code, code);
      assert.match(finding.detail, words);
      assert(!finding.detail.includes('\n'));
    });
  }

  it('nobody listens: at once, and no call is repeated', async () => {
    const started = performance.now();
    const finding = await failure(5_000, '127.0.0.1:1');
    assert.equal(finding.code, 'unreachable');
    assert.match(finding.detail, /ECONNREFUSED/);
    assert(performance.now() - started < 4_000);
  });

  it('no answer in time', async () => {
    api.delay_ms = 10_000;
    const started = performance.now();
    assert.equal((await failure(300)).code, 'unreachable');
    assert(performance.now() - started < 3_000);
    assert.equal(api.calls.length, 2);
  });

  it('an answer without an end', async () => {
    Object.assign(api, { page_size: 1, delay_ms: 150 });
    const started = performance.now();
    assert.equal((await failure(400)).code, 'unreachable');
    assert(performance.now() - started < 3_000);
  });

  it('the Firestore emulator itself has no Admin API', async () => {
    const finding = await failure(5_000, process.env['FIRESTORE_EMULATOR_HOST'] ?? assert.fail('no emulator'));
    assert.equal(finding.code, 'emulator');
  });
});
