/** Composite indexes: those that must be there against those that are. */
import { concernOf, type FindingCode, type FreshFinding } from './findings.ts';
import type { ObservedIndex } from './observed.ts';
import type { CompositeIndex } from './required.ts';
import { DEPLOY, deleteIndex, fieldList } from './words.ts';

type Fields = ObservedIndex['fields'];

/** One finding for each index that must be there. */
export function compareComposites(
  required: readonly CompositeIndex[],
  observed: readonly ObservedIndex[],
  project_id: string,
): FreshFinding[] {
  const others = observed.filter((index) => !required.some((wanted) => isSame(wanted, index)));
  return required.map((wanted) => {
    const found = observed.find((index) => isSame(wanted, index));
    const [code, detail] = found === undefined ? absent(wanted, others, project_id) : present(found, project_id);
    return { code, subject: subjectOf(wanted), detail, concern: concernOf(wanted.collection) };
  });
}

function subjectOf({ collection, scope, fields }: CompositeIndex): string {
  return `index ${collection} ${fieldList(fields)}${scope === 'COLLECTION' ? '' : ` of scope ${scope}`}`;
}

function isSame(wanted: CompositeIndex, index: ObservedIndex): boolean {
  return (
    wanted.collection === index.collection &&
    wanted.scope === index.scope &&
    fieldList(withoutImpliedName(wanted.fields)) === fieldList(withoutImpliedName(index.fields))
  );
}

/** Firestore ends every index with the document id, in the direction of the field before; the other way is another index. */
function withoutImpliedName(fields: Fields): Fields {
  const last = fields.at(-1);
  if (last?.path !== '__name__') return fields;
  const before = fields.slice(0, -1);
  const implied = before.findLast(({ mode }) => mode === 'asc' || mode === 'desc')?.mode ?? 'asc';
  return last.mode === implied ? before : fields;
}

function present({ id, state }: ObservedIndex, project_id: string): [FindingCode, string] {
  switch (state) {
    case 'READY':
      return ['index_ready', 'ready.'];
    case 'CREATING':
      return ['index_creating', 'Firestore is building it; wait.'];
    case 'NEEDS_REPAIR':
      return [
        'index_needs_repair',
        `it failed and is not kept up to date; delete it with ${deleteIndex(project_id, id)}, then run ${DEPLOY}.`,
      ];
    default:
      return ['index_state_unknown', `Firestore reports the state ${state}, which this version does not know.`];
  }
}

function absent(wanted: CompositeIndex, others: readonly ObservedIndex[], project_id: string): [FindingCode, string] {
  const near = others.find((index) => index.collection === wanted.collection && pathsOf(index) === pathsOf(wanted));
  if (near === undefined) return ['index_missing', `not deployed; run ${DEPLOY}.`];
  return [
    'index_different',
    `not deployed; index ${near.id} ${fieldList(near.fields)} is another one: ${difference(wanted, near)}. ` +
      `Run ${DEPLOY}; then delete the other with ${deleteIndex(project_id, near.id)}.`,
  ];
}

/** Which fields an index has, in whatever order and direction. */
function pathsOf({ fields }: { readonly fields: Fields }): string {
  const paths = fields.map(({ path }) => path).filter((path) => path !== '__name__');
  return paths.sort().join();
}

function difference(wanted: CompositeIndex, near: ObservedIndex): string {
  if (near.scope !== wanted.scope) return `its scope is ${near.scope}`;
  const last = near.fields.at(-1);
  if (last?.path === '__name__' && fieldList(near.fields.slice(0, -1)) === fieldList(wanted.fields)) {
    return `its last field, __name__, runs ${last.mode}, against the field before it`;
  }
  return 'its fields have another order or direction';
}
