/** Counts what passes to and from Firestore as its bill would, without believing the code under test. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';
import * as z from 'zod';
import { WITNESS } from '@bas/core/stores/firestore/harness';

/** The descriptions that ship with the SDK. */
const PROTOS = join(fileURLToPath(import.meta.resolve('@google-cloud/firestore')), '../../protos/v1.json');
let loaded: protobuf.Root | undefined;

/** The message as plain data, parsed by what of it is needed. */
function decode<T>(type: string, bytes: Buffer, schema: z.ZodType<T>): T {
  loaded ??= new protobuf.Root().loadSync(PROTOS);
  const described = loaded.lookupType(`google.firestore.v1.${type}`);
  return schema.parse(described.toObject(described.decode(bytes)));
}

const Present = z.unknown().optional();
const CommitRequest = z.object({ writes: z.array(z.object({ delete: Present })).default([]) });
const RunQueryResponse = z.object({ document: Present });
const BatchGetResponse = z.object({ found: Present, missing: Present });

/** Calls by method, and documents as Firestore bills them: a missing document is a read, and so is an empty query. */
export class CallMeter {
  #calls = new Map<string, number>();
  reads = 0;
  writes = 0;
  deletes = 0;

  /** How many calls of this method came, faults and repetitions included; of all methods when none is named. */
  calls(method?: string): number {
    if (method !== undefined) return this.#calls.get(method) ?? 0;
    return [...this.#calls.values()].reduce((sum, calls) => sum + calls, 0);
  }

  reset(): void {
    this.#calls = new Map();
    this.reads = 0;
    this.writes = 0;
    this.deletes = 0;
  }

  count(method: string): void {
    this.#calls.set(method, this.calls(method) + 1);
  }

  /** What to call with each message that the emulator answers. A client may have enough before the last one. */
  meter(method: string, request: Buffer, client = ''): (message: Buffer) => void {
    if (client.startsWith(WITNESS)) return () => undefined;
    let documents = 0;
    let billed = 0;
    return (message) => {
      if (method === 'Commit') this.#countChanges(request);
      documents += documentsIn(method, message);
      const reads = method === 'RunQuery' ? Math.max(1, documents) : documents;
      this.reads += reads - billed;
      billed = reads;
    };
  }

  #countChanges(request: Buffer): void {
    const { writes } = decode('CommitRequest', request, CommitRequest);
    const deletes = writes.filter((write) => write.delete !== undefined).length;
    this.deletes += deletes;
    this.writes += writes.length - deletes;
  }
}

function documentsIn(method: string, message: Buffer): number {
  switch (method) {
    case 'RunQuery':
      return decode('RunQueryResponse', message, RunQueryResponse).document === undefined ? 0 : 1;
    case 'BatchGetDocuments': {
      const { found, missing } = decode('BatchGetDocumentsResponse', message, BatchGetResponse);
      return found === undefined && missing === undefined ? 0 : 1;
    }
    case 'RunAggregationQuery':
      return 1;
    default:
      return 0;
  }
}
