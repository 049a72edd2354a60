var __defProp = Object.defineProperty;
var __getOwnPropNames = Object.getOwnPropertyNames;
var __esm = (fn, res, err) => function __init() {
  if (err) throw err[0];
  try {
    return fn && (res = (0, fn[__getOwnPropNames(fn)[0]])(fn = 0)), res;
  } catch (e) {
    throw err = [e], e;
  }
};
var __export = (target, all) => {
  for (var name in all)
    __defProp(target, name, { get: all[name], enumerable: true });
};

// functions/core/clock.ts
var systemClock, SECOND_MS, MINUTE_MS, HOUR_MS, DAY_MS;
var init_clock = __esm({
  "functions/core/clock.ts"() {
    "use strict";
    systemClock = { now_ms: () => Date.now() };
    SECOND_MS = 1e3;
    MINUTE_MS = 60 * SECOND_MS;
    HOUR_MS = 60 * MINUTE_MS;
    DAY_MS = 24 * HOUR_MS;
  }
});

// functions/core/model/retention.ts
function oldestKept_ms(now_ms) {
  return now_ms - TELEMETRY_RETENTION_MS;
}
var TELEMETRY_RETENTION_MS, AUDIT_RETENTION_MS, MAX_CLOCK_AHEAD_MS;
var init_retention = __esm({
  "functions/core/model/retention.ts"() {
    "use strict";
    init_clock();
    TELEMETRY_RETENTION_MS = 90 * DAY_MS;
    AUDIT_RETENTION_MS = 180 * DAY_MS;
    MAX_CLOCK_AHEAD_MS = 5 * MINUTE_MS;
  }
});

// functions/core/stores/owned.ts
function assertOwned(tenant_id, ...rows) {
  if (rows.some((row) => row.tenant_id !== tenant_id)) {
    throw new Error("A row of one tenant was handed to another tenant's store.");
  }
}
var init_owned = __esm({
  "functions/core/stores/owned.ts"() {
    "use strict";
  }
});

// functions/core/model/audit.ts
import * as z from "zod";
var AuditAction, AuditOutcome;
var init_audit = __esm({
  "functions/core/model/audit.ts"() {
    "use strict";
    AuditAction = z.enum([
      "auth.login",
      "auth.logout",
      "auth.password_change",
      "session.revoke",
      "device.create",
      "device.update",
      "key.issue",
      "key.revoke",
      "key.use",
      "user.create",
      "user.update",
      "access.refused",
      "cutover.advance",
      "cutover.rollback",
      "cutover.finalize",
      "gate.change"
    ]);
    AuditOutcome = z.enum(["success", "failure", "refused"]);
  }
});

// functions/core/model/bucket.ts
function widthForInterval(expected_interval_ms) {
  if (expected_interval_ms === null) return UNKNOWN_INTERVAL_WIDTH_MS;
  const span_ms = POINTS_PER_BUCKET * expected_interval_ms;
  return BUCKET_WIDTHS_MS.find((width_ms) => width_ms >= span_ms) ?? 7 * DAY_MS;
}
function firstWidths(expected_interval_ms) {
  return [{ from_ms: 0, width_ms: widthForInterval(expected_interval_ms) }];
}
function changeWidth(history, expected_interval_ms, now_ms) {
  const notice_ms = now_ms + WIDTH_CHANGE_NOTICE_MS;
  const [first2, ...later] = history;
  const kept = [first2, ...later.filter((entry) => entry.from_ms <= notice_ms)];
  const last = kept.at(-1) ?? first2;
  const width_ms = widthForInterval(expected_interval_ms);
  if (last.width_ms === width_ms) return kept;
  const boundary_ms = Math.max(last.width_ms, width_ms);
  const earliest_ms = Math.max(notice_ms, last.from_ms + 1);
  return [...kept, { from_ms: Math.ceil(earliest_ms / boundary_ms) * boundary_ms, width_ms }];
}
function bucketAt(history, timestamp_ms) {
  let entry = history[0];
  for (const later of history) if (later.from_ms <= timestamp_ms) entry = later;
  const start_ms = Math.floor(timestamp_ms / entry.width_ms) * entry.width_ms;
  return { start_ms, end_ms: start_ms + entry.width_ms };
}
function pointBytes(metrics) {
  return Buffer.byteLength(metrics) + 12;
}
var BUCKET_WIDTHS_MS, POINTS_PER_BUCKET, UNKNOWN_INTERVAL_WIDTH_MS, MAX_BUCKET_BYTES, MAX_BUCKETS_PER_REQUEST, WIDTH_CHANGE_NOTICE_MS;
var init_bucket = __esm({
  "functions/core/model/bucket.ts"() {
    "use strict";
    init_clock();
    BUCKET_WIDTHS_MS = [10 * MINUTE_MS, HOUR_MS, 6 * HOUR_MS, DAY_MS, 7 * DAY_MS];
    POINTS_PER_BUCKET = 120;
    UNKNOWN_INTERVAL_WIDTH_MS = 6 * HOUR_MS;
    MAX_BUCKET_BYTES = 9e5;
    MAX_BUCKETS_PER_REQUEST = 32;
    WIDTH_CHANGE_NOTICE_MS = 10 * MINUTE_MS;
  }
});

// functions/core/model/role.ts
import * as z2 from "zod";
function mayUse(role, permission) {
  const roles = PERMISSIONS[permission];
  return roles.includes(role);
}
var Role, PERMISSIONS;
var init_role = __esm({
  "functions/core/model/role.ts"() {
    "use strict";
    Role = z2.enum(["viewer", "operator", "admin", "platform_admin"]);
    PERMISSIONS = {
      "telemetry.read": ["viewer", "operator", "admin", "platform_admin"],
      "telemetry.write": ["operator", "admin"],
      "devices.manage": ["operator", "admin"],
      "users.manage": ["admin", "platform_admin"],
      "audit.read": ["admin", "platform_admin"],
      "account.own": ["viewer", "operator", "admin", "platform_admin"]
    };
  }
});

// functions/core/model/session-rules.ts
function absoluteExpiry_ms(session2) {
  return session2.created_ms + SESSION_ABSOLUTE_MS;
}
function idleExpiry_ms(session2) {
  return Math.min(session2.last_seen_ms + SESSION_IDLE_MS, absoluteExpiry_ms(session2));
}
function isExpired(session2, now_ms) {
  return now_ms >= idleExpiry_ms(session2);
}
var SESSION_IDLE_MS, SESSION_ABSOLUTE_MS, SESSION_TOUCH_MS, SESSION_CACHE_MS, MAX_SESSIONS_PER_USER;
var init_session_rules = __esm({
  "functions/core/model/session-rules.ts"() {
    "use strict";
    init_clock();
    SESSION_IDLE_MS = 30 * MINUTE_MS;
    SESSION_ABSOLUTE_MS = 12 * HOUR_MS;
    SESSION_TOUCH_MS = MINUTE_MS;
    SESSION_CACHE_MS = 30 * SECOND_MS;
    MAX_SESSIONS_PER_USER = 10;
  }
});

// functions/core/stores/firestore/converters.ts
import { Timestamp } from "@google-cloud/firestore";
function liveKey({ created_ms, last_used_ms }) {
  return { created_ms, last_used_ms };
}
function readLiveKeys(fields) {
  const keys = fields.maps("keys").map(([key_id, key]) => ({
    key_id,
    created_ms: key.number("created_ms"),
    last_used_ms: key.numberOrNull("last_used_ms")
  }));
  return keys.sort((a, b) => a.created_ms - b.created_ms || (a.key_id < b.key_id ? -1 : 1));
}
function readWidths(fields) {
  const [first2, ...later] = fields.list("widths").map((entry) => ({
    from_ms: entry.number("from_ms"),
    width_ms: entry.oneOf("width_ms", BUCKET_WIDTHS_MS)
  }));
  if (first2 === void 0) throw new TypeError("a device without a bucket width");
  return [first2, ...later];
}
function readAlgoParams(fields) {
  return {
    algorithm: fields.oneOf("algorithm", ["argon2id"]),
    memory_kib: fields.number("memory_kib"),
    time_cost: fields.number("time_cost"),
    parallelism: fields.number("parallelism")
  };
}
function readFingerprint(fields) {
  return { agent: fields.text("agent"), network: fields.text("network") };
}
var tenants, devices, deviceKeys, users, sessions, auditEvents, throttleCounters;
var init_converters = __esm({
  "functions/core/stores/firestore/converters.ts"() {
    "use strict";
    init_audit();
    init_bucket();
    init_retention();
    init_role();
    init_session_rules();
    tenants = {
      write: (tenant) => ({ ...tenant }),
      read: (fields) => ({
        tenant_id: fields.text("tenant_id"),
        name: fields.text("name"),
        disabled: fields.flag("disabled"),
        created_ms: fields.number("created_ms")
      })
    };
    devices = {
      write: ({ keys, widths, ...device }) => ({
        ...device,
        // A list, because Firestore reserves some names of map members and a tag may have any.
        tags: Object.entries(device.tags).map(([name, value]) => ({ name, value })),
        widths: widths.map((entry) => ({ ...entry })),
        keys: Object.fromEntries(keys.map((key) => [key.key_id, liveKey(key)]))
      }),
      read: (fields) => ({
        tenant_id: fields.text("tenant_id"),
        device_id: fields.text("device_id"),
        name: fields.text("name"),
        tags: Object.fromEntries(fields.list("tags").map((tag) => [tag.text("name"), tag.text("value")])),
        expected_interval_ms: fields.numberOrNull("expected_interval_ms"),
        widths: readWidths(fields),
        disabled: fields.flag("disabled"),
        last_seen_ms: fields.numberOrNull("last_seen_ms"),
        created_ms: fields.number("created_ms"),
        keys: readLiveKeys(fields)
      })
    };
    deviceKeys = {
      write: (key) => ({ ...key }),
      read: (fields) => ({
        key_id: fields.text("key_id"),
        tenant_id: fields.text("tenant_id"),
        device_id: fields.text("device_id"),
        secret_sha256: fields.text("secret_sha256"),
        created_ms: fields.number("created_ms"),
        revoked_ms: fields.numberOrNull("revoked_ms")
      })
    };
    users = {
      write: (user) => ({ ...user, algo_params: { ...user.algo_params } }),
      read: (fields) => ({
        tenant_id: fields.text("tenant_id"),
        user_id: fields.text("user_id"),
        username: fields.text("username"),
        role: fields.oneOf("role", Role.options),
        password_hash: fields.text("password_hash"),
        algo_params: readAlgoParams(fields.map("algo_params")),
        disabled: fields.flag("disabled"),
        created_ms: fields.number("created_ms")
      })
    };
    sessions = {
      write: (session2) => ({
        ...session2,
        fingerprint: { ...session2.fingerprint },
        expires_at: Timestamp.fromMillis(absoluteExpiry_ms(session2))
      }),
      read: (fields) => ({
        token_sha256: fields.text("token_sha256"),
        session_id: fields.text("session_id"),
        tenant_id: fields.text("tenant_id"),
        user_id: fields.text("user_id"),
        username: fields.text("username"),
        role: fields.oneOf("role", Role.options),
        created_ms: fields.number("created_ms"),
        last_seen_ms: fields.number("last_seen_ms"),
        fingerprint: readFingerprint(fields.map("fingerprint"))
      })
    };
    auditEvents = {
      write: (event) => ({
        ...event,
        expire_at: Timestamp.fromMillis(event.timestamp_ms + AUDIT_RETENTION_MS)
      }),
      read: (fields) => ({
        event_id: fields.text("event_id"),
        timestamp_ms: fields.number("timestamp_ms"),
        tenant_id: fields.text("tenant_id"),
        action: fields.oneOf("action", AuditAction.options),
        outcome: fields.oneOf("outcome", AuditOutcome.options),
        user_id: fields.textOrNull("user_id"),
        device_id: fields.textOrNull("device_id"),
        target: fields.textOrNull("target"),
        ip: fields.textOrNull("ip"),
        user_agent: fields.textOrNull("user_agent"),
        request_id: fields.textOrNull("request_id"),
        source: fields.text("source"),
        detail: fields.textOrNull("detail")
      })
    };
    throttleCounters = {
      /** Kept until nobody needs it: the count is forgotten, and no wait is left. */
      write: (state, policy) => ({
        ...state,
        expire_at: Timestamp.fromMillis(Math.max(state.updated_ms + policy.forget_after_ms, state.blocked_until_ms))
      }),
      read: (fields) => ({
        failures: fields.number("failures"),
        blocked_until_ms: fields.number("blocked_until_ms"),
        updated_ms: fields.number("updated_ms")
      })
    };
  }
});

// functions/core/ids.ts
import { hash, randomBytes, randomUUID } from "node:crypto";
function sha256(text) {
  return hash("sha256", text, "hex");
}
var systemIds;
var init_ids = __esm({
  "functions/core/ids.ts"() {
    "use strict";
    systemIds = {
      uuid: () => randomUUID(),
      secret: () => randomBytes(32).toString("base64url"),
      keyId: () => randomBytes(16).toString("hex")
    };
  }
});

// functions/core/stores/firestore/paths.ts
function documentId(...parts) {
  return parts.map(escapePart).join("~");
}
function escapePart(part) {
  if (part === "") return "=";
  const escaped = part.replace(/^[^A-Za-z0-9]|[^A-Za-z0-9._:@-]/g, hex);
  return escaped.length <= MAX_PART_LENGTH ? escaped : `==${sha256(part)}`;
}
function hex(unit) {
  return `=${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
var MAX_PART_LENGTH, paths;
var init_paths = __esm({
  "functions/core/stores/firestore/paths.ts"() {
    "use strict";
    init_ids();
    MAX_PART_LENGTH = 300;
    paths = {
      bucket: (tenant_id, device_id, start_ms) => ({
        collection: "telemetry",
        id: documentId(tenant_id, device_id, String(start_ms))
      }),
      device: (tenant_id, device_id) => ({
        collection: "devices",
        id: documentId(tenant_id, device_id)
      }),
      deviceKey: (key_id) => ({ collection: "device_keys", id: documentId(key_id) }),
      user: (user_id) => ({ collection: "users", id: documentId(user_id) }),
      username: (tenant_id, username) => ({
        collection: "usernames",
        id: documentId(tenant_id, username)
      }),
      session: (token_sha256) => ({ collection: "sessions", id: documentId(token_sha256) }),
      auditEvent: (event_id) => ({ collection: "audit_log", id: documentId(event_id) }),
      tenant: (tenant_id) => ({ collection: "tenants", id: documentId(tenant_id) }),
      /** A throttle key holds an address or a name: only its digest is kept. */
      throttle: (key) => ({ collection: "throttle", id: sha256(key) })
    };
  }
});

// functions/core/stores/firestore/audit.ts
function auditChange(event) {
  return { kind: "create", path: paths.auditEvent(event.event_id), fields: auditEvents.write(event) };
}
async function commitWith(documents, event, changes) {
  const times = await documents.commit([...changes, auditChange(event)]);
  return times !== null || isStored(documents, event);
}
async function isStored(documents, event) {
  return await documents.get(paths.auditEvent(event.event_id)) !== null;
}
var FirestoreAuditLog;
var init_audit2 = __esm({
  "functions/core/stores/firestore/audit.ts"() {
    "use strict";
    init_retention();
    init_owned();
    init_converters();
    init_paths();
    FirestoreAuditLog = class {
      #scope;
      constructor(scope) {
        this.#scope = scope;
      }
      async append(event) {
        assertOwned(this.#scope.tenant_id, event);
        await commitWith(this.#scope.documents, event, []);
      }
      /** Expired events, which TTL may take a day to delete, are left out. */
      async query(filter, { after, limit }) {
        const { documents, shared: shared2 } = this.#scope;
        const from = Math.max(filter.start_ms, shared2.clock.now_ms() - AUDIT_RETENTION_MS);
        const below = filter.end_ms;
        if (from >= below) return [];
        const place = after !== void 0 && after.timestamp_ms < below ? after : void 0;
        const found = await documents.query({
          ...this.#filtered(filter),
          from,
          below,
          after: place && [place.timestamp_ms, documentId(place.event_id)],
          limit
        });
        return found.map(({ fields }) => auditEvents.read(fields));
      }
      #filtered({ user_id, action }) {
        const { tenant_id } = this.#scope;
        const by = (shape, ...values) => ({ shape, equal: [tenant_id, ...values] });
        if (user_id !== void 0) {
          return action === void 0 ? by("auditOfUser", user_id) : by("auditOfUserAndAction", user_id, action);
        }
        return action === void 0 ? by("audit") : by("auditOfAction", action);
      }
    };
  }
});

// functions/core/stores/firestore/client.ts
import { Firestore } from "@google-cloud/firestore";
function connect(project_id, emulator_host) {
  return new Firestore({
    projectId: project_id,
    ignoreUndefinedProperties: false,
    // Said here, it need not be asked of the metadata server, which a cold start would wait for.
    universeDomain: "googleapis.com",
    ...emulator_host === void 0 ? {} : { host: emulator_host, ssl: false }
  });
}
var init_client = __esm({
  "functions/core/stores/firestore/client.ts"() {
    "use strict";
  }
});

// functions/core/model/entities.ts
var MAX_LIVE_KEYS;
var init_entities = __esm({
  "functions/core/model/entities.ts"() {
    "use strict";
    MAX_LIVE_KEYS = 2;
  }
});

// functions/core/model/patches.ts
function patchDevice(device, patch, now_ms) {
  const { expected_interval_ms } = patch;
  const filing = expected_interval_ms === void 0 ? {} : { expected_interval_ms, widths: changeWidth(device.widths, expected_interval_ms, now_ms) };
  return {
    ...device,
    name: patch.name ?? device.name,
    tags: patch.tags ?? device.tags,
    disabled: patch.disabled ?? device.disabled,
    ...filing
  };
}
function patchUser(user, { role, disabled, password: password2 }) {
  return {
    ...user,
    role: role ?? user.role,
    disabled: disabled ?? user.disabled,
    password_hash: password2?.password_hash ?? user.password_hash,
    algo_params: password2?.algo_params ?? user.algo_params
  };
}
var init_patches = __esm({
  "functions/core/model/patches.ts"() {
    "use strict";
    init_bucket();
  }
});

// functions/core/errors.ts
function storeUnavailable(cause, retry_after_s = 5) {
  return new Problem("store_unavailable", "Try again shortly; sending the same points again is safe.", {
    retry_after_s,
    cause
  });
}
var PROBLEMS, Problem, SetupError;
var init_errors = __esm({
  "functions/core/errors.ts"() {
    "use strict";
    PROBLEMS = {
      malformed_request: { status: 400, title: "The request is malformed" },
      invalid_cursor: { status: 400, title: "The cursor does not belong to this query" },
      unauthenticated: { status: 401, title: "Sign in, or send a live device key" },
      invalid_credentials: { status: 401, title: "Username or password is wrong" },
      reauthentication_required: { status: 401, title: "Sign in again" },
      tenant_mismatch: { status: 403, title: "The tenant header is missing or names another tenant" },
      device_forbidden: { status: 403, title: "No such device in your tenant" },
      role_required: { status: 403, title: "Your role does not allow this" },
      not_found: { status: 404, title: "Not found" },
      method_not_allowed: { status: 405, title: "Method not allowed" },
      already_exists: { status: 409, title: "It exists already" },
      precondition_failed: { status: 409, title: "The state does not allow this" },
      body_too_large: { status: 413, title: "The body is too large" },
      unsupported_media_type: { status: 415, title: "Send JSON, not compressed" },
      nothing_accepted: { status: 422, title: "No point was accepted" },
      device_write_budget: { status: 429, title: "The device's write budget for this minute is used up" },
      read_budget: { status: 429, title: "The dashboard's read budget for this minute is used up" },
      sign_in_throttled: { status: 429, title: "Too many failed sign-ins" },
      internal: { status: 500, title: "Something went wrong on our side" },
      store_unavailable: { status: 503, title: "The store does not answer" },
      index_not_ready: { status: 503, title: "The index is not ready" },
      overloaded: { status: 503, title: "Too much work at once" }
    };
    Problem = class extends Error {
      name = "Problem";
      code;
      detail;
      retry_after_s;
      members;
      constructor(code, detail, extras = {}) {
        super(`${code}: ${detail}`, { cause: extras.cause });
        this.code = code;
        this.detail = detail;
        this.retry_after_s = extras.retry_after_s;
        this.members = extras.members ?? {};
      }
      get status() {
        return PROBLEMS[this.code].status;
      }
    };
    SetupError = class extends Error {
      name = "SetupError";
    };
  }
});

// functions/core/stores/firestore/errors.ts
function isLostPrecondition(error) {
  const code = codeOf(error);
  return code === NOT_FOUND || code === ALREADY_EXISTS || code === FAILED_PRECONDITION || code === ABORTED;
}
function explain(error) {
  const code = codeOf(error);
  if (code === void 0) return error;
  if (code === FAILED_PRECONDITION) return indexNotReady(error);
  return UNAVAILABLE_CODES.has(code) ? storeUnavailable(error) : error;
}
function tooContended() {
  return storeUnavailable(new Error("lost too many races for the same document"), 1);
}
function indexNotReady(cause) {
  return new Problem("index_not_ready", "An index of the store is still being built; try again shortly.", {
    retry_after_s: 30,
    cause
  });
}
function codeOf(error) {
  return error instanceof Error && "code" in error && typeof error.code === "number" ? error.code : void 0;
}
var NOT_FOUND, ALREADY_EXISTS, FAILED_PRECONDITION, ABORTED, UNAVAILABLE_CODES;
var init_errors2 = __esm({
  "functions/core/stores/firestore/errors.ts"() {
    "use strict";
    init_errors();
    NOT_FOUND = 5;
    ALREADY_EXISTS = 6;
    FAILED_PRECONDITION = 9;
    ABORTED = 10;
    UNAVAILABLE_CODES = /* @__PURE__ */ new Set([1, 2, 4, 7, 8, ABORTED, 13, 14, 15, 16]);
  }
});

// functions/core/stores/firestore/fields.ts
import { Timestamp as Timestamp2 } from "@google-cloud/firestore";
function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
function isTexts(value) {
  if (!isObject(value)) return false;
  for (const name in value) if (typeof value[name] !== "string") return false;
  return true;
}
var Fields;
var init_fields = __esm({
  "functions/core/stores/firestore/fields.ts"() {
    "use strict";
    Fields = class _Fields {
      #path;
      #data;
      constructor(path, data) {
        this.#path = path;
        this.#data = data;
      }
      text(name) {
        const value = this.#data[name];
        return typeof value === "string" ? value : this.#wrong(name, "a string");
      }
      textOrNull(name) {
        return this.isAbsent(name) ? null : this.text(name);
      }
      number(name) {
        const value = this.#data[name];
        return typeof value === "number" ? value : this.#wrong(name, "a number");
      }
      numberOrNull(name) {
        return this.isAbsent(name) ? null : this.number(name);
      }
      flag(name) {
        const value = this.#data[name];
        return typeof value === "boolean" ? value : this.#wrong(name, "a boolean");
      }
      time_ms(name) {
        const value = this.#data[name];
        return value instanceof Timestamp2 ? value.toMillis() : this.#wrong(name, "a timestamp");
      }
      oneOf(name, values) {
        const value = this.#data[name];
        return values.find((allowed) => allowed === value) ?? this.#wrong(name, `one of ${values.join(", ")}`);
      }
      map(name) {
        return new _Fields(`${this.#path}.${name}`, this.#object(name, this.#data[name]));
      }
      /** The members of a map whose values are maps, such as a device's keys. */
      maps(name) {
        const members = Object.entries(this.#object(name, this.#data[name]));
        return members.map(([key, value]) => [key, new _Fields(`${this.#path}.${name}.${key}`, this.#object(key, value))]);
      }
      list(name) {
        const value = this.#data[name];
        if (!Array.isArray(value)) return this.#wrong(name, "a list");
        const items = value;
        return items.map((item, at) => new _Fields(`${this.#path}.${name}.${at}`, this.#object(name, item)));
      }
      /** A map of texts, as it is: checked, not copied. */
      texts(name) {
        const value = this.#data[name];
        return isTexts(value) ? value : this.#wrong(name, "a map of strings");
      }
      isAbsent(name) {
        return this.#data[name] === void 0 || this.#data[name] === null;
      }
      #object(name, value) {
        return isObject(value) ? value : this.#wrong(name, "a map");
      }
      #wrong(name, expected) {
        throw new TypeError(`${this.#path}: field ${name} should be ${expected}`);
      }
    };
  }
});

// functions/core/stores/firestore/patience.ts
import { setTimeout as sleep } from "node:timers/promises";
async function withDeadline(work, limit_ms = DEADLINE_MS) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(storeUnavailable(new Error(`no answer within ${limit_ms} ms`))), limit_ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
async function untilWon(attempt) {
  const started = performance.now();
  let pause_ms = FIRST_PAUSE_MS;
  for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
    const result = await attempt();
    if (result !== LOST) return result;
    if (performance.now() - started > TRYING_MS) break;
    pause_ms = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS + Math.random() * (pause_ms * 3 - FIRST_PAUSE_MS));
    await sleep(pause_ms);
  }
  throw tooContended();
}
var DEADLINE_MS, MAX_TRIES, TRYING_MS, FIRST_PAUSE_MS, LONGEST_PAUSE_MS, LOST, KeyedQueue;
var init_patience = __esm({
  "functions/core/stores/firestore/patience.ts"() {
    "use strict";
    init_errors();
    init_errors2();
    DEADLINE_MS = 1e4;
    MAX_TRIES = 20;
    TRYING_MS = 6e3;
    FIRST_PAUSE_MS = 5;
    LONGEST_PAUSE_MS = 400;
    LOST = /* @__PURE__ */ Symbol("lost");
    KeyedQueue = class {
      #tails = /* @__PURE__ */ new Map();
      async run(key, work) {
        const before = this.#tails.get(key);
        const turn = Promise.withResolvers();
        this.#tails.set(key, turn.promise);
        try {
          if (before !== void 0) await this.#wait(before);
          return await work();
        } finally {
          turn.resolve(void 0);
          if (this.#tails.get(key) === turn.promise) this.#tails.delete(key);
        }
      }
      async #wait(before) {
        const started = performance.now();
        await before;
        if (performance.now() - started > DEADLINE_MS) throw tooContended();
      }
    };
  }
});

// functions/core/stores/firestore/queries.ts
import { FieldPath } from "@google-cloud/firestore";
function buildQuery(firestore, request) {
  const shape = QUERY_SHAPES[request.shape];
  let query = firestore.collection(shape.collection);
  if (shape.equal.length !== request.equal.length) throw new TypeError(`${request.shape}: a value is missing`);
  shape.equal.forEach((field, at) => {
    query = query.where(field, "==", request.equal[at]);
  });
  if (shape.range !== void 0) {
    if (request.from !== void 0) query = query.where(shape.range, ">=", request.from);
    if (request.below !== void 0) query = query.where(shape.range, "<", request.below);
  }
  for (const [field, direction] of shape.order) {
    query = query.orderBy(field === "__name__" ? FieldPath.documentId() : field, direction);
  }
  if (request.after !== void 0) query = query.startAfter(...request.after);
  return query.limit(request.limit);
}
function afterId(...parts) {
  return [documentId(...parts)];
}
var newestFirst, byId, QUERY_SHAPES;
var init_queries = __esm({
  "functions/core/stores/firestore/queries.ts"() {
    "use strict";
    init_paths();
    newestFirst = [
      ["timestamp_ms", "desc"],
      ["__name__", "desc"]
    ];
    byId = [["__name__", "asc"]];
    QUERY_SHAPES = {
      buckets: {
        collection: "telemetry",
        equal: ["tenant_id", "device_id"],
        range: "timestamp_ms",
        order: [["timestamp_ms", "desc"]]
      },
      devices: { collection: "devices", equal: ["tenant_id"], order: byId },
      users: { collection: "users", equal: ["tenant_id"], order: byId },
      tenants: { collection: "tenants", equal: [], order: byId },
      sessionsOfTenant: { collection: "sessions", equal: ["tenant_id"], order: [] },
      sessionsOfUser: { collection: "sessions", equal: ["tenant_id", "user_id"], order: [] },
      sessionOfUser: { collection: "sessions", equal: ["tenant_id", "user_id", "session_id"], order: [] },
      sessionsPastEnd: { collection: "sessions", equal: [], range: "expires_at", order: [["expires_at", "asc"]] },
      sessionsIdle: { collection: "sessions", equal: [], range: "last_seen_ms", order: [["last_seen_ms", "asc"]] },
      throttlePast: { collection: "throttle", equal: [], range: "expire_at", order: [["expire_at", "asc"]] },
      audit: { collection: "audit_log", equal: ["tenant_id"], range: "timestamp_ms", order: newestFirst },
      auditOfUser: { collection: "audit_log", equal: ["tenant_id", "user_id"], range: "timestamp_ms", order: newestFirst },
      auditOfAction: { collection: "audit_log", equal: ["tenant_id", "action"], range: "timestamp_ms", order: newestFirst },
      auditOfUserAndAction: {
        collection: "audit_log",
        equal: ["tenant_id", "user_id", "action"],
        range: "timestamp_ms",
        order: newestFirst
      }
    };
  }
});

// functions/core/stores/firestore/documents.ts
import {
  FieldPath as FieldPath2,
  FieldValue
} from "@google-cloud/firestore";
function update(target, ref, fields, at) {
  const [first2, ...others] = fields.map(([path, value]) => [new FieldPath2(...path), value]);
  if (first2 === void 0) throw new TypeError(`${ref.path}: an update without fields`);
  const rest = others.flat();
  if (at !== void 0) rest.push({ lastUpdateTime: at });
  target.update(ref, first2[0], first2[1], ...rest);
}
function stored(snapshot) {
  const data = snapshot.data();
  if (data === void 0 || snapshot.updateTime === void 0) return null;
  return { fields: new Fields(snapshot.ref.path, data), id: snapshot.id, updated: snapshot.updateTime };
}
var REMOVED, Documents;
var init_documents = __esm({
  "functions/core/stores/firestore/documents.ts"() {
    "use strict";
    init_errors2();
    init_fields();
    init_patience();
    init_queries();
    REMOVED = FieldValue.delete();
    Documents = class {
      #firestore;
      #meter;
      constructor(firestore, meter) {
        this.#firestore = firestore;
        this.#meter = meter;
      }
      /** The store was asked, even when the instance's memory will answer. */
      touch() {
        this.#meter.countReads(0);
      }
      async get(path) {
        const snapshot = await this.#ask(this.#ref(path).get());
        this.#meter.countReads(1);
        return stored(snapshot);
      }
      /** In the order asked for. */
      async getAll(paths2) {
        if (paths2.length === 0) return [];
        const snapshots = await this.#ask(this.#firestore.getAll(...paths2.map((path) => this.#ref(path))));
        this.#meter.countReads(snapshots.length);
        return snapshots.map(stored);
      }
      async query(request) {
        const answer2 = await this.#ask(buildQuery(this.#firestore, request).get());
        return this.#found(answer2);
      }
      /** All changes or none. The update times, in the order given, or null when a precondition did not hold. */
      async commit(changes) {
        const batch = this.#firestore.batch();
        for (const change of changes) this.#apply(batch, change);
        try {
          const results = await withDeadline(batch.commit());
          this.#count(changes);
          return results.map((result) => result.writeTime);
        } catch (error) {
          if (isLostPrecondition(error)) return null;
          throw explain(error);
        }
      }
      /** Runs `work` again, as the SDK does, while others interfere. */
      async transaction(work) {
        const { result, changes } = await this.#ask(
          this.#firestore.runTransaction(async (transaction) => {
            const changes2 = [];
            const result2 = await work(this.#scope(transaction, changes2));
            for (const change of changes2) this.#apply(transaction, change);
            return { result: result2, changes: changes2 };
          })
        );
        this.#count(changes);
        return result;
      }
      #scope(transaction, changes) {
        return {
          getAll: async (paths2) => {
            const snapshots = await transaction.getAll(...paths2.map((path) => this.#ref(path)));
            this.#meter.countReads(snapshots.length);
            return snapshots.map(stored);
          },
          query: async (request) => this.#found(await transaction.get(buildQuery(this.#firestore, request))),
          change: (change) => changes.push(change)
        };
      }
      #found(answer2) {
        this.#meter.countReads(Math.max(1, answer2.size));
        return answer2.docs.map(stored).filter((document) => document !== null);
      }
      #apply(target, change) {
        const ref = this.#ref(change.path);
        switch (change.kind) {
          case "create":
            target.create(ref, change.fields);
            break;
          case "update":
            update(target, ref, change.fields, change.at);
            break;
          case "delete":
            if (change.at !== void 0) target.delete(ref, { lastUpdateTime: change.at });
            else if (change.must_exist === true) target.delete(ref, { exists: true });
            else target.delete(ref);
            break;
        }
      }
      #count(changes) {
        const deletes = changes.filter((change) => change.kind === "delete").length;
        this.#meter.countDeletes(deletes);
        this.#meter.countWrites(changes.length - deletes);
      }
      #ref(path) {
        return this.#firestore.collection(path.collection).doc(path.id);
      }
      async #ask(answer2) {
        try {
          return await withDeadline(answer2);
        } catch (error) {
          throw explain(error);
        }
      }
    };
  }
});

