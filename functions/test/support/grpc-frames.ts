/** gRPC's framing: before each message one byte that tells whether it is compressed, and its length in four. */
const HEADER_BYTES = 5;

/** The message with its frame around it. */
export function framed(message: Buffer): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32BE(message.length, 1);
  return Buffer.concat([header, message]);
}

/** Cuts a stream of bytes into messages, whatever pieces it arrives in. */
export class Frames {
  #rest: Buffer = Buffer.alloc(0);

  /** The messages that `chunk` completes. */
  push(chunk: Buffer): Buffer[] {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    const messages: Buffer[] = [];
    while (this.#rest.length >= HEADER_BYTES) {
      if (this.#rest[0] !== 0) throw new Error('a compressed message, although none was asked for');
      const end = HEADER_BYTES + this.#rest.readUInt32BE(1);
      if (this.#rest.length < end) break;
      messages.push(this.#rest.subarray(HEADER_BYTES, end));
      this.#rest = this.#rest.subarray(end);
    }
    return messages;
  }
}
