/**
 * An esbuild plugin for the Firestore client's first call, which otherwise loads and parses what no query ever uses:
 * the administration API's description, the list of Google's locations, a megabyte of generated message classes, and
 * each message's description of itself.
 * Whoever imports the administration client by its own name gets it, with its whole description.
 */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Plugin } from 'esbuild';

const CLIENT = /firestore-api[\\/]build[\\/](?:[a-z]+[\\/])?src[\\/]v1[\\/]firestore_client\.js$/;
const NEVER_CALLED = ['google.firestore.admin', 'google.api', 'google.longrunning'];
/** In google.protobuf: how .proto files describe themselves. Timestamps, wrappers and the like stay. */
const SELF_DESCRIPTION = /Descriptor|Options?$|^Feature|CodeInfo$|^Edition$|^SymbolVisibility$/;

const EAGER_LOCATIONS = 'this.locationsClient = new this._gaxModule.LocationsClient(this._gaxGrpc, opts);';
const LAZY_LOCATIONS = `let locations;
        Object.defineProperty(this, 'locationsClient', {
          get: () => (locations ??= new this._gaxModule.LocationsClient(this._gaxGrpc, opts)),
        });`;

/** Messages describe themselves for a server's reflection service; a client only calls. */
const PROTO_LOADER = /@grpc[\\/]proto-loader[\\/]build[\\/]src[\\/]index\.js$/;
const DESCRIPTIONS = [
  ['const descriptor = require("protobufjs/ext/descriptor");', ''],
  ["const descriptorList = root.toDescriptor('proto3').file;", 'const descriptorList = [];'],
  ["const messageDescriptor = message.toDescriptor('proto3');", ''],
  ['type: messageDescriptor.$type.toObject(messageDescriptor, descriptorOptions),', ''],
  ["const enumDescriptor = enumType.toDescriptor('proto3');", ''],
  ['type: enumDescriptor.$type.toObject(enumDescriptor, descriptorOptions),', ''],
] as const;

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

/** The file's text with each passage replaced; a passage that is not there is an error. */
async function edited(path: string, changes: readonly (readonly [from: string, to: string])[]): Promise<string> {
  let source = await readFile(path, 'utf8');
  for (const [from, to] of changes) {
    if (!source.includes(from)) throw changed(from);
    source = source.replace(from, () => to);
  }
  return source;
}

function changed(what: string): Error {
  return new Error(`The Firestore client has no "${what}" any more: look at what the bundle leaves out of it.`);
}

/** Makes the Firestore client cheap to start. Fails the build when a new version of it looks different. */
export function slimFirestore(): Plugin {
  return {
    name: 'slim-firestore',
    setup(build) {
      build.onLoad({ filter: CLIENT }, async ({ path }) => {
        return { contents: await edited(path, [[EAGER_LOCATIONS, LAZY_LOCATIONS]]), loader: 'js' };
      });
      build.onLoad({ filter: PROTO_LOADER }, async ({ path }) => {
        return { contents: await edited(path, DESCRIPTIONS), loader: 'js' };
      });
      build.onResolve({ filter: /[\\/]protos\.json$/ }, ({ path, importer }) =>
        CLIENT.test(importer) ? { path: resolve(dirname(importer), path), namespace: 'slim' } : undefined,
      );
      build.onLoad({ filter: /.*/, namespace: 'slim' }, async ({ path }) => {
        const root = JSON.parse(await readFile(path, 'utf8')) as Namespace;
        for (const name of NEVER_CALLED) remove(root, name);
        for (const name of Object.keys(root.nested?.['google']?.nested?.['protobuf']?.nested ?? {})) {
          if (SELF_DESCRIPTION.test(name)) remove(root, `google.protobuf.${name}`);
        }
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