// functions/core/stores/firestore/devices.ts
function createKey(key) {
  return { kind: "create", path: paths.deviceKey(key.key_id), fields: deviceKeys.write(key) };
}
var FirestoreDevices;
var init_devices = __esm({
  "functions/core/stores/firestore/devices.ts"() {
    "use strict";
    init_entities();
    init_patches();
    init_owned();
    init_audit2();
    init_converters();
    init_documents();
    init_paths();
    init_patience();
    init_queries();
    FirestoreDevices = class {
      #scope;
      constructor(scope) {
        this.#scope = scope;
      }
      get(device_id) {
        const { shared: shared2, documents } = this.#scope;
        documents.touch();
        return shared2.devices.recall(this.#path(device_id).id, async () => (await this.#read(device_id))?.device ?? null);
      }
      async list({ after, limit }) {
        const { documents, tenant_id } = this.#scope;
        const found = await documents.query({
          shape: "devices",
          equal: [tenant_id],
          after: after === void 0 ? void 0 : afterId(tenant_id, after),
          limit
        });
        return found.map(({ fields }) => devices.read(fields));
      }
      async create(device, key, audit) {
        const { documents, tenant_id } = this.#scope;
        assertOwned(tenant_id, device, key, audit);
        const { key_id, created_ms } = key;
        const keys = [...device.keys, { key_id, created_ms, last_used_ms: null }];
        return untilWon(async () => {
          const times = await documents.commit([
            { kind: "create", path: this.#path(device.device_id), fields: devices.write({ ...device, keys }) },
            createKey(key),
            auditChange(audit)
          ]);
          if (times !== null) return "created";
          const stored2 = await this.#read(device.device_id);
          if (stored2 !== null) return stored2.device.keys.some((known) => known.key_id === key_id) ? "created" : "exists";
          if (await isStored(documents, audit)) throw new Error("An audit event id was used twice.");
          return LOST;
        });
      }
      async update(device_id, patch, now_ms, audit) {
        assertOwned(this.#scope.tenant_id, audit);
        return this.#change(device_id, async ({ device, document }) => {
          const patched = patchDevice(device, patch, now_ms);
          const { name, tags, disabled, expected_interval_ms, widths } = devices.write(patched);
          const fields = Object.entries({ name, tags, disabled, expected_interval_ms, widths });
          const won = await commitWith(this.#scope.documents, audit, [
            {
              kind: "update",
              path: this.#path(device_id),
              fields: fields.map(([field, value]) => [[field], value]),
              at: document.updated
            }
          ]);
          return won ? patched : LOST;
        });
      }
      async issueKey(key, audit) {
        assertOwned(this.#scope.tenant_id, key, audit);
        const { device_id, key_id, created_ms } = key;
        const outcome = await this.#change(device_id, async ({ device, document }) => {
          if (device.keys.length >= MAX_LIVE_KEYS) return "too_many_keys";
          const value = liveKey({ created_ms, last_used_ms: null });
          const won = await commitWith(this.#scope.documents, audit, [
            { kind: "update", path: this.#path(device_id), fields: [[["keys", key_id], value]], at: document.updated },
            createKey(key)
          ]);
          return won ? "issued" : LOST;
        });
        return outcome ?? "no_device";
      }
      async revokeKey(device_id, key_id, audit) {
        assertOwned(this.#scope.tenant_id, audit);
        const lookup = paths.deviceKey(key_id);
        const outcome = await this.#change(device_id, async ({ device, document }) => {
          if (!device.keys.some((key) => key.key_id === key_id)) return "not_found";
          const won = await commitWith(this.#scope.documents, audit, [
            { kind: "update", path: this.#path(device_id), fields: [[["keys", key_id], REMOVED]], at: document.updated },
            { kind: "update", path: lookup, fields: [[["revoked_ms"], audit.timestamp_ms]] }
          ]);
          return won ? "revoked" : LOST;
        }).finally(() => this.#scope.shared.keys.forget(lookup.id));
        return outcome ?? "not_found";
      }
      async touch(device_id, key_id, now_ms) {
        await this.#change(device_id, async ({ device, document }) => {
          const key = device.keys.find((known) => known.key_id === key_id);
          if (key === void 0) return null;
          const fields = [];
          if ((device.last_seen_ms ?? -1) < now_ms) fields.push([["last_seen_ms"], now_ms]);
          if ((key.last_used_ms ?? -1) < now_ms) fields.push([["keys", key_id, "last_used_ms"], now_ms]);
          if (fields.length === 0) return null;
          const change = { kind: "update", path: this.#path(device_id), fields, at: document.updated };
          return await this.#scope.documents.commit([change]) === null ? LOST : null;
        });
      }
      /** Reads the device, lets `change` decide and commit, and again while another change came between. */
      async #change(device_id, change) {
        const { shared: shared2 } = this.#scope;
        const { id } = this.#path(device_id);
        try {
          return await shared2.queue.run(
            `device ${id}`,
            () => untilWon(async () => {
              const stored2 = await this.#read(device_id);
              return stored2 === null ? null : change(stored2);
            })
          );
        } finally {
          shared2.devices.forget(id);
        }
      }
      async #read(device_id) {
        const document = await this.#scope.documents.get(this.#path(device_id));
        return document === null ? null : { device: devices.read(document.fields), document };
      }
      #path(device_id) {
        return paths.device(this.#scope.tenant_id, device_id);
      }
    };
  }
});

// functions/core/stores/firestore/telemetry/view.ts
var FRESHNESS_MS, OLDER_BUCKETS_MS, MAX_ENTRIES, View;
var init_view = __esm({
  "functions/core/stores/firestore/telemetry/view.ts"() {
    "use strict";
    init_clock();
    FRESHNESS_MS = 10 * SECOND_MS;
    OLDER_BUCKETS_MS = 5 * MINUTE_MS;
    MAX_ENTRIES = 64;
    View = class {
      /** Newest first, no bucket of the store between two of them when they were verified. */
      #entries = [];
      #polled = null;
      #polling = null;
      #floor = null;
      #notes = 0;
      #latest_ms = null;
      /** The newest bucket this instance ever knew of: a later one is most likely new. */
      get latest_ms() {
        return this.#latest_ms;
      }
      /** The newest start; null when nothing is known or nothing is there. */
      get newest_ms() {
        return this.#polled === null ? null : this.#entries[0]?.start_ms ?? null;
      }
      /** From where a poll must look so that nothing newer is missed; null when there is nothing to continue. */
      get pollFrom_ms() {
        return this.#entries.length === 0 ? null : this.#polled?.from_ms ?? null;
      }
      /** How long ago the newest part was seen, or null when never. */
      age_ms(now_ms) {
        return this.#polled === null ? null : Math.abs(now_ms - this.#polled.at_ms);
      }
      /** Runs `poll` unless one is under way already: then its outcome serves both. */
      async shared(poll) {
        this.#polling ??= poll().finally(() => {
          this.#polling = null;
        });
        await this.#polling;
      }
      mark() {
        return this.#notes;
      }
      know(start_ms) {
        this.#latest_ms = Math.max(this.#latest_ms ?? start_ms, start_ms);
      }
      /** This instance stored points in a bucket: visible here at once. */
      note(start_ms) {
        this.know(start_ms);
        if (this.#entries.some((entry2) => entry2.start_ms === start_ms)) return;
        const at = this.#entries.findIndex((entry2) => entry2.start_ms < start_ms);
        const below = at < 0 ? void 0 : this.#entries[at];
        const floor = this.#floor !== null && this.#floor.from_ms <= start_ms ? this.#floor : null;
        if (below === void 0 && floor === null && this.#polled !== null) return;
        const verified_ms = at === 0 ? this.#polled?.at_ms : (below ?? floor)?.verified_ms;
        this.#notes += 1;
        const entry = { start_ms, verified_ms: verified_ms ?? 0, noted: this.#notes };
        this.#entries.splice(at < 0 ? this.#entries.length : at, 0, entry);
        this.#truncate();
      }
      /** A look from the top down replaces all that was known from its lowest bucket up. */
      lookedAtTop(look) {
        const [newest] = look.starts_ms;
        const joins = this.pollFrom_ms !== null && look.starts_ms.includes(this.pollFrom_ms);
        const lowest_ms = look.starts_ms.at(-1) ?? look.from_ms;
        const older = joins ? this.#entries.filter((entry) => entry.start_ms < lowest_ms) : [];
        this.#entries = [...this.#merged(look, look.whole && !joins ? look.from_ms : lowest_ms), ...older];
        this.#polled = { at_ms: look.now_ms, from_ms: newest ?? null };
        if (!joins) this.#floor = look.whole ? { from_ms: look.from_ms, verified_ms: look.now_ms } : null;
        if (newest !== void 0) this.know(newest);
        this.#truncate();
      }
      /** A look that went on below what is known. */
      lookedBelow(look) {
        const below_ms = look.below_ms ?? Infinity;
        const lowest_ms = look.whole ? look.from_ms : look.starts_ms.at(-1) ?? look.from_ms;
        const newer = this.#entries.filter((entry) => entry.start_ms >= below_ms);
        const older = this.#entries.filter((entry) => entry.start_ms < lowest_ms);
        this.#entries = [...newer, ...this.#merged(look, lowest_ms), ...older];
        if (look.whole && older.length === 0) this.#floor = { from_ms: look.from_ms, verified_ms: look.now_ms };
        this.#truncate();
      }
      /** What is known from `below_ms` down to `from_ms`, as far as it is young enough and `has` says its content is here. */
      walk(below_ms, from_ms, now_ms, has) {
        const starts_ms = [];
        let oldest_verified_ms = now_ms;
        const answer2 = (ends) => {
          const continues = starts_ms.length > 0 || this.#polled !== null && (this.newest_ms ?? -Infinity) < below_ms;
          return { starts_ms, oldest_verified_ms, ends, continues };
        };
        for (const { start_ms, verified_ms: verified_ms2 } of this.#entries) {
          if (start_ms >= below_ms) continue;
          if (Math.abs(now_ms - verified_ms2) > OLDER_BUCKETS_MS) return answer2(false);
          if (start_ms < from_ms) return answer2(true);
          if (!has(start_ms)) return answer2(false);
          starts_ms.push(start_ms);
          oldest_verified_ms = Math.min(oldest_verified_ms, verified_ms2);
        }
        const { from_ms: floor_ms, verified_ms } = this.#floor ?? { from_ms: Infinity, verified_ms: 0 };
        return answer2(floor_ms <= from_ms && Math.abs(now_ms - verified_ms) <= OLDER_BUCKETS_MS);
      }
      /** The found buckets, and those noted while the query ran. */
      #merged(look, lowest_ms) {
        const found = look.starts_ms.map((start_ms) => ({ start_ms, verified_ms: look.now_ms, noted: 0 }));
        const noted = this.#entries.filter(
          ({ start_ms, noted: noted2 }) => noted2 > look.mark && start_ms >= lowest_ms && start_ms < (look.below_ms ?? Infinity) && !look.starts_ms.includes(start_ms)
        );
        return [...found, ...noted].sort((a, b) => b.start_ms - a.start_ms);
      }
      #truncate() {
        if (this.#entries.length <= MAX_ENTRIES) return;
        this.#entries.length = MAX_ENTRIES;
        this.#floor = null;
      }
    };
  }
});

// functions/core/stores/firestore/telemetry/memory.ts
function keyOf(device, start_ms) {
  return documentId(device.tenant_id, device.device_id, String(start_ms));
}
var MAX_WEIGHT, MAX_DEVICES, TelemetryMemory;
var init_memory = __esm({
  "functions/core/stores/firestore/telemetry/memory.ts"() {
    "use strict";
    init_paths();
    init_view();
    MAX_WEIGHT = 64e6;
    MAX_DEVICES = 1e4;
    TelemetryMemory = class {
      #buckets = /* @__PURE__ */ new Map();
      #views = /* @__PURE__ */ new Map();
      #max_weight;
      #weight = 0;
      constructor(max_weight = MAX_WEIGHT) {
        this.#max_weight = max_weight;
      }
      recall(device, start_ms) {
        const key = keyOf(device, start_ms);
        const known = this.#buckets.get(key);
        if (known === void 0) return null;
        this.#buckets.delete(key);
        this.#buckets.set(key, known);
        return known;
      }
      /** Keeps the later version: answers of the store may overtake each other. Returns what is known now. */
      remember(device, bucket, seen_ms) {
        const key = keyOf(device, bucket.start_ms);
        const known = this.#buckets.get(key);
        if (known !== void 0 && !bucket.isAsNewAs(known.bucket)) return known.bucket;
        this.#drop(key);
        this.#buckets.set(key, { bucket, seen_ms });
        this.#weight += bucket.weight;
        for (const oldest of this.#buckets.keys()) {
          if (this.#weight <= this.#max_weight) break;
          this.#drop(oldest);
        }
        return bucket;
      }
      forget(device, start_ms) {
        this.#drop(keyOf(device, start_ms));
      }
      view(device) {
        const key = documentId(device.tenant_id, device.device_id);
        const view = this.#views.get(key) ?? new View();
        this.#views.delete(key);
        this.#views.set(key, view);
        const [oldest] = this.#views.keys();
        if (this.#views.size > MAX_DEVICES && oldest !== void 0) this.#views.delete(oldest);
        return view;
      }
      get weight() {
        return this.#weight;
      }
      #drop(key) {
        const known = this.#buckets.get(key);
        if (known === void 0) return;
        this.#buckets.delete(key);
        this.#weight -= known.bucket.weight;
      }
    };
  }
});

// functions/core/stores/firestore/timed-cache.ts
var TimedCache;
var init_timed_cache = __esm({
  "functions/core/stores/firestore/timed-cache.ts"() {
    "use strict";
    TimedCache = class {
      #options;
      #entries = /* @__PURE__ */ new Map();
      /** Moves with every change made here, so that a read that began before it cannot bring the old value back. */
      #changes = 0;
      constructor(options) {
        this.#options = options;
      }
      peek(key) {
        const entry = this.#entries.get(key);
        if (entry === void 0) return null;
        const age_ms = this.#options.clock.now_ms() - entry.read_ms;
        if (age_ms >= 0 && age_ms < this.#options.ttl_ms) return entry.value;
        this.#entries.delete(key);
        return null;
      }
      async recall(key, read2) {
        const known = this.peek(key);
        if (known !== null) return known;
        const read_ms = this.#options.clock.now_ms();
        const changes = this.#changes;
        const value = await read2();
        if (value !== null && changes === this.#changes) this.#keep(key, { value, read_ms });
        return value;
      }
      /** A change made here to what is remembered; its age stays, because the rest of the value was not read again. */
      amend(key, change) {
        this.#changes += 1;
        const entry = this.#entries.get(key);
        if (entry !== void 0) this.#entries.set(key, { ...entry, value: change(entry.value) });
      }
      forget(key) {
        this.#changes += 1;
        this.#entries.delete(key);
      }
      forgetWhere(matches) {
        this.#changes += 1;
        for (const [key, { value }] of this.#entries) if (matches(value)) this.#entries.delete(key);
      }
      #keep(key, entry) {
        if (!this.#options.enabled) return;
        this.#entries.delete(key);
        this.#entries.set(key, entry);
        const [oldest] = this.#entries.keys();
        if (this.#entries.size > this.#options.max_entries && oldest !== void 0) this.#entries.delete(oldest);
      }
    };
  }
});

// functions/core/stores/firestore/request.ts
function share(firestore, clock, cache) {
  const remember = (ttl_ms) => new TimedCache({ clock, ttl_ms, max_entries: MAX_REMEMBERED, enabled: cache });
  return {
    firestore,
    clock,
    cache,
    memory: new TelemetryMemory(),
    queue: new KeyedQueue(),
    devices: remember(IDENTITY_CACHE_MS),
    keys: remember(IDENTITY_CACHE_MS),
    sessions: remember(SESSION_CACHE_MS),
    tenants: remember(IDENTITY_CACHE_MS)
  };
}
function openRequest(shared2, meter) {
  return { documents: new Documents(shared2.firestore, meter), meter, shared: shared2 };
}
var IDENTITY_CACHE_MS, MAX_REMEMBERED;
var init_request = __esm({
  "functions/core/stores/firestore/request.ts"() {
    "use strict";
    init_clock();
    init_session_rules();
    init_documents();
    init_patience();
    init_memory();
    init_timed_cache();
    IDENTITY_CACHE_MS = 5 * MINUTE_MS;
    MAX_REMEMBERED = 1e4;
  }
});

// functions/core/stores/firestore/ending.ts
function endings(sessions2) {
  return sessions2.map(({ fields }) => ({ kind: "delete", path: paths.session(fields.text("token_sha256")) }));
}
function sessionsOfUser({ documents, tenant_id }, user_id) {
  return documents.query(ofUser(tenant_id, user_id));
}
function ofUser(tenant_id, user_id) {
  return { shape: "sessionsOfUser", equal: [tenant_id, user_id], limit: PAGE };
}
async function endStragglers({ documents, shared: shared2 }, request, spare) {
  for (; ; ) {
    const found = await documents.query(request);
    const left = found.filter(({ fields }) => fields.text("token_sha256") !== spare);
    if (left.length > 0) await documents.commit(endings(left));
    for (const { fields } of left) shared2.sessions.forget(paths.session(fields.text("token_sha256")).id);
    if (found.length < request.limit) return;
  }
}
var PAGE;
var init_ending = __esm({
  "functions/core/stores/firestore/ending.ts"() {
    "use strict";
    init_paths();
    PAGE = 300;
  }
});

// functions/core/stores/firestore/users.ts
function ownUser(document, tenant_id) {
  const user = document === null ? null : users.read(document.fields);
  return user?.tenant_id === tenant_id ? user : null;
}
function userChange(user, document) {
  const { role, disabled, password_hash, algo_params } = users.write(user);
  const fields = Object.entries({ role, disabled, password_hash, algo_params });
  return {
    kind: "update",
    path: paths.user(user.user_id),
    fields: fields.map(([field, value]) => [[field], value]),
    at: document.updated
  };
}
var FirestoreUsers;
var init_users = __esm({
  "functions/core/stores/firestore/users.ts"() {
    "use strict";
    init_patches();
    init_owned();
    init_audit2();
    init_converters();
    init_ending();
    init_paths();
    init_patience();
    init_queries();
    FirestoreUsers = class {
      #scope;
      constructor(scope) {
        this.#scope = scope;
      }
      async get(user_id) {
        return ownUser(await this.#scope.documents.get(paths.user(user_id)), this.#scope.tenant_id);
      }
      async findByUsername(username) {
        const { documents, tenant_id } = this.#scope;
        const guard = await documents.get(paths.username(tenant_id, username));
        return guard === null ? null : this.get(guard.fields.text("user_id"));
      }
      async list({ after, limit }) {
        const { documents, tenant_id } = this.#scope;
        const found = await documents.query({
          shape: "users",
          equal: [tenant_id],
          after: after === void 0 ? void 0 : afterId(after),
          limit
        });
        return found.map(({ fields }) => users.read(fields));
      }
      async create(user, audit) {
        const { documents, tenant_id } = this.#scope;
        assertOwned(tenant_id, user, audit);
        const { user_id, username } = user;
        const guard = paths.username(tenant_id, username);
        return untilWon(async () => {
          const times = await documents.commit([
            { kind: "create", path: paths.user(user_id), fields: users.write(user) },
            { kind: "create", path: guard, fields: { tenant_id, username, user_id } },
            auditChange(audit)
          ]);
          if (times !== null) return "created";
          const [known, taken] = await documents.getAll([paths.user(user_id), guard]);
          if (taken?.fields.text("user_id") === user_id) return "created";
          if (known || taken) return "exists";
          if (await isStored(documents, audit)) throw new Error("An audit event id was used twice.");
          return LOST;
        });
      }
      async update(user_id, patch, audit) {
        assertOwned(this.#scope.tenant_id, audit);
        const { shared: shared2, documents, tenant_id } = this.#scope;
        const patched = await this.#change(user_id, async (user, document) => {
          const patched2 = patchUser(user, patch);
          const sessions2 = await sessionsOfUser(this.#scope, user_id);
          const changes = [userChange(patched2, document), ...endings(sessions2)];
          return await commitWith(documents, audit, changes) ? patched2 : LOST;
        }).finally(() => shared2.sessions.forgetWhere((session2) => session2.user_id === user_id));
        if (patched === null) return null;
        await endStragglers(this.#scope, ofUser(tenant_id, user_id));
        return patched;
      }
      async rehash(user_id, expected_hash, password2) {
        const { documents } = this.#scope;
        const swapped = await this.#change(user_id, async (user, document) => {
          if (user.password_hash !== expected_hash) return false;
          const times = await documents.commit([userChange(patchUser(user, { password: password2 }), document)]);
          return times === null ? LOST : true;
        });
        return swapped ?? false;
      }
      /** Reads the user, lets `change` decide and commit, and again while another change came between. */
      #change(user_id, change) {
        const { documents, shared: shared2, tenant_id } = this.#scope;
        const path = paths.user(user_id);
        return shared2.queue.run(
          `user ${path.id}`,
          () => untilWon(async () => {
            const document = await documents.get(path);
            const user = ownUser(document, tenant_id);
            return document === null || user === null ? null : change(user, document);
          })
        );
      }
    };
  }
});

// functions/core/stores/firestore/sessions.ts
function createSession(session2) {
  return { kind: "create", path: paths.session(session2.token_sha256), fields: sessions.write(session2) };
}
function newestFirst2(a, b) {
  return b.created_ms - a.created_ms || (a.token_sha256 < b.token_sha256 ? -1 : 1);
}
var FirestoreSessions;
var init_sessions = __esm({
  "functions/core/stores/firestore/sessions.ts"() {
    "use strict";
    init_patches();
    init_session_rules();
    init_owned();
    init_audit2();
    init_converters();
    init_ending();
    init_paths();
    init_patience();
    init_users();
    FirestoreSessions = class {
      #scope;
      constructor(scope) {
        this.#scope = scope;
      }
      /** A transaction, because what must hold (user, tenant) is read and not written. */
      async open(session2, password_hash, audit) {
        const { documents, shared: shared2, tenant_id } = this.#scope;
        assertOwned(tenant_id, session2, audit);
        return shared2.queue.run(
          `sign-in ${paths.user(session2.user_id).id}`,
          () => documents.transaction(async (scope) => {
            if (!await this.#mayOpen(scope, session2, password_hash)) return "refused";
            for (const change of await this.#room(scope, session2)) scope.change(change);
            scope.change(createSession(session2));
            scope.change(auditChange(audit));
            return "opened";
          })
        );
      }
      async #mayOpen(scope, session2, password_hash) {
        const { tenant_id } = this.#scope;
        const [tenant, found] = await scope.getAll([paths.tenant(tenant_id), paths.user(session2.user_id)]);
        if (!tenant || tenants.read(tenant.fields).disabled) return false;
        const user = ownUser(found ?? null, tenant_id);
        return user !== null && !user.disabled && user.password_hash === password_hash && user.role === session2.role;
      }
      /** Ends the oldest, so that with `session` the limit is kept. */
      async #room(scope, session2) {
        const known = await scope.query(ofUser(this.#scope.tenant_id, session2.user_id));
        const newest = known.toSorted((a, b) => newestFirst2(sessions.read(a.fields), sessions.read(b.fields)));
        const ended = newest.slice(MAX_SESSIONS_PER_USER - 1);
        for (const { fields } of ended) this.#forget(fields.text("token_sha256"));
        return endings(ended);
      }
      async touch(token_sha256, last_seen_ms, fingerprint) {
        const { documents, shared: shared2 } = this.#scope;
        const path = paths.session(token_sha256);
        await untilWon(async () => {
          const stored2 = await this.#find(token_sha256);
          if (stored2 === null) return;
          const seen_ms = Math.max(stored2.session.last_seen_ms, last_seen_ms);
          const times = await documents.commit([
            {
              kind: "update",
              path,
              fields: [
                [["last_seen_ms"], seen_ms],
                [["fingerprint"], { ...fingerprint }]
              ],
              at: stored2.updated
            }
          ]);
          if (times === null) return LOST;
          shared2.sessions.amend(path.id, (session2) => ({ ...session2, last_seen_ms: seen_ms, fingerprint }));
          return;
        });
      }
      async close(token_sha256, audit) {
        assertOwned(this.#scope.tenant_id, audit);
        return this.#end(token_sha256, audit, async () => await this.#find(token_sha256) !== null);
      }
      async listForUser(user_id) {
        const found = await sessionsOfUser(this.#scope, user_id);
        return found.map(({ fields }) => sessions.read(fields)).sort(newestFirst2);
      }
      async revoke(user_id, session_id, audit) {
        const { documents, tenant_id } = this.#scope;
        assertOwned(tenant_id, audit);
        const find = () => documents.query({ shape: "sessionOfUser", equal: [tenant_id, user_id, session_id], limit: 1 });
        const [found] = await find();
        if (found === void 0) return false;
        return this.#end(found.fields.text("token_sha256"), audit, async () => (await find()).length > 0);
      }
      async changePassword(change, audit) {
        const { shared: shared2, tenant_id } = this.#scope;
        assertOwned(tenant_id, change.next, audit);
        const { user_id, next } = change;
        if (next.user_id !== user_id) throw new Error("The next session belongs to another user.");
        const outcome = await shared2.queue.run(`user ${paths.user(user_id).id}`, () => untilWon(() => this.#rotate(change, audit))).finally(() => shared2.sessions.forgetWhere((session2) => session2.user_id === user_id));
        if (outcome === "changed") await endStragglers(this.#scope, ofUser(tenant_id, user_id), next.token_sha256);
        return outcome;
      }
      async #rotate(change, audit) {
        const { documents, tenant_id } = this.#scope;
        const { user_id, expected_hash, password: password2, current_token_sha256, next } = change;
        const [found, current] = await documents.getAll([paths.user(user_id), paths.session(current_token_sha256)]);
        const user = ownUser(found ?? null, tenant_id);
        if (!found || user?.password_hash !== expected_hash) return "stale";
        if (!current || current.fields.text("tenant_id") !== tenant_id) return "stale";
        if (current.fields.text("user_id") !== user_id) return "stale";
        const others = await sessionsOfUser(this.#scope, user_id);
        const ended = endings(others.filter((session2) => session2.id !== current.id));
        const won = await commitWith(documents, audit, [
          userChange(patchUser(user, { password: password2 }), found),
          { kind: "delete", path: paths.session(current_token_sha256), must_exist: true },
          ...ended,
          createSession(next)
        ]);
        return won ? "changed" : LOST;
      }
      /** Deletes a session with its event; false when `isThere` finds none any more. */
      async #end(token_sha256, audit, isThere) {
        const { documents } = this.#scope;
        try {
          return await untilWon(async () => {
            if (!await isThere()) return false;
            const path = paths.session(token_sha256);
            return await commitWith(documents, audit, [{ kind: "delete", path, must_exist: true }]) ? true : LOST;
          });
        } finally {
          this.#forget(token_sha256);
        }
      }
      async #find(token_sha256) {
        const document = await this.#scope.documents.get(paths.session(token_sha256));
        if (document === null) return null;
        const session2 = sessions.read(document.fields);
        return session2.tenant_id === this.#scope.tenant_id ? { session: session2, updated: document.updated } : null;
      }
      #forget(token_sha256) {
        this.#scope.shared.sessions.forget(paths.session(token_sha256).id);
      }
    };
  }
});

// functions/core/stores/firestore/sweeps.ts
import { Timestamp as Timestamp3 } from "@google-cloud/firestore";
var BATCH, MAX_BATCHES, FirestoreSweeps;
var init_sweeps = __esm({
  "functions/core/stores/firestore/sweeps.ts"() {
    "use strict";
    init_session_rules();
    init_queries();
    BATCH = 300;
    MAX_BATCHES = 10;
    FirestoreSweeps = class {
      #request;
      constructor(request) {
        this.#request = request;
      }
      async sessions(now_ms) {
        const ended = Timestamp3.fromMillis(now_ms + 1);
        const past = [
          { shape: "sessionsPastEnd", below: ended },
          { shape: "sessionsIdle", below: now_ms - SESSION_IDLE_MS + 1 },
          { shape: "throttlePast", below: ended }
        ];
        let left = 0;
        for (const rows of past) left += await this.#sweep(rows);
        return left;
      }
      /** Points and events leave by the TTL of `expire_at`. */
      retention() {
        return Promise.resolve({ points: 0, audit_events: 0 });
      }
      /** A row that was changed meanwhile stays for the next sweep, and so does what more than the bound leaves. */
      async #sweep(past) {
        const { documents } = this.#request;
        const collection = QUERY_SHAPES[past.shape].collection;
        let left = 0;
        for (let batch = 0; batch < MAX_BATCHES; batch += 1) {
          const found = await documents.query({ ...past, equal: [], limit: BATCH });
          if (found.length === 0) break;
          const changes = found.map(({ id, updated }) => ({
            kind: "delete",
            path: { collection, id },
            at: updated
          }));
          if (await documents.commit(changes) === null) break;
          left += found.length;
          if (found.length < BATCH) break;
        }
        return left;
      }
    };
  }
});

// functions/core/stores/firestore/telemetry/bucket.ts
import { Timestamp as Timestamp4 } from "@google-cloud/firestore";
function newBucketFields(device, write) {
  const texts = [...write.points].map(([timestamp_ms, metrics]) => [String(timestamp_ms - write.start_ms), metrics]);
  return {
    tenant_id: device.tenant_id,
    device_id: device.device_id,
    ...write.points.size === 0 ? {} : { timestamp_ms: write.start_ms },
    points: Object.fromEntries(texts),
    bytes: write.bytes,
    ...write.budget === null ? {} : { budget: { ...write.budget } },
    expire_at: Timestamp4.fromMillis(write.end_ms + TELEMETRY_RETENTION_MS)
  };
}
var Bucket;
var init_bucket2 = __esm({
  "functions/core/stores/firestore/telemetry/bucket.ts"() {
    "use strict";
    init_retention();
    Bucket = class _Bucket {
      start_ms;
      bytes;
      budget;
      updated;
      #texts;
      #points;
      constructor({ start_ms, texts, bytes, budget, updated }) {
        this.start_ms = start_ms;
        this.bytes = bytes;
        this.budget = budget;
        this.updated = updated;
        this.#texts = texts;
      }
      static absent(start_ms) {
        return new _Bucket({ start_ms, texts: {}, bytes: 0, budget: null, updated: null });
      }
      static read(start_ms, { fields, updated }) {
        const budget = fields.isAbsent("budget") ? null : fields.map("budget");
        return new _Bucket({
          start_ms,
          texts: fields.texts("points"),
          bytes: fields.number("bytes"),
          budget: budget && { minute_ms: budget.number("minute_ms"), used: budget.number("used") },
          updated
        });
      }
      metricsAt(timestamp_ms) {
        return this.#texts[String(timestamp_ms - this.start_ms)];
      }
      /** Newest first; built once for a version. */
      get points() {
        this.#points ??= Object.entries(this.#texts).map(([offset, metrics]) => ({ timestamp_ms: this.start_ms + Number(offset), metrics })).reverse();
        return this.#points;
      }
      get isEmpty() {
        return this.bytes === 0;
      }
      /** Rough memory it takes: text, and what the runtime adds to each point. */
      get weight() {
        return 600 + this.bytes * 3;
      }
      /** The version that a commit made at `updated`. */
      after(change, updated) {
        const texts = { ...this.#texts };
        for (const [timestamp_ms, metrics] of change.points) texts[String(timestamp_ms - this.start_ms)] = metrics;
        return new _Bucket({
          start_ms: this.start_ms,
          texts,
          bytes: change.bytes,
          budget: change.budget ?? this.budget,
          updated
        });
      }
      /** Whether this version is later than `other`, or as late. */
      isAsNewAs(other) {
        if (other.updated === null) return true;
        return this.updated !== null && this.updated.valueOf() >= other.updated.valueOf();
      }
    };
  }
});

// functions/core/stores/firestore/telemetry/reader.ts
function firstBatch(expected) {
  return expected <= 1 ? 1 : POLL_LIMIT;
}
function nextBatch(expected, points, buckets) {
  const missing = expected - points;
  const likely = missing > 0 && points > 0 ? Math.ceil(missing * buckets / points) : buckets * 2;
  return Math.min(MAX_BATCH, Math.max(1, likely));
}
function within(points, { start_ms, end_ms }) {
  const newest = points[0];
  const oldest = points.at(-1);
  if (newest === void 0 || oldest === void 0) return points;
  if (newest.timestamp_ms < end_ms && oldest.timestamp_ms >= start_ms) return points;
  return points.filter(({ timestamp_ms }) => timestamp_ms >= start_ms && timestamp_ms < end_ms);
}
var POLL_LIMIT, MAX_BATCH, TelemetryReader;
var init_reader = __esm({
  "functions/core/stores/firestore/telemetry/reader.ts"() {
    "use strict";
    init_bucket();
    init_retention();
    init_bucket2();
    init_view();
    POLL_LIMIT = 2;
    MAX_BATCH = 16;
    TelemetryReader = class {
      #documents;
      #memory;
      #meter;
      #remember;
      #fresh_for_ms = Infinity;
      constructor({ documents, memory, meter, remember }) {
        this.#documents = documents;
        this.#memory = memory;
        this.#meter = meter;
        this.#remember = remember;
      }
      async *scan(device, range, options) {
        const kept = { ...range, start_ms: Math.max(range.start_ms, oldestKept_ms(options.now_ms)) };
        if (kept.start_ms >= kept.end_ms) return;
        const from_ms = bucketAt(device.widths, kept.start_ms).start_ms;
        const walk2 = { device, from_ms, below_ms: kept.end_ms, range: kept, options };
        const view = this.#remember ? this.#memory.view(device) : null;
        for await (const bucket of view === null ? this.#below(walk2, null) : this.#fromMemory(walk2, view)) {
          const points = within(bucket.points, kept);
          if (points.length > 0) yield points;
        }
      }
      async *#fromMemory(walk2, view) {
        const { device, range, options } = walk2;
        const newest_ms = view.newest_ms;
        if (newest_ms === null ? range.end_ms >= options.now_ms : range.end_ms > newest_ms) await this.#poll(walk2, view);
        const recall = (start_ms) => this.#memory.recall(device, start_ms)?.bucket;
        const known = view.walk(walk2.below_ms, walk2.from_ms, options.now_ms, (start_ms) => recall(start_ms) !== void 0);
        const buckets = known.starts_ms.map(recall);
        if (buckets.length > 0) this.#servedFromMemory(options.now_ms - known.oldest_verified_ms);
        for (const bucket of buckets) if (bucket !== void 0) yield bucket;
        if (known.ends) return;
        walk2.below_ms = known.starts_ms.at(-1) ?? walk2.below_ms;
        yield* this.#below(walk2, known.continues ? view : null, buckets);
      }
      /** Makes sure that the newest part of the view is fresh. Requests that come meanwhile share one look. */
      async #poll(walk2, view) {
        const { now_ms } = walk2.options;
        const age_ms = view.age_ms(now_ms);
        if (age_ms !== null && age_ms < FRESHNESS_MS) {
          this.#meter.usedCache(age_ms);
          this.#freshFor(FRESHNESS_MS - age_ms);
          return;
        }
        await view.shared(() => this.#lookAtTop(walk2, view));
        this.#meter.countReads(0);
        this.#freshFor(FRESHNESS_MS);
      }
      async #lookAtTop({ device, from_ms, options }, view) {
        const mark = view.mark();
        const poll_ms = view.pollFrom_ms;
        const limit = poll_ms !== null || options.expected > 1 ? POLL_LIMIT : 1;
        const lowest_ms = poll_ms ?? from_ms;
        const found = await this.#query(device, { from_ms: lowest_ms, limit });
        for (const bucket of found) this.#memory.remember(device, bucket, options.now_ms);
        const starts_ms = found.map((bucket) => bucket.start_ms);
        const whole = poll_ms === null && found.length < limit;
        view.lookedAtTop({ starts_ms, below_ms: null, from_ms: lowest_ms, whole, now_ms: options.now_ms, mark });
      }
      /** Walks on by query in batches; remembers what it finds when it continues `view`. */
      async *#below(walk2, view, before = []) {
        const { device, from_ms, options } = walk2;
        let buckets = before.length;
        let points = before.reduce((sum, bucket) => sum + (bucket?.points.length ?? 0), 0);
        let limit = buckets === 0 ? firstBatch(options.expected) : nextBatch(options.expected, points, buckets);
        for (; ; ) {
          const { below_ms } = walk2;
          const mark = view?.mark() ?? 0;
          const found = await this.#query(device, { from_ms, below_ms, limit });
          this.#freshFor(FRESHNESS_MS);
          const whole = found.length < limit;
          const starts_ms = found.map((bucket) => bucket.start_ms);
          view?.lookedBelow({ starts_ms, below_ms, from_ms, whole, now_ms: options.now_ms, mark });
          for (const bucket of found) {
            yield view === null ? bucket : this.#memory.remember(device, bucket, options.now_ms);
          }
          walk2.below_ms = starts_ms.at(-1) ?? from_ms;
          if (whole || walk2.below_ms <= from_ms) return;
          buckets += found.length;
          points += found.reduce((sum, bucket) => sum + bucket.points.length, 0);
          limit = nextBatch(options.expected, points, buckets);
        }
      }
      async #query({ tenant_id, device_id }, { from_ms, below_ms, limit }) {
        const documents = await this.#documents.query({
          shape: "buckets",
          equal: [tenant_id, device_id],
          from: from_ms,
          ...below_ms === void 0 ? {} : { below: below_ms },
          limit
        });
        return documents.map((document) => Bucket.read(document.fields.number("timestamp_ms"), document));
      }
      #servedFromMemory(age_ms) {
        if (age_ms <= 0) return;
        this.#meter.usedCache(age_ms);
        this.#freshFor(Math.min(FRESHNESS_MS, OLDER_BUCKETS_MS - age_ms));
      }
      /** An answer is as fresh as its stalest part. */
      #freshFor(ms) {
        this.#fresh_for_ms = Math.min(this.#fresh_for_ms, Math.max(0, ms));
        this.#meter.fresh_for_ms = this.#fresh_for_ms;
      }
    };
  }
});

