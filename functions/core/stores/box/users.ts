import type { User } from '../../model/entities.ts';
import type { UserStore } from '../contracts.ts';
import type { Journal, UserName } from '../journal.ts';
import type { RoutedReads } from './routed.ts';

export interface UserRouting {
  readonly tenant_id: string;
  readonly journal: Journal;
  readonly sqlite: UserStore;
  readonly firestore: UserStore;
  readonly reads: RoutedReads;
}

/** People are changed in SQLite; once `auth` has moved they are read from Firestore, those not delivered yet from SQLite. */
export function boxUsers({ tenant_id, journal, sqlite, firestore, reads }: UserRouting): UserStore {
  const moved = (): boolean => journal.flags().auth === 'firestore';

  const one = async (wanted: UserName, ask: (store: UserStore) => Promise<User | null>): Promise<User | null> => {
    if (!moved()) return ask(sqlite);
    // Asked first: whoever is delivered between the two questions is in Firestore by then.
    const dirty = await journal.dirtyUser(tenant_id, wanted);
    if (dirty !== null) return dirty;
    return reads.read(
      () => ask(firestore),
      () => ask(sqlite),
    );
  };

  return {
    get: (user_id) => one({ user_id }, (store) => store.get(user_id)),
    findByUsername: (username) => one({ username }, (store) => store.findByUsername(username)),
    list: async (page) => {
      if (!moved()) return sqlite.list(page);
      // No page shows more of them than it is long.
      const dirty = await journal.dirtyUsers(tenant_id, page);
      const merged = async (): Promise<readonly User[]> => {
        const stored = await firestore.list(page);
        const byId = new Map([...stored, ...dirty].map((user) => [user.user_id, user]));
        return [...byId.values()].sort((a, b) => (a.user_id < b.user_id ? -1 : 1)).slice(0, page.limit);
      };
      return reads.read(merged, () => sqlite.list(page));
    },
    create: (user, audit) => sqlite.create(user, audit),
    update: (user_id, patch, audit) => sqlite.update(user_id, patch, audit),
    rehash: (user_id, expected_hash, password) => sqlite.rehash(user_id, expected_hash, password),
  };
}
