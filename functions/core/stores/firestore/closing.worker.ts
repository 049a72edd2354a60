/** Closes a client while it still tries to reach a store that is away, and then has nothing more to do. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Meter } from '../../observability/meter.ts';
import { connect } from './client.ts';
import { closeSoon } from './closing.ts';
import { Documents } from './documents.ts';
import { paths } from './paths.ts';

const firestore = connect('demo-away', '127.0.0.1:1');
const documents = new Documents(firestore, new Meter());
const reading = documents.get(paths.tenant('acme')).catch(() => 'refused');
await sleep(1_500);
const started_ms = performance.now();
await closeSoon(firestore);
const closed_ms = performance.now() - started_ms;
process.stdout.write(JSON.stringify({ read: await reading, closed_ms }));
