import type { Journal, JournaledRow, MarkedRow, RowKind } from '../stores/journal.ts';
import type { Mirror } from '../stores/mirror.ts';
import { fitting } from '../model/audit-size.ts';
import { rememberCut } from './cut-events.ts';

/** What one commit carries: Firestore takes 500 documents and 10 MiB, and a slow line must take it within seconds. */
const IN_A_COMMIT = { rows: 100, bytes: 1_048_576 };

interface Parts {
  readonly journal: Journal;
  readonly mirror: Mirror;
}

/** Copies the next few marked rows; how many there were. Whoever copies rows of a box does it by this. */
export async function deliverRows({ journal, mirror }: Parts, kinds: readonly RowKind[]): Promise<number> {
  let marked = await journal.marked(kinds, IN_A_COMMIT);
  const marks = marked.map(({ mark }) => mark);
  await mirror.putRows(documentsOf(marked), async () => {
    marked = await journal.markedAgain(marks);
    return documentsOf(marked);
  });
  await rememberCut(
    journal,
    marked.filter(isCut).map(({ mark }) => mark.id),
  );
  await journal.clear(marked.map(({ mark }) => mark));
  return marks.length;
}

function documentsOf(marked: readonly MarkedRow[]): readonly JournaledRow[] {
  return marked.flatMap(({ found }) => (found === null ? [] : asDocument(found)));
}

function isCut({ found }: MarkedRow): boolean {
  return found !== null && asDocument(found) !== found;
}

function asDocument(found: JournaledRow): JournaledRow {
  if (found.kind !== 'audit') return found;
  const row = fitting(found.row);
  return row === found.row ? found : { kind: 'audit', row };
}