// functions/core/budgets/device-writes.ts
function spendWrite(stored2, now_ms) {
  const own_minute_ms = Math.floor(now_ms / MINUTE_MS) * MINUTE_MS;
  const current = stored2 !== null && stored2.minute_ms >= own_minute_ms ? stored2 : { minute_ms: own_minute_ms, used: 0 };
  if (current.used >= DEVICE_WRITES_PER_MINUTE) {
    return { kind: "spent", used: current.used, reset_ms: current.minute_ms + MINUTE_MS };
  }
  return { kind: "granted", budget: { minute_ms: current.minute_ms, used: current.used + 1 } };
}
var DEVICE_WRITES_PER_MINUTE;
var init_device_writes = __esm({
  "functions/core/budgets/device-writes.ts"() {
    "use strict";
    init_clock();
    DEVICE_WRITES_PER_MINUTE = 5;
  }
});

// functions/core/model/names.ts
import * as z3 from "zod";
function isMetricName(name) {
  return METRIC_NAME.test(name) && !PROTOTYPE_KEYS.has(name);
}
var NAME, TenantId, DeviceId, Username, SYSTEM_TENANT, METRIC_NAME, PROTOTYPE_KEYS;
var init_names = __esm({
  "functions/core/model/names.ts"() {
    "use strict";
    NAME = /^[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}$/;
    TenantId = z3.string().regex(NAME, "must be 1 to 128 of A-Z a-z 0-9 . _ : @ - and start with a letter or digit");
    DeviceId = TenantId;
    Username = TenantId.transform((name) => name.toLowerCase());
    SYSTEM_TENANT = "system";
    METRIC_NAME = /^[A-Za-z_][A-Za-z0-9_.:-]{0,63}$/;
    PROTOTYPE_KEYS = /* @__PURE__ */ new Set(["__proto__", "constructor", "prototype"]);
  }
});

// functions/core/model/point.ts
function canonicalMetrics(metrics) {
  const members = Object.keys(metrics).sort().map((name) => `${JSON.stringify(name)}:${JSON.stringify(metrics[name])}`);
  return `{${members.join(",")}}`;
}
function parseMetrics(text) {
  return JSON.parse(text);
}
function metricsFault(metrics) {
  const names = Object.keys(metrics);
  if (names.length === 0) return "metrics is empty";
  if (names.length > MAX_METRICS_PER_POINT) return `more than ${String(MAX_METRICS_PER_POINT)} metrics`;
  for (const name of names) {
    if (!isMetricName(name)) return `metric name ${JSON.stringify(name.slice(0, 80))} is not allowed`;
    const fault = valueFault(metrics[name]);
    if (fault !== null) return `metric ${name} ${fault}`;
  }
  return null;
}
function valueFault(value) {
  switch (typeof value) {
    case "boolean":
      return null;
    case "number":
      return Number.isFinite(value) ? null : "is not a finite number";
    case "string":
      return Buffer.byteLength(value) <= MAX_STRING_BYTES ? null : `is longer than ${String(MAX_STRING_BYTES)} bytes`;
    default:
      return "must be a number, a boolean or a string";
  }
}
function isMetrics(metrics) {
  return metricsFault(metrics) === null;
}
var MAX_METRICS_PER_POINT, MAX_STRING_BYTES;
var init_point = __esm({
  "functions/core/model/point.ts"() {
    "use strict";
    init_names();
    MAX_METRICS_PER_POINT = 64;
    MAX_STRING_BYTES = 256;
  }
});

// functions/core/model/merge.ts
function mergeMetrics(existing, incoming, overwrite) {
  if (existing === void 0) return { kind: "store", metrics: incoming };
  if (existing === incoming) return { kind: "duplicate" };
  const merged = new Map(Object.entries(parseMetrics(existing)));
  for (const [name, value] of Object.entries(parseMetrics(incoming))) {
    const known = merged.get(name);
    if (known !== void 0 && known !== value && !overwrite) return { kind: "conflict", name };
    merged.set(name, value);
  }
  if (merged.size > MAX_METRICS_PER_POINT) return { kind: "too_many" };
  const metrics = canonicalMetrics(Object.fromEntries(merged));
  return metrics === existing ? { kind: "duplicate" } : { kind: "store", metrics };
}
var init_merge = __esm({
  "functions/core/model/merge.ts"() {
    "use strict";
    init_point();
  }
});

// functions/core/model/write-plan.ts
function assignBuckets(widths, points) {
  const buckets = /* @__PURE__ */ new Map();
  const rejected = [];
  for (const point of points) {
    const span = bucketAt(widths, point.timestamp_ms);
    const bucket = buckets.get(span.start_ms);
    if (bucket !== void 0) bucket.points.push(point);
    else if (buckets.size < MAX_BUCKETS_PER_REQUEST) buckets.set(span.start_ms, { ...span, points: [point] });
    else rejected.push({ index: point.index, code: "too_many_buckets", detail: "Send this point in another request." });
  }
  return { buckets: [...buckets.values()], rejected };
}
function planWrite(assignment, viewOf, options) {
  const rejected = [...assignment.rejected];
  const changes = [];
  let accepted = 0;
  let duplicates = 0;
  for (const bucket of assignment.buckets) {
    const plan = planBucket(bucket.points, viewOf(bucket.start_ms), options.overwrite);
    accepted += plan.accepted;
    duplicates += plan.duplicates;
    rejected.push(...plan.rejected);
    if (plan.points.size > 0) {
      changes.push({ start_ms: bucket.start_ms, end_ms: bucket.end_ms, points: plan.points, bytes: plan.bytes });
    }
  }
  rejected.sort((a, b) => a.index - b.index);
  return { receipt: { accepted, duplicates, rejected }, changes };
}
function planBucket(points, view, overwrite) {
  const changed = /* @__PURE__ */ new Map();
  const rejected = [];
  let { bytes } = view;
  let accepted = 0;
  let duplicates = 0;
  for (const { index, timestamp_ms, metrics } of points) {
    const existing = changed.get(timestamp_ms) ?? view.metricsAt(timestamp_ms);
    const merge = mergeMetrics(existing, metrics, overwrite);
    if (merge.kind === "duplicate") {
      duplicates += 1;
    } else if (merge.kind === "conflict") {
      const detail = `${merge.name} has another value at this time; send overwrite: true to replace it.`;
      rejected.push({ index, code: "conflict", detail });
    } else if (merge.kind === "too_many") {
      const detail = `With what is stored at this time it has more than ${MAX_METRICS_PER_POINT} metrics.`;
      rejected.push({ index, code: "invalid_point", detail });
    } else {
      const grown = bytes + pointBytes(merge.metrics) - (existing === void 0 ? 0 : pointBytes(existing));
      if (grown > MAX_BUCKET_BYTES) {
        const detail = "Too much data for one span of time; declare the expected_interval_ms of the device.";
        rejected.push({ index, code: "bucket_full", detail });
        continue;
      }
      bytes = grown;
      changed.set(timestamp_ms, merge.metrics);
      accepted += 1;
    }
  }
  return { points: changed, bytes, accepted, duplicates, rejected };
}
var init_write_plan = __esm({
  "functions/core/model/write-plan.ts"() {
    "use strict";
    init_bucket();
    init_merge();
    init_point();
  }
});

// functions/core/stores/firestore/telemetry/writer.ts
function done({ receipt }) {
  return { kind: "done", receipt };
}
function overBudget({ used, reset_ms }) {
  return { kind: "over_budget", used, reset_ms };
}
function bucketWrites({ device, now_ms }, plan, view, budget) {
  const receipt = bucketAt(device.widths, now_ms);
  const writes = plan.changes.map((change) => ({
    ...change,
    budget: change.start_ms === receipt.start_ms ? budget : null
  }));
  if (writes.some((write) => write.budget !== null)) return writes;
  return [...writes, { ...receipt, points: /* @__PURE__ */ new Map(), bytes: view(receipt.start_ms).bytes, budget }];
}
function bucketChange({ device }, write, before) {
  const path = paths.bucket(device.tenant_id, device.device_id, write.start_ms);
  if (before.updated === null) return { kind: "create", path, fields: newBucketFields(device, write) };
  const fields = [];
  for (const [timestamp_ms, metrics] of write.points) {
    fields.push([["points", String(timestamp_ms - write.start_ms)], metrics]);
  }
  if (write.points.size > 0) fields.push([["bytes"], write.bytes]);
  if (write.points.size > 0 && before.isEmpty) fields.push([["timestamp_ms"], write.start_ms]);
  if (write.budget !== null) fields.push([["budget"], { ...write.budget }]);
  return { kind: "update", path, fields, at: before.updated };
}
var TelemetryWriter;
var init_writer = __esm({
  "functions/core/stores/firestore/telemetry/writer.ts"() {
    "use strict";
    init_device_writes();
    init_bucket();
    init_write_plan();
    init_paths();
    init_patience();
    init_bucket2();
    init_view();
    TelemetryWriter = class {
      #documents;
      #memory;
      #queue;
      constructor({ documents, memory, queue }) {
        this.#documents = documents;
        this.#memory = memory;
        this.#queue = queue;
      }
      async write(request) {
        const { device } = request;
        const assignment = assignBuckets(device.widths, request.points);
        if (assignment.buckets.length === 0)
          return done(planWrite(assignment, (start_ms) => Bucket.absent(start_ms), request));
        const key = documentId("telemetry", device.tenant_id, device.device_id);
        return this.#queue.run(key, () => untilWon(() => this.#attempt(request, assignment)));
      }
      async #attempt(request, assignment) {
        const receipt_ms = bucketAt(request.device.widths, request.now_ms).start_ms;
        const touched_ms = assignment.buckets.map((bucket) => bucket.start_ms);
        const buckets = await this.#load(request, [.../* @__PURE__ */ new Set([...touched_ms, receipt_ms])]);
        const view = (start_ms) => buckets.get(start_ms) ?? Bucket.absent(start_ms);
        const plan = planWrite(assignment, view, request);
        if (plan.changes.length === 0) return this.#isOld(request, touched_ms) ? LOST : done(plan);
        const decision = spendWrite(view(receipt_ms).budget, request.now_ms);
        if (decision.kind === "spent") {
          return this.#isOld(request, [...touched_ms, receipt_ms]) ? LOST : overBudget(decision);
        }
        const writes = bucketWrites(request, plan, view, decision.budget);
        const untouched_ms = touched_ms.filter((start_ms) => !writes.some((write) => write.start_ms === start_ms));
        if (this.#isOld(request, untouched_ms)) return LOST;
        return await this.#commit(request, writes, view) ? done(plan) : LOST;
      }
      /** What is remembered, else read; a bucket later than any known one is taken to be new, and the commit finds out. */
      async #load({ device, now_ms }, starts_ms) {
        const { latest_ms } = this.#memory.view(device);
        const buckets = /* @__PURE__ */ new Map();
        const unknown3 = [];
        for (const start_ms of starts_ms) {
          const known = this.#memory.recall(device, start_ms)?.bucket;
          if (known !== void 0) buckets.set(start_ms, known);
          else if (latest_ms !== null && start_ms > latest_ms) buckets.set(start_ms, Bucket.absent(start_ms));
          else unknown3.push(start_ms);
        }
        const ids = unknown3.map((start_ms) => paths.bucket(device.tenant_id, device.device_id, start_ms));
        const documents = await this.#documents.getAll(ids);
        unknown3.forEach((start_ms, at) => {
          const document = documents[at] ?? null;
          const bucket = document === null ? Bucket.absent(start_ms) : Bucket.read(start_ms, document);
          buckets.set(start_ms, this.#memory.remember(device, bucket, now_ms));
        });
        return buckets;
      }
      /**
       * Whether an answer that no commit confirms rests on memory too old to be trusted; that memory is then forgotten. So
       * duplicates, conflicts and used-up budgets are told from what the store held at most seconds ago.
       */
      #isOld({ device, now_ms }, starts_ms) {
        const old = starts_ms.filter((start_ms) => {
          const known = this.#memory.recall(device, start_ms);
          return known !== null && Math.abs(now_ms - known.seen_ms) >= FRESHNESS_MS;
        });
        for (const start_ms of old) this.#memory.forget(device, start_ms);
        return old.length > 0;
      }
      async #commit(request, writes, view) {
        const { device, now_ms } = request;
        const changes = writes.map((write) => bucketChange(request, write, view(write.start_ms)));
        const times = await this.#documents.commit(changes).finally(() => {
          for (const { start_ms } of writes) this.#memory.forget(device, start_ms);
        });
        const memory_view = this.#memory.view(device);
        writes.forEach((write, at) => {
          memory_view.know(write.start_ms);
          const updated = times?.[at];
          if (updated === void 0) return;
          const bucket = this.#memory.remember(device, view(write.start_ms).after(write, updated), now_ms);
          if (!bucket.isEmpty) memory_view.note(write.start_ms);
        });
        return times !== null;
      }
    };
  }
});

// functions/core/stores/firestore/telemetry/store.ts
function telemetryStore({ documents, meter, shared: shared2, tenant_id }) {
  const { memory, queue, cache } = shared2;
  const reader = new TelemetryReader({ documents, memory, meter, remember: cache });
  const writer = new TelemetryWriter({ documents, memory, queue });
  const own = (device) => {
    assertOwned(tenant_id, device);
    return device;
  };
  return {
    write: async (request) => {
      own(request.device);
      return writer.write(request);
    },
    scan: (device, range, options) => reader.scan(own(device), range, options),
    writeBudget: async (device, now_ms) => {
      const { start_ms } = bucketAt(own(device).widths, now_ms);
      const document = await documents.get(paths.bucket(tenant_id, device.device_id, start_ms));
      return document === null ? null : Bucket.read(start_ms, document).budget;
    }
  };
}
var init_store = __esm({
  "functions/core/stores/firestore/telemetry/store.ts"() {
    "use strict";
    init_bucket();
    init_owned();
    init_paths();
    init_bucket2();
    init_reader();
    init_writer();
  }
});

// functions/core/stores/firestore/tenants.ts
var SESSIONS_PER_COMMIT, FirestoreTenants;
var init_tenants = __esm({
  "functions/core/stores/firestore/tenants.ts"() {
    "use strict";
    init_converters();
    init_ending();
    init_paths();
    init_patience();
    init_queries();
    SESSIONS_PER_COMMIT = 300;
    FirestoreTenants = class {
      #request;
      constructor(request) {
        this.#request = request;
      }
      get(tenant_id) {
        const { documents, shared: shared2 } = this.#request;
        const path = paths.tenant(tenant_id);
        documents.touch();
        return shared2.tenants.recall(path.id, async () => {
          const document = await documents.get(path);
          return document === null ? null : tenants.read(document.fields);
        });
      }
      async list({ after, limit }) {
        const place = after === void 0 ? void 0 : afterId(after);
        const found = await this.#request.documents.query({ shape: "tenants", equal: [], after: place, limit });
        return found.map(({ fields }) => tenants.read(fields));
      }
      create(tenant) {
        const { documents } = this.#request;
        const path = paths.tenant(tenant.tenant_id);
        return untilWon(async () => {
          if (await documents.commit([{ kind: "create", path, fields: tenants.write(tenant) }]) !== null) {
            return "created";
          }
          return await documents.get(path) === null ? LOST : "exists";
        });
      }
      /** The sessions go after the change: no sign-in that began before it can outlive it, and none begins later. */
      async setDisabled(tenant_id, disabled) {
        const { documents, shared: shared2 } = this.#request;
        const path = paths.tenant(tenant_id);
        const changed = await untilWon(async () => {
          const document = await documents.get(path);
          if (document === null) return null;
          const tenant = { ...tenants.read(document.fields), disabled };
          const times = await documents.commit([
            { kind: "update", path, fields: [[["disabled"], disabled]], at: document.updated }
          ]);
          return times === null ? LOST : tenant;
        }).finally(() => {
          shared2.tenants.forget(path.id);
          shared2.sessions.forgetWhere((session2) => session2.tenant_id === tenant_id);
        });
        if (changed !== null && disabled) {
          await endStragglers(this.#request, {
            shape: "sessionsOfTenant",
            equal: [tenant_id],
            limit: SESSIONS_PER_COMMIT
          });
        }
        return changed;
      }
    };
  }
});

// functions/core/model/throttle.ts
function countTry(state, policy, now_ms) {
  const known = state !== null && now_ms - state.updated_ms < policy.forget_after_ms ? state.failures : 0;
  const failures = known + 1;
  const doublings = failures - policy.free_failures;
  const wait_ms = doublings < 0 ? 0 : Math.min(policy.first_wait_ms * 2 ** Math.min(doublings, 20), policy.max_wait_ms);
  return { failures, blocked_until_ms: now_ms + wait_ms, updated_ms: now_ms };
}
function forgiveTry(state, policy) {
  const failures = Math.max(0, state.failures - 1);
  return { ...state, failures, blocked_until_ms: failures < policy.free_failures ? 0 : state.blocked_until_ms };
}
function longestBlock(states, now_ms) {
  let longest = null;
  for (const state of states) {
    if (state === null || state.blocked_until_ms <= now_ms) continue;
    if (longest === null || state.blocked_until_ms > longest.blocked_until_ms) longest = state;
  }
  return longest;
}
var ACCOUNT_POLICY, ADDRESS_POLICY;
var init_throttle = __esm({
  "functions/core/model/throttle.ts"() {
    "use strict";
    init_clock();
    ACCOUNT_POLICY = {
      free_failures: 5,
      first_wait_ms: 30 * SECOND_MS,
      max_wait_ms: 15 * MINUTE_MS,
      forget_after_ms: 12 * HOUR_MS
    };
    ADDRESS_POLICY = { ...ACCOUNT_POLICY, free_failures: 50, forget_after_ms: HOUR_MS };
  }
});

// functions/core/stores/firestore/throttle.ts
function put({ claim, document }, state) {
  const path = paths.throttle(claim.key);
  const fields = throttleCounters.write(state, claim.policy);
  if (document === null) return { kind: "create", path, fields };
  return {
    kind: "update",
    path,
    fields: Object.entries(fields).map(([field, value]) => [[field], value]),
    at: document.updated
  };
}
var FirestoreThrottle;
var init_throttle2 = __esm({
  "functions/core/stores/firestore/throttle.ts"() {
    "use strict";
    init_throttle();
    init_converters();
    init_paths();
    init_patience();
    FirestoreThrottle = class {
      #request;
      constructor(request) {
        this.#request = request;
      }
      reserve(claims, now_ms) {
        return this.#inTurn(claims, async () => {
          const counters = await this.#read(claims);
          const states = counters.map(({ state }) => state);
          const blocked = longestBlock(states, now_ms);
          if (blocked !== null) {
            return { kind: "blocked", failures: blocked.failures, until_ms: blocked.blocked_until_ms };
          }
          const changes = counters.map((counter) => put(counter, countTry(counter.state, counter.claim.policy, now_ms)));
          return await this.#request.documents.commit(changes) === null ? LOST : { kind: "reserved" };
        });
      }
      forgive(cleared, refunded) {
        return this.#inTurn([...cleared, ...refunded], async () => {
          const changes = cleared.map(({ key }) => ({ kind: "delete", path: paths.throttle(key) }));
          for (const counter of await this.#read(refunded)) {
            if (counter.state !== null) changes.push(put(counter, forgiveTry(counter.state, counter.claim.policy)));
          }
          if (changes.length > 0 && await this.#request.documents.commit(changes) === null) return LOST;
          return;
        });
      }
      async #read(claims) {
        const documents = await this.#request.documents.getAll(claims.map(({ key }) => paths.throttle(key)));
        return claims.map((claim, at) => {
          const document = documents[at] ?? null;
          return { claim, document, state: document === null ? null : throttleCounters.read(document.fields) };
        });
      }
      /** Within this process one after the other for each counter, in an order that cannot deadlock. */
      #inTurn(claims, attempt) {
        const ids = [...new Set(claims.map(({ key }) => paths.throttle(key).id))].sort();
        const run = (at) => {
          const id = ids[at];
          return id === void 0 ? untilWon(attempt) : this.#request.shared.queue.run(`throttle ${id}`, () => run(at + 1));
        };
        return run(0);
      }
    };
  }
});

// functions/core/stores/firestore/open.ts
var open_exports = {};
__export(open_exports, {
  firestoreBackend: () => firestoreBackend,
  openFirestore: () => openFirestore
});
import { setTimeout as sleep2 } from "node:timers/promises";
async function openFirestore(options) {
  return firestoreBackend(connect(options.project_id, options.emulator_host), options);
}
function firestoreBackend(firestore, { clock, cache }) {
  const shared2 = share(firestore, clock, cache);
  return {
    name: "firestore",
    withMeter: (meter) => storesOf(shared2, meter),
    close: () => closeSoon(firestore)
  };
}
async function closeSoon(firestore) {
  await Promise.race([firestore.terminate(), sleep2(CLOSING_MS, void 0, { ref: false })]);
}
function storesOf(shared2, meter) {
  const request = openRequest(shared2, meter);
  return {
    credentials: credentialsOf(request),
    tenants: new FirestoreTenants(request),
    throttle: new FirestoreThrottle(request),
    sweeps: new FirestoreSweeps(request),
    forTenant: (tenant_id) => tenantStores({ ...request, tenant_id })
  };
}
function credentialsOf({ documents, shared: shared2 }) {
  return {
    findKey: (key_id) => {
      const path = paths.deviceKey(key_id);
      documents.touch();
      return shared2.keys.recall(path.id, async () => {
        const document = await documents.get(path);
        return document === null ? null : deviceKeys.read(document.fields);
      });
    },
    findSession: (token_sha256) => {
      const path = paths.session(token_sha256);
      documents.touch();
      return shared2.sessions.recall(path.id, async () => {
        const document = await documents.get(path);
        return document === null ? null : sessions.read(document.fields);
      });
    }
  };
}
function tenantStores(scope) {
  return {
    tenant_id: scope.tenant_id,
    telemetry: telemetryStore(scope),
    devices: new FirestoreDevices(scope),
    users: new FirestoreUsers(scope),
    sessions: new FirestoreSessions(scope),
    audit: new FirestoreAuditLog(scope)
  };
}
var CLOSING_MS;
var init_open = __esm({
  "functions/core/stores/firestore/open.ts"() {
    "use strict";
    init_audit2();
    init_client();
    init_converters();
    init_devices();
    init_paths();
    init_request();
    init_sessions();
    init_sweeps();
    init_store();
    init_tenants();
    init_throttle2();
    init_users();
    CLOSING_MS = 2e3;
  }
});

