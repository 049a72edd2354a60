import type { Status } from '@bas/core/model/staleness';
import { Badge, type Tone } from './parts.tsx';

type Shown = Status | 'disabled';

const TONES: Readonly<Record<Shown, Tone>> = { ok: 'good', late: 'warn', silent: 'bad', disabled: 'quiet' };

/** How a device reports, alike wherever it is told. */
export function StatusBadge({ status }: { readonly status: Shown }) {
  return <Badge tone={TONES[status]}>{status}</Badge>;
}
