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