// functions/core/stores/sqlite/audit.ts
function querySql(index, filter) {
  return `SELECT ${COLUMNS} FROM audit_log INDEXED BY ${index}
    WHERE tenant_id = @tenant_id ${filter} AND timestamp_ms >= @start_ms AND timestamp_ms <= @before_ms
      AND (timestamp_ms, event_id) < (@before_ms, @before_id)
    ORDER BY timestamp_ms DESC, event_id DESC LIMIT @limit`;
}
var COLUMNS, AuditTable, SqliteAuditLog;
var init_audit3 = __esm({
  "functions/core/stores/sqlite/audit.ts"() {
    "use strict";
    init_owned();
    COLUMNS = "event_id, timestamp_ms, tenant_id, action, outcome, user_id, device_id, target, ip, user_agent, request_id, source, detail";
    AuditTable = class {
      #insert;
      #all;
      #byUser;
      #byAction;
      #byUserAndAction;
      constructor(db) {
        const values = COLUMNS.replaceAll(/\w+/g, (name) => `@${name}`);
        this.#insert = db.prepare(`INSERT INTO audit_log (${COLUMNS}) VALUES (${values})`);
        const query = (index, filter) => db.prepare(querySql(index, filter));
        this.#all = query("audit_log_by_time", "");
        this.#byUser = query("audit_log_by_user", "AND user_id = @user_id");
        this.#byAction = query("audit_log_by_action", "AND action = @action");
        this.#byUserAndAction = query("audit_log_by_user", "AND user_id = @user_id AND action = @action");
      }
      insert(event) {
        this.#insert.run(event);
      }
      query(tenant_id, filter, { after, limit }) {
        const { user_id, action, start_ms, end_ms } = filter;
        const place = after !== void 0 && after.timestamp_ms < end_ms ? after : { timestamp_ms: end_ms, event_id: "" };
        const before = { before_ms: place.timestamp_ms, before_id: place.event_id };
        return this.#queryFor(filter).all({ tenant_id, user_id, action, start_ms, ...before, limit });
      }
      #queryFor({ user_id, action }) {
        if (user_id !== void 0) return action === void 0 ? this.#byUser : this.#byUserAndAction;
        return action === void 0 ? this.#all : this.#byAction;
      }
    };
    SqliteAuditLog = class {
      #scope;
      constructor(scope) {
        this.#scope = scope;
      }
      append(event) {
        return this.#scope.access.change(() => {
          assertOwned(this.#scope.tenant_id, event);
          this.#scope.tables.audit.insert(event);
        });
      }
      query(filter, page) {
        return this.#scope.access.read(() => this.#scope.tables.audit.query(this.#scope.tenant_id, filter, page));
      }
    };
  }
});

// functions/core/stores/sqlite/devices.ts
var SqliteDevices;
var init_devices2 = __esm({
  "functions/core/stores/sqlite/devices.ts"() {
    "use strict";
    init_entities();
    init_patches();
    init_owned();
    SqliteDevices = class {
      #scope;
      constructor(scope) {
        this.#scope = scope;
      }
      get(device_id) {
        const { access, tables, tenant_id } = this.#scope;
        return access.read(() => tables.devices.get(tenant_id, device_id));
      }
      list(page) {
        const { access, tables, tenant_id } = this.#scope;
        return access.read(() => tables.devices.list(tenant_id, page));
      }
      create(device, key, audit) {
        const { access, tables, tenant_id } = this.#scope;
        return access.change(() => {
          assertOwned(tenant_id, device, key, audit);
          if (key.device_id !== device.device_id) throw new Error("The first key of a device names another device.");
          if (!tables.devices.insert(device)) return "exists";
          tables.keys.insert(key);
          tables.audit.insert(audit);
          return "created";
        });
      }
      update(device_id, patch, now_ms, audit) {
        const { access, tables, tenant_id } = this.#scope;
        return access.change(() => {
          assertOwned(tenant_id, audit);
          const device = tables.devices.get(tenant_id, device_id);
          if (device === null) return null;
          const patched = patchDevice(device, patch, now_ms);
          tables.devices.update(patched);
          tables.audit.insert(audit);
          return patched;
        });
      }
      issueKey(key, audit) {
        const { access, tables, tenant_id } = this.#scope;
        return access.change(() => {
          assertOwned(tenant_id, key, audit);
          const device = tables.devices.get(tenant_id, key.device_id);
          if (device === null) return "no_device";
          if (device.keys.length >= MAX_LIVE_KEYS) return "too_many_keys";
          tables.keys.insert(key);
          tables.audit.insert(audit);
          return "issued";
        });
      }
      revokeKey(device_id, key_id, audit) {
        const { access, tables, tenant_id } = this.#scope;
        return access.change(() => {
          assertOwned(tenant_id, audit);
          if (!tables.keys.revoke(tenant_id, device_id, key_id, audit.timestamp_ms)) return "not_found";
          tables.audit.insert(audit);
          return "revoked";
        });
      }
      touch(device_id, key_id, now_ms) {
        const { access, tables, tenant_id } = this.#scope;
        return access.change(() => {
          if (tables.keys.used(tenant_id, device_id, key_id, now_ms)) tables.devices.seen(tenant_id, device_id, now_ms);
        });
      }
    };
  }
});

// functions/core/stores/sqlite/driver.ts
import Driver from "better-sqlite3";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
function openFile(file, busy_timeout_ms = BUSY_TIMEOUT_MS) {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 448 });
    closeSync(openSync(file, "a", 384));
    return configure(new Driver(file, { timeout: busy_timeout_ms }));
  } catch (error) {
    throw cannotUse(file, error);
  }
}
function cannotUse(file, error) {
  return new SetupError(`Cannot use ${file} as the data file: ${reason(error)}`, { cause: error });
}
function configure(db) {
  try {
    if (db.pragma("journal_mode", { simple: true }) !== "wal") db.pragma("journal_mode = WAL");
    db.pragma("synchronous = FULL");
    db.pragma("foreign_keys = ON");
    db.pragma("cache_size = -16000");
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}
function reason(error) {
  if (!(error instanceof Error)) return String(error);
  const [line = ""] = error.message.split("\n");
  return line;
}
function toProblem(error) {
  if (error instanceof Problem || !(error instanceof Driver.SqliteError)) return error;
  return UNAVAILABLE.test(error.code) ? storeUnavailable(error) : error;
}
var BUSY_TIMEOUT_MS, UNAVAILABLE, Access;
var init_driver = __esm({
  "functions/core/stores/sqlite/driver.ts"() {
    "use strict";
    init_errors();
    BUSY_TIMEOUT_MS = 5e3;
    UNAVAILABLE = /^SQLITE_(BUSY|LOCKED|FULL|READONLY|IOERR|CANTOPEN|CORRUPT|NOTADB|NOMEM|PROTOCOL|PERM|AUTH)/;
    Access = class {
      #db;
      #meter;
      constructor(db, meter) {
        this.#db = db;
        this.#meter = meter;
      }
      /** Runs one statement. */
      read(work) {
        this.#meter.countReads(0);
        return new Promise((resolve) => {
          try {
            resolve(work());
          } catch (error) {
            throw toProblem(error);
          }
        });
      }
      /** One immediate transaction: reads and writes with no other writer in between, stored whole or not at all. */
      change(work) {
        return this.read(() => this.#db.transaction(work).immediate());
      }
    };
  }
});

// functions/core/stores/sqlite/migrate.ts
function migrate(db, migrations) {
  refuseNewer(db, migrations);
  if (currentVersion(db) === (migrations.at(-1)?.version ?? 0)) return;
  const apply = db.transaction((migration) => {
    db.exec("CREATE TABLE IF NOT EXISTS schema_migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT");
    const row = db.prepare("INSERT INTO schema_migrations VALUES (?, ?) ON CONFLICT DO NOTHING");
    if (row.run(migration.version, migration.name).changes === 1) db.exec(migration.sql);
  });
  for (const migration of migrations) apply.immediate(migration);
  refuseNewer(db, migrations);
}
function refuseNewer(db, migrations) {
  const known = migrations.at(-1)?.version ?? 0;
  const found = currentVersion(db);
  if (found <= known) return;
  throw new SetupError(
    `${db.name} was written by a newer release (schema ${found}, this one knows ${known}): start that release instead.`
  );
}
function currentVersion(db) {
  const table = db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'schema_migrations'");
  if (table.get() === void 0) return 0;
  const newest = db.prepare("SELECT max(version) AS version FROM schema_migrations");
  return newest.get()?.version ?? 0;
}
var init_migrate = __esm({
  "functions/core/stores/sqlite/migrate.ts"() {
    "use strict";
    init_errors();
  }
});

// functions/core/stores/sqlite/migrations/0001-first.ts
var first;
var init_first = __esm({
  "functions/core/stores/sqlite/migrations/0001-first.ts"() {
    "use strict";
    first = {
      version: 1,
      name: "first",
      sql: `
CREATE TABLE telemetry (
  tenant_id TEXT NOT NULL,
  device_id TEXT NOT NULL,
  timestamp_ms INTEGER NOT NULL,
  metrics TEXT NOT NULL,
  PRIMARY KEY (tenant_id, device_id, timestamp_ms)
) STRICT, WITHOUT ROWID;

CREATE TABLE telemetry_buckets (
  tenant_id TEXT NOT NULL,
  device_id TEXT NOT NULL,
  start_ms INTEGER NOT NULL,
  end_ms INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, device_id, start_ms)
) STRICT, WITHOUT ROWID;

CREATE TABLE write_budget (
  tenant_id TEXT NOT NULL,
  device_id TEXT NOT NULL,
  minute_ms INTEGER NOT NULL,
  used INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, device_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE tenants (
  tenant_id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  disabled INTEGER NOT NULL CHECK (disabled IN (0, 1)),
  created_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE devices (
  tenant_id TEXT NOT NULL,
  device_id TEXT NOT NULL,
  name TEXT NOT NULL,
  tags TEXT NOT NULL,
  expected_interval_ms INTEGER,
  widths TEXT NOT NULL,
  disabled INTEGER NOT NULL CHECK (disabled IN (0, 1)),
  last_seen_ms INTEGER,
  created_ms INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, device_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE device_keys (
  key_id TEXT NOT NULL PRIMARY KEY,
  tenant_id TEXT NOT NULL,
  device_id TEXT NOT NULL,
  secret_sha256 TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  last_used_ms INTEGER,
  revoked_ms INTEGER,
  FOREIGN KEY (tenant_id, device_id) REFERENCES devices (tenant_id, device_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX device_keys_by_device ON device_keys (tenant_id, device_id, created_ms) WHERE revoked_ms IS NULL;

CREATE TABLE users (
  user_id TEXT NOT NULL PRIMARY KEY,
  tenant_id TEXT NOT NULL,
  username TEXT NOT NULL,
  role TEXT NOT NULL,
  disabled INTEGER NOT NULL CHECK (disabled IN (0, 1)),
  created_ms INTEGER NOT NULL,
  password_hash TEXT NOT NULL,
  algo_params TEXT NOT NULL,
  UNIQUE (tenant_id, username)
) STRICT, WITHOUT ROWID;
CREATE INDEX users_by_tenant ON users (tenant_id, user_id);

CREATE TABLE sessions (
  token_sha256 TEXT NOT NULL PRIMARY KEY,
  session_id TEXT NOT NULL UNIQUE,
  tenant_id TEXT NOT NULL,
  user_id TEXT NOT NULL REFERENCES users (user_id),
  username TEXT NOT NULL,
  role TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  last_seen_ms INTEGER NOT NULL,
  fingerprint_agent TEXT NOT NULL,
  fingerprint_network TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_user ON sessions (tenant_id, user_id, created_ms DESC);
CREATE INDEX sessions_by_user_id ON sessions (user_id);
CREATE INDEX sessions_by_last_seen ON sessions (last_seen_ms);
CREATE INDEX sessions_by_created ON sessions (created_ms);

CREATE TABLE audit_log (
  event_id TEXT NOT NULL PRIMARY KEY,
  timestamp_ms INTEGER NOT NULL,
  tenant_id TEXT NOT NULL,
  action TEXT NOT NULL,
  outcome TEXT NOT NULL,
  user_id TEXT,
  device_id TEXT,
  target TEXT,
  ip TEXT,
  user_agent TEXT,
  request_id TEXT,
  source TEXT NOT NULL,
  detail TEXT
) STRICT;
CREATE INDEX audit_log_by_time ON audit_log (tenant_id, timestamp_ms DESC, event_id DESC);
CREATE INDEX audit_log_by_user ON audit_log (tenant_id, user_id, timestamp_ms DESC, event_id DESC);
CREATE INDEX audit_log_by_action ON audit_log (tenant_id, action, timestamp_ms DESC, event_id DESC);
CREATE INDEX audit_log_by_age ON audit_log (timestamp_ms);
CREATE TRIGGER audit_log_is_append_only BEFORE UPDATE ON audit_log
BEGIN
  SELECT RAISE(ABORT, 'the audit log is append-only');
END;

CREATE TABLE throttle (
  key TEXT NOT NULL PRIMARY KEY,
  failures INTEGER NOT NULL,
  blocked_until_ms INTEGER NOT NULL,
  updated_ms INTEGER NOT NULL,
  forget_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX throttle_by_forget ON throttle (forget_at_ms);
`
    };
  }
});

// functions/core/stores/sqlite/migrations/index.ts
var MIGRATIONS;
var init_migrations = __esm({
  "functions/core/stores/sqlite/migrations/index.ts"() {
    "use strict";
    init_first();
    MIGRATIONS = [first];
  }
});

// functions/core/stores/sqlite/sessions.ts
var SqliteSessions;
var init_sessions2 = __esm({
  "functions/core/stores/sqlite/sessions.ts"() {
    "use strict";
    init_patches();
    init_session_rules();
    init_owned();
    SqliteSessions = class {
      #scope;
      constructor(scope) {
        this.#scope = scope;
      }
      open(session2, password_hash, audit) {
        const { access, tables, tenant_id } = this.#scope;
        return access.change(() => {
          assertOwned(tenant_id, session2, audit);
          const tenant = tables.tenants.get(tenant_id);
          if (tenant === null || tenant.disabled) return "refused";
          const user = tables.users.get(tenant_id, session2.user_id);
          if (user === null || user.disabled || user.password_hash !== password_hash) return "refused";
          tables.sessions.insert(session2);
          tables.sessions.removeBeyond(MAX_SESSIONS_PER_USER, session2);
          tables.audit.insert(audit);
          return "opened";
        });
      }
      touch(token_sha256, last_seen_ms, fingerprint) {
        const { access, tables, tenant_id } = this.#scope;
        return access.change(() => {
          tables.sessions.touch(tenant_id, token_sha256, last_seen_ms, fingerprint);
        });
      }
      close(token_sha256, audit) {
        const { access, tables, tenant_id } = this.#scope;
        return access.change(() => {
          assertOwned(tenant_id, audit);
          if (!tables.sessions.remove(tenant_id, token_sha256)) return false;
          tables.audit.insert(audit);
          return true;
        });
      }
      listForUser(user_id) {
        const { access, tables, tenant_id } = this.#scope;
        return access.read(() => tables.sessions.ofUser(tenant_id, user_id));
      }
      revoke(user_id, session_id, audit) {
        const { access, tables, tenant_id } = this.#scope;
        return access.change(() => {
          assertOwned(tenant_id, audit);
          if (!tables.sessions.revoke(tenant_id, user_id, session_id)) return false;
          tables.audit.insert(audit);
          return true;
        });
      }
      changePassword(change, audit) {
        const { access, tables, tenant_id } = this.#scope;
        const { user_id, expected_hash, password: password2, current_token_sha256, next } = change;
        return access.change(() => {
          assertOwned(tenant_id, next, audit);
          if (next.user_id !== user_id) throw new Error("The next session belongs to another user.");
          const current = tables.sessions.find(current_token_sha256);
          if (current?.tenant_id !== tenant_id || current.user_id !== user_id) return "stale";
          const user = tables.users.get(tenant_id, user_id);
          if (user?.password_hash !== expected_hash) return "stale";
          tables.users.update(patchUser(user, { password: password2 }));
          tables.sessions.removeOfUser(tenant_id, user_id);
          tables.sessions.insert(next);
          tables.audit.insert(audit);
          return "changed";
        });
      }
    };
  }
});

// functions/core/stores/sqlite/sweeps.ts
import { setImmediate as nextTurn } from "node:timers/promises";
var SWEEP_BATCH_ROWS, SweepStatements, SqliteSweeps;
var init_sweeps2 = __esm({
  "functions/core/stores/sqlite/sweeps.ts"() {
    "use strict";
    init_retention();
    init_session_rules();
    SWEEP_BATCH_ROWS = 1e3;
    SweepStatements = class {
      nextDevice;
      points;
      buckets;
      auditEvents;
      constructor(db) {
        this.nextDevice = db.prepare(
          `SELECT tenant_id, device_id FROM telemetry_buckets WHERE (tenant_id, device_id) > (@tenant_id, @device_id)
       ORDER BY tenant_id, device_id LIMIT 1`
        );
        const ofDevice = "tenant_id = @tenant_id AND device_id = @device_id";
        this.points = db.prepare(
          `DELETE FROM telemetry WHERE ${ofDevice} AND timestamp_ms < coalesce(
         (SELECT timestamp_ms FROM telemetry WHERE ${ofDevice} AND timestamp_ms < @cutoff_ms
          ORDER BY timestamp_ms LIMIT 1 OFFSET @batch), @cutoff_ms)`
        );
        this.buckets = db.prepare(`DELETE FROM telemetry_buckets WHERE ${ofDevice} AND end_ms <= @cutoff_ms`);
        this.auditEvents = db.prepare(
          `DELETE FROM audit_log WHERE event_id IN
         (SELECT event_id FROM audit_log WHERE timestamp_ms < ? ORDER BY timestamp_ms LIMIT ?)`
        );
      }
    };
    SqliteSweeps = class {
      #access;
      #tables;
      constructor(access, tables) {
        this.#access = access;
        this.#tables = tables;
      }
      sessions(now_ms) {
        const { sessions: sessions2, throttle } = this.#tables;
        return this.#access.change(
          () => sessions2.removeUntil(now_ms - SESSION_IDLE_MS, now_ms - SESSION_ABSOLUTE_MS) + throttle.removeForgotten(now_ms)
        );
      }
      async retention(now_ms) {
        const cutoff_ms = oldestKept_ms(now_ms);
        let points = 0;
        for (let device = await this.#deviceAfter(null); device !== null; device = await this.#deviceAfter(device)) {
          points += await this.#expirePoints({ ...device, cutoff_ms, batch: SWEEP_BATCH_ROWS });
        }
        const { auditEvents: auditEvents3 } = this.#tables.sweeps;
        const audit_events = await this.#inBatches(() => auditEvents3.run(now_ms - AUDIT_RETENTION_MS, SWEEP_BATCH_ROWS));
        return { points, audit_events };
      }
      #deviceAfter(device) {
        const { nextDevice } = this.#tables.sweeps;
        return this.#access.read(() => nextDevice.get(device ?? { tenant_id: "", device_id: "" }) ?? null);
      }
      async #expirePoints(expired) {
        const { points, buckets } = this.#tables.sweeps;
        const deleted = await this.#inBatches(() => points.run(expired));
        await this.#access.change(() => buckets.run(expired));
        return deleted;
      }
      /** Deletes batch by batch until one is not full; writers get their turn, and requests theirs, in between. */
      async #inBatches(deleteBatch) {
        let deleted = 0;
        for (; ; ) {
          const { changes } = await this.#access.change(deleteBatch);
          deleted += changes;
          if (changes < SWEEP_BATCH_ROWS) return deleted;
          await nextTurn();
        }
      }
    };
  }
});

// functions/core/stores/sqlite/device-tables.ts
function toRow(device) {
  return {
    tenant_id: device.tenant_id,
    device_id: device.device_id,
    name: device.name,
    tags: JSON.stringify(device.tags),
    expected_interval_ms: device.expected_interval_ms,
    widths: JSON.stringify(device.widths),
    disabled: Number(device.disabled),
    last_seen_ms: device.last_seen_ms,
    created_ms: device.created_ms
  };
}
function byAge(a, b) {
  return a.created_ms - b.created_ms || (a.key_id < b.key_id ? -1 : 1);
}
function fromRow(row) {
  return {
    ...row,
    tags: JSON.parse(row.tags),
    widths: JSON.parse(row.widths),
    disabled: row.disabled === 1,
    keys: JSON.parse(row.keys).sort(byAge)
  };
}
var SELECT, DeviceTable, KeyTable;
var init_device_tables = __esm({
  "functions/core/stores/sqlite/device-tables.ts"() {
    "use strict";
    SELECT = `SELECT *, (
    SELECT json_group_array(json_object('key_id', key_id, 'created_ms', created_ms, 'last_used_ms', last_used_ms))
    FROM device_keys
    WHERE tenant_id = devices.tenant_id AND device_id = devices.device_id AND revoked_ms IS NULL
  ) AS keys FROM devices`;
    DeviceTable = class {
      #get;
      #list;
      #insert;
      #update;
      #seen;
      constructor(db) {
        this.#get = db.prepare(`${SELECT} WHERE tenant_id = ? AND device_id = ?`);
        this.#list = db.prepare(`${SELECT} WHERE tenant_id = ? AND device_id > ? ORDER BY device_id LIMIT ?`);
        this.#insert = db.prepare(
          `INSERT INTO devices VALUES (@tenant_id, @device_id, @name, @tags, @expected_interval_ms, @widths, @disabled,
         @last_seen_ms, @created_ms) ON CONFLICT (tenant_id, device_id) DO NOTHING`
        );
        this.#update = db.prepare(
          `UPDATE devices SET name = @name, tags = @tags, expected_interval_ms = @expected_interval_ms, widths = @widths,
         disabled = @disabled WHERE tenant_id = @tenant_id AND device_id = @device_id`
        );
        this.#seen = db.prepare(
          `UPDATE devices SET last_seen_ms = max(coalesce(last_seen_ms, 0), ?) WHERE tenant_id = ? AND device_id = ?`
        );
      }
      get(tenant_id, device_id) {
        const row = this.#get.get(tenant_id, device_id);
        return row === void 0 ? null : fromRow(row);
      }
      list(tenant_id, { after, limit }) {
        return this.#list.all(tenant_id, after ?? "", limit).map(fromRow);
      }
      insert(device) {
        return this.#insert.run(toRow(device)).changes === 1;
      }
      update(device) {
        this.#update.run(toRow(device));
      }
      seen(tenant_id, device_id, now_ms) {
        this.#seen.run(now_ms, tenant_id, device_id);
      }
    };
    KeyTable = class {
      #find;
      #insert;
      #revoke;
      #used;
      constructor(db) {
        this.#find = db.prepare(
          "SELECT key_id, tenant_id, device_id, secret_sha256, created_ms, revoked_ms FROM device_keys WHERE key_id = ?"
        );
        this.#insert = db.prepare(
          "INSERT INTO device_keys VALUES (@key_id, @tenant_id, @device_id, @secret_sha256, @created_ms, NULL, @revoked_ms)"
        );
        const live = "key_id = ? AND tenant_id = ? AND device_id = ? AND revoked_ms IS NULL";
        this.#revoke = db.prepare(`UPDATE device_keys SET revoked_ms = ? WHERE ${live}`);
        this.#used = db.prepare(`UPDATE device_keys SET last_used_ms = max(coalesce(last_used_ms, 0), ?) WHERE ${live}`);
      }
      find(key_id) {
        return this.#find.get(key_id) ?? null;
      }
      insert(key) {
        this.#insert.run(key);
      }
      /** False when the device has no such live key. */
      revoke(tenant_id, device_id, key_id, now_ms) {
        return this.#revoke.run(now_ms, key_id, tenant_id, device_id).changes === 1;
      }
      used(tenant_id, device_id, key_id, now_ms) {
        return this.#used.run(now_ms, key_id, tenant_id, device_id).changes === 1;
      }
    };
  }
});

// functions/core/stores/sqlite/session-table.ts
function toRow2({ fingerprint, ...session2 }) {
  return { ...session2, fingerprint_agent: fingerprint.agent, fingerprint_network: fingerprint.network };
}
function fromRow2({ fingerprint_agent, fingerprint_network, ...session2 }) {
  return { ...session2, fingerprint: { agent: fingerprint_agent, network: fingerprint_network } };
}
var SessionTable;
var init_session_table = __esm({
  "functions/core/stores/sqlite/session-table.ts"() {
    "use strict";
    SessionTable = class {
      #find;
      #ofUser;
      #insert;
      #touch;
      #remove;
      #revoke;
      #removeOfUser;
      #removeOfTenant;
      #removeOldest;
      #removeUntil;
      constructor(db) {
        const ofUser2 = "tenant_id = ? AND user_id = ?";
        this.#find = db.prepare("SELECT * FROM sessions WHERE token_sha256 = ?");
        this.#ofUser = db.prepare(`SELECT * FROM sessions WHERE ${ofUser2} ORDER BY created_ms DESC, token_sha256`);
        this.#insert = db.prepare(
          `INSERT INTO sessions VALUES (@token_sha256, @session_id, @tenant_id, @user_id, @username, @role, @created_ms,
         @last_seen_ms, @fingerprint_agent, @fingerprint_network)`
        );
        this.#touch = db.prepare(
          `UPDATE sessions SET last_seen_ms = max(last_seen_ms, ?), fingerprint_agent = ?, fingerprint_network = ?
       WHERE token_sha256 = ? AND tenant_id = ?`
        );
        this.#remove = db.prepare("DELETE FROM sessions WHERE token_sha256 = ? AND tenant_id = ?");
        this.#revoke = db.prepare(`DELETE FROM sessions WHERE session_id = ? AND ${ofUser2}`);
        this.#removeOfUser = db.prepare(`DELETE FROM sessions WHERE ${ofUser2}`);
        this.#removeOfTenant = db.prepare("DELETE FROM sessions WHERE tenant_id = ?");
        this.#removeOldest = db.prepare(
          `DELETE FROM sessions WHERE token_sha256 IN (SELECT token_sha256 FROM sessions WHERE ${ofUser2}
         AND token_sha256 <> ? ORDER BY created_ms DESC, token_sha256 LIMIT -1 OFFSET ?)`
        );
        this.#removeUntil = db.prepare("DELETE FROM sessions WHERE last_seen_ms <= ? OR created_ms <= ?");
      }
      find(token_sha256) {
        const row = this.#find.get(token_sha256);
        return row === void 0 ? null : fromRow2(row);
      }
      /** Newest first. */
      ofUser(tenant_id, user_id) {
        return this.#ofUser.all(tenant_id, user_id).map(fromRow2);
      }
      insert(session2) {
        this.#insert.run(toRow2(session2));
      }
      touch(tenant_id, token_sha256, last_seen_ms, { agent, network }) {
        this.#touch.run(last_seen_ms, agent, network, token_sha256, tenant_id);
      }
      remove(tenant_id, token_sha256) {
        return this.#remove.run(token_sha256, tenant_id).changes === 1;
      }
      revoke(tenant_id, user_id, session_id) {
        return this.#revoke.run(session_id, tenant_id, user_id).changes === 1;
      }
      removeOfUser(tenant_id, user_id) {
        this.#removeOfUser.run(tenant_id, user_id);
      }
      removeOfTenant(tenant_id) {
        this.#removeOfTenant.run(tenant_id);
      }
      /** Leaves `session` and the newest others of its user, `limit` in all. */
      removeBeyond(limit, { tenant_id, user_id, token_sha256 }) {
        this.#removeOldest.run(tenant_id, user_id, token_sha256, limit - 1);
      }
      /** Sessions last seen, or created, at these times or before. */
      removeUntil(last_seen_ms, created_ms) {
        return this.#removeUntil.run(last_seen_ms, created_ms).changes;
      }
    };
  }
});

// functions/core/stores/sqlite/telemetry-table.ts
var TelemetryTable;
var init_telemetry_table = __esm({
  "functions/core/stores/sqlite/telemetry-table.ts"() {
    "use strict";
    TelemetryTable = class {
      #page;
      #metricsAt;
      #put;
      #bytes;
      #putBucket;
      #budget;
      #putBudget;
      constructor(db) {
        const ofDevice = "WHERE tenant_id = ? AND device_id = ?";
        this.#page = db.prepare(
          `SELECT timestamp_ms, metrics FROM telemetry ${ofDevice} AND timestamp_ms >= ? AND timestamp_ms < ?
       ORDER BY timestamp_ms DESC LIMIT ?`
        );
        this.#metricsAt = db.prepare(`SELECT metrics FROM telemetry ${ofDevice} AND timestamp_ms = ?`);
        this.#put = db.prepare("INSERT OR REPLACE INTO telemetry VALUES (?, ?, ?, ?)");
        this.#bytes = db.prepare(`SELECT bytes FROM telemetry_buckets ${ofDevice} AND start_ms = ?`);
        this.#putBucket = db.prepare("INSERT OR REPLACE INTO telemetry_buckets VALUES (?, ?, ?, ?, ?)");
        this.#budget = db.prepare(`SELECT minute_ms, used FROM write_budget ${ofDevice}`);
        this.#putBudget = db.prepare("INSERT OR REPLACE INTO write_budget VALUES (?, ?, ?, ?)");
      }
      /** Newest first, `start_ms` inclusive, `end_ms` exclusive. */
      page({ tenant_id, device_id }, start_ms, end_ms, limit) {
        return this.#page.all(tenant_id, device_id, start_ms, end_ms, limit);
      }
      bucket({ tenant_id, device_id }, start_ms) {
        return {
          metricsAt: (timestamp_ms) => this.#metricsAt.get(tenant_id, device_id, timestamp_ms)?.metrics,
          bytes: this.#bytes.get(tenant_id, device_id, start_ms)?.bytes ?? 0
        };
      }
      apply({ tenant_id, device_id }, { start_ms, end_ms, bytes, points }) {
        for (const [timestamp_ms, metrics] of points) this.#put.run(tenant_id, device_id, timestamp_ms, metrics);
        this.#putBucket.run(tenant_id, device_id, start_ms, end_ms, bytes);
      }
      budget({ tenant_id, device_id }) {
        return this.#budget.get(tenant_id, device_id) ?? null;
      }
      putBudget({ tenant_id, device_id }, { minute_ms, used }) {
        this.#putBudget.run(tenant_id, device_id, minute_ms, used);
      }
    };
  }
});

// functions/core/stores/sqlite/tenants.ts
function toRow3(tenant) {
  return { ...tenant, disabled: Number(tenant.disabled) };
}
function fromRow3(row) {
  return { ...row, disabled: row.disabled === 1 };
}
var TenantTable, SqliteTenants;
var init_tenants2 = __esm({
  "functions/core/stores/sqlite/tenants.ts"() {
    "use strict";
    TenantTable = class {
      #get;
      #list;
      #insert;
      #setDisabled;
      constructor(db) {
        this.#get = db.prepare("SELECT * FROM tenants WHERE tenant_id = ?");
        this.#list = db.prepare("SELECT * FROM tenants WHERE tenant_id > ? ORDER BY tenant_id LIMIT ?");
        this.#insert = db.prepare(
          "INSERT INTO tenants VALUES (@tenant_id, @name, @disabled, @created_ms) ON CONFLICT DO NOTHING"
        );
        this.#setDisabled = db.prepare("UPDATE tenants SET disabled = ? WHERE tenant_id = ?");
      }
      get(tenant_id) {
        const row = this.#get.get(tenant_id);
        return row === void 0 ? null : fromRow3(row);
      }
      list({ after, limit }) {
        return this.#list.all(after ?? "", limit).map(fromRow3);
      }
      insert(tenant) {
        return this.#insert.run(toRow3(tenant)).changes === 1;
      }
      setDisabled(tenant_id, disabled) {
        this.#setDisabled.run(Number(disabled), tenant_id);
      }
    };
    SqliteTenants = class {
      #access;
      #tables;
      constructor(access, tables) {
        this.#access = access;
        this.#tables = tables;
      }
      get(tenant_id) {
        return this.#access.read(() => this.#tables.tenants.get(tenant_id));
      }
      list(page) {
        return this.#access.read(() => this.#tables.tenants.list(page));
      }
      create(tenant) {
        return this.#access.change(() => this.#tables.tenants.insert(tenant) ? "created" : "exists");
      }
      setDisabled(tenant_id, disabled) {
        return this.#access.change(() => {
          this.#tables.tenants.setDisabled(tenant_id, disabled);
          if (disabled) this.#tables.sessions.removeOfTenant(tenant_id);
          return this.#tables.tenants.get(tenant_id);
        });
      }
    };
  }
});

