/** Makes a request that shows a fault smaller, for as long as it still shows it. */
import type { FuzzRequest } from './request.ts';

const MOST_TRIES = 150;

export async function smallest(
  request: FuzzRequest,
  stillShows: (smaller: FuzzRequest) => Promise<boolean>,
): Promise<FuzzRequest> {
  let found = request;
  let tries = 0;
  for (;;) {
    const from = found;
    for (const smaller of smallerOnes(from)) {
      if ((tries += 1) > MOST_TRIES) return found;
      if (!(await stillShows(smaller))) continue;
      found = smaller;
      break;
    }
    if (found === from) return found;
  }
}

function* smallerOnes(request: FuzzRequest): Generator<FuzzRequest> {
  const { raw, headers, body, target } = request;
  if (raw !== undefined) {
    for (const less of withoutParts(raw)) yield { ...request, raw: less };
    return;
  }
  for (const at of headers.keys()) yield { ...request, headers: headers.toSpliced(at, 1) };
  const [path = '', query] = target.split('?');
  if (query !== undefined) {
    yield { ...request, target: path };
    const pairs = query.split('&');
    for (const at of pairs.keys()) yield { ...request, target: `${path}?${pairs.toSpliced(at, 1).join('&')}` };
  }
  if (body === null) return;
  yield { ...request, body: null };
  for (const less of withoutParts(body)) yield { ...request, body: less };
}

/** Large parts first. */
function* withoutParts(bytes: Buffer): Generator<Buffer> {
  for (let size = Math.ceil(bytes.byteLength / 2); size >= 1; size = Math.floor(size / 2)) {
    if (bytes.byteLength / size > 64) return;
    for (let at = 0; at < bytes.byteLength; at += size) {
      yield Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + size)]);
    }
  }
}
