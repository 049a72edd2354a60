import { openFirestoreHarness } from '@bas/core/stores/firestore/harness';
import { openSqliteHarness } from '@bas/core/stores/sqlite/harness';
import { AUDIT_CONCERNS, storeConcerns } from '@bas/core/stores/suite/index';

describe('audit store on SQLite', () => {
  storeConcerns(openSqliteHarness, AUDIT_CONCERNS);
});

describe('audit store on Firestore', () => {
  storeConcerns(openFirestoreHarness, AUDIT_CONCERNS);
});