// functions/core/stores/sqlite/throttle.ts
var ThrottleTable, SqliteThrottle;
var init_throttle3 = __esm({
  "functions/core/stores/sqlite/throttle.ts"() {
    "use strict";
    init_throttle();
    ThrottleTable = class {
      #get;
      #put;
      #remove;
      #removeForgotten;
      constructor(db) {
        this.#get = db.prepare("SELECT failures, blocked_until_ms, updated_ms FROM throttle WHERE key = ?");
        this.#put = db.prepare(
          "INSERT OR REPLACE INTO throttle VALUES (@key, @failures, @blocked_until_ms, @updated_ms, @forget_at_ms)"
        );
        this.#remove = db.prepare("DELETE FROM throttle WHERE key = ?");
        this.#removeForgotten = db.prepare("DELETE FROM throttle WHERE forget_at_ms <= ? AND blocked_until_ms <= ?");
      }
      get(key) {
        return this.#get.get(key) ?? null;
      }
      put(key, state, policy) {
        this.#put.run({ key, ...state, forget_at_ms: state.updated_ms + policy.forget_after_ms });
      }
      remove(key) {
        this.#remove.run(key);
      }
      removeForgotten(now_ms) {
        return this.#removeForgotten.run(now_ms, now_ms).changes;
      }
    };
    SqliteThrottle = class {
      #access;
      #table;
      constructor(access, table) {
        this.#access = access;
        this.#table = table;
      }
      reserve(claims, now_ms) {
        return this.#access.change(() => {
          const blocked = longestBlock(
            claims.map(({ key }) => this.#table.get(key)),
            now_ms
          );
          if (blocked !== null) return { kind: "blocked", failures: blocked.failures, until_ms: blocked.blocked_until_ms };
          for (const { key, policy } of claims) {
            this.#table.put(key, countTry(this.#table.get(key), policy, now_ms), policy);
          }
          return { kind: "reserved" };
        });
      }
      forgive(cleared, refunded) {
        return this.#access.change(() => {
          for (const { key } of cleared) this.#table.remove(key);
          for (const { key, policy } of refunded) {
            const state = this.#table.get(key);
            if (state !== null) this.#table.put(key, forgiveTry(state, policy), policy);
          }
        });
      }
    };
  }
});

// functions/core/stores/sqlite/users.ts
function toRow4(user) {
  return { ...user, disabled: Number(user.disabled), algo_params: JSON.stringify(user.algo_params) };
}
function fromRow4(row) {
  if (row === void 0) return null;
  return { ...row, disabled: row.disabled === 1, algo_params: JSON.parse(row.algo_params) };
}
var UserTable, SqliteUsers;
var init_users2 = __esm({
  "functions/core/stores/sqlite/users.ts"() {
    "use strict";
    init_patches();
    init_owned();
    UserTable = class {
      #get;
      #byUsername;
      #list;
      #insert;
      #update;
      constructor(db) {
        this.#get = db.prepare("SELECT * FROM users WHERE tenant_id = ? AND user_id = ?");
        this.#byUsername = db.prepare("SELECT * FROM users WHERE tenant_id = ? AND username = ?");
        this.#list = db.prepare("SELECT * FROM users WHERE tenant_id = ? AND user_id > ? ORDER BY user_id LIMIT ?");
        this.#insert = db.prepare(
          `INSERT INTO users VALUES (@user_id, @tenant_id, @username, @role, @disabled, @created_ms, @password_hash,
         @algo_params) ON CONFLICT DO NOTHING`
        );
        this.#update = db.prepare(
          `UPDATE users SET role = @role, disabled = @disabled, password_hash = @password_hash, algo_params = @algo_params
       WHERE tenant_id = @tenant_id AND user_id = @user_id`
        );
      }
      get(tenant_id, user_id) {
        return fromRow4(this.#get.get(tenant_id, user_id));
      }
      findByUsername(tenant_id, username) {
        return fromRow4(this.#byUsername.get(tenant_id, username));
      }
      list(tenant_id, { after, limit }) {
        return this.#list.all(tenant_id, after ?? "", limit).flatMap((row) => fromRow4(row) ?? []);
      }
      /** False when the username, or the id, is taken. */
      insert(user) {
        return this.#insert.run(toRow4(user)).changes === 1;
      }
      update(user) {
        this.#update.run(toRow4(user));
      }
    };
    SqliteUsers = class {
      #scope;
      constructor(scope) {
        this.#scope = scope;
      }
      get(user_id) {
        const { access, tables, tenant_id } = this.#scope;
        return access.read(() => tables.users.get(tenant_id, user_id));
      }
      findByUsername(username) {
        const { access, tables, tenant_id } = this.#scope;
        return access.read(() => tables.users.findByUsername(tenant_id, username));
      }
      list(page) {
        const { access, tables, tenant_id } = this.#scope;
        return access.read(() => tables.users.list(tenant_id, page));
      }
      create(user, audit) {
        const { access, tables, tenant_id } = this.#scope;
        return access.change(() => {
          assertOwned(tenant_id, user, audit);
          if (!tables.users.insert(user)) return "exists";
          tables.audit.insert(audit);
          return "created";
        });
      }
      update(user_id, patch, audit) {
        const { access, tables, tenant_id } = this.#scope;
        return access.change(() => {
          assertOwned(tenant_id, audit);
          const user = tables.users.get(tenant_id, user_id);
          if (user === null) return null;
          const patched = patchUser(user, patch);
          tables.users.update(patched);
          tables.sessions.removeOfUser(tenant_id, user_id);
          tables.audit.insert(audit);
          return patched;
        });
      }
      rehash(user_id, expected_hash, password2) {
        const { access, tables, tenant_id } = this.#scope;
        return access.change(() => {
          const user = tables.users.get(tenant_id, user_id);
          if (user?.password_hash !== expected_hash) return false;
          tables.users.update(patchUser(user, { password: password2 }));
          return true;
        });
      }
    };
  }
});

// functions/core/stores/sqlite/tables.ts
function prepareTables(db) {
  const keys = new KeyTable(db);
  return {
    telemetry: new TelemetryTable(db),
    devices: new DeviceTable(db),
    keys,
    users: new UserTable(db),
    sessions: new SessionTable(db),
    audit: new AuditTable(db),
    tenants: new TenantTable(db),
    throttle: new ThrottleTable(db),
    sweeps: new SweepStatements(db)
  };
}
var init_tables = __esm({
  "functions/core/stores/sqlite/tables.ts"() {
    "use strict";
    init_audit3();
    init_device_tables();
    init_session_table();
    init_sweeps2();
    init_telemetry_table();
    init_tenants2();
    init_throttle3();
    init_users2();
  }
});

// functions/core/stores/sqlite/telemetry.ts
var MAX_CHUNK_ROWS, SqliteTelemetry;
var init_telemetry = __esm({
  "functions/core/stores/sqlite/telemetry.ts"() {
    "use strict";
    init_device_writes();
    init_retention();
    init_write_plan();
    init_owned();
    MAX_CHUNK_ROWS = 1001;
    SqliteTelemetry = class {
      #scope;
      constructor(scope) {
        this.#scope = scope;
      }
      write(request) {
        return this.#scope.access.change(() => {
          assertOwned(this.#scope.tenant_id, request.device);
          return this.#writeNow(request);
        });
      }
      #writeNow({ device, points, overwrite, now_ms }) {
        const { telemetry } = this.#scope.tables;
        const assignment = assignBuckets(device.widths, points);
        const plan = planWrite(assignment, (start_ms) => telemetry.bucket(device, start_ms), { overwrite });
        if (plan.changes.length === 0) return { kind: "done", receipt: plan.receipt };
        const decision = spendWrite(telemetry.budget(device), now_ms);
        if (decision.kind === "spent") return { kind: "over_budget", used: decision.used, reset_ms: decision.reset_ms };
        for (const change of plan.changes) telemetry.apply(device, change);
        telemetry.putBudget(device, decision.budget);
        return { kind: "done", receipt: plan.receipt };
      }
      // Each chunk is a statement of its own: none stays open, and no lock is held, while the caller works.
      async *scan(device, range, options) {
        assertOwned(this.#scope.tenant_id, device);
        const { access, tables } = this.#scope;
        const start_ms = Math.max(range.start_ms, oldestKept_ms(options.now_ms));
        let end_ms = range.end_ms;
        let limit = Math.max(1, Math.min(options.expected, MAX_CHUNK_ROWS));
        for (; ; ) {
          const chunk = await access.read(() => tables.telemetry.page(device, start_ms, end_ms, limit));
          const oldest = chunk.at(-1);
          if (oldest === void 0) return;
          yield chunk;
          if (chunk.length < limit) return;
          end_ms = oldest.timestamp_ms;
          limit = MAX_CHUNK_ROWS;
        }
      }
      writeBudget(device) {
        return this.#scope.access.read(() => {
          assertOwned(this.#scope.tenant_id, device);
          return this.#scope.tables.telemetry.budget(device);
        });
      }
    };
  }
});

// functions/core/stores/sqlite/open.ts
var open_exports2 = {};
__export(open_exports2, {
  openSqlite: () => openSqlite
});
async function openSqlite(file, options = {}) {
  const db = openFile(file, options.busy_timeout_ms);
  const tables = prepare(db);
  return {
    name: "sqlite",
    withMeter: (meter) => storesOf2(db, tables, meter),
    close: () => {
      db.close();
      return Promise.resolve();
    }
  };
}
function prepare(db) {
  try {
    migrate(db, MIGRATIONS);
    return prepareTables(db);
  } catch (error) {
    const file = db.name;
    db.close();
    throw error instanceof SetupError ? error : cannotUse(file, error);
  }
}
function storesOf2(db, tables, meter) {
  const access = new Access(db, meter);
  return {
    credentials: credentialsOf2(access, tables),
    tenants: new SqliteTenants(access, tables),
    throttle: new SqliteThrottle(access, tables.throttle),
    sweeps: new SqliteSweeps(access, tables),
    forTenant: (tenant_id) => tenantStores2({ access, tables, tenant_id })
  };
}
function credentialsOf2(access, tables) {
  return {
    findKey: (key_id) => access.read(() => tables.keys.find(key_id)),
    findSession: (token_sha256) => access.read(() => tables.sessions.find(token_sha256))
  };
}
function tenantStores2(scope) {
  return {
    tenant_id: scope.tenant_id,
    telemetry: new SqliteTelemetry(scope),
    devices: new SqliteDevices(scope),
    users: new SqliteUsers(scope),
    sessions: new SqliteSessions(scope),
    audit: new SqliteAuditLog(scope)
  };
}
var init_open2 = __esm({
  "functions/core/stores/sqlite/open.ts"() {
    "use strict";
    init_errors();
    init_audit3();
    init_devices2();
    init_driver();
    init_migrate();
    init_migrations();
    init_sessions2();
    init_sweeps2();
    init_tables();
    init_telemetry();
    init_tenants2();
    init_throttle3();
    init_users2();
  }
});

// functions/core/passwords/rules.ts
import * as z4 from "zod";
var MIN_BYTES, MAX_PASSWORD_BYTES, TriedPassword, NewPassword;
var init_rules = __esm({
  "functions/core/passwords/rules.ts"() {
    "use strict";
    MIN_BYTES = 12;
    MAX_PASSWORD_BYTES = 1024;
    TriedPassword = z4.string().refine((text) => text.isWellFormed(), "must be well-formed Unicode").refine((text) => Buffer.byteLength(text) <= MAX_PASSWORD_BYTES, "must be at most 1,024 bytes of UTF-8").meta({ format: "password", maxLength: MAX_PASSWORD_BYTES });
    NewPassword = TriedPassword.refine(
      (text) => Buffer.byteLength(text) >= MIN_BYTES,
      "must be at least 12 bytes of UTF-8"
    ).meta({ format: "password", maxLength: MAX_PASSWORD_BYTES, description: "12 to 1,024 bytes of UTF-8" });
  }
});

// functions/core/sessions/cookie.ts
function readSessionToken(header) {
  if (header === void 0 || header.length > MAX_COOKIE_HEADER) return null;
  const values = header.split(";").map((pair) => pair.trim()).filter((pair) => pair.startsWith(`${SESSION_COOKIE}=`)).map((pair) => pair.slice(SESSION_COOKIE.length + 1));
  const [value] = values;
  return values.length === 1 && value !== void 0 && TOKEN.test(value) ? value : null;
}
function setSessionCookie(token) {
  const max_age_s = SESSION_ABSOLUTE_MS / 1e3;
  return `${SESSION_COOKIE}=${token}; Path=/; Max-Age=${String(max_age_s)}; HttpOnly; Secure; SameSite=Lax`;
}
function clearSessionCookie() {
  return `${SESSION_COOKIE}=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax`;
}
var SESSION_COOKIE, TOKEN, MAX_COOKIE_HEADER;
var init_cookie = __esm({
  "functions/core/sessions/cookie.ts"() {
    "use strict";
    init_session_rules();
    SESSION_COOKIE = "__session";
    TOKEN = /^[A-Za-z0-9_-]{43}$/;
    MAX_COOKIE_HEADER = 4096;
  }
});

// functions/core/sessions/even-lookup.ts
async function findTenant(exchange, stores, tenant_id) {
  const named = TenantId.safeParse(tenant_id).success;
  const { reads } = exchange.meter;
  const tenant = await stores.tenants.get(named ? tenant_id : SYSTEM_TENANT);
  if (exchange.meter.reads === reads) await stores.forTenant(SYSTEM_TENANT).users.get(NOBODY);
  return named ? tenant : null;
}
async function findUser(stores, tenant, username) {
  const { users: users3 } = stores.forTenant(tenant?.tenant_id ?? SYSTEM_TENANT);
  const user = await users3.findByUsername(username);
  if (user === null) await users3.get(NOBODY);
  return tenant === null ? null : user;
}
var NOBODY;
var init_even_lookup = __esm({
  "functions/core/sessions/even-lookup.ts"() {
    "use strict";
    init_names();
    NOBODY = "00000000-0000-0000-0000-000000000000";
  }
});

// functions/core/http/client-address.ts
import ipaddr from "ipaddr.js";
function clientAddress(request, trusted_hops) {
  if (trusted_hops === 0) return canonical(request.socket_address);
  const hops = (request.header("x-forwarded-for") ?? "").slice(-2048).split(",");
  const hop = hops.length >= trusted_hops ? hops.at(-trusted_hops) : void 0;
  const claimed = hop?.trim() ?? "";
  return canonical(ipaddr.isValid(claimed) ? claimed : request.socket_address);
}
function canonical(address) {
  return ipaddr.isValid(address) ? ipaddr.process(address).toString() : "unknown";
}
function networkOf(address) {
  if (!ipaddr.isValid(address)) return "unknown";
  const parsed = ipaddr.process(address);
  const bytes = parsed.toByteArray();
  return bytes.slice(0, parsed.kind() === "ipv4" ? 3 : 8).join(".");
}
var init_client_address = __esm({
  "functions/core/http/client-address.ts"() {
    "use strict";
  }
});

// functions/core/sessions/fingerprint.ts
import { hash as hash2 } from "node:crypto";
function agentFamily(user_agent) {
  return FAMILIES.find((family) => user_agent.includes(family)) ?? "other";
}
function fingerprintOf(token, user_agent, address) {
  const keyed = (text) => hash2("sha256", `${token} ${text}`, "base64url").slice(0, 22);
  return { agent: keyed(`agent ${agentFamily(user_agent)}`), network: keyed(`network ${networkOf(address)}`) };
}
var FAMILIES;
var init_fingerprint = __esm({
  "functions/core/sessions/fingerprint.ts"() {
    "use strict";
    init_client_address();
    FAMILIES = ["Edg", "OPR", "Firefox", "Chrome", "Safari", "curl", "node", "python"];
  }
});

// functions/core/users/answer.ts
function userAnswer({ user_id, username, role, disabled, created_ms }) {
  return { user_id, username, role, disabled, created_ms };
}
var init_answer = __esm({
  "functions/core/users/answer.ts"() {
    "use strict";
  }
});

// functions/core/sessions/new-session.ts
function newSession(visit, user) {
  const { ids, now_ms, user_agent, address } = visit;
  const token = ids.secret();
  const session2 = {
    token_sha256: sha256(token),
    session_id: ids.uuid(),
    tenant_id: user.tenant_id,
    user_id: user.user_id,
    username: user.username,
    role: user.role,
    created_ms: now_ms,
    last_seen_ms: now_ms,
    fingerprint: fingerprintOf(token, user_agent, address)
  };
  return { session: session2, signedIn: { answer: sessionAnswer(session2, user), cookie: setSessionCookie(token) } };
}
function sessionAnswer(session2, user) {
  return {
    user: userAnswer(user),
    tenant_id: session2.tenant_id,
    created_ms: session2.created_ms,
    idle_expires_ms: idleExpiry_ms(session2),
    expires_ms: absoluteExpiry_ms(session2)
  };
}
var init_new_session = __esm({
  "functions/core/sessions/new-session.ts"() {
    "use strict";
    init_ids();
    init_session_rules();
    init_answer();
    init_cookie();
    init_fingerprint();
  }
});

// functions/core/sessions/sign-in-audit.ts
async function tellSignIn(exchange, stores, account2, { action, outcome, detail, user_id, tenant_exists }) {
  exchange.refusal_told = true;
  const origin = sha256(JSON.stringify(["sign-in", account2.tenant_id, networkOf(exchange.address)]));
  const untold = exchange.suite.refusals.admit(origin);
  if (untold === null) return;
  const exists = tenant_exists ?? await findTenant(exchange, stores, account2.tenant_id) !== null;
  const tenant_id = exists ? account2.tenant_id : SYSTEM_TENANT;
  const more = untold === 0 ? "" : ` (${String(untold)} more before)`;
  const target = user_id === void 0 ? masked(account2.username) : null;
  const facts = { user_id: user_id ?? null, target, detail: detail + more };
  await stores.forTenant(tenant_id).audit.append(exchange.event(tenant_id, action, outcome, facts));
}
function masked(username) {
  return `${username.slice(0, 1)}***`;
}
var init_sign_in_audit = __esm({
  "functions/core/sessions/sign-in-audit.ts"() {
    "use strict";
    init_client_address();
    init_ids();
    init_names();
    init_even_lookup();
  }
});

// functions/core/sessions/throttle.ts
async function throttled(exchange, account2, action, attempt) {
  const { one, network } = claimsOf(exchange, account2);
  const stores = await exchange.stores();
  const result = await exchange.suite.sign_ins.run(one.key, async () => {
    const reservation = await stores.throttle.reserve([one, network], exchange.now_ms);
    return reservation.kind === "blocked" ? reservation : counted(exchange, stores, one, network, attempt);
  });
  if (result.kind === "right") return result.value;
  if (result.kind === "blocked") {
    await tellSignIn(exchange, stores, account2, { action, outcome: "refused", detail: "sign_in_throttled" });
    throw tooMany(result, exchange.now_ms);
  }
  await tellSignIn(exchange, stores, account2, { ...result, action, outcome: "failure" });
  throw new Problem("invalid_credentials", "Check the tenant, the username and the password.");
}
async function counted(exchange, stores, one, network, attempt) {
  try {
    const result = await attempt();
    if (result.kind === "right") await forgive(exchange, stores, [one], [network]);
    return result;
  } catch (error) {
    await forgive(exchange, stores, [], [one, network]);
    throw error;
  }
}
function claimsOf(exchange, account2) {
  const network = networkOf(exchange.address);
  const key = (...parts) => sha256(JSON.stringify(parts));
  return {
    one: { key: key("account", account2.tenant_id, account2.username, network), policy: ACCOUNT_POLICY },
    network: { key: key("network", network), policy: ADDRESS_POLICY }
  };
}
async function forgive(exchange, stores, cleared, refunded) {
  try {
    await stores.throttle.forgive(cleared, refunded);
  } catch (error) {
    const { request_id, function_name } = exchange;
    exchange.suite.logger.log("WARNING", "a counted sign-in was not taken back", {
      request_id,
      function: function_name,
      stack: error instanceof Error ? error.stack : String(error)
    });
  }
}
function tooMany(blocked, now_ms) {
  const { free_failures: limit } = blocked.failures < ADDRESS_POLICY.free_failures ? ACCOUNT_POLICY : ADDRESS_POLICY;
  return new Problem("sign_in_throttled", "Wait before you try again.", {
    retry_after_s: Math.ceil((blocked.until_ms - now_ms) / SECOND_MS),
    members: { limit, used: blocked.failures, reset_ms: blocked.until_ms }
  });
}
var init_throttle4 = __esm({
  "functions/core/sessions/throttle.ts"() {
    "use strict";
    init_clock();
    init_errors();
    init_client_address();
    init_ids();
    init_throttle();
    init_sign_in_audit();
  }
});

// functions/core/sessions/sign-in.ts
import * as z5 from "zod";
function signInAccess(exchange, tenant_id) {
  return {
    signIn: ({ username, password: password2 }) => {
      const account2 = { tenant_id, username };
      return throttled(exchange, account2, "auth.login", () => trySignIn(exchange, account2, password2));
    }
  };
}
async function trySignIn(exchange, account2, password2) {
  const { passwords } = exchange.suite;
  const stores = await exchange.stores();
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const { user, tenant_exists, obstacle } = await lookUp(exchange, stores, account2);
    const verdict = await passwords.verify(password2, obstacle === null ? user : null);
    if (user === null || obstacle !== null || verdict.kind === "wrong") {
      return { kind: "wrong", detail: obstacle ?? "wrong password", user_id: user?.user_id, tenant_exists };
    }
    const own = stores.forTenant(user.tenant_id);
    const current_hash = verdict.outdated ? await renewHash(exchange, own, user, password2) : user.password_hash;
    const signedIn = current_hash === null ? null : await openSession(exchange, stores, user, current_hash);
    if (signedIn !== null) return { kind: "right", value: signedIn };
  }
  return { kind: "wrong", detail: "user or tenant changed meanwhile", tenant_exists: true };
}
async function lookUp(exchange, stores, { tenant_id, username }) {
  const tenant = await findTenant(exchange, stores, tenant_id);
  const user = await findUser(stores, tenant, username);
  return { user, tenant_exists: tenant !== null, obstacle: obstacleOf(tenant, user) };
}
function obstacleOf(tenant, user) {
  if (tenant === null) return "unknown tenant";
  if (user === null) return "unknown user";
  if (user.disabled) return "user disabled";
  return tenant.disabled ? "tenant disabled" : null;
}
async function renewHash(exchange, own, user, password2) {
  const renewed = await exchange.suite.passwords.hash(password2).catch((error) => {
    if (error instanceof Problem && error.code === "overloaded") return null;
    throw error;
  });
  if (renewed === null) return user.password_hash;
  return await own.users.rehash(user.user_id, user.password_hash, renewed) ? renewed.password_hash : null;
}
async function openSession(exchange, stores, user, hash5) {
  await endPrevious(exchange, stores);
  const own = stores.forTenant(user.tenant_id);
  const { session: session2, signedIn } = newSession(exchange, user);
  const live = (await own.sessions.listForUser(user.user_id)).filter((other) => !isExpired(other, exchange.now_ms));
  const ended = live.slice(MAX_SESSIONS_PER_USER - 1).map(({ session_id }) => session_id);
  const detail = ended.length === 0 ? null : `ended the oldest: ${ended.join(", ")}`;
  const facts = { user_id: user.user_id, target: session2.session_id, detail };
  const event = exchange.event(user.tenant_id, "auth.login", "success", facts);
  if (await own.sessions.open(session2, hash5, event) === "refused") return null;
  exchange.proven.tenant_id = user.tenant_id;
  return signedIn;
}
async function endPrevious(exchange, stores) {
  const token = readSessionToken(exchange.request.header("cookie"));
  if (token === null) return;
  const session2 = await stores.credentials.findSession(sha256(token));
  if (session2 === null || isExpired(session2, exchange.now_ms)) return;
  const { tenant_id, user_id, session_id, token_sha256, fingerprint } = session2;
  if (fingerprintOf(token, exchange.user_agent, exchange.address).agent !== fingerprint.agent) return;
  const facts = { user_id, target: session_id, detail: "replaced by a new sign-in" };
  const event = exchange.event(tenant_id, "session.revoke", "success", facts);
  await stores.forTenant(tenant_id).sessions.close(token_sha256, event);
}
var SignInBody, MAX_ROUNDS;
var init_sign_in = __esm({
  "functions/core/sessions/sign-in.ts"() {
    "use strict";
    init_errors();
    init_ids();
    init_names();
    init_session_rules();
    init_rules();
    init_cookie();
    init_even_lookup();
    init_fingerprint();
    init_new_session();
    init_throttle4();
    SignInBody = z5.strictObject({ username: Username, password: TriedPassword });
    MAX_ROUNDS = 3;
  }
});

// functions/core/tenancy/access.ts
function requireTenantHeader(exchange) {
  const header = exchange.tenantHeader();
  if (header === void 0 || header === "") {
    const name = exchange.suite.config.tenant_header;
    throw new Problem("tenant_mismatch", `Send the header ${name} with the id of your tenant.`);
  }
  return header;
}
function requireSameTenant(exchange, tenant_id) {
  exchange.proven.tenant_id = tenant_id;
  if (requireTenantHeader(exchange) !== tenant_id) {
    const name = exchange.suite.config.tenant_header;
    throw new Problem("tenant_mismatch", `The header ${name} names another tenant than your credential.`);
  }
}
function requirePermission(session2, permission) {
  if (!mayUse(session2.role, permission)) {
    throw new Problem("role_required", `Your role, ${session2.role}, may not do this; ask an administrator.`);
  }
}
function deviceForbidden() {
  return new Problem("device_forbidden", "Check the device id, or register the device first.");
}
function tenantAccess(stores) {
  return {
    stores,
    async device(device_id) {
      const device = DeviceId.safeParse(device_id).success ? await stores.devices.get(device_id) : null;
      if (device === null) throw deviceForbidden();
      return device;
    }
  };
}
var init_access = __esm({
  "functions/core/tenancy/access.ts"() {
    "use strict";
    init_errors();
    init_names();
    init_role();
  }
});

