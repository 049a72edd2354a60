/**
 * An esbuild plugin for the Firestore client's first call, which otherwise loads and parses what no query ever uses:
 * the administration API's description, the list of Google's locations, and a megabyte of generated message classes.
 * Whoever imports the administration client by its own name gets it, with its whole description.
 */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Plugin } from 'esbuild';

const CLIENT = /firestore-api[\\/]build[\\/](?:[a-z]+[\\/])?src[\\/]v1[\\/]firestore_client\.js$/;
const NEVER_CALLED = ['google.firestore.admin', 'google.api', 'google.longrunning'];
const EAGER = 'this.locationsClient = new this._gaxModule.LocationsClient(this._gaxGrpc, opts);';
const LAZY = `let locations;
        Object.defineProperty(this, 'locationsClient', {
          get: () => (locations ??= new this._gaxModule.LocationsClient(this._gaxGrpc, opts)),
        });`;

const PROTOS = /[\\/]protos[\\/](?:protos|firestore_v1_proto_api)$/;
const leftOut = (what: string): string => `throw new Error('${what} is left out of this bundle.');`;

/** Who asks for what no query uses, and what it gets instead. */
const INSTEAD = [
  // Loaded with every client; whoever wants it imports it by a name of its own.
  {
    importer: /firestore-api[\\/]build[\\/]src[\\/]v1[\\/]index\.js$/,
    path: /firestore_admin_client$/,
    contents: `exports.FirestoreAdminClient = class { constructor() { ${leftOut('The administration client')} } };`,
  },
  // Exported for programs that build messages themselves.
  { importer: /firestore-api[\\/]build[\\/]src[\\/]index\.js$/, path: PROTOS, contents: 'module.exports = {};' },
  // Named once, for a type; nothing reads it.
  {
    importer: /build[\\/]src[\\/]serializer\.js$/,
    path: PROTOS,
    contents: 'exports.google = { firestore: { v1: {} } };',
  },
  { importer: /build[\\/]src[\\/]bundle\.js$/, path: PROTOS, contents: leftOut('Reading data bundles') },
] as const;

interface Namespace {
  nested?: Record<string, Namespace>;
}

function remove(root: Namespace, path: string): void {
  const names = path.split('.');
  const last = names.pop();
  let at: Namespace | undefined = root;
  for (const name of names) at = at?.nested?.[name];
  if (at?.nested === undefined || last === undefined || at.nested[last] === undefined) throw changed(path);
  Reflect.deleteProperty(at.nested, last);
}

function changed(what: string): Error {
  return new Error(`The Firestore client has no ${what} any more: look at what the bundle leaves out of it.`);
}

/** Makes the Firestore client cheap to start. Fails the build when a new version of it looks different. */
export function slimFirestore(): Plugin {
  return {
    name: 'slim-firestore',
    setup(build) {
      build.onLoad({ filter: CLIENT }, async ({ path }) => {
        const source = await readFile(path, 'utf8');
        if (!source.includes(EAGER)) throw changed('eager locationsClient');
        return { contents: source.replace(EAGER, LAZY), loader: 'js' };
      });
      build.onResolve({ filter: /[\\/]protos\.json$/ }, ({ path, importer }) =>
        CLIENT.test(importer) ? { path: resolve(dirname(importer), path), namespace: 'slim' } : undefined,
      );
      build.onLoad({ filter: /.*/, namespace: 'slim' }, async ({ path }) => {
        const root = JSON.parse(await readFile(path, 'utf8')) as Namespace;
        for (const name of NEVER_CALLED) remove(root, name);
        return { contents: JSON.stringify(root), loader: 'json' };
      });
      build.onResolve({ filter: /firestore_admin_client$|[\\/]protos[\\/]/ }, ({ path, importer }) => {
        const found = INSTEAD.find((rule) => rule.importer.test(importer) && rule.path.test(path));
        return found && { path: `${importer} ${path}`, namespace: 'instead', pluginData: { ...found } as object };
      });
      build.onLoad({ filter: /.*/, namespace: 'instead' }, ({ pluginData }) => {
        const { contents } = pluginData as { contents: string };
        return { contents, loader: 'js' };
      });
    },
  };
}
