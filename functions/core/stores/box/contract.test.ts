import { AUDIT_CONCERNS, storeConcerns, storeContract, TELEMETRY_CONCERNS } from '../suite/index.ts';
import { openBoxHarness } from './harness.ts';

const dual = { telemetry: 'dual' } as const;
const telemetry = { telemetry: 'firestore' } as const;
const audit = { ...telemetry, audit: 'firestore' } as const;
const auth = { ...audit, auth: 'firestore' } as const;

describe('a moving box keeps the store contract', function () {
  this.timeout(30_000);

  describe('telemetry delivered and read from SQLite', () => {
    storeConcerns(() => openBoxHarness({ phase: dual, delivery: 'stopped' }), TELEMETRY_CONCERNS);
  });

  for (const delivery of ['eager', 'stopped'] as const) {
    describe(`telemetry read from Firestore, delivery ${delivery}`, () => {
      storeConcerns(() => openBoxHarness({ phase: telemetry, delivery }), TELEMETRY_CONCERNS);
    });

    describe(`audit read from Firestore, delivery ${delivery}`, () => {
      storeConcerns(() => openBoxHarness({ phase: audit, delivery }), AUDIT_CONCERNS);
    });

    describe(`people read from Firestore, delivery ${delivery}`, () => {
      storeContract(() => openBoxHarness({ phase: auth, delivery }));
    });
  }
});
