import { SetupError } from '@bas/core/errors';
import assert from 'node:assert/strict';
import { patiently } from './patience.ts';

const METRIC = 'logging.googleapis.com/user/bas_last_100_ms';

describe('the patience of provisioning', () => {
  /** How often it is done when it fails so. */
  async function tries(told: string): Promise<number> {
    let done = 0;
    const work = () => {
      done += 1;
      return done < 3 ? Promise.reject(new SetupError(told)) : Promise.resolve();
    };
    await patiently(work, { tries: 5, pause_ms: 0 }).catch(() => undefined);
    return done;
  }

  it('is for an alert on a log metric that was just made', async () => {
    assert.equal(
      await tries(`POST alertPolicies answered 404: Cannot find metric(s) that match type = "${METRIC}".`),
      3,
    );
    assert.equal(await tries('POST alertPolicies answered 404: not found.'), 1);
  });
});
