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
