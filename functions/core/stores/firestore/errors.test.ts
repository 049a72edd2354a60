import assert from 'node:assert/strict';
import { Problem } from '../../errors.ts';
import { explain, explainQuery, isCollision, isIndexNotReady, isLostPrecondition } from './errors.ts';

function grpc(code: number, text = ''): Error {
  return Object.assign(new Error(`${String(code)} STATUS: ${text}`), { code });
}

/** The texts that production sends. */
const INDEX_TEXTS = [
  'The query requires an index. You can create it here: https://console.firebase.google.com/v1/r/project/p/firestore',
  'The query requires an index. That index is currently building and cannot be used yet. See its status here: https',
  'The query requires a COLLECTION_ASC index for collection telemetry and field tenant_id. You can create it here: h',
];
const OTHER_TEXTS = [
  '',
  'the stored version (1773734400000000) does not match the required base version (1773734400000001)',
  'The Cloud Firestore API is not available for Firestore in Datastore Mode database projects/p/databases/(default).',
  'The index page of this console requires a query.',
];

const isUnavailable = (error: unknown) =>
  error instanceof Problem && error.code === 'store_unavailable' && (error.retry_after_s ?? 0) > 0;

describe('Firestore errors', () => {
  it('tell a lost race from a store that is away and from a mistake of ours', () => {
    for (const code of [5, 6, 9, 10]) assert(isLostPrecondition(grpc(code)));
    for (const code of [3, 4, 7, 8, 13, 14]) assert(!isLostPrecondition(grpc(code)));
    assert(isCollision(grpc(6)) && !isCollision(grpc(9)));
    for (const code of [1, 2, 4, 7, 8, 10, 13, 14, 16]) {
      assert(isUnavailable(explain(grpc(code))), String(code));
      assert(isUnavailable(explainQuery(grpc(code))), String(code));
    }
    const mistake = grpc(3);
    assert.equal(explain(mistake), mistake);
    assert.equal(explainQuery(mistake), mistake);
    const bug = new TypeError('x');
    assert.equal(explain(bug), bug);
    assert.equal(explainQuery(bug), bug);
  });

  it('of a query whose index is missing or being built say so, with a time to come back', () => {
    for (const text of INDEX_TEXTS) {
      assert(isIndexNotReady(grpc(9, text)), text);
      const problem = explainQuery(grpc(9, text));
      assert(problem instanceof Problem, text);
      assert.deepEqual([problem.code, problem.status, problem.retry_after_s], ['index_not_ready', 503, 30]);
    }
  });

  it('of another code or text are no index', () => {
    for (const text of OTHER_TEXTS) assert(isUnavailable(explainQuery(grpc(9, text))), text);
    for (const text of INDEX_TEXTS) {
      assert(!isIndexNotReady(grpc(3, text)), text);
      assert(!isIndexNotReady(new Error(`9 FAILED_PRECONDITION: ${text}`)), text);
    }
  });

  it('of a commit or a get are no index, whatever they say', () => {
    for (const text of [...INDEX_TEXTS, ...OTHER_TEXTS]) {
      assert(isLostPrecondition(grpc(9, text)), text);
      assert(isUnavailable(explain(grpc(9, text))), text);
    }
  });
});
