/** What may be said of a device: the shapes, once, for the door and for the page. */
import * as z from 'zod';
import { DAY_MS } from '../clock.ts';
import { DeviceId } from '../model/names.ts';

const NAME_MAX = 200;
const TAGS_MAX = 64;

/** Controls, ends of lines, and what turns the direction of the text round it: a name is read next to others. */
const UNREADABLE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/;
const Readable = z.string().refine((text) => !UNREADABLE.test(text), 'must hold no control characters');

const Name = Readable.refine((name) => name.trim() !== '', 'must hold something to read').max(NAME_MAX);
const Tags = z
  .record(z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_.:-]{0,63}$/), Readable.max(256))
  .refine((tags) => Object.keys(tags).length <= TAGS_MAX, `must be at most ${String(TAGS_MAX)} tags`);
const ExpectedInterval = z
  .int()
  .min(100)
  .max(7 * DAY_MS)
  .nullable();

export const DeviceBody = z.strictObject({
  device_id: DeviceId,
  name: Name.optional(),
  tags: Tags.default({}),
  expected_interval_ms: ExpectedInterval.default(null),
  disabled: z.boolean().default(false),
});

export const DevicePatchBody = z
  .strictObject({
    name: Name.optional(),
    tags: Tags.optional(),
    expected_interval_ms: ExpectedInterval.optional(),
    disabled: z.boolean().optional(),
  })
  .refine((patch) => Object.keys(patch).length > 0, 'name at least one member to change');