// functions/core/tenancy/device-key.ts
import { timingSafeEqual } from "node:crypto";
function newDeviceKey(ids, device, now_ms) {
  const key_id = ids.keyId();
  const secret = ids.secret();
  const { tenant_id, device_id } = device;
  const secret_sha256 = sha256(secret);
  const key = { key_id, tenant_id, device_id, secret_sha256, created_ms: now_ms, revoked_ms: null };
  return { key, text: `bas_${key_id}_${secret}` };
}
function hasBearer(exchange) {
  return exchange.request.header("authorization") !== void 0;
}
async function authenticateDevice(exchange) {
  const found = TOKEN2.exec(exchange.request.header("authorization") ?? "");
  if (found === null) throw liveKeyNeeded();
  const [, key_id = "", secret = ""] = found;
  const stores = await exchange.stores();
  const key = await stores.credentials.findKey(key_id);
  if (key === null) throw liveKeyNeeded();
  const tenant = await stores.tenants.get(key.tenant_id);
  const proven = sameDigest(sha256(secret), key.secret_sha256);
  if (!proven || key.revoked_ms !== null || tenant === null || tenant.disabled) {
    await tellFailedUse(exchange, stores, key, proven && key.revoked_ms !== null ? "revoked key" : "unauthenticated");
    throw liveKeyNeeded();
  }
  exchange.proven.device_id = key.device_id;
  requireSameTenant(exchange, key.tenant_id);
  return deviceWriter(exchange, stores, key);
}
function liveKeyNeeded() {
  return new Problem("unauthenticated", "Send Authorization: Bearer with a live key of this device.");
}
function deviceWriter(exchange, stores, key) {
  const own = stores.forTenant(key.tenant_id);
  return {
    stores: own,
    async writable(device_id) {
      if (device_id !== key.device_id) throw deviceForbidden();
      const device = await own.devices.get(device_id);
      if (device === null || device.disabled) throw deviceForbidden();
      if (needsTouch(device, key, exchange.now_ms)) await own.devices.touch(device_id, key.key_id, exchange.now_ms);
      return device;
    }
  };
}
function needsTouch(device, key, now_ms) {
  const used_ms = device.keys.find(({ key_id }) => key_id === key.key_id)?.last_used_ms ?? null;
  return used_ms === null || now_ms - used_ms >= TOUCH_MS;
}
async function tellFailedUse(exchange, stores, key, reason2) {
  exchange.refusal_told = true;
  const untold = exchange.suite.refusals.admit(`key ${key.key_id}`);
  if (untold === null) return;
  const detail = untold === 0 ? reason2 : `${reason2} (${String(untold)} more before)`;
  const facts = { device_id: key.device_id, target: key.key_id, detail };
  await stores.forTenant(key.tenant_id).audit.append(exchange.event(key.tenant_id, "key.use", "failure", facts));
}
function sameDigest(a, b) {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
var TOKEN2, TOUCH_MS;
var init_device_key = __esm({
  "functions/core/tenancy/device-key.ts"() {
    "use strict";
    init_clock();
    init_errors();
    init_ids();
    init_access();
    TOKEN2 = /^Bearer bas_([0-9a-f]{32})_([A-Za-z0-9_-]{43})$/;
    TOUCH_MS = HOUR_MS;
  }
});

// functions/core/tenancy/session.ts
async function authenticateSession(exchange) {
  const token = readSessionToken(exchange.request.header("cookie"));
  if (token === null) throw signInFirst();
  const stores = await exchange.stores();
  const session2 = await stores.credentials.findSession(sha256(token));
  if (session2 === null || isExpired(session2, exchange.now_ms)) throw signInFirst();
  exchange.proven.user_id = session2.user_id;
  requireSameTenant(exchange, session2.tenant_id);
  const own = stores.forTenant(session2.tenant_id);
  const live = await keepAlive(exchange, own, session2, token);
  if (live === null) throw signInFirst();
  const { tenant_id, username } = live;
  return {
    ...tenantAccess(own),
    session: live,
    token,
    countedTry: (action, attempt) => throttled(exchange, { tenant_id, username }, action, attempt)
  };
}
function signInFirst() {
  return new Problem("unauthenticated", "Sign in first: POST /v1/login.");
}
async function keepAlive(exchange, own, session2, token) {
  const seen = fingerprintOf(token, exchange.user_agent, exchange.address);
  if (seen.agent !== session2.fingerprint.agent) {
    const facts = { target: session2.session_id, detail: "another browser used this session" };
    await own.sessions.close(session2.token_sha256, exchange.event(own.tenant_id, "session.revoke", "refused", facts));
    exchange.refusal_told = true;
    return null;
  }
  const moved = seen.network !== session2.fingerprint.network;
  if (!moved && exchange.now_ms - session2.last_seen_ms < SESSION_TOUCH_MS) return session2;
  await own.sessions.touch(session2.token_sha256, exchange.now_ms, seen);
  if (moved && exchange.suite.refusals.admit(`moved ${session2.session_id}`) !== null) {
    const facts = { target: session2.session_id, detail: "the session went on from another network" };
    await own.audit.append(exchange.event(own.tenant_id, "auth.login", "success", facts));
  }
  return { ...session2, last_seen_ms: exchange.now_ms, fingerprint: seen };
}
var init_session = __esm({
  "functions/core/tenancy/session.ts"() {
    "use strict";
    init_errors();
    init_ids();
    init_session_rules();
    init_cookie();
    init_fingerprint();
    init_throttle4();
    init_access();
  }
});

// functions/core/http/strict-json.ts
function parseStrictJson(bytes) {
  return new Reader(decodeUtf8(bytes)).document();
}
function decodeUtf8(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new JsonRefused("The body is not valid UTF-8.");
  }
}
function isExactly(token, value) {
  return Math.abs(value) === LARGEST_EXACT && token.replace("-", "") === String(LARGEST_EXACT);
}
var JsonRefused, MAX_DEPTH, NUMBER, SPACE, STRING, LARGEST_EXACT, Reader;
var init_strict_json = __esm({
  "functions/core/http/strict-json.ts"() {
    "use strict";
    init_names();
    JsonRefused = class extends Error {
      name = "JsonRefused";
    };
    MAX_DEPTH = 32;
    NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
    SPACE = /[ \t\n\r]*/y;
    STRING = /"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001f]*)*"/y;
    LARGEST_EXACT = 2 ** 53;
    Reader = class {
      #text;
      #at = 0;
      constructor(text) {
        this.#text = text;
      }
      document() {
        const value = this.#value(0);
        this.#skipSpace();
        if (this.#at !== this.#text.length) throw this.#refused("something follows the value");
        return value;
      }
      #value(depth) {
        if (depth > MAX_DEPTH) throw this.#refused(`nested deeper than ${String(MAX_DEPTH)}`);
        this.#skipSpace();
        switch (this.#text[this.#at]) {
          case "{":
            return this.#object(depth);
          case "[":
            return this.#array(depth);
          case '"':
            return this.#string();
          case "t":
            return this.#word("true", true);
          case "f":
            return this.#word("false", false);
          case "n":
            return this.#word("null", null);
          default:
            return this.#number();
        }
      }
      #object(depth) {
        const object5 = {};
        this.#at += 1;
        if (this.#closes("}")) return object5;
        do {
          this.#skipSpace();
          const key = this.#string();
          if (PROTOTYPE_KEYS.has(key)) throw this.#refused(`the key ${JSON.stringify(key)} is not allowed`);
          if (Object.hasOwn(object5, key)) throw this.#refused(`the key ${JSON.stringify(key.slice(0, 80))} appears twice`);
          this.#expect(":");
          object5[key] = this.#value(depth + 1);
        } while (this.#goesOn("}"));
        return object5;
      }
      #array(depth) {
        const array5 = [];
        this.#at += 1;
        if (this.#closes("]")) return array5;
        do
          array5.push(this.#value(depth + 1));
        while (this.#goesOn("]"));
        return array5;
      }
      #string() {
        const token = this.#match(STRING);
        if (token === null) throw this.#refused("expected a string");
        if (!token.includes("\\")) return token.slice(1, -1);
        const text = JSON.parse(token);
        if (!text.isWellFormed()) throw this.#refused("a string holds half a surrogate pair");
        return text;
      }
      #number() {
        const token = this.#match(NUMBER);
        if (token === null) throw this.#refused("expected a value");
        const value = Number(token);
        if (!Number.isFinite(value)) throw this.#refused(`the number ${token.slice(0, 40)} is too large`);
        if (Math.abs(value) >= LARGEST_EXACT && Number.isInteger(value) && !isExactly(token, value)) {
          throw this.#refused(`the number ${token.slice(0, 40)} is beyond 2^53 and would be rounded`);
        }
        return value === 0 ? 0 : value;
      }
      #word(word, value) {
        if (!this.#text.startsWith(word, this.#at)) throw this.#refused("expected a value");
        this.#at += word.length;
        return value;
      }
      #closes(end) {
        this.#skipSpace();
        if (this.#text[this.#at] !== end) return false;
        this.#at += 1;
        return true;
      }
      #goesOn(end) {
        if (this.#closes(end)) return false;
        this.#expect(",");
        return true;
      }
      #expect(character) {
        if (!this.#closes(character)) throw this.#refused(`expected ${JSON.stringify(character)}`);
      }
      #skipSpace() {
        this.#match(SPACE);
      }
      #match(pattern) {
        pattern.lastIndex = this.#at;
        const found = pattern.exec(this.#text);
        if (found === null) return null;
        this.#at = pattern.lastIndex;
        return found[0];
      }
      #refused(why) {
        return new JsonRefused(`Broken JSON at character ${String(this.#at)}: ${why}.`);
      }
    };
  }
});

// functions/core/http/query.ts
import * as z6 from "zod";
function parseQuery(query, schema) {
  return parseInput(queryObject(query), schema, "query");
}
function parseInput(value, schema, where) {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = issue === void 0 || issue.path.length === 0 ? where : issue.path.map(String).join(".");
  throw new Problem("malformed_request", `${path}: ${issue?.message ?? "is not valid"}.`);
}
function queryObject(query) {
  if (query.length > MAX_QUERY_LENGTH) throw new Problem("malformed_request", "The query is too long.");
  const entries = {};
  if (query === "") return entries;
  for (const pair of query.split("&")) {
    const at = pair.indexOf("=");
    const name = decodeComponent(at < 0 ? pair : pair.slice(0, at));
    const value = at < 0 ? "" : decodeComponent(pair.slice(at + 1));
    if (!/^[a-z_]{1,64}$/.test(name)) throw new Problem("malformed_request", "A query parameter is not known.");
    if (Object.hasOwn(entries, name)) throw new Problem("malformed_request", `${name}: is given more than once.`);
    entries[name] = value;
  }
  return entries;
}
function decodeComponent(text) {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    throw new Problem("malformed_request", "The query is not valid percent-encoding.");
  }
}
function wholeNumber(min, max) {
  return z6.string().regex(/^(0|[1-9][0-9]{0,15})$/, "must be a whole number").transform(Number).pipe(z6.number().int().min(min).max(max)).meta({ query: { type: "integer", minimum: min, maximum: max } });
}
var MAX_QUERY_LENGTH;
var init_query = __esm({
  "functions/core/http/query.ts"() {
    "use strict";
    init_errors();
    MAX_QUERY_LENGTH = 8192;
  }
});

// functions/core/http/route.ts
import * as z7 from "zod";
function openRoute(shape, run) {
  return {
    ...shape,
    capability: "nobody",
    handle: async (exchange) => run(await readInput(shape, exchange), exchange)
  };
}
function signInRoute(shape, run) {
  return {
    ...shape,
    capability: "signIn",
    handle: async (exchange) => {
      const tenant_id = requireTenantHeader(exchange);
      return run(signInAccess(exchange, tenant_id), await readInput(shape, exchange), exchange);
    }
  };
}
function sessionRoute(permission, shape, run) {
  return {
    ...shape,
    capability: "session",
    permission,
    handle: async (exchange) => {
      requireTenantHeader(exchange);
      const access = await authenticateSession(exchange);
      requirePermission(access.session, permission);
      return run(access, await readInput(shape, exchange), exchange);
    }
  };
}
function writerRoute(shape, run) {
  return {
    ...shape,
    capability: "writer",
    permission: "telemetry.write",
    handle: async (exchange) => {
      requireTenantHeader(exchange);
      const access = hasBearer(exchange) ? await authenticateDevice(exchange) : await personWriting(exchange);
      return run(access, await readInput(shape, exchange), exchange);
    }
  };
}
async function personWriting(exchange) {
  const { session: session2, stores } = await authenticateSession(exchange);
  requirePermission(session2, "telemetry.write");
  const { device: owned } = tenantAccess(stores);
  return {
    stores,
    async writable(device_id) {
      const device = await owned(device_id);
      if (device.disabled) throw deviceForbidden();
      return device;
    }
  };
}
async function readInput(shape, exchange) {
  const body = await readBody(shape.body, exchange);
  const query = parseQuery(exchange.request.query, shape.query ?? Nothing);
  return { params: exchange.params, query, body };
}
async function readBody(schema, exchange) {
  const { request } = exchange;
  if (schema === void 0) return parseInput({}, Nothing, "body");
  requireJson(request.header("content-type"), request.header("content-encoding"));
  const bytes = await request.body(MAX_BODY_BYTES);
  if (bytes === null)
    throw new Problem("body_too_large", `Send at most ${String(MAX_BODY_BYTES)} bytes; split the points.`);
  try {
    return parseInput(parseStrictJson(bytes), schema, "body");
  } catch (error) {
    if (error instanceof JsonRefused) throw new Problem("malformed_request", error.message);
    throw error;
  }
}
function requireJson(type, encoding) {
  const media = type?.split(";", 1)[0]?.trim().toLowerCase();
  if (media !== "application/json") {
    throw new Problem("unsupported_media_type", "Send Content-Type: application/json.");
  }
  if (encoding !== void 0 && encoding.toLowerCase() !== "identity") {
    throw new Problem("unsupported_media_type", "Send the body uncompressed.");
  }
}
var MAX_BODY_BYTES, Nothing;
var init_route = __esm({
  "functions/core/http/route.ts"() {
    "use strict";
    init_errors();
    init_sign_in();
    init_access();
    init_device_key();
    init_session();
    init_strict_json();
    init_query();
    MAX_BODY_BYTES = 1048576;
    Nothing = z7.custom(
      (value) => typeof value === "object" && value !== null && Object.keys(value).length === 0,
      { message: "this route takes no parameters" }
    );
  }
});

// functions/core/http/freshness.ts
import { hash as hash3 } from "node:crypto";
function hashBody(body) {
  return hash3("sha256", body, "base64url").slice(0, 22);
}
function formatETag(validator) {
  const limit = validator.fresh_until_ms === null ? "" : `.${validator.fresh_until_ms.toString(36)}`;
  return `"${validator.hash}${limit}"`;
}
function parseIfNoneMatch(header) {
  if (header === void 0 || header.length > 2048) return [];
  return header.split(",").flatMap((part) => {
    const found = TAG.exec(part.trim());
    if (found === null) return [];
    const [, tag = "", limit] = found;
    return [{ hash: tag, fresh_until_ms: limit === void 0 ? null : Number.parseInt(limit, 36) }];
  });
}
function stillFresh(validators, now_ms) {
  return validators.find(
    ({ fresh_until_ms }) => fresh_until_ms !== null && fresh_until_ms > now_ms && fresh_until_ms <= now_ms + MAX_FRESH_MS
  );
}
var MAX_FRESH_MS, TAG;
var init_freshness = __esm({
  "functions/core/http/freshness.ts"() {
    "use strict";
    MAX_FRESH_MS = 12e4;
    TAG = /^(?:W\/)?"([A-Za-z0-9_-]{22})(?:\.([0-9a-z]{1,11}))?"$/;
  }
});

// functions/core/http/message.ts
var JsonText;
var init_message = __esm({
  "functions/core/http/message.ts"() {
    "use strict";
    JsonText = class {
      text;
      constructor(text) {
        this.text = text;
      }
    };
  }
});

// functions/core/http/cacheable.ts
function freshEnough(visit) {
  const validator = stillFresh(parseIfNoneMatch(visit.header("if-none-match")), visit.now_ms);
  if (validator === void 0) return null;
  return { status: 304, headers: headersFor(visit, validator) };
}
function cacheable(visit, text, hashed = text) {
  const { fresh_for_ms, cache_age_ms } = visit.meter;
  const validator = {
    hash: hashBody(hashed),
    fresh_until_ms: fresh_for_ms > 0 ? visit.now_ms + fresh_for_ms : null
  };
  const headers = headersFor(visit, validator);
  if (cache_age_ms !== null) headers["age"] = String(Math.floor(cache_age_ms / 1e3));
  const known = parseIfNoneMatch(visit.header("if-none-match"));
  if (known.some(({ hash: hash5 }) => hash5 === validator.hash)) return { status: 304, headers };
  return { status: 200, headers, body: new JsonText(text) };
}
function headersFor(visit, validator) {
  const fresh_for_ms = Math.max(0, (validator.fresh_until_ms ?? 0) - visit.now_ms);
  return { etag: formatETag(validator), "x-fresh-for": String(Math.ceil(fresh_for_ms / 1e3)) };
}
var init_cacheable = __esm({
  "functions/core/http/cacheable.ts"() {
    "use strict";
    init_freshness();
    init_message();
  }
});

// functions/core/http/openapi.ts
import * as z8 from "zod";
function openApiDocument(doors2, config) {
  const paths2 = {};
  for (const door of doors2) {
    for (const route of door.routes) {
      const methods = paths2[route.path] ??= {};
      methods[route.method.toLowerCase()] = operation(door, route, config);
    }
  }
  return {
    openapi: "3.1.0",
    info: { title: "Building telemetry", version: "1.0.0" },
    servers: [{ url: "/" }],
    paths: paths2,
    components: {
      securitySchemes: {
        session: { type: "apiKey", in: "cookie", name: "__session" },
        deviceKey: { type: "http", scheme: "bearer", bearerFormat: "bas_<key id>_<secret>" }
      },
      schemas: { Problem: problemSchema() }
    }
  };
}
function operation(door, route, config) {
  const { status, description, schema } = route.answer;
  const content = schema === void 0 ? {} : { content: { "application/json": { schema: jsonSchema(schema, "output") } } };
  const body = route.body === void 0 ? {} : { requestBody: requestBody(route.body) };
  const id = `${route.method.toLowerCase()} ${route.path}`.replace(/[^A-Za-z]+/g, "_").replace(/_$/, "");
  return {
    operationId: `${door.name}_${id}`,
    tags: [door.name],
    summary: route.summary,
    security: SECURITY[route.capability],
    parameters: [...tenantParameter(route, config), ...pathParameters(route.path), ...queryParameters(route.query)],
    ...body,
    responses: { [status]: { description, ...content }, ...problemResponses(route) }
  };
}
function requestBody(schema) {
  return { required: true, content: { "application/json": { schema: jsonSchema(schema, "input") } } };
}
function tenantParameter(route, config) {
  if (route.capability === "nobody") return [];
  return [{ name: config.tenant_header, in: "header", required: true, schema: { type: "string" } }];
}
function pathParameters(path) {
  return [...path.matchAll(/\{([a-z_]+)\}/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" }
  }));
}
function queryParameters(schema) {
  if (schema === void 0) return [];
  const { properties, required } = ObjectSchema.parse(jsonSchema(schema, "input"));
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: "query",
    required: required.includes(name),
    schema: property
  }));
}
function problemResponses(route) {
  const own = route.body === void 0 ? [] : ["body_too_large", "unsupported_media_type"];
  const codes = /* @__PURE__ */ new Set([...COMMON[route.capability], ...own, ...route.problems ?? []]);
  const by_status = /* @__PURE__ */ new Map();
  for (const code of codes) {
    const { status } = PROBLEMS[code];
    by_status.set(status, [...by_status.get(status) ?? [], code]);
  }
  const content = { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } };
  return Object.fromEntries([...by_status].map(([status, of]) => [status, { description: of.join(", "), content }]));
}
function problemSchema() {
  return {
    type: "object",
    required: ["type", "title", "status", "code", "detail", "request_id"],
    properties: {
      type: { type: "string" },
      title: { type: "string" },
      status: { type: "integer" },
      code: { enum: Object.keys(PROBLEMS) },
      detail: { type: "string" },
      request_id: { type: "string" }
    }
  };
}
function jsonSchema(schema, io) {
  const made = z8.toJSONSchema(schema, {
    io,
    unrepresentable: "any",
    override: ({ jsonSchema: node }) => {
      const shown = node["query"];
      if (typeof shown !== "object" || shown === null) return;
      for (const key of Object.keys(node)) Reflect.deleteProperty(node, key);
      Object.assign(node, shown);
    }
  });
  Reflect.deleteProperty(made, "$schema");
  return made;
}
var COMMON, SECURITY, ObjectSchema;
var init_openapi = __esm({
  "functions/core/http/openapi.ts"() {
    "use strict";
    init_errors();
    COMMON = {
      nobody: ["malformed_request", "method_not_allowed", "internal"],
      signIn: ["malformed_request", "method_not_allowed", "tenant_mismatch", "internal", "store_unavailable"],
      session: [
        "malformed_request",
        "unauthenticated",
        "tenant_mismatch",
        "role_required",
        "method_not_allowed",
        "internal",
        "store_unavailable"
      ],
      writer: [
        "malformed_request",
        "unauthenticated",
        "tenant_mismatch",
        "role_required",
        "method_not_allowed",
        "internal",
        "store_unavailable"
      ]
    };
    SECURITY = {
      nobody: [],
      signIn: [],
      session: [{ session: [] }],
      writer: [{ deviceKey: [] }, { session: [] }]
    };
    ObjectSchema = z8.object({
      properties: z8.record(z8.string(), z8.record(z8.string(), z8.unknown())).default({}),
      required: z8.array(z8.string()).default([])
    });
  }
});

// functions/core/http/answers.ts
import * as z9 from "zod";
var NextCursor, PointAnswer, ReceiptAnswer, PageAnswer, LatestAnswer, DeviceKeyAnswer, DeviceAnswer, NewDeviceAnswer, NewKeyAnswer, DeviceListAnswer, UserAnswer, UserListAnswer, SessionAnswer, SessionListAnswer, AuditEventAnswer, AuditListAnswer, HealthAnswer;
var init_answers = __esm({
  "functions/core/http/answers.ts"() {
    "use strict";
    init_audit();
    init_role();
    NextCursor = z9.string().nullable();
    PointAnswer = z9.object({
      timestamp_ms: z9.int(),
      metrics: z9.record(z9.string(), z9.union([z9.number(), z9.boolean(), z9.string()]))
    });
    ReceiptAnswer = z9.object({
      accepted: z9.int(),
      duplicates: z9.int(),
      rejected: z9.array(z9.object({ index: z9.int(), code: z9.string(), detail: z9.string() }))
    });
    PageAnswer = z9.object({
      device_id: z9.string(),
      interval_ms: z9.int().optional(),
      aggregate: z9.string().optional(),
      points: z9.array(PointAnswer),
      next_cursor: NextCursor
    });
    LatestAnswer = z9.object({
      devices: z9.array(
        z9.object({
          device_id: z9.string(),
          name: z9.string(),
          timestamp_ms: z9.int().nullable(),
          metrics: PointAnswer.shape.metrics.nullable(),
          age_ms: z9.int().nullable(),
          status: z9.enum(["ok", "late", "silent"]),
          points: z9.array(PointAnswer).optional()
        })
      )
    });
    DeviceKeyAnswer = z9.object({
      key_id: z9.string(),
      created_ms: z9.int(),
      last_used_ms: z9.int().nullable()
    });
    DeviceAnswer = z9.object({
      device_id: z9.string(),
      name: z9.string(),
      tags: z9.record(z9.string(), z9.string()),
      expected_interval_ms: z9.int().nullable(),
      disabled: z9.boolean(),
      last_seen_ms: z9.int().nullable(),
      keys: z9.array(DeviceKeyAnswer)
    });
    NewDeviceAnswer = DeviceAnswer.extend({ key: z9.string() });
    NewKeyAnswer = DeviceKeyAnswer.extend({ key: z9.string() });
    DeviceListAnswer = z9.object({ devices: z9.array(DeviceAnswer), next_cursor: NextCursor });
    UserAnswer = z9.object({
      user_id: z9.string(),
      username: z9.string(),
      role: Role,
      disabled: z9.boolean(),
      created_ms: z9.int()
    });
    UserListAnswer = z9.object({ users: z9.array(UserAnswer), next_cursor: NextCursor });
    SessionAnswer = z9.object({
      user: UserAnswer,
      tenant_id: z9.string(),
      created_ms: z9.int(),
      idle_expires_ms: z9.int(),
      expires_ms: z9.int()
    });
    SessionListAnswer = z9.object({
      sessions: z9.array(
        z9.object({
          session_id: z9.string(),
          created_ms: z9.int(),
          last_seen_ms: z9.int(),
          idle_expires_ms: z9.int(),
          expires_ms: z9.int(),
          current: z9.boolean()
        })
      ),
      next_cursor: NextCursor
    });
    AuditEventAnswer = z9.object({
      event_id: z9.string(),
      timestamp_ms: z9.int(),
      tenant_id: z9.string(),
      action: AuditAction,
      outcome: AuditOutcome,
      user_id: z9.string().nullable(),
      device_id: z9.string().nullable(),
      target: z9.string().nullable(),
      ip: z9.string().nullable(),
      user_agent: z9.string().nullable(),
      request_id: z9.string().nullable(),
      source: z9.string(),
      detail: z9.string().nullable()
    });
    AuditListAnswer = z9.object({ events: z9.array(AuditEventAnswer), next_cursor: NextCursor });
    HealthAnswer = z9.object({
      status: z9.enum(["ok", "degraded"]),
      build: z9.string(),
      flags: z9.record(z9.string(), z9.string()),
      gate: z9.object({ state: z9.string() }),
      breakers: z9.record(z9.string(), z9.string())
    });
  }
});

// functions/core/model/cursor.ts
import { hash as hash4 } from "node:crypto";
import * as z10 from "zod";
function encodeCursor(scope, place) {
  return Buffer.from(JSON.stringify([VERSION, digest(scope), place])).toString("base64url");
}
function decodeCursor(scope, place, cursor) {
  const refused = new Problem("invalid_cursor", "Start again without a cursor, or repeat the query it came from.");
  if (cursor.length > MAX_CURSOR_LENGTH) throw refused;
  const bytes = Buffer.from(cursor, "base64url");
  if (bytes.toString("base64url") !== cursor) throw refused;
  const parsed = z10.tuple([z10.literal(VERSION), z10.literal(digest(scope)), place]).safeParse(tryJson(bytes.toString()));
  if (!parsed.success) throw refused;
  return parsed.data[2];
}
function tryJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return void 0;
  }
}
function digest(scope) {
  const members = Object.entries(scope.query).filter(([, value]) => value !== void 0).sort(([a], [b]) => a < b ? -1 : 1);
  const text = JSON.stringify([scope.tenant_id, scope.function, members]);
  return hash4("sha256", text, "base64url").slice(0, 16);
}
var MAX_CURSOR_LENGTH, VERSION;
var init_cursor = __esm({
  "functions/core/model/cursor.ts"() {
    "use strict";
    init_errors();
    MAX_CURSOR_LENGTH = 1024;
    VERSION = 1;
  }
});

