/** A device as it is being typed, and what of it the server is to be told. */
import { DeviceBody } from '@bas/core/devices/body';
import type { ManagedDevice } from '../api/answers.ts';

export const UNITS_MS = { seconds: 1_000, minutes: 60_000, hours: 3_600_000, days: 86_400_000 } as const;
export type Unit = keyof typeof UNITS_MS;
export const UNITS: readonly Unit[] = ['seconds', 'minutes', 'hours', 'days'];

export interface DeviceDraft {
  readonly device_id: string;
  readonly name: string;
  /** One `key=value` a line. */
  readonly tags: string;
  /** How often it posts; empty when nobody knows. */
  readonly interval: string;
  readonly unit: Unit;
  readonly disabled: boolean;
}

export const NO_DEVICE: DeviceDraft = {
  device_id: '',
  name: '',
  tags: '',
  interval: '1',
  unit: 'minutes',
  disabled: false,
};

export type Field = 'device_id' | 'name' | 'tags' | 'expected_interval_ms' | 'disabled';
/** What is wrong, by field. */
export type Troubles = Readonly<Partial<Record<Field, string>>>;

type Body = ReturnType<typeof DeviceBody.parse>;
export type Read = { readonly body: Body } | { readonly troubles: Troubles };

const RULES: Readonly<Record<Field, string>> = {
  device_id: '1 to 128 of A-Z a-z 0-9 . _ : @ - and a letter or digit first.',
  name: 'At most 200 characters.',
  tags: 'At most 64 tags; a key has up to 64 of A-Z a-z 0-9 _ . : - and a value up to 256 characters.',
  expected_interval_ms: 'From 0.1 seconds to 7 days, in whole milliseconds.',
  disabled: 'Yes or no.',
};

export function draftOf({ device_id, name, tags, expected_interval_ms, disabled }: ManagedDevice): DeviceDraft {
  return { device_id, name, tags: tagsText(tags), ...intervalOf(expected_interval_ms), disabled };
}

/** What was typed, checked by the server's own rules. */
export function readDraft(draft: DeviceDraft): Read {
  const tags = parseTags(draft.tags);
  if (typeof tags === 'string') return { troubles: { tags } };
  const name = draft.name.trim();
  const parsed = DeviceBody.safeParse({
    device_id: draft.device_id.trim(),
    ...(name === '' ? {} : { name }),
    tags,
    expected_interval_ms: interval_ms(draft),
    disabled: draft.disabled,
  });
  if (parsed.success) return { body: parsed.data };
  const wrong = new Set(parsed.error.issues.map(({ path: [field] }) => field));
  const fields = Object.entries(RULES).filter(([field]) => wrong.has(field));
  return { troubles: Object.fromEntries(fields) };
}

/** Only what differs from `device`; null when nothing does. A name that was emptied is the id again. */
export function patchOf(device: ManagedDevice, body: Body): Partial<Body> | null {
  const name = body.name ?? device.device_id;
  const patch = {
    ...(name === device.name ? {} : { name }),
    ...(sameTags(body.tags, device.tags) ? {} : { tags: body.tags }),
    ...(body.expected_interval_ms === device.expected_interval_ms
      ? {}
      : { expected_interval_ms: body.expected_interval_ms }),
    ...(body.disabled === device.disabled ? {} : { disabled: body.disabled }),
  };
  return Object.keys(patch).length === 0 ? null : patch;
}

/** The tags, or what is wrong with them. */
function parseTags(text: string): Record<string, string> | string {
  const tags = new Map<string, string>();
  for (const line of text.split('\n').filter((line) => line.trim() !== '')) {
    const at = line.indexOf('=');
    if (at < 1) return `“${line.trim()}” is no key=value.`;
    const key = line.slice(0, at).trim();
    if (tags.has(key)) return `“${key}” is there twice.`;
    tags.set(key, line.slice(at + 1).trim());
  }
  return Object.fromEntries(tags);
}

function tagsText(tags: ManagedDevice['tags']): string {
  return Object.entries(tags)
    .map(([key, value]) => `${key}=${value}`)
    .join('\n');
}

function sameTags(ours: Record<string, string>, theirs: Record<string, string>): boolean {
  const keys = Object.keys(ours);
  return keys.length === Object.keys(theirs).length && keys.every((key) => theirs[key] === ours[key]);
}

function interval_ms({ interval, unit }: DeviceDraft): number | null {
  if (interval.trim() === '') return null;
  const ms = Number(interval) * UNITS_MS[unit];
  // 0.1 s times 1,000 is no whole number in binary.
  return Math.abs(ms - Math.round(ms)) < 1e-6 ? Math.round(ms) : ms;
}

/** In the largest unit that leaves a whole number. */
export function intervalOf(ms: number | null): Pick<DeviceDraft, 'interval' | 'unit'> {
  if (ms === null) return { interval: '', unit: 'minutes' };
  const unit = UNITS.findLast((known) => ms % UNITS_MS[known] === 0) ?? 'seconds';
  return { interval: String(ms / UNITS_MS[unit]), unit };
}
