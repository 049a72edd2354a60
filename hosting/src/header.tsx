import { DASHBOARD_READS_PER_MINUTE } from '@bas/core/budgets/dashboard-reads';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Client } from './api/client.ts';
import { hasCostReads, readsPerMinute } from './api/reads.ts';
import { wordsFor } from './api/failure.ts';
import { chooseTheme, theme, THEMES } from './lib/theme.ts';
import { clockTime } from './lib/words.ts';
import { addressOf } from './router.ts';
import { expiry, signIn, signOut } from './session.ts';
import type { View } from './views.ts';

interface HeaderProps {
  readonly views: readonly (readonly [string, View])[];
  readonly current: string;
  readonly client: Client;
}

export function Header({ views, current, client }: HeaderProps) {
  return (
    <header class="top">
      <a class="brand" href={addressOf('')}>
        <img src="/icon.svg" alt="" width="26" height="26" />
        <span>{client.tenant_id}</span>
      </a>
      <nav aria-label="Views">
        {views
          .filter(([, { isInner }]) => isInner !== true)
          .map(([name, { title }]) => (
            <NavLink key={name} href={addressOf(name)} title={title} isCurrent={name === current} />
          ))}
      </nav>
      <Reads />
      <Who client={client} />
    </header>
  );
}

/** The current one is moved into sight: on a phone not all fit. */
function NavLink({
  href,
  title,
  isCurrent,
}: {
  readonly href: string;
  readonly title: string;
  readonly isCurrent: boolean;
}) {
  const ref = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    if (isCurrent) ref.current?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [isCurrent]);
  return (
    <a ref={ref} href={href} aria-current={isCurrent ? 'page' : undefined}>
      {title}
    </a>
  );
}

/** What looking costs. An SQLite box reads no documents, so there is nothing to show. */
function Reads() {
  const reads = readsPerMinute.value;
  if (!hasCostReads.value) return null;
  const title = `Firestore documents read for this page in the last minute; a dashboard may read ${DASHBOARD_READS_PER_MINUTE}`;
  return (
    <span class="reads figure" title={title}>
      <meter min={0} max={DASHBOARD_READS_PER_MINUTE} high={40} value={reads} aria-label="Reads in the last minute" />
      {reads} / {DASHBOARD_READS_PER_MINUTE} reads
    </span>
  );
}

function Who({ client }: { readonly client: Client }) {
  const [trouble, setTrouble] = useState<string | null>(null);
  const state = signIn.value;
  if (state.kind !== 'signed_in') return null;
  const { username, role } = state.session.user;
  const ends = expiry.value;
  const leave = () => signOut(client).catch((error: unknown) => setTrouble(wordsFor(error)));
  return (
    <details class="who">
      <summary>{username}</summary>
      <div class="card menu">
        <p>
          {username}, {role.replace('_', ' ')}
        </p>
        <p class="quiet small-text">
          Session until {clockTime(state.session.expires_ms)}
          {ends?.is_idle === true ? `; without use until ${clockTime(ends.at_ms)}` : ''}
        </p>
        <fieldset class="themes">
          <legend>Colours</legend>
          {THEMES.map((name) => (
            <label key={name}>
              <input type="radio" name="theme" checked={theme.value === name} onChange={() => chooseTheme(name)} />{' '}
              {name}
            </label>
          ))}
        </fieldset>
        <button type="button" onClick={() => void leave()}>
          Sign out
        </button>
        {trouble === null ? null : <p class="bad-text">{trouble}</p>}
      </div>
    </details>
  );
}
