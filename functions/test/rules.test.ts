import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { COLLECTIONS } from '@bas/core/stores/firestore/paths';
import { emulatorHost, freshProject } from '@bas/core/stores/firestore/harness';
import { rootDir } from '../../scripts/lib/paths.ts';

/** The file that a deploy publishes. */
function publishedRules(): string {
  const config = JSON.parse(readFileSync(join(rootDir, 'firebase.json'), 'utf8')) as { firestore: { rules: string } };
  return readFileSync(join(rootDir, config.firestore.rules), 'utf8');
}

/** Lets in whoever the token makes a member of acme: what the refusals below are compared with. */
const OPEN_TO_ACME = `rules_version = '2';
service cloud.firestore {
  match /databases/{database}/documents {
    match /{document=**} { allow read, write: if request.auth.token.tenant_id == 'acme'; }
  }
}`;

type Claims = Readonly<Record<string, unknown>>;

/** An ID token as the emulator takes it: not signed. */
function tokenOf(project_id: string, claims: Claims): string {
  const issued_s = Math.floor(Date.now() / 1_000);
  const standard = {
    iss: `https://securetoken.google.com/${project_id}`,
    aud: project_id,
    sub: 'user-1',
    user_id: 'user-1',
    iat: issued_s,
    auth_time: issued_s,
    exp: issued_s + 3_600,
    firebase: { sign_in_provider: 'custom', identities: {} },
  };
  const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
  return `${encode({ alg: 'none', typ: 'JWT' })}.${encode({ ...standard, ...claims })}.`;
}

const WHO: Readonly<Record<string, Claims | null>> = {
  'nobody signed in': null,
  'an anonymous user': { firebase: { sign_in_provider: 'anonymous', identities: {} } },
  'a user with a verified address': { email: 'ada@acme.example', email_verified: true },
  'a user whose claims name a tenant and a role': { tenant_id: 'acme', role: 'admin', admin: true },
  'a user who claims to be the platform': { tenant_id: 'system', role: 'platform_admin', firebase_admin: true },
};

interface Operation {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly body?: object;
}

/** Every way to a collection: documents that exist and that do not, queries, groups, batches and transactions. */
function operationsOn(collection: string, database: string): Operation[] {
  const fields = { tenant_id: { stringValue: 'acme' } };
  const named = (id: string): string => `${database}/documents/${collection}/${id}`;
  const all = { from: [{ collectionId: collection }], limit: 1 };
  const group = { from: [{ collectionId: collection, allDescendants: true }] };
  return [
    { name: 'get', method: 'GET', path: `documents/${collection}/kept` },
    { name: 'get of none', method: 'GET', path: `documents/${collection}/none` },
    { name: 'list', method: 'GET', path: `documents/${collection}` },
    { name: 'query', method: 'POST', path: 'documents:runQuery', body: { structuredQuery: all } },
    { name: 'group query', method: 'POST', path: 'documents:runQuery', body: { structuredQuery: group } },
    { name: 'create', method: 'POST', path: `documents/${collection}?documentId=made`, body: { fields } },
    { name: 'update', method: 'PATCH', path: `documents/${collection}/kept`, body: { fields } },
    { name: 'create below', method: 'PATCH', path: `documents/${collection}/kept/below/made`, body: { fields } },
    {
      name: 'commit',
      method: 'POST',
      path: 'documents:commit',
      body: { writes: [{ update: { name: named('committed'), fields } }] },
    },
    { name: 'delete', method: 'DELETE', path: `documents/${collection}/kept` },
  ];
}

describe('Firestore rules', function () {
  this.timeout(30_000);
  const database = (project_id: string): string => `projects/${project_id}/databases/(default)`;
  const everywhere = [...COLLECTIONS, 'anything_else'];

  async function send(project_id: string, { method, path, body }: Operation, token: string | null): Promise<number> {
    const answer = await fetch(`http://${emulatorHost()}/v1/${database(project_id)}/${path}`, {
      method,
      headers: token === null ? {} : { authorization: `Bearer ${token}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (answer.status === 403) assert.match(text, /PERMISSION_DENIED/);
    return answer.status;
  }

  /** A project that keeps `rules` and has one document in every collection. */
  async function projectWith(rules: string): Promise<string> {
    const project_id = freshProject();
    const answer = await fetch(`http://${emulatorHost()}/emulator/v1/projects/${project_id}:securityRules`, {
      method: 'PUT',
      body: JSON.stringify({ rules: { files: [{ name: 'firestore.rules', content: rules }] } }),
    });
    assert.equal(answer.status, 200, await answer.text());
    for (const collection of everywhere) {
      const create = { name: 'create', method: 'POST', path: `documents/${collection}?documentId=kept`, body: {} };
      assert.equal(await send(project_id, create, 'owner'), 200);
    }
    return project_id;
  }

  async function outcomes(project_id: string, collection: string, token: string | null): Promise<string[]> {
    const answers: string[] = [];
    for (const operation of operationsOn(collection, database(project_id))) {
      answers.push(`${operation.name} ${await send(project_id, operation, token)}`);
    }
    return answers;
  }

  const expected = (status: (name: string) => number): string[] =>
    operationsOn('any', 'any').map(({ name }) => `${name} ${status(name)}`);

  for (const [who, claims] of Object.entries(WHO)) {
    it(`let ${who} do nothing, in any collection`, async () => {
      const project_id = await projectWith(publishedRules());
      const token = claims && tokenOf(project_id, claims);
      for (const collection of everywhere) {
        assert.deepEqual(
          await outcomes(project_id, collection, token),
          expected(() => 403),
          collection,
        );
      }
    });
  }

  it('do not bind the functions', async () => {
    const project_id = await projectWith(publishedRules());
    const works = expected((name) => (name === 'get of none' ? 404 : 200));
    for (const collection of everywhere) assert.deepEqual(await outcomes(project_id, collection, 'owner'), works);
  });

  it('would let a token in if they named it: the emulator reads tokens and rules', async () => {
    const project_id = await projectWith(OPEN_TO_ACME);
    const member = await outcomes(project_id, 'telemetry', tokenOf(project_id, { tenant_id: 'acme' }));
    assert.deepEqual(
      member,
      expected((name) => (name === 'get of none' ? 404 : 200)),
    );
    for (const token of [null, tokenOf(project_id, { tenant_id: 'globex' })]) {
      assert.deepEqual(
        await outcomes(project_id, 'telemetry', token),
        expected(() => 403),
      );
    }
  });

  it('are what the emulator of the tests was started with', async () => {
    const project_id = freshProject();
    assert.deepEqual(
      await outcomes(project_id, 'telemetry', tokenOf(project_id, WHO['a user with a verified address'] ?? {})),
      expected(() => 403),
    );
  });
});
