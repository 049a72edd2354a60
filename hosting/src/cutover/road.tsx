/** The way from SQLite to Firestore: where each concern is, and the way back from there. */
import type { Cutover } from '../api/answers.ts';
import { duration } from '../lib/words.ts';
import { Badge, Time, type Tone } from '../ui/parts.tsx';
import { NAMES, type Concern } from './standing.ts';

const PHASES: Readonly<Record<Concern, readonly string[]>> = {
  telemetry: ['sqlite', 'dual', 'firestore'],
  audit: ['sqlite', 'firestore'],
  auth: ['sqlite', 'firestore'],
};

const SAYS: Readonly<Record<string, string>> = {
  sqlite: 'Read from SQLite',
  dual: 'Delivered to Firestore, read from SQLite',
  moving: 'Being moved: people cannot be changed',
  firestore: 'Read from Firestore',
};

interface RoadProps {
  readonly status: Cutover;
  readonly onBack: (concern: Concern) => void;
}

export function Road({ status, onBack }: RoadProps) {
  return (
    <ol class="road" aria-label="The way to Firestore">
      {status.concerns.map((one) => (
        <li key={one.concern} class="card station" aria-label={NAMES[one.concern]}>
          <div class="row">
            <h2 class="grow">{NAMES[one.concern]}</h2>
            <Badge tone={toneOf(one.phase)}>{one.phase}</Badge>
          </div>
          <Phases concern={one.concern} phase={one.phase} />
          <p>{SAYS[one.phase] ?? one.phase}</p>
          <p class="quiet small-text">
            {one.since_ms === null ? (
              'not moved yet'
            ) : (
              <>
                since <Time ms={one.since_ms} /> ({duration(status.now_ms - one.since_ms)})
              </>
            )}
          </p>
          {one.phase === 'sqlite' || status.finalized ? null : (
            <button type="button" class="danger small" onClick={() => onBack(one.concern)}>
              Roll back…
            </button>
          )}
        </li>
      ))}
      <li class="card station" aria-label={NAMES.finalize}>
        <div class="row">
          <h2 class="grow">{NAMES.finalize}</h2>
          <Badge tone={status.finalized ? 'good' : 'quiet'}>{status.finalized ? 'done' : 'not yet'}</Badge>
        </div>
        <p>
          {status.finalized ? 'Firestore alone holds the data.' : 'Closes SQLite: Firestore alone holds the data then.'}
        </p>
        <p class="quiet small-text">There is no way back from here.</p>
      </li>
    </ol>
  );
}

function toneOf(phase: string): Tone {
  if (phase === 'firestore') return 'good';
  return phase === 'sqlite' ? 'quiet' : 'info';
}

/** For the eye alone: the badge and the words say the same. */
function Phases({ concern, phase }: { readonly concern: Concern; readonly phase: string }) {
  const phases = PHASES[concern];
  const reached = phase === 'moving' ? 0 : phases.indexOf(phase);
  return (
    <span class="phases" aria-hidden="true">
      {phases.map((name, index) => (
        <span key={name} class={index <= reached ? 'phase reached' : 'phase'}>
          {name}
        </span>
      ))}
    </span>
  );
}
