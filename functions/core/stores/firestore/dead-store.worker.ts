/** Asks a store that is not there in every way there is; a process of its own, because the SDK goes on trying for minutes. */
import { Problem } from '../../errors.ts';
import { Meter } from '../../observability/meter.ts';
import { connect } from './client.ts';
import { Documents } from './documents.ts';
import { paths } from './paths.ts';

const documents = new Documents(connect('demo-dead', '127.0.0.1:1'), new Meter());
const path = paths.tenant('a');
const started = performance.now();
const codes = await Promise.all(
  [
    documents.get(path),
    documents.getAll([path]),
    documents.query({ shape: 'tenants', equal: [], limit: 1 }),
    documents.commit([{ kind: 'create', path, fields: { a: 1 } }]),
    documents.transaction((scope) => scope.getAll([path])),
  ].map((attempt) =>
    attempt.then(
      () => 'answered',
      (error: unknown) => (error instanceof Problem ? `${error.code} ${error.retry_after_s}` : String(error)),
    ),
  ),
);
process.stdout.write(JSON.stringify({ codes, took_ms: performance.now() - started }), () => process.exit(0));
