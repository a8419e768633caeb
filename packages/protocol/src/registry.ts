/** The wire of `/api/topics`, `/api/workers` and `/api/services`: who serves what. */

/** `GET /api/topics?topic=`: topics that processes declare, or that somebody has chosen a server for. */
export interface TopicList {
  readonly topics: readonly TopicRow[];
}
export interface TopicRow {
  readonly topic: string;
  readonly tenantId: string | null;
  /** The process that does tasks created from now on; null: workers do. */
  readonly process: string | null;
  /** Somebody has chosen; false: the process that declared it first. */
  readonly chosen: boolean;
  /** Processes that could, as their latest versions say. */
  readonly declaredBy: readonly string[];
  /** Tasks that are there, whoever does them. */
  readonly tasks: number;
}

/** `POST /api/topics/{topic}` → `TopicRow`. Tasks under way finish where they are. */
export interface TopicChoice {
  /** null: workers. */
  readonly process: string | null;
  readonly tenantId?: string | null;
}

/** `GET /api/workers?topic=`: who works, as far as it was heard of since the kernel was started; the last heard of first. */
export interface WorkerList {
  readonly workers: readonly WorkerRow[];
}
export interface WorkerRow {
  readonly workerId: string;
  readonly name: string;
  readonly version: string | null;
  /** `host`: of the system; `sdk`: built with the client of ProcOS; `client`: has said nothing of itself. */
  readonly kind: string;
  readonly topics: readonly string[];
  /** Tasks that it can do at the same time; null: it does not say. */
  readonly capacity: number | null;
  readonly firstSeenAt: string;
  readonly seenAt: string;
  /** A request of it waits for tasks. */
  readonly waiting: boolean;
  /** Not heard of for 30 s. */
  readonly silent: boolean;
  /** It has said that it goes, or hung up while it waited for tasks, and was not heard of since. */
  readonly gone: boolean;
  /** Tasks that it holds now. */
  readonly locked: number;
  readonly completed: number;
  readonly failed: number;
  /** Completed within the last minute. */
  readonly perMinute: number;
  readonly lastError: { readonly at: string; readonly topic: string; readonly message: string } | null;
}

/** `POST /api/workers` → 204: what a worker says of itself, every 10 s. It is silent when it stops saying so. */
export interface WorkerAnnouncement {
  readonly workerId: string;
  readonly name?: string;
  readonly version?: string;
  readonly kind?: string;
  readonly topics: readonly string[];
  readonly capacity?: number;
}

/** `GET /api/services?name=&tag=`: services that have registered and are not gone. */
export interface ServiceList {
  readonly services: readonly ServiceRow[];
}
export interface ServiceRow {
  readonly id: string;
  readonly name: string;
  readonly version: string | null;
  readonly endpoint: string;
  readonly healthUrl: string | null;
  readonly tags: readonly string[];
  readonly registeredAt: string;
  /** Unless it says before that it is there. */
  readonly expiresAt: string;
  /** null: nobody has looked, or it has no health URL. */
  readonly healthy: boolean | null;
  readonly finding: string | null;
  readonly breaker: 'closed' | 'open' | 'halfOpen';
  readonly calls: number;
  readonly failures: number;
  /** Calls that are under way. */
  readonly active: number;
}

/** `POST /api/services` → `ServiceLease`: registers, and says again that it is there. `endpoint` and `healthUrl`: http or https. */
export interface ServiceRegistration {
  /** Default: made of name and endpoint. */
  readonly id?: string;
  readonly name: string;
  readonly version?: string;
  readonly endpoint: string;
  readonly healthUrl?: string;
  readonly tags?: readonly string[];
}
/** Also of `POST /api/services/{id}/heartbeat`; 404: register again. */
export interface ServiceLease {
  readonly id: string;
  readonly expiresAt: string;
  /** How often to say that it is there, ms. */
  readonly heartbeatMs: number;
}

/** `POST /api/services/choose` → `ChosenService`; 404: nobody has registered; 503: nobody can be called now. */
export interface ServiceWish {
  readonly name: string;
  readonly version?: string;
  /** All of them. */
  readonly tags?: readonly string[];
  /** Default `round_robin`. */
  readonly strategy?: 'round_robin' | 'least_used';
}
export interface ChosenService {
  readonly id: string;
  readonly name: string;
  readonly version: string | null;
  readonly endpoint: string;
  readonly tags: readonly string[];
  /** To be told with the outcome. */
  readonly call: number;
}

/** `POST /api/services/{id}/outcomes` → 204: what came of a call; the circuit breaker goes by it. */
export interface ServiceOutcome {
  readonly ok: boolean;
  readonly call?: number;
}
