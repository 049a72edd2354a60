import { constants } from 'node:fs';
import { link, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as z from 'zod';
import { SetupError } from '../errors.ts';
import { makePrivateFolder } from '../private-folder.ts';
import { Role } from '../model/role.ts';
import { noPlainFile } from '../plain-file.ts';

const Demo = z.object({
  base_url: z.url(),
  platform_admin: z.object({ tenant_id: z.string(), username: z.string(), password: z.string() }),
  tenants: z.array(
    z.object({
      tenant_id: z.string(),
      users: z.array(z.object({ username: z.string(), password: z.string(), role: Role })),
      devices: z.array(z.object({ device_id: z.string(), key: z.string() })),
    }),
  ),
});

/** What a demo's user needs to sign in and to post. Holds passwords: readable by its owner only. */
export type Demo = z.infer<typeof Demo>;

/** Null when there is no such file. */
export async function readDemo(file: string): Promise<Demo | null> {
  const wrong = noPlainFile(file);
  if (wrong !== null) throw new SetupError(`${file} cannot be read: ${wrong}.`);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw new SetupError(`${file} cannot be read: ${String(error)}`, { cause: error });
  }
  try {
    return Demo.parse(JSON.parse(text));
  } catch (error) {
    throw new SetupError(`${file} is not a demo file: restore it, or use another folder.`, { cause: error });
  }
}

/** Stores the demo unless another process was first; gives back the one that holds. */
export async function claimDemo(file: string, demo: Demo): Promise<Demo> {
  const draft = await writeDraft(file, demo);
  try {
    await link(draft, file);
    return demo;
  } catch (error) {
    const first = await readDemo(file);
    if (first !== null) return first;
    throw new SetupError(`${file} cannot be written: ${String(error)}`, { cause: error });
  } finally {
    await rm(draft, { force: true });
  }
}

/** Replaces the file in one step: a reader sees the old or the new one, never half. */
export async function replaceDemo(file: string, demo: Demo): Promise<void> {
  await rename(await writeDraft(file, demo), file);
}

async function writeDraft(file: string, demo: Demo): Promise<string> {
  const draft = `${file}.${String(process.pid)}.tmp`;
  try {
    makePrivateFolder(dirname(file));
    const handle = await open(draft, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC, 0o600);
    try {
      await handle.writeFile(`${JSON.stringify(demo, null, 2)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    return draft;
  } catch (error) {
    throw new SetupError(`${file} cannot be written: choose a folder you may write to.`, { cause: error });
  }
}
