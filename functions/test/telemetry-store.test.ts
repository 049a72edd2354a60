import { openFirestoreHarness } from '@bas/core/stores/firestore/harness';
import { openSqliteHarness } from '@bas/core/stores/sqlite/harness';
import { TELEMETRY_CONCERNS, storeConcerns } from '@bas/core/stores/suite/index';

describe('telemetry store on SQLite', () => {
  storeConcerns(openSqliteHarness, TELEMETRY_CONCERNS);
});

describe('telemetry store on Firestore', () => {
  storeConcerns(openFirestoreHarness, TELEMETRY_CONCERNS);
});
