/** A short run of the fuzzer of requests; `npm run fuzz -- --only requests` is the long one. */
import assert from 'node:assert/strict';
import { emulatorHost } from '@bas/core/stores/firestore/harness';
import type { Heard } from '../fuzz/requests/connection.ts';
import { judge } from '../fuzz/requests/judge.ts';
import type { FuzzRequest } from '../fuzz/requests/request.ts';
import { fuzzServers } from '../fuzz/requests/run.ts';
import { smallest } from '../fuzz/requests/shrink.ts';

const SEED = 20_250_203;
const REQUESTS = 1_000;

describe('bad input, made up', function () {
  this.timeout(120_000);

  it('is refused with a problem, the same by every kind of server, and stores nothing', async () => {
    const signal = new AbortController().signal;
    const run = { emulator_host: emulatorHost(), seed: SEED, requests: REQUESTS, signal, progress: () => undefined };
    const attacked = await fuzzServers(run);
    assert.deepEqual(
      attacked.flatMap(({ name, faults }) => faults.map((fault) => ({ name, ...fault }))),
      [],
    );
    const [box] = attacked;
    assert.ok(box !== undefined && box.byRoute.size > 20 && box.byKind.size > 30, 'it reaches all there is');
    for (const [outcome, least] of Object.entries({ done: 50, malformed_request: 300, method_not_allowed: 10 })) {
      assert.ok((box.byOutcome.get(outcome) ?? 0) >= least, outcome);
    }
  });

  describe('the judge', () => {
    const request: FuzzRequest = {
      route: 'GET /v1/session',
      kind: 'x',
      actor: 'admin',
      method: 'GET',
      target: '/v1/session',
      headers: [['X-A', '1']],
      body: null,
      must: ['malformed_request'],
    };
    const document = {
      type: 'urn:bas:problem:malformed_request',
      title: 'The request is malformed',
      status: 400,
      code: 'malformed_request',
      detail: 'x',
      request_id: 'id',
    };
    const headers = {
      'content-type': 'application/problem+json',
      'cache-control': 'private, no-store',
      'x-request-id': 'id',
    };
    const heard = (status: number, body: object | string, more = {}): Heard => ({
      status,
      headers: new Map(Object.entries({ ...headers, ...more })),
      body: typeof body === 'string' ? body : JSON.stringify(body),
      hung: false,
      took_ms: 1,
    });

    it('finds nothing wrong with a problem as it must be', () => {
      assert.equal(judge(request, heard(400, document)).fault, null);
    });

    for (const [what, answer] of Object.entries({
      'no answer': { ...heard(0, ''), hung: true },
      'an end without an answer': heard(0, ''),
      'a failure of ours': heard(500, { ...document, status: 500, code: 'internal' }),
      'what must be refused and is done': heard(200, {}),
      'another code than it must be': heard(404, { ...document, status: 404, code: 'not_found' }),
      'an unknown code': heard(400, { ...document, code: 'oops' }),
      'a status that is not of its code': heard(404, document),
      'another title': heard(400, { ...document, title: 'Oops' }),
      'a page of HTML': heard(400, '<pre>', { 'content-type': 'text/html' }),
      'a place in code': heard(400, { ...document, detail: 'at f (/x/y.js:1:2)' }),
      'an answer that may be cached': heard(400, document, { 'cache-control': 'public' }),
      'no request id': heard(400, document, { 'x-request-id': 'another' }),
    })) {
      it(`finds ${what}`, () => {
        assert.notEqual(judge(request, answer).fault, null);
      });
    }

    it('makes what shows a fault as small as it gets', async () => {
      const large = { ...request, target: '/v1/session?a=1&b=2', body: Buffer.from('xxxxxxxxxx!xxxx') };
      const found = await smallest(large, (smaller) => Promise.resolve(smaller.body?.includes('!') === true));
      assert.deepEqual([found.headers, found.target, found.body?.toString()], [[], '/v1/session', '!']);
    });
  });
});
