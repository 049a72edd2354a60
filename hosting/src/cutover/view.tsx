import type { CutoverBody } from '@bas/core/cutover/shapes';
import { useState } from 'preact/hooks';
import { Cutover as CutoverAnswer, type Cutover } from '../api/answers.ts';
import { addressOf } from '../router.ts';
import { enter } from '../session.ts';
import { Notice } from '../ui/parts.tsx';
import { useAction } from '../ui/use-action.ts';
import { useLive } from '../ui/use-live.ts';
import type { ViewProps } from '../views.ts';
import { Comparison, Outbox, Standing, Triggers } from './figures.tsx';
import { RollbackDialog } from './move-dialogs.tsx';
import { NextMove } from './next-move.tsx';
import { Road } from './road.tsx';
import { homeOf, isMoving, nextMove, type Concern } from './standing.ts';
import { refusalOnThePage } from './words.ts';

const PATH = '/v1/cutover';
const MOVING_MS = 2_500;
const RESTING_MS = 10_000;
/** A move may compare first, and wait for another comparison before that. */
const PATIENCE_MS = 120_000;

/** The move of a box to Firestore, in the hands of a platform administrator. */
export default function CutoverConsole({ client }: ViewProps) {
  const [status, setStatus] = useState<Cutover | null>(null);
  const [back, setBack] = useState<Concern | null>(null);
  const comparing = useAction();
  // An answer may be overtaken by a later one.
  const learn = (next: Cutover): void =>
    setStatus((known) => (known === null || next.now_ms >= known.now_ms ? next : known));
  const lookAgain = useLive(
    async (signal) => {
      const { body } = await client.get(PATH, CutoverAnswer, signal);
      learn(body);
      return { fresh_for_ms: isMoving(body) ? MOVING_MS : RESTING_MS };
    },
    [client],
  );
  const act = async (body: CutoverBody): Promise<void> => {
    try {
      learn(await client.send(PATH, CutoverAnswer, { method: 'POST', body, patience_ms: PATIENCE_MS }));
    } catch (error) {
      throw refusalOnThePage(error);
    }
    // It may be watched more closely from now on.
    lookAgain();
    // Every session has ended, this one too: the form says why.
    if ('concern' in body && body.concern === 'auth') void enter(client).catch(() => undefined);
  };
  if (status === null) return <p class="center quiet">Asking where the cutover stands…</p>;
  const home = homeOf(status);
  const move = nextMove(status);
  return (
    <div class="stack">
      <div class="page-head">
        <h1>Cutover</h1>
        <a href={addressOf('audit', undefined, { action: 'cutover.advance' })}>Moves in the audit log</a>
      </div>
      {home === 'firestore_alone' ? (
        <Notice tone="info">This home is on Firestore alone: there is nothing to move, and no way back.</Notice>
      ) : (
        <>
          {home === 'no_project' ? <NoProject /> : null}
          {status.finalized ? (
            <Notice tone="good">Finalized: Firestore alone holds the data, and there is no way back.</Notice>
          ) : null}
          <Road status={status} onBack={setBack} />
          <div class="cutover-parts">
            {move === null ? null : (
              <NextMove key={`${move.target} ${move.to}`} status={status} move={move} act={act} />
            )}
            <Outbox status={status} />
            <Comparison
              status={status}
              comparing={comparing}
              onCompare={() => comparing.run(() => act({ action: 'compare' }))}
            />
            <Standing status={status} />
            <Triggers />
          </div>
        </>
      )}
      {back === null ? null : (
        <RollbackDialog
          concern={back}
          onClose={() => setBack(null)}
          act={async (body) => {
            await act(body);
            setBack(null);
          }}
        />
      )}
    </div>
  );
}

function NoProject() {
  return (
    <Notice tone="info">
      This box knows of no project to move to, so it stays where it is. To move it, set <code>GCP_PROJECT_ID</code> (and{' '}
      <code>FIRESTORE_EMULATOR_HOST</code> for the emulator) and start its server again.
    </Notice>
  );
}
