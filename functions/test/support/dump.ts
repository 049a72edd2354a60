import { existsSync, readFileSync } from 'node:fs';
import type { HomeConfig } from '@bas/core/config';
import * as z from 'zod';

/** All that a store holds, as text, read past the code under test: to look for what must not be there. */
export async function dumpStore(home: HomeConfig): Promise<string> {
  return home.kind === 'sqlite' ? dumpFiles(home.file) : dumpEmulator(home);
}

/** SQLite keeps text as it is, so the bytes of the file and of its journal show every value. */
function dumpFiles(file: string): string {
  const files = [file, `${file}-wal`].filter((name) => existsSync(name));
  return files.map((name) => readFileSync(name).toString('latin1')).join('\n');
}

const Collections = z.object({ collectionIds: z.array(z.string()).default([]) });
const Page = z.object({ documents: z.array(z.unknown()).default([]), nextPageToken: z.string().optional() });

async function dumpEmulator({
  project_id,
  emulator_host,
}: Extract<HomeConfig, { kind: 'firestore' }>): Promise<string> {
  const root = `http://${emulator_host ?? ''}/v1/projects/${project_id}/databases/(default)/documents`;
  const headers = { authorization: 'Bearer owner' };
  const listed = await fetch(`${root}:listCollectionIds`, { method: 'POST', headers, body: '{}' });
  const texts: string[] = [];
  for (const collection of Collections.parse(await listed.json()).collectionIds) {
    let pageToken = '';
    do {
      const answer = await fetch(`${root}/${collection}?pageSize=300&pageToken=${pageToken}`, { headers });
      const page = Page.parse(await answer.json());
      texts.push(JSON.stringify(page.documents));
      pageToken = page.nextPageToken ?? '';
    } while (pageToken !== '');
  }
  return texts.join('\n');
}
