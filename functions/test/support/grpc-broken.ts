/** What a broken call is answered. */
import type { ServerHttp2Stream } from 'node:http2';
import { GRPC_STATUS, type Fault, type GrpcStatus } from './grpc-faults.ts';

/** A message as the fault has it told. */
export function forge(message: Buffer, fault: Fault | undefined): Buffer {
  if (fault?.kind !== 'forged') return message;
  return Buffer.from(
    message.toString('latin1').replaceAll(latin(fault.from), () => latin(fault.to)),
    'latin1',
  );
}

/** Text as the bytes it is on the wire. */
function latin(text: string): string {
  return Buffer.from(text).toString('latin1');
}

/** Answers with a status and nothing else. */
export function refuse(client: ServerHttp2Stream, status: GrpcStatus, message: string): void {
  const headers = { 'content-type': 'application/grpc', 'grpc-status': String(GRPC_STATUS[status]) };
  client.respond({ ':status': 200, ...headers, 'grpc-message': encodeURIComponent(message) }, { endStream: true });
  client.resume();
}
