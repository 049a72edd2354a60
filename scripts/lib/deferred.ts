/**
 * An esbuild plugin that puts off parts of the SDKs which load at start but serve calls we do not make: each is replaced
 * by an object that loads the real module when one of its names is first asked for, so nothing is lost.
 */
import type { Plugin } from 'esbuild';

/** One `require` that can wait: asked for in which file, as what, for which names. */
interface Deferred {
  importer: RegExp;
  path: RegExp;
  names: readonly string[];
}

const deferred: readonly Deferred[] = [
  // Only callable functions check tokens; ours are plain requests.
  { importer: /[\\/]firebase-functions[\\/]/, path: /^firebase-admin\/auth$/, names: ['getAuth'] },
  { importer: /[\\/]firebase-functions[\\/]/, path: /^firebase-admin\/app-check$/, names: ['getAppCheck'] },
];

function stub(real: string, names: readonly string[]): string {
  const properties = names.map(
    (name) =>
      `Object.defineProperty(exports, '${name}', { enumerable: true, get: () => require(${JSON.stringify(real)}).${name} });`,
  );
  return `Object.defineProperty(exports, '__esModule', { value: true });\n${properties.join('\n')}`;
}

/** Makes the listed modules load on first use. */
export function deferUnused(): Plugin {
  return {
    name: 'defer-unused',
    setup(build) {
      build.onResolve({ filter: /^firebase-admin\/(auth|app-check)$/ }, async (args) => {
        const found = deferred.find(({ importer, path }) => importer.test(args.importer) && path.test(args.path));
        if (!found || args.namespace !== 'file') return undefined;
        const { resolveDir, kind, importer } = args;
        const real = await build.resolve(args.path, { resolveDir, kind, importer, namespace: 'deferred' });
        return { path: real.path, namespace: 'deferred', pluginData: { names: found.names, resolveDir } as object };
      });
      build.onLoad({ filter: /.*/, namespace: 'deferred' }, (args) => {
        const { names, resolveDir } = args.pluginData as { names: readonly string[]; resolveDir: string };
        return { contents: stub(args.path, names), loader: 'js', resolveDir };
      });
    },
  };
}
