/** A server that speaks the Firestore Admin API over gRPC, as far as indexes and fields go: what it tells is a test's to say. */
import protos from '@google-cloud/firestore-api/protos';
import {
  Metadata,
  Server,
  ServerCredentials,
  status as Status,
  type sendUnaryData,
  type ServerUnaryCall,
  type StatusObject,
} from '@grpc/grpc-js';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import protobuf from 'protobufjs';

const { google } = protos;
const { ListFieldsRequest, ListFieldsResponse, ListIndexesRequest, ListIndexesResponse } = google.firestore.admin.v1;

/** As the REST API writes it: enumerations by name. */
export type Message = Readonly<Record<string, unknown>>;

/** How the API says no. */
export type Failure = Pick<StatusObject, 'code' | 'details'> & Partial<StatusObject>;

interface Listing {
  readonly parent: string;
  readonly filter: string;
  readonly pageToken: string;
}

interface Codec<Response> {
  readonly request: { decode(bytes: Uint8Array): Listing };
  readonly response: { fromObject(object: Message): Response; encode(response: Response): { finish(): Uint8Array } };
}

export class AdminApi {
  /** Every composite index and every overridden field of the database. */
  indexes: readonly Message[] = [];
  fields: readonly Message[] = [];
  page_size = 100;
  delay_ms = 0;
  /** Answered instead, when set. */
  failure: Failure | null = null;
  readonly calls: string[] = [];
  /** Where it listens: `127.0.0.1:…`. */
  host = '';
  readonly #server = new Server();

  static async start(): Promise<AdminApi> {
    const api = new AdminApi();
    api.#serve('ListIndexes', { request: ListIndexesRequest, response: ListIndexesResponse }, 'indexes');
    api.#serve('ListFields', { request: ListFieldsRequest, response: ListFieldsResponse }, 'fields');
    const bind = promisify(api.#server.bindAsync.bind(api.#server));
    api.host = `127.0.0.1:${String(await bind('127.0.0.1:0', ServerCredentials.createInsecure()))}`;
    return api;
  }

  stop(): void {
    this.#server.forceShutdown();
  }

  #serve<Response>(method: string, codec: Codec<Response>, list: 'indexes' | 'fields'): void {
    const definition = {
      path: `/google.firestore.admin.v1.FirestoreAdmin/${method}`,
      requestStream: false as const,
      responseStream: false as const,
      requestSerialize: () => Buffer.alloc(0),
      requestDeserialize: (bytes: Buffer) => codec.request.decode(bytes),
      responseSerialize: (response: Response) => Buffer.from(codec.response.encode(response).finish()),
      responseDeserialize: () => codec.response.fromObject({}),
    };
    const handler = (call: ServerUnaryCall<Listing, Response>, reply: sendUnaryData<Response>): void => {
      this.calls.push(`${method} ${call.request.parent}`);
      void this.#answer(call.request, list).then((answer) => {
        if ('code' in answer) reply(answer);
        else reply(null, codec.response.fromObject(answer));
      });
    };
    this.#server.addService({ [method]: definition }, { [method]: handler });
  }

  async #answer({ parent, filter, pageToken }: Listing, list: 'indexes' | 'fields'): Promise<Message | Failure> {
    if (this.delay_ms > 0) await sleep(this.delay_ms, undefined, { ref: false });
    if (this.failure !== null) return this.failure;
    if (!/^projects\/[^/]+\/databases\/\(default\)\/collectionGroups\/-$/.test(parent)) {
      return { code: Status.INVALID_ARGUMENT, details: `parent: ${parent}` };
    }
    // The API lists no fields but overridden ones, and wants to be told that it is known.
    if (list === 'fields' && !filter.includes('usesAncestorConfig'))
      return { code: Status.INVALID_ARGUMENT, details: 'filter' };
    const start = Number(pageToken);
    const end = start + this.page_size;
    const all = this[list];
    return { [list]: all.slice(start, end), nextPageToken: end < all.length ? String(end) : '' };
  }
}

/** A failure with Google's machine-readable reason: a `google.rpc.Status` that holds a `google.rpc.ErrorInfo`. */
export function failureBecause(code: Status, details: string, reason: string): Failure {
  const info = protobuf.Writer.create().uint32(tag(1)).string(reason).uint32(tag(2)).string('googleapis.com').finish();
  const any = google.protobuf.Any.encode({
    type_url: 'type.googleapis.com/google.rpc.ErrorInfo',
    value: info,
  }).finish();
  const status = protobuf.Writer.create()
    .uint32(8)
    .int32(code)
    .uint32(tag(2))
    .string(details)
    .uint32(tag(3))
    .bytes(any)
    .finish();
  const metadata = new Metadata();
  metadata.set('grpc-status-details-bin', Buffer.from(status));
  return { code, details, metadata };
}

/** Protocol Buffers' mark in front of a field that has a length. */
const tag = (field: number): number => field * 8 + 2;
