/** Mocha's own listing, plus the totals in a file for the closing line of `npm test`. */
import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';

/** What a run counted. */
export interface Totals {
  passed: number;
  failed: number;
}

/** The variable that names the file for the totals. */
export const totalsVariable = 'TEST_TOTALS_FILE';

/** The `spec` reporter, which at the end writes its counts where `totalsVariable` says. */
export default class TotalsReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options?: Mocha.MochaOptions) {
    super(runner, options);
    runner.once(Mocha.Runner.constants.EVENT_RUN_END, () => {
      const totals: Totals = { passed: this.stats.passes, failed: this.stats.failures };
      const file = process.env[totalsVariable];
      if (file !== undefined) writeFileSync(file, JSON.stringify(totals));
    });
  }
}
