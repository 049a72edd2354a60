import { useState } from 'preact/hooks';
import type { AuditEvent } from '../api/answers.ts';
import { utcTime } from '../lib/words.ts';
import { Badge, Time, type Tone } from '../ui/parts.tsx';

interface AuditTableProps {
  readonly events: readonly AuditEvent[];
  /** Of users, by id. */
  readonly names: ReadonlyMap<string, string>;
}

export function AuditTable({ events, names }: AuditTableProps) {
  return (
    <div class="card flush">
      <table class="operate-table audit">
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">What</th>
            <th scope="col">Who</th>
            <th scope="col" class="wide">
              On what
            </th>
          </tr>
        </thead>
        <tbody>
          {events.map((event) => (
            <AuditRows key={event.event_id} event={event} names={names} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

const TONES: Readonly<Record<AuditEvent['outcome'], Tone>> = { success: 'good', failure: 'warn', refused: 'bad' };

/** One line of it, and all of it in a second row once that is asked for. */
function AuditRows({ event, names }: { readonly event: AuditEvent; readonly names: AuditTableProps['names'] }) {
  const [isOpen, setOpen] = useState(false);
  const id = `event-${event.event_id}`;
  const about = [event.device_id, named(event.target, names), event.detail].filter((part) => part !== null);
  return (
    <>
      <tr>
        <td>
          <button
            type="button"
            class="plain opener"
            aria-expanded={isOpen}
            aria-controls={isOpen ? id : undefined}
            onClick={() => setOpen(!isOpen)}
          >
            <span aria-hidden="true">{isOpen ? '▾' : '▸'}</span> <Time ms={event.timestamp_ms} />
          </button>
        </td>
        <td>
          <span class="action-name">{event.action}</span> <Badge tone={TONES[event.outcome]}>{event.outcome}</Badge>
        </td>
        <td class="cut" title={event.user_id ?? undefined}>
          {whoOf(event, names)}
        </td>
        <td class="wide cut" title={about.join(' · ')}>
          {about.length === 0 ? <span class="quiet">–</span> : about.join(' · ')}
        </td>
      </tr>
      {isOpen ? (
        <tr id={id} class="opened">
          <td colSpan={4}>
            <Details event={event} names={names} />
          </td>
        </tr>
      ) : null}
    </>
  );
}

function Details({ event, names }: { readonly event: AuditEvent; readonly names: AuditTableProps['names'] }) {
  const { user_id, target } = event;
  const facts: readonly (readonly [string, string | null])[] = [
    ['Time', utcTime(event.timestamp_ms)],
    ['User', user_id === null ? null : withName(user_id, names)],
    ['Device', event.device_id],
    ['Target', target === null ? null : withName(target, names)],
    ['Detail', event.detail],
    ['Way in', event.source],
    ['Address', event.ip],
    ['Browser', event.user_agent],
    ['Request', event.request_id],
    ['Event', event.event_id],
  ];
  return (
    <dl class="facts">
      {facts.map(([name, value]) =>
        value === null ? null : (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ),
      )}
    </dl>
  );
}

function whoOf({ user_id, device_id, source }: AuditEvent, names: AuditTableProps['names']): string {
  if (user_id !== null) return named(user_id, names) ?? user_id;
  return device_id !== null && source === 'http' ? device_id : source === 'http' ? 'nobody signed in' : source;
}

function named(id: string | null, names: AuditTableProps['names']): string | null {
  return id === null ? null : (names.get(id) ?? id);
}

function withName(id: string, names: AuditTableProps['names']): string {
  const name = names.get(id);
  return name === undefined ? id : `${name} (${id})`;
}
