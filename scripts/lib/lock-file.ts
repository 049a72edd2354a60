/** What npm's lock files say of every package that is installed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { rootDir } from './paths.ts';

const LockFile = z.object({
  lockfileVersion: z.literal(3),
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      integrity: z.string().optional(),
      license: z.string().optional(),
      dev: z.boolean().optional(),
      link: z.boolean().optional(),
      hasInstallScript: z.boolean().optional(),
    }),
  ),
});

export interface LockedPackage {
  readonly name: string;
  readonly version: string;
  readonly integrity: string | undefined;
  readonly licence: string | undefined;
  readonly is_dev: boolean;
  readonly has_install_script: boolean;
}

/** Every package of another's in the lock file of `folder`, relative to the repository. */
export function lockedPackages(folder: string): readonly LockedPackage[] {
  const { packages } = LockFile.parse(JSON.parse(readFileSync(join(rootDir, folder, 'package-lock.json'), 'utf8')));
  return Object.entries(packages).flatMap(([path, found]) => {
    const at = path.lastIndexOf('node_modules/');
    if (at < 0 || found.link === true) return [];
    return [
      {
        name: path.slice(at + 'node_modules/'.length),
        version: found.version ?? '',
        integrity: found.integrity,
        licence: found.license,
        is_dev: found.dev ?? false,
        has_install_script: found.hasInstallScript ?? false,
      },
    ];
  });
}
