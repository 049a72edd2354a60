import type { Config } from '../config.ts';

/** What an instance knows of itself without asking anyone; never a secret, a path or a host. */
export function healthOf(config: Config) {
  const store = config.home.kind;
  return {
    status: 'ok' as const,
    build: config.build,
    flags: { telemetry: store, audit: store, auth: store },
    gate: { state: store === 'sqlite' ? 'not_asked' : 'open' },
    breakers: {},
  };
}
