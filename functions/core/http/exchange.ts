import type { AuditAction, AuditEvent, AuditOutcome } from '../model/audit.ts';
import type { ProblemCode } from '../errors.ts';
import type { Health } from '../observability/health.ts';
import type { HttpFacts, LogFields, Severity } from '../observability/log.ts';
import { Meter } from '../observability/meter.ts';
import { isSampled } from '../observability/sampling.ts';
import { traceOf } from '../observability/trace.ts';
import type { Stores } from '../stores/contracts.ts';
import { projectOf, type Config } from '../config.ts';
import type { Ids } from '../ids.ts';
import type { Passwords } from '../passwords/passwords.ts';
import type { Turn } from '../resilience/turns.ts';
import type { Suite } from '../suite.ts';
import type { ScanSize } from '../telemetry/scans.ts';
import { clientAddress } from './client-address.ts';
import { digestQuestion } from './freshness.ts';
import type { HttpRequest } from './message.ts';

/** What is known to be true of the sender so far: decides whose log a refusal goes to. */
export interface Proven {
  tenant_id?: string;
  user_id?: string;
  username?: string;
  device_id?: string;
  session_id?: string;
}

export interface EventFacts {
  readonly user_id?: string | null;
  readonly device_id?: string | null;
  readonly target?: string | null;
  readonly detail?: string | null;
}

const MAX_USER_AGENT = 256;

/** What a handler may know of its request. There is no store in it: those come from the route's capability alone. */
export interface Visit {
  readonly function_name: string;
  readonly request_id: string;
  /** The one reading of the clock that the whole request goes by. */
  readonly now_ms: number;
  readonly address: string;
  readonly user_agent: string;
  /** What is asked, in short, for the answer's ETag. */
  readonly question: string;
  readonly config: Config;
  readonly ids: Ids;
  readonly passwords: Passwords;
  readonly meter: Meter;
  /** How this process is. */
  health(): Promise<Health>;
  /** Looks at points as one of this user's scans. */
  readonly scan: <T>(size: ScanSize, work: (turn: Turn) => Promise<T>) => Promise<T>;
  /** Value of a request header; name in lower case. */
  header(name: string): string | undefined;
  /** An audit event of this request; the caller stores it with the change it tells of. */
  event(tenant_id: string, action: AuditAction, outcome: AuditOutcome, facts?: EventFacts): AuditEvent;
}

/** One request on its way through the core: what it is, what it has proven, what it has cost. */
export class Exchange implements Visit {
  readonly suite: Suite;
  readonly request: HttpRequest;
  readonly params: Readonly<Record<string, string>>;
  readonly function_name: string;
  readonly request_id: string;
  readonly now_ms: number;
  readonly meter = new Meter();
  readonly address: string;
  readonly user_agent: string;
  readonly proven: Proven = {};
  /** The device that is asked about, once it is known to be the tenant's. */
  device_id: string | undefined;
  /** Body and query as they were read and understood. */
  input: { readonly body: unknown; readonly query: unknown } | undefined;
  /** Set once an event of its own tells of the refusal, so that it is not told twice. */
  refusal_told = false;
  /** How it failed; undefined while it has not. */
  failure: ProblemCode | undefined;
  /** A store answered with what is another tenant's. */
  leaked = false;
  /** The last 100 points were given: a 304 is another matter, and so is a longer page. */
  last_hundred = false;
  readonly scan: Visit['scan'] = (size, work) => this.suite.scans.run(this.proven.user_id ?? this.address, size, work);

  constructor(suite: Suite, request: HttpRequest, matched: { function_name: string; params: Record<string, string> }) {
    this.suite = suite;
    this.request = request;
    this.params = matched.params;
    this.function_name = matched.function_name;
    this.request_id = suite.ids.uuid();
    this.now_ms = suite.clock.now_ms();
    this.address = clientAddress(request, suite.config.trusted_proxy_hops);
    this.user_agent = (request.header('user-agent') ?? '').slice(0, MAX_USER_AGENT);
  }

  /** However it was spelt. */
  get question(): string {
    return digestQuestion(this.tenantHeader() ?? '', this.function_name, this.input?.query);
  }

  get config(): Config {
    return this.suite.config;
  }

  get ids(): Ids {
    return this.suite.ids;
  }

  get passwords(): Passwords {
    return this.suite.passwords;
  }

  health(): Promise<Health> {
    return this.suite.health();
  }

  header(name: string): string | undefined {
    return this.request.header(name);
  }

  async stores(): Promise<Stores> {
    const home = await this.suite.home();
    await home.admit(this.meter);
    return home.backend.withMeter(this.meter);
  }

  /** Writes a line that belongs to this request. Details are told of a few requests only. */
  log(severity: Severity, message: string, fields: LogFields = {}, http?: HttpFacts): void {
    const { function_name, request_id, config } = this;
    if (severity === 'DEBUG' && !isSampled(request_id, config.logs?.debug_percent ?? 0)) return;
    const { tenant_id } = this.proven;
    const trace = traceOf((name) => this.header(name), projectOf(config));
    const labels = { function: function_name, build: config.build };
    const own = { function: function_name, tenant_id, ...fields, request_id };
    this.suite.logger.log(severity, message, own, http === undefined ? { labels, trace } : { labels, trace, http });
  }

  /** The tenant header as sent; undefined when it is missing. */
  tenantHeader(): string | undefined {
    return this.request.header(this.suite.config.tenant_header.toLowerCase());
  }

  event(tenant_id: string, action: AuditAction, outcome: AuditOutcome, facts: EventFacts = {}): AuditEvent {
    return {
      event_id: this.suite.ids.uuid(),
      timestamp_ms: this.now_ms,
      tenant_id,
      action,
      outcome,
      user_id: facts.user_id ?? this.proven.user_id ?? null,
      device_id: facts.device_id ?? this.proven.device_id ?? null,
      target: facts.target ?? null,
      ip: this.address,
      user_agent: this.user_agent,
      request_id: this.request_id,
      source: 'http',
      detail: facts.detail ?? null,
    };
  }
}
