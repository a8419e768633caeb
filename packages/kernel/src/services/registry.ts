/**
 * Services that can be called: who has registered, for how long that counts, and which instance of a name is to be called next.
 * In memory: a service says every 30 s that it is there, and so it is known again soon after a restart of the kernel.
 */
import type { Clock } from '../clock.ts';
import { Breaker, type BreakerState } from './breaker.ts';

/** How often a service should say that it is there, and when it counts as gone. */
export const HEARTBEAT_MS = 30_000;
const EXPIRES_MS = 60_000;
const MAX_SERVICES = 1_000;
/** A call of which nothing more is heard for so long is not under way any more. */
const CALL_MS = 300_000;

export interface Registration {
  readonly id: string;
  readonly name: string;
  readonly version: string | null;
  /** `http:` or `https:`. */
  readonly endpoint: string;
  readonly healthUrl: string | null;
  readonly tags: readonly string[];
}

export interface ServiceStatus extends Registration {
  readonly registeredAt: number;
  readonly expiresAt: number;
  /** As the last look at its health URL found it; null: nobody has looked, or there is none. */
  readonly healthy: boolean | null;
  /** What was found then, where it was not well. */
  readonly finding: string | null;
  readonly breaker: BreakerState;
  readonly calls: number;
  readonly failures: number;
  /** Calls that are under way. */
  readonly active: number;
}

export interface Wanted {
  readonly name: string;
  readonly version: string | null;
  /** All of them. */
  readonly tags: readonly string[];
  readonly strategy: Strategy;
}
export const STRATEGIES = ['round_robin', 'least_used'] as const;
export type Strategy = (typeof STRATEGIES)[number];

export type Choice =
  | { readonly ok: true; readonly service: ServiceStatus; readonly call: number }
  /** `none`: nobody has registered under it; `unavailable`: those who have are unhealthy, or left alone for a while. */
  | { readonly ok: false; readonly why: 'none' | 'unavailable'; readonly message: string };

interface Entry {
  registration: Registration;
  readonly registeredAt: number;
  /** Monotonic. */
  heard: number;
  healthy: boolean | null;
  finding: string | null;
  readonly breaker: Breaker;
  calls: number;
  failures: number;
  /** By number: since when it is under way. */
  readonly active: Map<number, number>;
  /** When it was last chosen, counted in choices. */
  chosen: number;
}

export class ServiceRegistry {
  readonly #clock: Clock;
  readonly #services = new Map<string, Entry>();
  #choices = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Registers, or says again that it is there; undefined: there are too many. */
  register(registration: Registration): ServiceStatus | undefined {
    const now = this.#expire();
    const known = this.#services.get(registration.id);
    if (known === undefined && this.#services.size >= MAX_SERVICES) return undefined;
    const elsewhere = known !== undefined && known.registration.endpoint !== registration.endpoint;
    const entry: Entry =
      known === undefined || elsewhere
        ? {
            registration,
            registeredAt: this.#clock.wallNow(),
            heard: now,
            healthy: null,
            finding: null,
            breaker: new Breaker(),
            ...{ calls: 0, failures: 0, active: new Map(), chosen: 0 },
          }
        : known;
    entry.registration = registration;
    entry.heard = now;
    this.#services.set(registration.id, entry);
    return this.#statusOf(entry, now);
  }

  /** It is still there; undefined: it is not known (any more) and has to register. */
  heartbeat(id: string): ServiceStatus | undefined {
    const now = this.#expire();
    const entry = this.#services.get(id);
    if (entry === undefined) return undefined;
    entry.heard = now;
    return this.#statusOf(entry, now);
  }

  /** True: it was there. */
  remove(id: string): boolean {
    return this.#services.delete(id);
  }

  list(): readonly ServiceStatus[] {
    const now = this.#expire();
    return [...this.#services.values()]
      .map((entry) => this.#statusOf(entry, now))
      .sort((a, b) => (a.name === b.name ? (a.id < b.id ? -1 : 1) : a.name < b.name ? -1 : 1));
  }

  /** Which instance is to be called. What came of the call is told by `note`. */
  choose({ name, version, tags, strategy }: Wanted): Choice {
    const now = this.#expire();
    const fitting = [...this.#services.values()].filter(
      ({ registration: one }) =>
        one.name === name &&
        (version === null || one.version === version) &&
        tags.every((tag) => one.tags.includes(tag)),
    );
    const ready = fitting.filter(({ healthy, breaker }) => healthy !== false && breaker.admits(now));
    const used = (entry: Entry): number => (strategy === 'least_used' ? activeOf(entry, now) : 0);
    const [next] = ready.toSorted((a, b) => used(a) - used(b) || a.chosen - b.chosen);
    if (next === undefined) return refusal({ name, version, tags }, fitting, (entry) => this.#statusOf(entry, now));
    this.#choices += 1;
    next.chosen = this.#choices;
    next.calls += 1;
    next.active.set(this.#choices, now);
    next.breaker.goes(now);
    return { ok: true, service: this.#statusOf(next, now), call: this.#choices };
  }

  /** What came of a call; false: the service is not known (any more). */
  note(id: string, call: number | null, ok: boolean): boolean {
    const now = this.#expire();
    const entry = this.#services.get(id);
    if (entry === undefined) return false;
    if (call !== null) entry.active.delete(call);
    if (!ok) entry.failures += 1;
    entry.breaker.note(ok, now);
    return true;
  }

  /** What the last look at its health URL has found. */
  noteHealth(id: string, healthy: boolean, finding: string | null): void {
    const entry = this.#services.get(id);
    if (entry === undefined) return;
    entry.healthy = healthy;
    entry.finding = healthy ? null : finding;
  }

  #statusOf(entry: Entry, now: number): ServiceStatus {
    const { registration, registeredAt, heard, healthy, finding, breaker, calls, failures } = entry;
    const expiresAt = this.#clock.wallNow() + Math.round(heard + EXPIRES_MS - now);
    const active = activeOf(entry, now);
    return {
      ...registration,
      registeredAt,
      expiresAt,
      healthy,
      finding,
      breaker: breaker.state(now),
      calls,
      failures,
      active,
    };
  }

  /** Those that were not heard of in time are gone; gives the time. */
  #expire(): number {
    const now = this.#clock.monotonicNow();
    for (const [id, { heard }] of this.#services) if (now - heard > EXPIRES_MS) this.#services.delete(id);
    return now;
  }
}

function activeOf({ active }: Entry, now: number): number {
  for (const [call, since] of active) {
    if (now - since <= CALL_MS) break;
    active.delete(call);
  }
  return active.size;
}

function refusal(
  { name, version, tags }: Omit<Wanted, 'strategy'>,
  fitting: readonly Entry[],
  statusOf: (entry: Entry) => ServiceStatus,
): Choice {
  const what = `${name}${version === null ? '' : ` ${version}`}${tags.length === 0 ? '' : ` (${tags.join(', ')})`}`;
  if (fitting.length === 0) {
    const message = `No service ${what} is registered: start it, or see procos services.`;
    return { ok: false, why: 'none', message };
  }
  const reasons = fitting.map((entry) => {
    const { id, healthy, finding, breaker } = statusOf(entry);
    return `${id}: ${healthy === false ? `unhealthy (${finding ?? 'its health URL says so'})` : `circuit breaker ${breaker}`}`;
  });
  const message = `No service ${what} can be called now: ${reasons.join('; ')}.`;
  return { ok: false, why: 'unavailable', message };
}
