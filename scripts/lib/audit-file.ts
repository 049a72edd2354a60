/** An exported audit log: a line of JSON for each event, and one at the end of each tenant. */
import type { Head } from '@bas/core/audit/chain';
import { SetupError } from '@bas/core/errors';
import { AuditAction, AuditOutcome } from '@bas/core/model/audit';
import type { WalkedEvent } from '@bas/core/stores/contracts';
import { createReadStream, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import * as z from 'zod';
import { fileFault } from './file-fault.ts';

const text = z.string().nullable();
const Event = z.strictObject({
  event_id: z.string(),
  timestamp_ms: z.number(),
  tenant_id: z.string(),
  action: AuditAction,
  outcome: AuditOutcome,
  user_id: text,
  device_id: text,
  target: text,
  ip: text,
  user_agent: text,
  request_id: text,
  source: z.string(),
  detail: text,
});
/** What stands for an event that the store could not read, and what is left of one that was changed in the file. */
const Named = z.object({ event_id: z.string(), timestamp_ms: z.number(), tenant_id: z.string() });
const Ending = z.strictObject({
  end_of: z.string(),
  exported_ms: z.int(),
  events: z.int(),
  head: z.strictObject({ seal: z.int(), digest: z.string(), sealed_ms: z.int() }).nullable(),
});
/** The last line of a tenant: when it was read, how much there was, and its newest seal. */
export type Ending = z.infer<typeof Ending>;

export function lineOf(tenant_id: string, { event, event_id, timestamp_ms }: WalkedEvent): string {
  return `${JSON.stringify(event ?? { event_id, timestamp_ms, tenant_id })}\n`;
}

/** Writes a new file, or none: what was begun is removed when it cannot be ended. */
export async function writeNew(file: string, lines: AsyncIterable<string>): Promise<void> {
  const handle = await open(file, 'wx', 0o600).catch((error: unknown): never => {
    const there = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    throw new SetupError(there ? `${file} exists already: name a new file.` : cannotWrite(file, error), {
      cause: error,
    });
  });
  try {
    await pipeline(Readable.from(lines), handle.createWriteStream());
  } catch (error) {
    rmSync(file, { force: true });
    if (!(error instanceof Error) || !('syscall' in error)) throw error;
    throw new SetupError(cannotWrite(file, error), { cause: error });
  }
}

function cannotWrite(file: string, error: unknown): string {
  return `${file} cannot be written: ${fileFault(error)}.`;
}

/** What an export says of each tenant at its end, and how much of each it has. */
export async function endingsIn(file: string): Promise<ReadonlyMap<string, { ending: Ending; lines: number }>> {
  const endings = new Map<string, Ending>();
  const lines = new Map<string, number>();
  for await (const line of linesOf(file)) {
    const ending = Ending.safeParse(line).data;
    if (ending !== undefined) endings.set(ending.end_of, ending);
    const tenant_id = ending === undefined ? Named.safeParse(line).data?.tenant_id : undefined;
    if (tenant_id !== undefined) lines.set(tenant_id, (lines.get(tenant_id) ?? 0) + 1);
  }
  if (endings.size === 0) throw new SetupError(`${file} is no whole export: npm run audit -- export writes one.`);
  for (const tenant_id of lines.keys()) if (!endings.has(tenant_id)) throw withoutEnd(file, tenant_id);
  return new Map([...endings].map(([tenant_id, ending]) => [tenant_id, { ending, lines: lines.get(tenant_id) ?? 0 }]));
}

export function withoutEnd(file: string, tenant_id: string): SetupError {
  return new SetupError(`${file} is no whole export: it has no end of tenant ${tenant_id}.`);
}

export async function headsIn(file: string): Promise<ReadonlyMap<string, Head>> {
  const endings = await endingsIn(file);
  return new Map(
    [...endings].flatMap(([tenant_id, { ending }]) =>
      ending.head === null ? [] : [[tenant_id, ending.head] as const],
    ),
  );
}

/** A tenant's events, oldest first as they were written. */
export async function* eventsIn(file: string, tenant_id: string): AsyncGenerator<WalkedEvent> {
  let number = 0;
  for await (const line of linesOf(file)) {
    number += 1;
    if (Ending.safeParse(line).success) continue;
    const named = Named.safeParse(line).data;
    if (named === undefined) throw new SetupError(`${file}: line ${number} is no event.`);
    const { event_id, timestamp_ms } = named;
    if (named.tenant_id === tenant_id) yield { event_id, timestamp_ms, event: Event.safeParse(line).data ?? null };
  }
}

async function* linesOf(file: string): AsyncGenerator {
  const input = createReadStream(file);
  try {
    for await (const line of createInterface({ input, crlfDelay: Infinity })) yield asJson(line);
  } catch (error) {
    throw new SetupError(`${file} cannot be read: ${fileFault(error)}.`, { cause: error });
  } finally {
    input.destroy();
  }
}

function asJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
