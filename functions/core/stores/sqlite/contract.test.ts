import { storeContract } from '../suite/index.ts';
import { openSqliteHarness } from './harness.ts';

describe('SQLite keeps the store contract', () => {
  storeContract(openSqliteHarness);
});
