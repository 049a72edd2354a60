import { storeContract } from '../suite/index.ts';
import { openFirestoreHarness } from './harness.ts';

describe('Firestore keeps the store contract', () => {
  storeContract(openFirestoreHarness);
});
