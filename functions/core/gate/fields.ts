/** Single-field indexes and TTL policies: those that must be there against those that are. */
import { concernOf, type FindingCode, type FreshFinding } from './findings.ts';
import type { ObservedField } from './observed.ts';
import type { FieldSettings, SingleIndex } from './required.ts';
import { clearExemption, DEPLOY, disableTtl } from './words.ts';

/** One finding for the indexes of each field that must have its own, and one for each TTL policy. */
export function compareFields(
  required: readonly FieldSettings[],
  observed: readonly ObservedField[],
  project_id: string,
): FreshFinding[] {
  return required.flatMap((wanted) => {
    const { collection, path } = wanted;
    const found = observed.find((field) => field.collection === collection && field.path === path);
    const [code, detail] = exemption(wanted, found, project_id);
    // No move waits for it: without it Firestore answers the same, and writes more.
    const told = { code, subject: `single-field indexes ${collection}.${path}`, detail, concern: null };
    return wanted.ttl ? [told, ttlFinding(wanted, observed, project_id)] : [told];
  });
}

function exemption(wanted: FieldSettings, found: ObservedField | undefined, project_id: string): [FindingCode, string] {
  const { collection, path } = wanted;
  if (found === undefined || found.reverting) {
    return ['exemption_missing', `Firestore's default ones, not ${modesOf(wanted.indexes)}; run ${DEPLOY}.`];
  }
  if (modesOf(found.indexes) !== modesOf(wanted.indexes)) {
    return ['exemption_different', `${modesOf(found.indexes)}, not ${modesOf(wanted.indexes)}; run ${DEPLOY}.`];
  }
  const states = found.indexes.map(({ state }) => state);
  if (states.includes('NEEDS_REPAIR')) {
    const clear = clearExemption(project_id, collection, path);
    return ['exemption_needs_repair', `they failed and are not kept up to date; run ${clear}, then ${DEPLOY}.`];
  }
  if (states.includes('CREATING')) return ['exemption_creating', 'Firestore is building them; wait.'];
  return ['exemption_ready', `${modesOf(wanted.indexes)}, as it must be.`];
}

/** `none`, or `asc, desc`, whatever their order. */
function modesOf(indexes: readonly (Omit<SingleIndex, 'mode'> & { readonly mode: string })[]): string {
  const modes = indexes.map(({ mode, scope }) => (scope === 'COLLECTION' ? mode : `${mode} of scope ${scope}`));
  return modes.length === 0 ? 'none' : modes.sort().join(', ');
}

function ttlFinding(wanted: FieldSettings, observed: readonly ObservedField[], project_id: string): FreshFinding {
  const { collection, path } = wanted;
  const field = observed.find((one) => one.collection === collection && one.ttl !== null);
  const [code, detail] = ttlPolicy(wanted, field, project_id);
  return { code, subject: `TTL policy ${collection}.${path}`, detail, concern: concernOf(collection) };
}

/** A collection has one TTL policy at most, which `field` carries. */
function ttlPolicy(
  { collection, path }: FieldSettings,
  field: ObservedField | undefined,
  project_id: string,
): [FindingCode, string] {
  if (field === undefined || field.ttl === null) return ['ttl_missing', `not deployed; run ${DEPLOY}.`];
  const again = `run ${disableTtl(project_id, collection, field.path)}, then ${DEPLOY}`;
  if (field.path !== path) {
    return ['ttl_wrong_field', `Firestore expires ${collection} by ${field.path} instead; ${again}.`];
  }
  const { state, offset_s } = field.ttl;
  if (offset_s !== 0) return ['ttl_different', `documents stay ${offset_s} s longer than ${path} says; ${again}.`];
  switch (state) {
    case 'ACTIVE':
      return ['ttl_active', 'active.'];
    case 'CREATING':
      return ['ttl_creating', 'Firestore is turning it on; wait, ten minutes at least.'];
    case 'NEEDS_REPAIR':
      return ['ttl_needs_repair', `it failed and nothing expires; ${again}.`];
    default:
      return ['ttl_state_unknown', `Firestore reports the state ${state}, which this version does not know.`];
  }
}
