/** Whose work runs with ours, and by which licence. */
import { lockedPackages, type LockedPackage } from './lock-file.ts';

/** What esbuild packs into the page; everything else of the root serves building and testing. */
const IN_THE_PAGE = ['@preact/signals', '@preact/signals-core', 'preact', 'uplot', 'zod'];

/** Named in the package as npm did of old, where lock files do not look. */
const OF_OLD: Readonly<Record<string, string>> = { 'limiter@1.1.5': 'MIT' };

/** Packages that are deployed, or sent to browsers. */
export function shippedPackages(): readonly LockedPackage[] {
  const page = lockedPackages('.').filter(({ name }) => IN_THE_PAGE.includes(name));
  const server = lockedPackages('functions').filter(({ is_dev }) => !is_dev);
  const known = new Map([...server, ...page].map((found) => [`${found.name}@${found.version}`, found]));
  return [...known.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, found]) => ({ ...found, licence: found.licence ?? OF_OLD[id] }));
}

export function renderLicences(shipped: readonly LockedPackage[]): string {
  const counts = new Map<string, number>();
  for (const { licence = 'unknown' } of shipped) counts.set(licence, (counts.get(licence) ?? 0) + 1);
  const totals = [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([licence, count]) => `${String(count)} ${licence}`);
  return [
    '# Licences',
    '',
    'Packages of others that are deployed or sent to browsers, as the lock files name them. `npm run licences` writes this.',
    '',
    `${totals.join(', ')}.`,
    '',
    '| package | version | licence |',
    '|---|---|---|',
    ...shipped.map(({ name, version, licence }) => `| ${name} | ${version} | ${licence ?? 'unknown'} |`),
    '',
  ].join('\n');
}