// functions/core/telemetry/incoming.ts
import * as z11 from "zod";
function admitPoints(raw, now_ms) {
  const points = [];
  const rejected = [];
  for (const [index, candidate] of raw.entries()) {
    const admitted = admitPoint(candidate, index, now_ms);
    if ("code" in admitted) rejected.push(admitted);
    else points.push(admitted);
  }
  return { points, rejected };
}
function admitPoint(candidate, index, now_ms) {
  const invalid = (detail) => ({ index, code: "invalid_point", detail });
  if (!isRecord(candidate)) return invalid("A point is an object with timestamp_ms and metrics.");
  const unknown3 = Object.keys(candidate).find((name) => name !== "timestamp_ms" && name !== "metrics");
  if (unknown3 !== void 0) {
    throw new Problem(
      "malformed_request",
      `points.${String(index)}: ${JSON.stringify(unknown3.slice(0, 80))} is not known.`
    );
  }
  const { timestamp_ms, metrics } = candidate;
  if (typeof timestamp_ms !== "number" || !Number.isSafeInteger(timestamp_ms) || timestamp_ms < 0) {
    return invalid("timestamp_ms must be a whole number of milliseconds since 1970, UTC.");
  }
  if (!isRecord(metrics)) return invalid("metrics must be an object of names and values.");
  if (!isMetrics(metrics)) return invalid(`${metricsFault(metrics) ?? "metrics are not valid"}.`);
  if (timestamp_ms < oldestKept_ms(now_ms)) {
    return { index, code: "timestamp_too_old", detail: "Older than the 90 days that are kept." };
  }
  if (timestamp_ms > now_ms + MAX_CLOCK_AHEAD_MS) {
    return { index, code: "timestamp_in_future", detail: "More than 5 minutes ahead; check the device's clock." };
  }
  return { index, timestamp_ms, metrics: canonicalMetrics(metrics) };
}
function isRecord(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
var MAX_POINTS_PER_REQUEST, POINT_FOR_READERS, IngestBody;
var init_incoming = __esm({
  "functions/core/telemetry/incoming.ts"() {
    "use strict";
    init_errors();
    init_names();
    init_point();
    init_retention();
    MAX_POINTS_PER_REQUEST = 1e3;
    POINT_FOR_READERS = {
      type: "object",
      required: ["timestamp_ms", "metrics"],
      additionalProperties: false,
      properties: {
        timestamp_ms: { type: "integer", description: "UTC epoch milliseconds" },
        metrics: {
          type: "object",
          minProperties: 1,
          maxProperties: 64,
          propertyNames: { pattern: "^[A-Za-z_][A-Za-z0-9_.:-]{0,63}$" },
          additionalProperties: { type: ["number", "boolean", "string"] }
        }
      }
    };
    IngestBody = z11.strictObject({
      device_id: DeviceId,
      points: z11.array(z11.unknown().meta(POINT_FOR_READERS)).min(1).max(MAX_POINTS_PER_REQUEST),
      overwrite: z11.boolean().default(false)
    });
  }
});

// functions/core/telemetry/ingest.ts
async function ingest(telemetry, device, request, now_ms) {
  const admitted = admitPoints(request.points, now_ms);
  if (admitted.points.length === 0) throw nothingAccepted(admitted.rejected);
  const { points } = admitted;
  const outcome = await telemetry.write({ device, points, overwrite: request.overwrite, now_ms });
  if (outcome.kind === "over_budget") throw overBudget2(outcome, now_ms);
  const rejected = [...admitted.rejected, ...outcome.receipt.rejected].sort((a, b) => a.index - b.index);
  const receipt = { ...outcome.receipt, rejected };
  if (receipt.accepted === 0 && receipt.duplicates === 0) throw nothingAccepted(rejected);
  return receipt;
}
function nothingAccepted(rejected) {
  return new Problem("nothing_accepted", "Every point was refused; see rejected.", { members: { rejected } });
}
function overBudget2(outcome, now_ms) {
  const { used, reset_ms } = outcome;
  const detail = "Collect points and send them together: a request holds up to 1,000.";
  return new Problem("device_write_budget", detail, {
    retry_after_s: Math.ceil((reset_ms - now_ms) / 1e3),
    members: { limit: DEVICE_WRITES_PER_MINUTE, used, reset_ms }
  });
}
var init_ingest = __esm({
  "functions/core/telemetry/ingest.ts"() {
    "use strict";
    init_device_writes();
    init_errors();
    init_incoming();
  }
});

// functions/core/telemetry/collect.ts
import { setImmediate } from "node:timers/promises";
async function walk(chunks, visit) {
  let since_yield = 0;
  for await (const chunk of chunks) {
    for (const point of chunk) if (!visit(point)) return;
    since_yield += chunk.length;
    if (since_yield >= YIELD_EVERY_POINTS) {
      since_yield = 0;
      await setImmediate();
    }
  }
}
async function collectPage(chunks, limit, names) {
  const points = [];
  let next_before_ms = null;
  let last_seen_ms = 0;
  let scanned = 0;
  await walk(chunks, (point) => {
    const last = points.at(-1);
    if (scanned >= MAX_SCANNED_POINTS || points.length === limit && last !== void 0) {
      next_before_ms = last !== void 0 && points.length === limit ? last.timestamp_ms : last_seen_ms;
      return false;
    }
    scanned += 1;
    last_seen_ms = point.timestamp_ms;
    const kept = names === void 0 ? point : pick(point, names);
    if (kept !== null) points.push(kept);
    return true;
  });
  return { points, next_before_ms };
}
function pick(point, names) {
  const all = parseMetrics(point.metrics);
  const kept = {};
  for (const name of names) {
    const value = Object.hasOwn(all, name) ? all[name] : void 0;
    if (value !== void 0) kept[name] = value;
  }
  return Object.keys(kept).length === 0 ? null : { ...point, metrics: canonicalMetrics(kept) };
}
var MAX_SCANNED_POINTS, YIELD_EVERY_POINTS;
var init_collect = __esm({
  "functions/core/telemetry/collect.ts"() {
    "use strict";
    init_point();
    MAX_SCANNED_POINTS = 2e5;
    YIELD_EVERY_POINTS = 1e4;
  }
});

// functions/core/telemetry/aggregate.ts
import * as z12 from "zod";
async function aggregatePage(chunks, options) {
  const { interval_ms, aggregate, limit, names } = options;
  const points = [];
  let next_before_ms = null;
  let open;
  let scanned = 0;
  const close = () => {
    if (open === void 0) return;
    const result = summarise(open.tallies, aggregate);
    if (result !== null) points.push({ timestamp_ms: open.start_ms, metrics: result });
  };
  await walk(chunks, (point) => {
    const start_ms = Math.floor(point.timestamp_ms / interval_ms) * interval_ms;
    if (open !== void 0 && open.start_ms !== start_ms) {
      close();
      if (points.length === limit || scanned >= MAX_SCANNED_POINTS) {
        next_before_ms = open.start_ms;
        open = void 0;
        return false;
      }
      open = void 0;
    }
    open ??= { start_ms, tallies: /* @__PURE__ */ new Map() };
    scanned += 1;
    feed(open.tallies, point, names);
    return true;
  });
  close();
  return { points, next_before_ms };
}
function feed(tallies, point, names) {
  for (const [name, value] of Object.entries(parseMetrics(point.metrics))) {
    if (names !== void 0 && !names.includes(name)) continue;
    let tally = tallies.get(name);
    if (tally === void 0) {
      tally = { count: 0, numbers: 0, sum: 0, min: Infinity, max: -Infinity, first: value, last: value };
      tallies.set(name, tally);
    }
    tally.count += 1;
    tally.first = value;
    if (typeof value !== "number") continue;
    tally.numbers += 1;
    tally.sum += value;
    tally.min = Math.min(tally.min, value);
    tally.max = Math.max(tally.max, value);
  }
}
function summarise(tallies, aggregate) {
  const metrics = {};
  for (const [name, tally] of tallies) {
    const value = valueOf(tally, aggregate);
    if (value !== null) metrics[name] = value;
  }
  return Object.keys(metrics).length === 0 ? null : canonicalMetrics(metrics);
}
function valueOf(tally, aggregate) {
  switch (aggregate) {
    case "count":
    case "first":
    case "last":
      return tally[aggregate];
    case "avg":
      return tally.numbers === 0 ? null : finite(tally.sum / tally.numbers);
    case "min":
    case "max":
    case "sum":
      return tally.numbers === 0 ? null : finite(tally[aggregate]);
  }
}
function finite(value) {
  return Number.isFinite(value) ? value : null;
}
var Aggregate;
var init_aggregate = __esm({
  "functions/core/telemetry/aggregate.ts"() {
    "use strict";
    init_point();
    init_collect();
    Aggregate = z12.enum(["avg", "min", "max", "sum", "count", "first", "last"]);
  }
});

// functions/core/telemetry/query-page.ts
import * as z13 from "zod";
async function recentPage(stores, device, query, visit) {
  const range = { start_ms: 0, end_ms: visit.now_ms + MAX_CLOCK_AHEAD_MS + 1 };
  return pageOf(stores, device, range, query, visit);
}
async function windowPage(stores, device, query, visit) {
  return pageOf(stores, device, query, query, visit);
}
async function pageOf(stores, device, window, query, visit) {
  const { cursor, ...identity } = query;
  const scope = { tenant_id: stores.tenant_id, function: visit.function_name, query: identity };
  const before_ms = cursor === void 0 ? window.end_ms : decodeCursor(scope, Place, cursor);
  if (before_ms > window.end_ms) throw new Problem("invalid_cursor", "Start again without a cursor.");
  const start_ms = Math.max(window.start_ms, oldestKept_ms(visit.now_ms));
  const range = { start_ms, end_ms: before_ms };
  const { limit, interval_ms, aggregate, metrics: names } = query;
  const expected = interval_ms === void 0 ? limit + 1 : expectedPoints(device, Math.min(limit * interval_ms, before_ms - start_ms));
  const chunks = stores.telemetry.scan(device, range, { expected, now_ms: visit.now_ms });
  const page = interval_ms === void 0 || aggregate === void 0 ? await collectPage(chunks, limit, names) : await aggregatePage(chunks, { interval_ms, aggregate, limit, names });
  return pageText(device.device_id, page, scope, { interval_ms, aggregate });
}
function expectedPoints(device, span_ms) {
  return Math.ceil(span_ms / (device.expected_interval_ms ?? DEFAULT_INTERVAL_MS)) + 1;
}
function pageText(device_id, page, scope, echo) {
  const head = JSON.stringify({ device_id, ...echo }).slice(0, -1);
  const next_cursor = page.next_before_ms === null ? null : encodeCursor(scope, page.next_before_ms);
  return new JsonText(`${head},"points":${pointsText(page.points)},"next_cursor":${JSON.stringify(next_cursor)}}`);
}
function pointsText(points) {
  let text = "[";
  for (const { timestamp_ms, metrics } of points) {
    if (text.length > 1) text += ",";
    text += `{"timestamp_ms":${String(timestamp_ms)},"metrics":${metrics}}`;
  }
  return `${text}]`;
}
var DEFAULT_INTERVAL_MS, MetricNames, Paging, Instant, RecentQuery, WindowQuery, Place;
var init_query_page = __esm({
  "functions/core/telemetry/query-page.ts"() {
    "use strict";
    init_clock();
    init_errors();
    init_message();
    init_query();
    init_cursor();
    init_names();
    init_point();
    init_retention();
    init_aggregate();
    init_collect();
    DEFAULT_INTERVAL_MS = MINUTE_MS;
    MetricNames = z13.string().transform((list4) => [...new Set(list4.split(","))].sort()).refine(
      (names) => names.length <= MAX_METRICS_PER_POINT && names.every(isMetricName),
      "must be metric names, comma-separated"
    );
    Paging = {
      limit: wholeNumber(1, 1e3).default(100),
      metrics: MetricNames.optional(),
      cursor: z13.string().min(1).optional()
    };
    Instant = wholeNumber(0, 864e13);
    RecentQuery = z13.strictObject({ device_id: DeviceId, ...Paging });
    WindowQuery = z13.strictObject({
      device_id: DeviceId,
      start_ms: Instant,
      end_ms: Instant,
      interval_ms: wholeNumber(1, 90 * DAY_MS).optional(),
      aggregate: Aggregate.optional(),
      ...Paging
    }).refine(({ start_ms, end_ms }) => start_ms < end_ms, { path: ["end_ms"], message: "must be later than start_ms" }).refine(({ start_ms, end_ms }) => end_ms - start_ms <= TELEMETRY_RETENTION_MS, {
      path: ["end_ms"],
      message: "must be at most 90 days after start_ms"
    }).refine(({ interval_ms, aggregate }) => interval_ms === void 0 === (aggregate === void 0), {
      path: ["aggregate"],
      message: "goes together with interval_ms"
    });
    Place = z13.number().int();
  }
});

// functions/core/telemetry/latest.ts
import * as z14 from "zod";
function staleness(age_ms, expected_interval_ms) {
  const interval_ms = expected_interval_ms ?? DEFAULT_INTERVAL_MS2;
  if (age_ms === null || age_ms > SILENT_AFTER_INTERVALS * interval_ms) return "silent";
  return age_ms > LATE_AFTER_INTERVALS * interval_ms ? "late" : "ok";
}
async function latestOf(stores, devices3, points, now_ms) {
  const rows = [];
  for (let at = 0; at < devices3.length; at += DEVICES_AT_ONCE) {
    const batch = devices3.slice(at, at + DEVICES_AT_ONCE);
    rows.push(...await Promise.all(batch.map((device) => rowOf(stores, device, points, now_ms))));
  }
  return {
    text: `{"devices":[${rows.map(({ text }) => text).join(",")}]}`,
    validator: rows.map(({ validator }) => validator).join("\n")
  };
}
async function allDevices(stores) {
  const devices3 = [];
  for (; ; ) {
    const page = await stores.devices.list({ after: devices3.at(-1)?.device_id, limit: LIST_PAGE });
    devices3.push(...page);
    if (page.length < LIST_PAGE) return devices3;
  }
}
async function rowOf(stores, device, points, now_ms) {
  const recent = await newestPoints(stores, device, Math.max(1, points), now_ms);
  const newest = recent[0];
  const age_ms = newest === void 0 ? null : Math.max(0, now_ms - newest.timestamp_ms);
  const status = staleness(age_ms, device.expected_interval_ms);
  const { device_id, name } = device;
  const head = JSON.stringify({ device_id, name, timestamp_ms: newest?.timestamp_ms ?? null }).slice(0, -1);
  const stable = `${head},"metrics":${newest?.metrics ?? "null"},"status":"${status}"`;
  const tail = points === 0 ? "" : `,"points":${pointsText(recent)}`;
  return { text: `${stable},"age_ms":${String(age_ms)}${tail}}`, validator: stable + tail };
}
async function newestPoints(stores, device, count, now_ms) {
  const range = { start_ms: oldestKept_ms(now_ms), end_ms: now_ms + MAX_CLOCK_AHEAD_MS + 1 };
  const found = [];
  for await (const chunk of stores.telemetry.scan(device, range, { expected: count, now_ms })) {
    found.push(...chunk.slice(0, count - found.length));
    if (found.length >= count) break;
  }
  return found;
}
var MAX_DEVICE_IDS, LIST_PAGE, DEVICES_AT_ONCE, DEFAULT_INTERVAL_MS2, LATE_AFTER_INTERVALS, SILENT_AFTER_INTERVALS, LatestQuery;
var init_latest = __esm({
  "functions/core/telemetry/latest.ts"() {
    "use strict";
    init_clock();
    init_query();
    init_names();
    init_retention();
    init_query_page();
    MAX_DEVICE_IDS = 50;
    LIST_PAGE = 500;
    DEVICES_AT_ONCE = 16;
    DEFAULT_INTERVAL_MS2 = MINUTE_MS;
    LATE_AFTER_INTERVALS = 2;
    SILENT_AFTER_INTERVALS = 10;
    LatestQuery = z14.strictObject({
      device_ids: z14.string().transform((list4) => [...new Set(list4.split(","))]).pipe(z14.array(DeviceId).min(1).max(MAX_DEVICE_IDS)).optional(),
      points: wholeNumber(0, 30).default(0)
    });
  }
});

// functions/core/audit/query.ts
import * as z15 from "zod";
async function auditPage(stores, query, visit) {
  const { cursor, limit, ...filter } = query;
  const scope = { tenant_id: stores.tenant_id, function: visit.function_name, query: { ...filter, limit } };
  const after = cursor === void 0 ? void 0 : decodeCursor(scope, Place2, cursor);
  const start_ms = Math.max(filter.start_ms ?? 0, visit.now_ms - AUDIT_RETENTION_MS);
  const range = { start_ms, end_ms: filter.end_ms ?? visit.now_ms + 1 };
  const { user_id, action } = filter;
  const found = await stores.audit.query({ user_id, action, ...range }, { after, limit: limit + 1 });
  const events = found.slice(0, limit);
  const last = found.length > limit ? events.at(-1) : void 0;
  const next_cursor = last === void 0 ? null : encodeCursor(scope, { timestamp_ms: last.timestamp_ms, event_id: last.event_id });
  return { events, next_cursor };
}
var Instant2, Place2, AuditQuery;
var init_query2 = __esm({
  "functions/core/audit/query.ts"() {
    "use strict";
    init_query();
    init_audit();
    init_cursor();
    init_retention();
    Instant2 = wholeNumber(0, 864e13);
    Place2 = z15.object({ timestamp_ms: z15.int(), event_id: z15.string().max(64) });
    AuditQuery = z15.strictObject({
      user_id: z15.uuid().optional(),
      action: AuditAction.optional(),
      start_ms: Instant2.optional(),
      end_ms: Instant2.optional(),
      limit: wholeNumber(1, 1e3).default(100),
      cursor: z15.string().min(1).optional()
    }).refine(({ start_ms = 0, end_ms = Infinity }) => start_ms < end_ms, {
      path: ["end_ms"],
      message: "must be later than start_ms"
    });
  }
});

// functions/core/devices/devices.ts
import * as z16 from "zod";
function deviceAnswer(device) {
  const { device_id, name, tags, expected_interval_ms, disabled, last_seen_ms, keys } = device;
  return { device_id, name, tags, expected_interval_ms, disabled, last_seen_ms, keys };
}
async function listDevices(stores, query, visit) {
  const { cursor, ...identity } = query;
  const scope = { tenant_id: stores.tenant_id, function: visit.function_name, query: identity };
  const after = cursor === void 0 ? void 0 : decodeCursor(scope, DeviceId, cursor);
  const found = await stores.devices.list({ after, limit: query.limit + 1 });
  const devices3 = found.slice(0, query.limit);
  const last = found.length > query.limit ? devices3.at(-1) : void 0;
  const next_cursor = last === void 0 ? null : encodeCursor(scope, last.device_id);
  return { devices: devices3.map(deviceAnswer), next_cursor };
}
async function registerDevice(stores, body, visit) {
  const { now_ms } = visit;
  const { key, text } = newDeviceKey(visit.ids, { tenant_id: stores.tenant_id, ...body }, now_ms);
  const device = {
    tenant_id: stores.tenant_id,
    ...body,
    name: body.name ?? body.device_id,
    widths: firstWidths(body.expected_interval_ms),
    last_seen_ms: null,
    created_ms: now_ms,
    keys: [{ key_id: key.key_id, created_ms: now_ms, last_used_ms: null }]
  };
  const event = visit.event(stores.tenant_id, "device.create", "success", { device_id: device.device_id });
  if (await stores.devices.create(device, key, event) === "exists") {
    throw new Problem("already_exists", "A device with this id is registered; PATCH it instead.");
  }
  return { ...deviceAnswer(device), key: text };
}
async function updateDevice(stores, device_id, patch, visit) {
  const detail = Object.keys(patch).sort().join(",");
  const event = visit.event(stores.tenant_id, "device.update", "success", { device_id, detail });
  const device = await stores.devices.update(device_id, patch, visit.now_ms, event);
  if (device === null) throw deviceForbidden();
  return deviceAnswer(device);
}
async function issueDeviceKey(stores, device_id, visit) {
  const { key, text } = newDeviceKey(visit.ids, { tenant_id: stores.tenant_id, device_id }, visit.now_ms);
  const facts = { device_id, target: key.key_id };
  const outcome = await stores.devices.issueKey(key, visit.event(stores.tenant_id, "key.issue", "success", facts));
  if (outcome === "no_device") throw deviceForbidden();
  if (outcome === "too_many_keys") {
    const detail = `A device has at most ${String(MAX_LIVE_KEYS)} live keys; revoke one first.`;
    throw new Problem("precondition_failed", detail);
  }
  const info = { key_id: key.key_id, created_ms: key.created_ms, last_used_ms: null };
  return { ...info, key: text };
}
async function revokeDeviceKey(stores, device_id, key_id, visit) {
  parseInput(key_id, z16.string().regex(/^[0-9a-f]{32}$/, "is not a key id"), "key_id");
  const facts = { device_id, target: key_id };
  const event = visit.event(stores.tenant_id, "key.revoke", "success", facts);
  if (await stores.devices.revokeKey(device_id, key_id, event) === "not_found") {
    throw new Problem("not_found", "The device has no live key with this id.");
  }
}
var NAME_MAX, TAGS_MAX, Name, Tags, ExpectedInterval, DeviceBody, DevicePatchBody, ListQuery;
var init_devices3 = __esm({
  "functions/core/devices/devices.ts"() {
    "use strict";
    init_clock();
    init_errors();
    init_query();
    init_bucket();
    init_cursor();
    init_entities();
    init_names();
    init_access();
    init_device_key();
    NAME_MAX = 200;
    TAGS_MAX = 64;
    Name = z16.string().min(1).max(NAME_MAX);
    Tags = z16.record(z16.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_.:-]{0,63}$/), z16.string().max(256)).refine((tags) => Object.keys(tags).length <= TAGS_MAX, `must be at most ${String(TAGS_MAX)} tags`);
    ExpectedInterval = z16.int().min(100).max(7 * DAY_MS).nullable();
    DeviceBody = z16.strictObject({
      device_id: DeviceId,
      name: Name.optional(),
      tags: Tags.default({}),
      expected_interval_ms: ExpectedInterval.default(null),
      disabled: z16.boolean().default(false)
    });
    DevicePatchBody = z16.strictObject({
      name: Name.optional(),
      tags: Tags.optional(),
      expected_interval_ms: ExpectedInterval.optional(),
      disabled: z16.boolean().optional()
    }).refine((patch) => Object.keys(patch).length > 0, "name at least one member to change");
    ListQuery = z16.strictObject({
      limit: wholeNumber(1, 1e3).default(100),
      cursor: z16.string().min(1).optional()
    });
  }
});

// functions/core/observability/health.ts
function healthOf(config) {
  const store = config.home.kind;
  return {
    status: "ok",
    build: config.build,
    flags: { telemetry: store, audit: store, auth: store },
    gate: { state: store === "sqlite" ? "not_asked" : "open" },
    breakers: {}
  };
}
var init_health = __esm({
  "functions/core/observability/health.ts"() {
    "use strict";
  }
});

// functions/core/sessions/account.ts
import * as z17 from "zod";
async function ownSession({ session: session2, stores }) {
  const user = await stores.users.get(session2.user_id);
  if (user === null) throw signInAgain();
  return sessionAnswer(session2, user);
}
async function signOut({ session: session2, stores }, visit) {
  const event = visit.event(stores.tenant_id, "auth.logout", "success", { target: session2.session_id });
  await stores.sessions.close(session2.token_sha256, event);
}
function changePassword(access, body, visit) {
  return access.countedTry("auth.password_change", () => tryChange(access, body, visit));
}
async function tryChange({ session: session2, stores }, { current_password, new_password }, visit) {
  const { passwords } = visit;
  const user = await stores.users.get(session2.user_id);
  if (user === null) throw signInAgain();
  const verdict = await passwords.verify(current_password, user);
  if (verdict.kind === "wrong") {
    return { kind: "wrong", detail: "wrong password", user_id: user.user_id, tenant_exists: true };
  }
  const next = newSession(visit, user);
  const change = {
    user_id: user.user_id,
    expected_hash: user.password_hash,
    password: await passwords.hash(new_password),
    current_token_sha256: session2.token_sha256,
    next: next.session
  };
  const facts = { target: next.session.session_id, detail: "every other session ended" };
  const event = visit.event(stores.tenant_id, "auth.password_change", "success", facts);
  if (await stores.sessions.changePassword(change, event) === "stale") throw signInAgain();
  return { kind: "right", value: next.signedIn };
}
function signInAgain() {
  return new Problem("reauthentication_required", "Your session or your password has changed meanwhile.");
}
async function listSessions({ session: session2, stores }, { limit, cursor }, visit) {
  const scope = {
    tenant_id: stores.tenant_id,
    function: visit.function_name,
    query: { user_id: session2.user_id, limit }
  };
  const after = cursor === void 0 ? void 0 : decodeCursor(scope, z17.uuid(), cursor);
  const live = (await stores.sessions.listForUser(session2.user_id)).filter((one) => !isExpired(one, visit.now_ms));
  const start = after === void 0 ? 0 : live.findIndex(({ session_id }) => session_id === after) + 1;
  const page = live.slice(start, start + limit);
  const last = start + limit < live.length ? page.at(-1) : void 0;
  return {
    sessions: page.map((one) => ({
      session_id: one.session_id,
      created_ms: one.created_ms,
      last_seen_ms: one.last_seen_ms,
      idle_expires_ms: idleExpiry_ms(one),
      expires_ms: absoluteExpiry_ms(one),
      current: one.session_id === session2.session_id
    })),
    next_cursor: last === void 0 ? null : encodeCursor(scope, last.session_id)
  };
}
async function revokeSession({ session: session2, stores }, session_id, visit) {
  const event = visit.event(stores.tenant_id, "session.revoke", "success", { target: session_id });
  const known = z17.uuid().safeParse(session_id).success;
  if (!known || !await stores.sessions.revoke(session2.user_id, session_id, event)) {
    throw new Problem("not_found", "You have no session with this id.");
  }
  return { own: session_id === session2.session_id };
}
var PasswordChangeBody, SessionListQuery;
var init_account = __esm({
  "functions/core/sessions/account.ts"() {
    "use strict";
    init_errors();
    init_query();
    init_cursor();
    init_session_rules();
    init_rules();
    init_new_session();
    PasswordChangeBody = z17.strictObject({ current_password: TriedPassword, new_password: NewPassword });
    SessionListQuery = z17.strictObject({
      limit: wholeNumber(1, 1e3).default(100),
      cursor: z17.string().min(1).optional()
    });
  }
});

// functions/core/users/users.ts
import * as z18 from "zod";
async function listUsers({ stores }, { limit, cursor }, visit) {
  const scope = { tenant_id: stores.tenant_id, function: visit.function_name, query: { limit } };
  const after = cursor === void 0 ? void 0 : decodeCursor(scope, z18.uuid(), cursor);
  const found = await stores.users.list({ after, limit: limit + 1 });
  const users3 = found.slice(0, limit);
  const last = found.length > limit ? users3.at(-1) : void 0;
  const next_cursor = last === void 0 ? null : encodeCursor(scope, last.user_id);
  return { users: users3.map(userAnswer), next_cursor };
}
async function createUser({ session: session2, stores }, { username, password: password2, role }, visit) {
  requireMayAssign(session2, role);
  const { ids, passwords } = visit;
  const user = {
    tenant_id: stores.tenant_id,
    user_id: ids.uuid(),
    username,
    role,
    disabled: false,
    created_ms: visit.now_ms,
    ...await passwords.hash(password2)
  };
  const facts = { target: user.user_id, detail: `role ${role}` };
  const event = visit.event(stores.tenant_id, "user.create", "success", facts);
  if (await stores.users.create(user, event) === "exists") {
    throw new Problem("already_exists", "A user with this name exists; choose another name, or PATCH that user.");
  }
  return userAnswer(user);
}
function updateUser(access, user_id, patch, visit) {
  const { tenant_id } = access.stores;
  return visit.user_changes.run(tenant_id, () => applyPatch(access, user_id, patch, visit));
}
async function applyPatch({ session: session2, stores }, user_id, patch, visit) {
  const user = z18.uuid().safeParse(user_id).success ? await stores.users.get(user_id) : null;
  if (user === null) throw noSuchUser();
  requireMayAssign(session2, user.role);
  const { role = user.role, disabled = user.disabled } = patch;
  if (role === user.role && disabled === user.disabled) return userAnswer(user);
  requireMayAssign(session2, role);
  await requireAnAdminStays(stores.users, user, { role, disabled });
  const detail = `role ${user.role} -> ${role}, ${disabled ? "disabled" : "enabled"}`;
  const event = visit.event(stores.tenant_id, "user.update", "success", { target: user_id, detail });
  const updated = await stores.users.update(user_id, patch, event);
  if (updated === null) throw noSuchUser();
  return userAnswer(updated);
}
function noSuchUser() {
  return new Problem("not_found", "Your tenant has no user with this id.");
}
function requireMayAssign(session2, role) {
  if (role !== "platform_admin") return;
  if (session2.tenant_id !== SYSTEM_TENANT || session2.role !== "platform_admin") {
    throw new Problem("role_required", "Only a platform administrator may do this, in the platform tenant.");
  }
}
async function requireAnAdminStays(users3, user, next) {
  const keepers = user.role === "platform_admin" ? ["platform_admin"] : ["admin", "platform_admin"];
  const keeps = ({ role, disabled }) => !disabled && keepers.includes(role);
  if (!keeps(user) || keeps(next)) return;
  let after;
  do {
    const page = await users3.list({ after, limit: 1e3 });
    if (page.some((other) => other.user_id !== user.user_id && keeps(other))) return;
    after = page.at(-1)?.user_id;
  } while (after !== void 0);
  throw new Problem("precondition_failed", "This is the last administrator; appoint another one first.");
}
var UserBody, UserPatchBody, UserListQuery;
var init_users3 = __esm({
  "functions/core/users/users.ts"() {
    "use strict";
    init_errors();
    init_query();
    init_cursor();
    init_names();
    init_role();
    init_rules();
    init_answer();
    UserBody = z18.strictObject({ username: Username, password: NewPassword, role: Role });
    UserPatchBody = z18.strictObject({ role: Role.optional(), disabled: z18.boolean().optional() }).refine((patch) => Object.keys(patch).length > 0, "name at least one member to change");
    UserListQuery = z18.strictObject({
      limit: wholeNumber(1, 1e3).default(100),
      cursor: z18.string().min(1).optional()
    });
  }
});

// functions/core/index.ts
var init_core = __esm({
  "functions/core/index.ts"() {
    "use strict";
    init_errors();
    init_ids();
    init_route();
    init_cacheable();
    init_query();
    init_openapi();
    init_message();
    init_answers();
    init_cursor();
    init_names();
    init_audit();
    init_incoming();
    init_ingest();
    init_query_page();
    init_latest();
    init_query2();
    init_devices3();
    init_health();
    init_rules();
    init_account();
    init_cookie();
    init_sign_in();
    init_users3();
  }
});

// functions/src/https/account.ts
var account_exports = {};
__export(account_exports, {
  default: () => account_default
});
var password, list, revoke, account, account_default;
var init_account2 = __esm({
  "functions/src/https/account.ts"() {
    "use strict";
    init_core();
    password = sessionRoute(
      "account.own",
      {
        method: "POST",
        path: "/v1/account/password",
        summary: "Change your password; every other session ends and this one gets a new cookie",
        body: PasswordChangeBody,
        answer: { status: 200, description: "The new session", schema: SessionAnswer },
        problems: [
          "invalid_credentials",
          "reauthentication_required",
          "body_too_large",
          "unsupported_media_type",
          "sign_in_throttled",
          "overloaded"
        ]
      },
      async (access, { body }, visit) => {
        const { answer: answer2, cookie } = await changePassword(access, body, visit);
        return { status: 200, body: answer2, headers: { "set-cookie": cookie } };
      }
    );
    list = sessionRoute(
      "account.own",
      {
        method: "GET",
        path: "/v1/account/sessions",
        summary: "Your own live sessions, newest first",
        query: SessionListQuery,
        answer: { status: 200, description: "A page of sessions", schema: SessionListAnswer },
        problems: ["invalid_cursor"]
      },
      async (access, { query }, visit) => ({ status: 200, body: await listSessions(access, query, visit) })
    );
    revoke = sessionRoute(
      "account.own",
      {
        method: "DELETE",
        path: "/v1/account/sessions/{session_id}",
        summary: "End one of your own sessions",
        answer: { status: 204, description: "The session is gone" },
        problems: ["not_found"]
      },
      async (access, { params }, visit) => {
        const { own } = await revokeSession(access, params["session_id"] ?? "", visit);
        return own ? { status: 204, headers: { "set-cookie": clearSessionCookie() } } : { status: 204 };
      }
    );
    account = { name: "account", routes: [password, list, revoke] };
    account_default = account;
  }
});

// functions/src/https/audit-events.ts
var audit_events_exports = {};
__export(audit_events_exports, {
  default: () => audit_events_default
});
var get, auditEvents2, audit_events_default;
var init_audit_events = __esm({
  "functions/src/https/audit-events.ts"() {
    "use strict";
    init_core();
    get = sessionRoute(
      "audit.read",
      {
        method: "GET",
        path: "/v1/audit",
        summary: "Who did what, newest first",
        query: AuditQuery,
        answer: { status: 200, description: "A page of events", schema: AuditListAnswer },
        problems: ["invalid_cursor"]
      },
      async ({ stores }, { query }, visit) => ({ status: 200, body: await auditPage(stores, query, visit) })
    );
    auditEvents2 = { name: "auditEvents", routes: [get] };
    audit_events_default = auditEvents2;
  }
});

// functions/src/https/devices.ts
var devices_exports = {};
__export(devices_exports, {
  default: () => devices_default
});
var deviceIdOf, list2, register, read, update2, issueKey, revokeKey, devices2, devices_default;
var init_devices4 = __esm({
  "functions/src/https/devices.ts"() {
    "use strict";
    init_core();
    deviceIdOf = (params) => parseInput(params["device_id"], DeviceId, "device_id");
    list2 = sessionRoute(
      "telemetry.read",
      {
        method: "GET",
        path: "/v1/devices",
        summary: "The devices of the tenant, by id",
        query: ListQuery,
        answer: { status: 200, description: "A page of devices", schema: DeviceListAnswer },
        problems: ["invalid_cursor"]
      },
      async ({ stores }, { query }, visit) => ({ status: 200, body: await listDevices(stores, query, visit) })
    );
    register = sessionRoute(
      "devices.manage",
      {
        method: "POST",
        path: "/v1/devices",
        summary: "Register a device; its key is shown once",
        body: DeviceBody,
        answer: { status: 201, description: "The device and its key", schema: NewDeviceAnswer },
        problems: ["already_exists"]
      },
      async ({ stores }, { body }, visit) => ({ status: 201, body: await registerDevice(stores, body, visit) })
    );
    read = sessionRoute(
      "telemetry.read",
      {
        method: "GET",
        path: "/v1/devices/{device_id}",
        summary: "One device",
        answer: { status: 200, description: "The device", schema: DeviceAnswer },
        problems: ["device_forbidden"]
      },
      async ({ device }, { params }) => ({ status: 200, body: deviceAnswer(await device(deviceIdOf(params))) })
    );
    update2 = sessionRoute(
      "devices.manage",
      {
        method: "PATCH",
        path: "/v1/devices/{device_id}",
        summary: "Change name, tags, expected interval or whether the device is disabled",
        body: DevicePatchBody,
        answer: { status: 200, description: "The device as it is now", schema: DeviceAnswer },
        problems: ["device_forbidden"]
      },
      async ({ stores, device }, { params, body }, visit) => {
        const { device_id } = await device(deviceIdOf(params));
        return { status: 200, body: await updateDevice(stores, device_id, body, visit) };
      }
    );
    issueKey = sessionRoute(
      "devices.manage",
      {
        method: "POST",
        path: "/v1/devices/{device_id}/keys",
        summary: "Issue a further key for a device; it is shown once",
        answer: { status: 201, description: "The key", schema: NewKeyAnswer },
        problems: ["device_forbidden", "precondition_failed"]
      },
      async ({ stores, device }, { params }, visit) => {
        const { device_id } = await device(deviceIdOf(params));
        return { status: 201, body: await issueDeviceKey(stores, device_id, visit) };
      }
    );
    revokeKey = sessionRoute(
      "devices.manage",
      {
        method: "DELETE",
        path: "/v1/devices/{device_id}/keys/{key_id}",
        summary: "Revoke a key of a device",
        answer: { status: 204, description: "The key is gone" },
        problems: ["device_forbidden"]
      },
      async ({ stores, device }, { params }, visit) => {
        const { device_id } = await device(deviceIdOf(params));
        await revokeDeviceKey(stores, device_id, params["key_id"] ?? "", visit);
        return { status: 204 };
      }
    );
    devices2 = { name: "devices", routes: [list2, register, read, update2, issueKey, revokeKey] };
    devices_default = devices2;
  }
});

// functions/src/https/health.ts
var health_exports = {};
__export(health_exports, {
  default: () => health_default
});
var get2, health, health_default;
var init_health2 = __esm({
  "functions/src/https/health.ts"() {
    "use strict";
    init_core();
    get2 = openRoute(
      {
        method: "GET",
        path: "/v1/health",
        summary: "Whether this instance works, without asking the store",
        answer: { status: 200, description: "Build, flags, gate and breakers", schema: HealthAnswer }
      },
      (_input, { config }) => Promise.resolve({ status: 200, body: healthOf(config) })
    );
    health = { name: "health", routes: [get2] };
    health_default = health;
  }
});

// functions/src/https/ingest-telemetry.ts
var ingest_telemetry_exports = {};
__export(ingest_telemetry_exports, {
  default: () => ingest_telemetry_default
});
var post, ingestTelemetry, ingest_telemetry_default;
var init_ingest_telemetry = __esm({
  "functions/src/https/ingest-telemetry.ts"() {
    "use strict";
    init_core();
    post = writerRoute(
      {
        method: "POST",
        path: "/v1/telemetry",
        summary: "Store 1 to 1,000 points of one device",
        body: IngestBody,
        answer: { status: 200, description: "What became of each point", schema: ReceiptAnswer },
        problems: ["device_forbidden", "nothing_accepted", "device_write_budget"]
      },
      async ({ stores, writable }, { body }, { now_ms }) => {
        const device = await writable(body.device_id);
        return { status: 200, body: await ingest(stores.telemetry, device, body, now_ms) };
      }
    );
    ingestTelemetry = { name: "ingestTelemetry", routes: [post] };
    ingest_telemetry_default = ingestTelemetry;
  }
});

// functions/src/https/latest-telemetry.ts
var latest_telemetry_exports = {};
__export(latest_telemetry_exports, {
  default: () => latest_telemetry_default
});
var get3, latestTelemetry, latest_telemetry_default;
var init_latest_telemetry = __esm({
  "functions/src/https/latest-telemetry.ts"() {
    "use strict";
    init_core();
    get3 = sessionRoute(
      "telemetry.read",
      {
        method: "GET",
        path: "/v1/telemetry/latest",
        summary: "The newest point of every device, with its staleness",
        query: LatestQuery,
        answer: { status: 200, description: "Devices with their newest point", schema: LatestAnswer },
        problems: ["device_forbidden"]
      },
      async ({ stores, device }, { query }, visit) => {
        const { device_ids, points } = query;
        const devices3 = device_ids === void 0 ? await allDevices(stores) : await Promise.all(device_ids.map(device));
        const fresh = freshEnough(visit);
        if (fresh !== null) return fresh;
        const { text, validator } = await latestOf(stores, devices3, points, visit.now_ms);
        return cacheable(visit, text, validator);
      }
    );
    latestTelemetry = { name: "latestTelemetry", routes: [get3] };
    latest_telemetry_default = latestTelemetry;
  }
});

