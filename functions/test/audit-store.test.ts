import { openSqliteHarness } from '@bas/core/stores/sqlite/harness';
import { AUDIT_CONCERNS, storeConcerns } from '@bas/core/stores/suite/index';

describe('audit store on SQLite', () => {
  storeConcerns(openSqliteHarness, AUDIT_CONCERNS);
});
