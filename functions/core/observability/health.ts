import type { Suite } from '../suite.ts';

/** What an instance knows of itself without asking anyone; never a secret, a path or a host. */
export function healthOf(suite: Suite) {
  const store = suite.config.home.kind;
  return {
    status: 'ok' as const,
    build: suite.config.build,
    flags: { telemetry: store, audit: store, auth: store },
    gate: { state: store === 'sqlite' ? 'not_asked' : 'open' },
    breakers: {},
  };
}
