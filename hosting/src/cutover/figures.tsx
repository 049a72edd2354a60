/** What is on its way, what was compared, and what would roll back by itself. */
import type { ComponentChildren } from 'preact';
import type { Cutover } from '../api/answers.ts';
import { duration, utcTime } from '../lib/words.ts';
import { ActionTrouble } from '../ui/forms.tsx';
import { Badge, Time } from '../ui/parts.tsx';
import type { Action } from '../ui/use-action.ts';
import { TRIGGERS } from './words.ts';

function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class="figure-wrap">{children}</dd>
    </div>
  );
}

/** Before dual all that is stored waits, and nothing is on its way. */
function isDelivered({ concerns }: Pick<Cutover, 'concerns'>): boolean {
  return concerns.some(({ concern, phase }) => concern === 'telemetry' && phase !== 'sqlite');
}

export function Outbox({ status }: { readonly status: Cutover }) {
  const { dirty, delivery, now_ms } = status;
  const failing_since_ms = delivery?.failing_since_ms ?? null;
  const rows = Object.entries(dirty.rows).filter(([, count]) => count > 0);
  return (
    <section class="card stack" aria-labelledby="outbox">
      <div class="row">
        <h2 id="outbox" class="grow">
          Outbox
        </h2>
        {failing_since_ms === null ? null : <Badge tone="bad">failing for {duration(now_ms - failing_since_ms)}</Badge>}
      </div>
      <dl class="facts">
        <Fact name="Buckets to deliver">{dirty.buckets.toLocaleString()}</Fact>
        <Fact name="The oldest waits for">
          {dirty.oldest_ms === null || !isDelivered(status) ? 'none waits' : duration(now_ms - dirty.oldest_ms)}
        </Fact>
        <Fact name="Rows to deliver">
          {rows.length === 0 ? '0' : rows.map(([kind, count]) => `${count.toLocaleString()} ${kind}`).join(', ')}
        </Fact>
        <Fact name="Documents in the last minute">
          {delivery === null ? 'nothing delivered yet' : delivery.per_minute.toLocaleString()}
        </Fact>
        <Fact name="Older than the start">{dirty.older_buckets.toLocaleString()} buckets</Fact>
      </dl>
      <p class="quiet small-text">
        {isDelivered(status)
          ? 'People and the audit log wait for their own move.'
          : 'Nothing is on its way before dual: this is what will be delivered then. People and the audit log have moves of their own.'}
      </p>
    </section>
  );
}

interface ComparisonProps {
  readonly status: Cutover;
  readonly comparing: Action;
  readonly onCompare: () => void;
}

export function Comparison({ status, comparing, onCompare }: ComparisonProps) {
  const { proof, now_ms, finalized } = status;
  const isPossible = isDelivered(status);
  const ago = (ms: number | null): string => (ms === null ? 'never' : `${duration(now_ms - ms)} ago`);
  return (
    <section class="card stack" aria-labelledby="comparison">
      <div class="row">
        <h2 id="comparison" class="grow">
          Comparison
        </h2>
        {proof.differing > 0 ? <Badge tone="bad">{proof.differing} different</Badge> : null}
        {proof.green_since_ms === null ? null : (
          <Badge tone="good">green for {duration(now_ms - proof.green_since_ms)}</Badge>
        )}
      </div>
      <dl class="facts">
        <Fact name="Compared last">{ago(proof.checked_ms)}</Fact>
        <Fact name="All of it, first">{ago(proof.full_ms)}</Fact>
        <Fact name="Points">{proof.points.toLocaleString()}</Fact>
        <Fact name="Buckets">{proof.buckets.toLocaleString()}</Fact>
        <Fact name="Unsettled">{proof.unsettled.toLocaleString()}</Fact>
        <Fact name="Documents read for it">{proof.reads.toLocaleString()}</Fact>
      </dl>
      <Differences proof={proof} />
      <ActionTrouble action={comparing} />
      {finalized ? null : (
        <div class="row">
          <button type="button" disabled={!isPossible} aria-disabled={comparing.busy} onClick={onCompare}>
            {comparing.busy ? `Comparing… ${duration(now_ms - comparing.since_ms)}` : 'Compare now'}
          </button>
          {isPossible ? null : <span class="quiet small-text">There is something to compare from dual on.</span>}
        </div>
      )}
    </section>
  );
}

function Differences({ proof: { differences, differing } }: Pick<Cutover, 'proof'>) {
  if (differences.length === 0) return null;
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Differences">
      <table class="differences">
        <caption class="quiet small-text">
          {differences.length.toLocaleString()} named, in {differing.toLocaleString()} buckets. On the box, npm run
          cutover -- compare --repair delivers them again as SQLite has them.
        </caption>
        <thead>
          <tr>
            <th scope="col">Where</th>
            <th scope="col">SQLite</th>
            <th scope="col">Firestore</th>
          </tr>
        </thead>
        <tbody>
          {differences.map(({ tenant_id, device_id, timestamp_ms, sqlite, firestore, fault }) => (
            <tr key={`${tenant_id}/${device_id}/${timestamp_ms}/${fault ?? ''}`}>
              <th scope="row">
                {tenant_id}/{device_id}
                <span class="small-text quiet"> {utcTime(timestamp_ms)}</span>
              </th>
              <td>{fault === null ? <code>{sqlite ?? 'nothing'}</code> : <span class="quiet">its own bucket</span>}</td>
              <td>{fault === null ? <code>{firestore ?? 'nothing'}</code> : `broken: ${fault}`}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function Standing({ status }: { readonly status: Cutover }) {
  const { gate, now_ms, published, cut_events, waived, backfill_start_ms, frozen_until_ms, closing_until_ms } = status;
  return (
    <section class="card stack" aria-labelledby="standing">
      <h2 id="standing">Standing</h2>
      <dl class="facts">
        <Fact name="Index gate">
          {gate.state.replace('_', ' ')}
          {gate.checked_ms === null ? '' : `, asked ${duration(now_ms - gate.checked_ms)} ago`}
        </Fact>
        <Fact name="The cloud knows of the last move">
          {backfill_start_ms === null
            ? 'nothing has moved'
            : published
              ? 'yes'
              : 'not yet: the server goes on telling it'}
        </Fact>
        <Fact name="Delivered from">{backfill_start_ms === null ? 'not begun' : <Time ms={backfill_start_ms} />}</Fact>
        <Fact name="Older history waived">{waived ?? 'no'}</Fact>
        {frozen_until_ms === null || frozen_until_ms < now_ms ? null : (
          <Fact name="People frozen until">
            <Time ms={frozen_until_ms} />
          </Fact>
        )}
        {closing_until_ms === null || closing_until_ms < now_ms ? null : (
          <Fact name="Closed until">
            <Time ms={closing_until_ms} />
          </Fact>
        )}
        {cut_events.length === 0 ? null : (
          <Fact name="Events whole on the box alone">
            <code>{cut_events.join(' ')}</code>
          </Fact>
        )}
      </dl>
    </section>
  );
}

export function Triggers() {
  return (
    <section class="card stack" aria-labelledby="triggers">
      <h2 id="triggers">What rolls back by itself</h2>
      <dl class="facts triggers">
        {TRIGGERS.map(({ name, limit, back }) => (
          <Fact key={name} name={name}>
            {limit} <span class="quiet">→ {back}</span>
          </Fact>
        ))}
      </dl>
      <p class="quiet small-text">
        The box's own server watches these, and the audit log tells of a roll-back with its figures. What was seen
        before the last move counts for nothing.
      </p>
    </section>
  );
}
