/** Where an API is not plain: operations that end later, names in the body, wrapped requests. */
import * as z from 'zod';
import { record, Refusal, type Call, type Thing, type World } from './world.ts';

export type Special = (world: World, call: Call) => Thing;

const words = (value: unknown): string[] => z.array(z.string()).catch([]).parse(value);
const last = (name: string): string => name.split('/').at(-1) ?? '';

function done(world: World, response: Thing, parent = ''): Thing {
  return { name: `${parent}operations/${world.nextId()}`, metadata: {}, done: true, response };
}

function enable(world: World, project: string, names: readonly string[]): Thing {
  for (const name of names) {
    world.things.set(`${project}/services/${name}`, { config: { name }, state: 'ENABLED' });
  }
  return done(world, {});
}

const projectOf = ({ path }: Call): string => path.split('/').slice(0, 2).join('/').split(':')[0] ?? '';
const inside = (world: World, call: Call, kind: string): Thing[] =>
  [...world.things.keys()]
    .filter((name) => name.startsWith(`${projectOf(call)}/databases/`) && name.includes(`/${kind}/`))
    .map((name) => world.get(name));

function createIndex(world: World, { path, body }: Call): Thing {
  const fields = z.array(z.looseObject({ order: z.string().optional() })).parse(body['fields']);
  const named = { fieldPath: '__name__', order: fields.at(-1)?.order };
  const index = { ...body, fields: [...fields, named], state: 'CREATING' };
  return done(world, world.create(`${path}/CICA${world.nextId()}`, index));
}

function setField(world: World, { path, body }: Call): Thing {
  const single = (one: Thing): Thing => ({ queryScope: one['queryScope'], fields: one['fields'], state: 'READY' });
  const config = record(body['indexConfig'])['indexes'];
  const indexes = z.array(z.record(z.string(), z.unknown())).catch([]).parse(config).map(single);
  const ttl = body['ttlConfig'] === undefined ? {} : { ttlConfig: { state: 'CREATING' } };
  world.things.set(path, { ...world.things.get(path), indexConfig: { indexes }, ...ttl });
  return done(world, {});
}

function addVersion(world: World, { path, body }: Call): Thing {
  const secret = String(world.get(path.split(':')[0] ?? '')['name']);
  const name = `${secret}/versions/${world.list(`${secret}/versions`).length + 1}`;
  world.create(name, { state: 'ENABLED', payload: body['payload'] });
  return { name, state: 'ENABLED', clientSpecifiedPayloadChecksum: true };
}

function latestVersion(world: World, { path }: Call): Thing {
  const version = world.list(path.split('/').slice(0, -1).join('/')).at(-1);
  if (version === undefined) throw new Refusal(404, 'the secret has no version');
  const { name, state } = version;
  if (state === 'ENABLED') return version;
  throw new Refusal(400, `Secret Version [${String(name)}] is in ${String(state)} state.`, {
    status: 'FAILED_PRECONDITION',
  });
}

/** Log metrics are called by their short names. */
const metric = (thing: Thing): Thing => ({ ...thing, name: last(String(thing['name'])) });

/** By API and the id of the method in its discovery document. */
export const SPECIAL: Readonly<Record<string, Special>> = {
  'serviceusage services.get': (world, { path }) => world.things.get(path) ?? { state: 'DISABLED' },
  'serviceusage services.batchGet': (world, call) => ({
    services: call.query.getAll('names').map((name) => {
      return world.things.get(`${projectOf(call)}/services/${last(name)}`) ?? { name, state: 'DISABLED' };
    }),
  }),
  'serviceusage services.enable': (world, call) =>
    enable(world, projectOf(call), [last(call.path).split(':')[0] ?? '']),
  'serviceusage services.batchEnable': (world, call) => enable(world, projectOf(call), words(call.body['serviceIds'])),
  'iam projects.serviceAccounts.list': (world, { path }) => ({ accounts: world.list(path) }),
  'iam projects.serviceAccounts.create': (world, call) => {
    const email = `${String(call.body['accountId'])}@${last(projectOf(call))}.iam.gserviceaccount.com`;
    return world.create(`${call.path}/${email}`, { ...record(call.body['serviceAccount']), email });
  },
  'iam projects.roles.create': (world, { path, body }) =>
    world.create(`${path}/${String(body['roleId'])}`, record(body['role'])),
  'cloudresourcemanager projects.testIamPermissions': (_, { body }) => ({ permissions: body['permissions'] }),
  'firebase projects.addFirebase': (world, call) => done(world, world.create(projectOf(call), { state: 'ACTIVE' })),
  'firebase operations.get': (world) => done(world, {}),
  'firestore projects.databases.create': (world, { path, query, body }) => {
    const database = world.create(`${path}/${query.get('databaseId')}`, body);
    return done(world, database, `${String(database['name'])}/`);
  },
  'firestore projects.databases.patch': (world, call) => done(world, world.update(call.path, call), `${call.path}/`),
  'firestore projects.databases.collectionGroups.indexes.list': (world, call) => ({
    indexes: inside(world, call, 'indexes'),
  }),
  'firestore projects.databases.collectionGroups.indexes.create': createIndex,
  'firestore projects.databases.collectionGroups.fields.list': (world, call) => ({
    fields: inside(world, call, 'fields'),
  }),
  'firestore projects.databases.collectionGroups.fields.patch': setField,
  'secretmanager projects.secrets.addVersion': addVersion,
  'secretmanager projects.secrets.versions.access': latestVersion,
  'logging projects.metrics.list': (world, { path }) => ({ metrics: world.list(path).map(metric) }),
  'logging projects.metrics.get': (world, { path }) => metric(world.get(path)),
  'logging projects.metrics.create': (world, { path, body }) =>
    metric(world.create(`${path}/${String(body['name'])}`, body)),
  'firebaserules projects.test': () => ({}),
  'firebaserules projects.releases.create': (world, { body }) => world.create(String(body['name']), body),
  'firebaserules projects.releases.patch': (world, { path, body }) => {
    world.get(path);
    world.things.set(path, record(body['release']));
    return world.get(path);
  },
};