// functions/src/https/login.ts
var login_exports = {};
__export(login_exports, {
  default: () => login_default
});
var post2, login, login_default;
var init_login = __esm({
  "functions/src/https/login.ts"() {
    "use strict";
    init_core();
    post2 = signInRoute(
      {
        method: "POST",
        path: "/v1/login",
        summary: "Sign in to the tenant in the header; sets the session cookie",
        body: SignInBody,
        answer: { status: 200, description: "Who is signed in, and until when", schema: SessionAnswer },
        problems: ["invalid_credentials", "body_too_large", "unsupported_media_type", "sign_in_throttled", "overloaded"]
      },
      async ({ signIn }, { body }) => {
        const { answer: answer2, cookie } = await signIn(body);
        return { status: 200, body: answer2, headers: { "set-cookie": cookie } };
      }
    );
    login = { name: "login", routes: [post2] };
    login_default = login;
  }
});

// functions/src/https/logout.ts
var logout_exports = {};
__export(logout_exports, {
  default: () => logout_default
});
var post3, logout, logout_default;
var init_logout = __esm({
  "functions/src/https/logout.ts"() {
    "use strict";
    init_core();
    post3 = sessionRoute(
      "account.own",
      {
        method: "POST",
        path: "/v1/logout",
        summary: "Sign out; the session is gone at once",
        answer: { status: 204, description: "Signed out" }
      },
      async (access, _input, visit) => {
        await signOut(access, visit);
        return { status: 204, headers: { "set-cookie": clearSessionCookie() } };
      }
    );
    logout = { name: "logout", routes: [post3] };
    logout_default = logout;
  }
});

// functions/src/https/recent-telemetry.ts
var recent_telemetry_exports = {};
__export(recent_telemetry_exports, {
  default: () => recent_telemetry_default
});
var get4, recentTelemetry, recent_telemetry_default;
var init_recent_telemetry = __esm({
  "functions/src/https/recent-telemetry.ts"() {
    "use strict";
    init_core();
    get4 = sessionRoute(
      "telemetry.read",
      {
        method: "GET",
        path: "/v1/telemetry/recent",
        summary: "The newest points of a device, newest first",
        query: RecentQuery,
        answer: { status: 200, description: "A page of points", schema: PageAnswer },
        problems: ["invalid_cursor", "device_forbidden"]
      },
      async ({ stores, device }, { query }, visit) => {
        const owned = await device(query.device_id);
        return freshEnough(visit) ?? cacheable(visit, (await recentPage(stores, owned, query, visit)).text);
      }
    );
    recentTelemetry = { name: "recentTelemetry", routes: [get4] };
    recent_telemetry_default = recentTelemetry;
  }
});

// functions/src/https/window-telemetry.ts
var window_telemetry_exports = {};
__export(window_telemetry_exports, {
  default: () => window_telemetry_default
});
var get5, windowTelemetry, window_telemetry_default;
var init_window_telemetry = __esm({
  "functions/src/https/window-telemetry.ts"() {
    "use strict";
    init_core();
    get5 = sessionRoute(
      "telemetry.read",
      {
        method: "GET",
        path: "/v1/telemetry/window",
        summary: "The points of a device in a window of time, or their aggregates by interval",
        query: WindowQuery,
        answer: { status: 200, description: "A page of points", schema: PageAnswer },
        problems: ["invalid_cursor", "device_forbidden"]
      },
      async ({ stores, device }, { query }, visit) => {
        const owned = await device(query.device_id);
        return freshEnough(visit) ?? cacheable(visit, (await windowPage(stores, owned, query, visit)).text);
      }
    );
    windowTelemetry = { name: "windowTelemetry", routes: [get5] };
    window_telemetry_default = windowTelemetry;
  }
});

// functions/src/https/session.ts
var session_exports = {};
__export(session_exports, {
  default: () => session_default
});
var get6, session, session_default;
var init_session2 = __esm({
  "functions/src/https/session.ts"() {
    "use strict";
    init_core();
    get6 = sessionRoute(
      "account.own",
      {
        method: "GET",
        path: "/v1/session",
        summary: "Who is signed in, and until when",
        answer: { status: 200, description: "The session", schema: SessionAnswer },
        problems: ["reauthentication_required"]
      },
      async (access) => ({ status: 200, body: await ownSession(access) })
    );
    session = { name: "session", routes: [get6] };
    session_default = session;
  }
});

// functions/src/https/users.ts
var users_exports = {};
__export(users_exports, {
  default: () => users_default
});
var list3, create, update3, users2, users_default;
var init_users4 = __esm({
  "functions/src/https/users.ts"() {
    "use strict";
    init_core();
    list3 = sessionRoute(
      "users.manage",
      {
        method: "GET",
        path: "/v1/users",
        summary: "The users of the tenant, by id",
        query: UserListQuery,
        answer: { status: 200, description: "A page of users", schema: UserListAnswer },
        problems: ["invalid_cursor"]
      },
      async (access, { query }, visit) => ({ status: 200, body: await listUsers(access, query, visit) })
    );
    create = sessionRoute(
      "users.manage",
      {
        method: "POST",
        path: "/v1/users",
        summary: "Create a user",
        body: UserBody,
        answer: { status: 201, description: "The user", schema: UserAnswer },
        problems: ["already_exists", "body_too_large", "unsupported_media_type", "overloaded"]
      },
      async (access, { body }, visit) => ({ status: 201, body: await createUser(access, body, visit) })
    );
    update3 = sessionRoute(
      "users.manage",
      {
        method: "PATCH",
        path: "/v1/users/{user_id}",
        summary: "Change the role of a user, or disable or enable them; their sessions end",
        body: UserPatchBody,
        answer: { status: 200, description: "The user as it is now", schema: UserAnswer },
        problems: ["not_found", "precondition_failed", "body_too_large", "unsupported_media_type"]
      },
      async (access, { params, body }, visit) => ({
        status: 200,
        body: await updateUser(access, params["user_id"] ?? "", body, visit)
      })
    );
    users2 = { name: "users", routes: [list3, create, update3] };
    users_default = users2;
  }
});

// functions/src/doors.ts
var doors;
var init_doors = __esm({
  "functions/src/doors.ts"() {
    "use strict";
    doors = {
      ingestTelemetry: () => Promise.resolve().then(() => (init_ingest_telemetry(), ingest_telemetry_exports)),
      recentTelemetry: () => Promise.resolve().then(() => (init_recent_telemetry(), recent_telemetry_exports)),
      windowTelemetry: () => Promise.resolve().then(() => (init_window_telemetry(), window_telemetry_exports)),
      latestTelemetry: () => Promise.resolve().then(() => (init_latest_telemetry(), latest_telemetry_exports)),
      login: () => Promise.resolve().then(() => (init_login(), login_exports)),
      logout: () => Promise.resolve().then(() => (init_logout(), logout_exports)),
      session: () => Promise.resolve().then(() => (init_session2(), session_exports)),
      account: () => Promise.resolve().then(() => (init_account2(), account_exports)),
      devices: () => Promise.resolve().then(() => (init_devices4(), devices_exports)),
      users: () => Promise.resolve().then(() => (init_users4(), users_exports)),
      auditEvents: () => Promise.resolve().then(() => (init_audit_events(), audit_events_exports)),
      health: () => Promise.resolve().then(() => (init_health2(), health_exports)),
      openapi: () => Promise.resolve().then(() => (init_openapi2(), openapi_exports))
    };
  }
});

// functions/src/https/openapi.ts
var openapi_exports = {};
__export(openapi_exports, {
  default: () => openapi_default
});
var get7, openapi, openapi_default;
var init_openapi2 = __esm({
  "functions/src/https/openapi.ts"() {
    "use strict";
    init_core();
    init_doors();
    get7 = openRoute(
      {
        method: "GET",
        path: "/v1/openapi.json",
        summary: "This description, generated from the schemas that validate requests",
        answer: { status: 200, description: "An OpenAPI 3.1 document" }
      },
      async (_input, { config }) => {
        const loaded = await Promise.all(Object.values(doors).map(async (load) => (await load()).default));
        return { status: 200, body: openApiDocument(loaded, config) };
      }
    );
    openapi = { name: "openapi", routes: [get7] };
    openapi_default = openapi;
  }
});

// functions/bench/cold/everything/index.ts
init_open();
init_open2();
import "argon2";
import "better-sqlite3";
import "cockatiel";
import "firebase-admin/app";
import "firebase-admin/firestore";
import "firebase-functions";
import "firebase-functions/v2/scheduler";
import { onRequest } from "firebase-functions/v2/https";

// functions/core/sweeps.ts
var sweeps_exports = {};
__export(sweeps_exports, {
  sweepRetention: () => sweepRetention,
  sweepSessions: () => sweepSessions
});

// functions/core/observability/meter.ts
var Meter = class {
  reads = 0;
  writes = 0;
  deletes = 0;
  /** Whether any store was asked at all: only then do the count headers mean something. */
  touched = false;
  /** Age of the oldest cached data used, in ms; null when nothing came from a cache. */
  cache_age_ms = null;
  /** How long the answer may be shown before asking again, in ms; set by stores that cost money to ask. */
  fresh_for_ms = 0;
  countReads(documents) {
    this.touched = true;
    this.reads += documents;
  }
  countWrites(documents) {
    this.touched = true;
    this.writes += documents;
  }
  countDeletes(documents) {
    this.touched = true;
    this.deletes += documents;
  }
  usedCache(age_ms) {
    this.touched = true;
    this.cache_age_ms = Math.max(this.cache_age_ms ?? 0, age_ms);
  }
};

// functions/core/sweeps.ts
async function sweepSessions(suite2) {
  const removed = await (await sweepsOf(suite2)).sessions(suite2.clock.now_ms());
  return `${String(removed)} sessions and counters removed`;
}
async function sweepRetention(suite2) {
  const removed = await (await sweepsOf(suite2)).retention(suite2.clock.now_ms());
  return `${String(removed.points)} points and ${String(removed.audit_events)} audit events removed`;
}
async function sweepsOf(suite2) {
  return (await suite2.backend()).withMeter(new Meter()).sweeps;
}

// functions/bench/cold/everything/index.ts
init_account2();
init_audit_events();
init_devices4();
init_health2();
init_ingest_telemetry();
init_latest_telemetry();
init_login();
init_logout();
init_openapi2();
init_recent_telemetry();
init_session2();
init_users4();
init_window_telemetry();

// functions/core/config.ts
init_errors();
import * as z19 from "zod";
var Switch = z19.enum(["0", "1"]).default("0").transform((value) => value === "1");
var Environment = z19.object({
  SQLITE_FILE: z19.string().min(1).optional(),
  GCP_PROJECT_ID: z19.string().min(1).optional(),
  GOOGLE_CLOUD_PROJECT: z19.string().min(1).optional(),
  "firestore-project-id": z19.string().min(1).optional(),
  FIRESTORE_EMULATOR_HOST: z19.string().min(1).optional(),
  USE_FIRESTORE_TELEMETRY: Switch,
  USE_FIRESTORE_AUDIT: Switch,
  USE_FIRESTORE_AUTH: Switch,
  TENANT_ID_HEADER: z19.string().regex(/^[A-Za-z][A-Za-z0-9-]{0,63}$/).default("X-BAS-Tenant"),
  ALLOWED_ORIGINS: z19.string().default("").transform(
    (list4) => list4.split(",").map((origin) => origin.trim()).filter((origin) => origin !== "")
  ),
  TRUSTED_PROXY_HOPS: z19.coerce.number().int().min(0).max(10).default(0),
  READ_CACHE: z19.enum(["0", "1"]).default("1").transform((value) => value === "1"),
  K_REVISION: z19.string().default("local")
});
function readConfig(env = process.env) {
  const parsed = Environment.safeParse(withoutEmpty(env));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new SetupError(`${String(issue?.path[0] ?? "environment")}: ${issue?.message ?? "is not valid"}`);
  }
  const settings = parsed.data;
  return {
    home: readHome(settings),
    tenant_header: settings.TENANT_ID_HEADER,
    allowed_origins: settings.ALLOWED_ORIGINS,
    trusted_proxy_hops: settings.TRUSTED_PROXY_HOPS,
    read_cache: settings.READ_CACHE,
    build: settings.K_REVISION
  };
}
function readHome(settings) {
  const { USE_FIRESTORE_TELEMETRY: telemetry, USE_FIRESTORE_AUDIT: audit, USE_FIRESTORE_AUTH: auth } = settings;
  if (auth && !audit || audit && !telemetry) {
    throw new SetupError(
      "USE_FIRESTORE_*: the order is telemetry, then audit, then auth; set the earlier ones to 1 too."
    );
  }
  if (telemetry && !auth) {
    throw new SetupError("USE_FIRESTORE_*: a box moves part by part under a cutover; set all three to 1, or none.");
  }
  if (!telemetry) {
    if (settings.SQLITE_FILE === void 0) throw new SetupError("SQLITE_FILE: name the file that holds the data.");
    return { kind: "sqlite", file: settings.SQLITE_FILE };
  }
  const project_id = settings.GCP_PROJECT_ID ?? settings.GOOGLE_CLOUD_PROJECT ?? settings["firestore-project-id"];
  if (project_id === void 0) throw new SetupError("GCP_PROJECT_ID: name the project that holds the Firestore data.");
  return { kind: "firestore", project_id, emulator_host: settings.FIRESTORE_EMULATOR_HOST };
}
function withoutEmpty(env) {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
}

// functions/core/http/answer.ts
init_errors();
init_names();

// functions/core/http/match.ts
init_errors();
function matchRoute(door, method, path) {
  const segments = splitPath(path);
  const candidates = door.routes.flatMap((route) => {
    const params = matchPath(splitPath(route.path), segments);
    return params === null ? [] : [{ route, params }];
  });
  if (candidates.length === 0) throw new Problem("not_found", "There is nothing at this address.");
  const match = candidates.find(({ route }) => route.method === method);
  if (match === void 0) {
    const allow = candidates.map(({ route }) => route.method);
    throw new Problem("method_not_allowed", `Use ${allow.join(" or ")}.`, { members: { allow } });
  }
  return match;
}
function hasPath(door, path) {
  const segments = splitPath(path);
  return door.routes.some((route) => matchPath(splitPath(route.path), segments) !== null);
}
function splitPath(path) {
  const segments = path.split("/").slice(1);
  return segments[0] === "v1" ? segments.slice(1) : segments;
}
function matchPath(pattern, segments) {
  if (pattern.length !== segments.length) return null;
  const params = {};
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index] ?? "";
    if (!part.startsWith("{")) {
      if (part !== segment) return null;
      continue;
    }
    const value = decodeSegment(segment);
    if (value === null || value === "") return null;
    params[part.slice(1, -1)] = value;
  }
  return params;
}
function decodeSegment(segment) {
  try {
    return decodeURIComponent(segment);
  } catch {
    return null;
  }
}

// functions/core/http/cors.ts
function corsHeaders(config, request) {
  if (config.allowed_origins.length === 0) return {};
  const vary = `Cookie, ${config.tenant_header}, Origin`;
  const origin = request.header("origin");
  if (origin === void 0 || !config.allowed_origins.includes(origin)) return { vary };
  return {
    vary,
    "access-control-allow-origin": origin,
    "access-control-allow-credentials": "true",
    "access-control-expose-headers": "ETag, Age, Retry-After, X-Fresh-For, X-Read-Count, X-Request-Id, X-Write-Count"
  };
}
function preflight(config, door, request) {
  if (request.method !== "OPTIONS" || !hasPath(door, request.path)) return null;
  const headers = corsHeaders(config, request);
  if (headers["access-control-allow-origin"] === void 0) return null;
  return {
    status: 204,
    headers: {
      ...headers,
      "cache-control": "private, no-store",
      "access-control-allow-methods": "GET, POST, PATCH, DELETE",
      "access-control-allow-headers": `Authorization, Content-Type, If-None-Match, ${config.tenant_header}`,
      "access-control-max-age": "600"
    },
    body: null
  };
}

// functions/core/http/exchange.ts
init_client_address();
var MAX_USER_AGENT = 256;
var Exchange = class {
  suite;
  request;
  params;
  function_name;
  request_id;
  now_ms;
  meter = new Meter();
  address;
  user_agent;
  proven = {};
  /** Set once an event of its own tells of the refusal, so that it is not told twice. */
  refusal_told = false;
  constructor(suite2, request, matched) {
    this.suite = suite2;
    this.request = request;
    this.params = matched.params;
    this.function_name = matched.function_name;
    this.request_id = suite2.ids.uuid();
    this.now_ms = suite2.clock.now_ms();
    this.address = clientAddress(request, suite2.config.trusted_proxy_hops);
    this.user_agent = (request.header("user-agent") ?? "").slice(0, MAX_USER_AGENT);
  }
  get config() {
    return this.suite.config;
  }
  get ids() {
    return this.suite.ids;
  }
  get passwords() {
    return this.suite.passwords;
  }
  get user_changes() {
    return this.suite.user_changes;
  }
  header(name) {
    return this.request.header(name);
  }
  async stores() {
    return (await this.suite.backend()).withMeter(this.meter);
  }
  /** The tenant header as sent; undefined when it is missing. */
  tenantHeader() {
    return this.request.header(this.suite.config.tenant_header.toLowerCase());
  }
  event(tenant_id, action, outcome, facts = {}) {
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
      source: "http",
      detail: facts.detail ?? null
    };
  }
};

// functions/core/http/answer.ts
init_client_address();
init_message();

// functions/core/http/problem.ts
init_errors();
function problemResponse(problem, request_id) {
  const { status, title } = PROBLEMS[problem.code];
  const document = {
    type: `urn:bas:problem:${problem.code}`,
    title,
    status,
    code: problem.code,
    detail: problem.detail,
    request_id,
    ...problem.members
  };
  const headers = { "content-type": "application/problem+json" };
  if (problem.retry_after_s !== void 0) headers["retry-after"] = String(Math.max(1, problem.retry_after_s));
  if (status === 401) headers["www-authenticate"] = 'Bearer realm="bas"';
  return { status, headers, body: JSON.stringify(document) };
}

// functions/core/http/answer.ts
async function answer(suite2, door, request) {
  const started_ms = performance.now();
  const allowed = preflight(suite2.config, door, request);
  if (allowed !== null) return allowed;
  let match;
  let failure;
  try {
    match = matchRoute(door, request.method, request.path);
  } catch (error) {
    failure = error;
  }
  const exchange = new Exchange(suite2, request, { function_name: door.name, params: match?.params ?? {} });
  const response = await respond(exchange, match, failure);
  log(exchange, match, response, performance.now() - started_ms);
  return response;
}
async function respond(exchange, match, failure) {
  try {
    if (match === void 0) throw failure;
    const reply = await match.route.handle(exchange);
    return withCommonHeaders(exchange, toResponse(reply));
  } catch (error) {
    const problem = await tellRefusal(exchange, toProblem2(exchange, error));
    const response = problemResponse(problem, exchange.request_id);
    const allow = problem.members["allow"];
    const headers = Array.isArray(allow) ? { ...response.headers, allow: allow.join(", ") } : response.headers;
    return withCommonHeaders(exchange, { ...response, headers });
  }
}
function toResponse(reply) {
  if (reply.body === void 0) return { status: reply.status, headers: reply.headers ?? {}, body: null };
  const body = reply.body instanceof JsonText ? reply.body.text : JSON.stringify(reply.body);
  return { status: reply.status, headers: { "content-type": "application/json", ...reply.headers }, body };
}
function withCommonHeaders(exchange, response) {
  const { config } = exchange.suite;
  const { meter } = exchange;
  const counts = meter.touched ? { "x-read-count": String(meter.reads), "x-write-count": String(meter.writes + meter.deletes) } : {};
  return {
    ...response,
    headers: {
      "cache-control": "private, no-store",
      vary: `Cookie, ${config.tenant_header}`,
      "x-request-id": exchange.request_id,
      "x-content-type-options": "nosniff",
      "strict-transport-security": "max-age=31536000",
      ...counts,
      ...response.headers,
      ...corsHeaders(config, exchange.request)
    }
  };
}
function toProblem2(exchange, error) {
  if (error instanceof Problem) {
    if (error.cause !== void 0) logError(exchange, error.code, error.cause);
    return error;
  }
  logError(exchange, "internal", error);
  return new Problem("internal", "Try again; if it stays, report the request id.", { cause: error });
}
async function tellRefusal(exchange, problem) {
  if (problem.status !== 401 && problem.status !== 403 || exchange.refusal_told) return problem;
  const { proven, suite: suite2 } = exchange;
  const tenant_id = proven.tenant_id ?? SYSTEM_TENANT;
  const untold = suite2.refusals.admit(proven.tenant_id ?? networkOf(exchange.address));
  if (untold === null) return problem;
  const more = untold === 0 ? "" : ` (${String(untold)} more before)`;
  const target = `${exchange.request.method} ${exchange.function_name}`;
  try {
    const stores = await exchange.stores();
    const event = exchange.event(tenant_id, "access.refused", "refused", { target, detail: problem.code + more });
    await stores.forTenant(tenant_id).audit.append(event);
    return problem;
  } catch (error) {
    logError(exchange, "store_unavailable", error);
    return storeUnavailable(error);
  }
}
function logError(exchange, code, error) {
  const stack = error instanceof Error ? error.stack ?? error.message : String(error);
  exchange.suite.logger.log("ERROR", code, {
    request_id: exchange.request_id,
    function: exchange.function_name,
    stack
  });
}
function log(exchange, match, response, latency_ms) {
  exchange.suite.logger.log(response.status >= 500 ? "ERROR" : "INFO", match?.route.path ?? "no route", {
    request_id: exchange.request_id,
    function: exchange.function_name,
    method: exchange.request.method,
    status: response.status,
    tenant_id: exchange.proven.tenant_id,
    device_id: exchange.proven.device_id,
    reads: exchange.meter.reads,
    writes: exchange.meter.writes,
    latency_ms: Math.round(latency_ms * 10) / 10
  });
}

// functions/core/http/node-adapter.ts
init_errors();
function fromNode(message) {
  const url = message.url ?? "/";
  const at = url.indexOf("?");
  return {
    method: message.method ?? "GET",
    path: at < 0 ? url : url.slice(0, at),
    query: at < 0 ? "" : url.slice(at + 1),
    header: (name) => headerValue(message, name),
    socket_address: message.socket.remoteAddress ?? "unknown",
    body: (limit_bytes) => readBody2(message, limit_bytes)
  };
}
function headerValue(message, name) {
  const values = message.headersDistinct[name];
  return values?.join(", ");
}
async function readBody2(message, limit_bytes) {
  if (message.rawBody !== void 0) return message.rawBody.byteLength > limit_bytes ? null : message.rawBody;
  if (Number(message.headers["content-length"] ?? 0) > limit_bytes) return null;
  const chunks = [];
  let bytes = 0;
  const stream = message;
  try {
    for await (const chunk of stream) {
      bytes += chunk.byteLength;
      if (bytes > limit_bytes) return null;
      chunks.push(chunk);
    }
  } catch {
    throw new Problem("malformed_request", "The body ended early.");
  }
  return Buffer.concat(chunks);
}
function toNode(response, out, message) {
  const length = response.body === null ? {} : { "content-length": String(Buffer.byteLength(response.body)) };
  if (!message.complete && message.method !== "GET") out.setHeader("connection", "close");
  out.writeHead(response.status, { ...response.headers, ...length });
  out.end(response.body ?? void 0);
}

// functions/core/suite.ts
init_clock();
init_ids();

// functions/core/observability/log.ts
var jsonLogger = {
  log(severity, message, fields = {}) {
    process.stdout.write(`${JSON.stringify({ severity, message, ...fields })}
`);
  }
};

// functions/core/resilience/gate.ts
init_errors();
var Gate = class {
  #limits;
  #waiting = [];
  #running = 0;
  constructor(limits) {
    this.#limits = limits;
  }
  /** Nothing runs and nothing waits. */
  get idle() {
    return this.#running === 0;
  }
  async run(work) {
    await this.#enter();
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }
  #enter() {
    if (this.#running < this.#limits.running) {
      this.#running += 1;
      return Promise.resolve();
    }
    if (this.#waiting.length >= this.#limits.waiting) {
      throw new Problem("overloaded", "Too many at this moment; try again shortly.", { retry_after_s: 2 });
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
  /** Hands the place to whoever waits longest, so nobody who comes now can be faster. */
  #leave() {
    const next = this.#waiting.shift();
    if (next === void 0) this.#running -= 1;
    else next();
  }
};
var KeyedGate = class {
  #limits;
  #gates = /* @__PURE__ */ new Map();
  constructor(limits) {
    this.#limits = limits;
  }
  get size() {
    return this.#gates.size;
  }
  async run(key, work) {
    const gate = this.#gates.get(key) ?? new Gate(this.#limits);
    this.#gates.set(key, gate);
    try {
      return await gate.run(work);
    } finally {
      if (gate.idle) this.#gates.delete(key);
    }
  }
};

// functions/core/passwords/stored-hash.ts
var TODAY = { algorithm: "argon2id", memory_kib: 65536, time_cost: 3, parallelism: 1 };
var DUMMY_HASH = "$argon2id$v=19$m=65536,p=1,t=3$W8pEnv3lGdESgW3QVQ6Icg$En32UJRukTxTF56b/a4Uj42Pej62BQWSD2lDBGuuu1I";
var MAX_MEMORY_KIB = 131072;
var MAX_TIME_COST = 10;
var MAX_PARALLELISM = 4;
var ENCODED = /^\$argon2id\$v=19\$([mtp]=[0-9]{1,7}(?:,[mtp]=[0-9]{1,7}){2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;
function usableParams({ password_hash }) {
  const found = ENCODED.exec(password_hash);
  if (found === null) return null;
  const [, pairs = "", salt = "", hash5 = ""] = found;
  if (salt.length % 4 === 1 || hash5.length % 4 === 1) return null;
  const values = new Map(pairs.split(",").map((pair) => [pair.slice(0, 1), Number(pair.slice(2))]));
  const memory_kib = values.get("m") ?? 0;
  const time_cost = values.get("t") ?? 0;
  const parallelism = values.get("p") ?? 0;
  if (parallelism < 1 || parallelism > MAX_PARALLELISM || time_cost < 1 || time_cost > MAX_TIME_COST) return null;
  if (memory_kib < 8 * parallelism || memory_kib > MAX_MEMORY_KIB) return null;
  return { algorithm: "argon2id", memory_kib, time_cost, parallelism };
}
function sameParams(a, b) {
  return a.memory_kib === b.memory_kib && a.time_cost === b.time_cost && a.parallelism === b.parallelism;
}
function isCheaper({ memory_kib, time_cost }) {
  return memory_kib * time_cost < TODAY.memory_kib * TODAY.time_cost;
}

// functions/core/passwords/passwords.ts
var WRONG = { kind: "wrong" };
function createPasswords({ running = 2, waiting = 32 } = {}) {
  const gate = new Gate({ running, waiting });
  const matches = async (hash5, password2) => (await loadArgon2()).verify(hash5, Buffer.from(password2));
  return {
    hash: (password2) => gate.run(() => hashToday(password2)),
    verify: (password2, stored2) => gate.run(async () => {
      const params = stored2 === null ? null : usableParams(stored2);
      if (stored2 === null || params === null) {
        await matches(DUMMY_HASH, password2);
        return WRONG;
      }
      if (await matches(stored2.password_hash, password2))
        return { kind: "right", outdated: !sameParams(params, TODAY) };
      if (isCheaper(params)) await matches(DUMMY_HASH, password2);
      return WRONG;
    })
  };
}
async function hashToday(password2) {
  const { argon2id, hash: hash5 } = await loadArgon2();
  const { memory_kib: memoryCost, time_cost: timeCost, parallelism } = TODAY;
  const password_hash = await hash5(Buffer.from(password2), { type: argon2id, memoryCost, timeCost, parallelism });
  return { password_hash, algo_params: TODAY };
}
async function loadArgon2() {
  return import("argon2");
}

// functions/core/stores/open.ts
async function openBackend(config, clock) {
  if (config.home.kind === "sqlite") {
    const { openSqlite: openSqlite2 } = await Promise.resolve().then(() => (init_open2(), open_exports2));
    return openSqlite2(config.home.file);
  }
  const { openFirestore: openFirestore2 } = await Promise.resolve().then(() => (init_open(), open_exports));
  return openFirestore2({ ...config.home, cache: config.read_cache, clock });
}

// functions/core/audit/refusals.ts
init_clock();
var EVENTS_PER_MINUTE = 30;
var MAX_ORIGINS = 1e4;
var RefusalLimiter = class {
  #clock;
  #origins = /* @__PURE__ */ new Map();
  constructor(clock) {
    this.#clock = clock;
  }
  /** How many earlier refusals of this origin were not stored, or null when this one is not to be stored either. */
  admit(origin) {
    const minute = Math.floor(this.#clock.now_ms() / MINUTE_MS);
    const known = this.#origins.get(origin);
    const entry = known?.minute === minute ? known : { minute, seen: 0, untold: known?.untold ?? 0 };
    this.#origins.delete(origin);
    if (this.#origins.size >= MAX_ORIGINS) this.#forgetOldest();
    this.#origins.set(origin, entry);
    entry.seen += 1;
    if (entry.seen > EVENTS_PER_MINUTE) {
      entry.untold += 1;
      return null;
    }
    const { untold } = entry;
    entry.untold = 0;
    return untold;
  }
  #forgetOldest() {
    for (const origin of this.#origins.keys()) {
      this.#origins.delete(origin);
      return;
    }
  }
};

// functions/core/suite.ts
function createSuite(config, parts = {}) {
  const clock = parts.clock ?? systemClock;
  let opened;
  const backend = () => {
    opened ??= openBackend(config, clock).catch((error) => {
      opened = void 0;
      throw error;
    });
    return opened;
  };
  return {
    config,
    clock,
    ids: parts.ids ?? systemIds,
    logger: parts.logger ?? jsonLogger,
    passwords: parts.passwords ?? createPasswords(),
    refusals: new RefusalLimiter(clock),
    sign_ins: new KeyedGate({ running: 2, waiting: 64 }),
    user_changes: new KeyedGate({ running: 1, waiting: 64 }),
    backend,
    close: async () => {
      if (opened !== void 0) await (await opened).close();
    }
  };
}

// functions/src/runtime.ts
var shared;
function suite() {
  shared ??= createSuite(readConfig());
  return shared;
}
function https(load) {
  return async (request, response) => {
    const door = (await load()).default;
    toNode(await answer(suite(), door, fromNode(request)), response, request);
  };
}

// functions/bench/cold/everything/index.ts
var everything = [
  ...[open_exports, open_exports2, sweeps_exports],
  ...[account_default, audit_events_default, devices_default, health_default, ingest_telemetry_default, latest_telemetry_default, login_default],
  ...[logout_default, openapi_default, session_default, users_default, window_telemetry_default]
];
var probe = onRequest(https(() => Promise.resolve({ default: recent_telemetry_default })));
export {
  everything,
  probe
};
