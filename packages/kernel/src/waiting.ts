/** Those who wait for external tasks, what is known of the topics that they wait for, and what their requests leave out. */
import type { CommandOf, Outcome, ReplyOf, RequestKey, Subject, TopicRequest } from '@procos/engine';

export type Fetch = CommandOf<'fetchAndLock'>;
export type FetchOutcome = Outcome<ReplyOf<'fetchAndLock'>>;

export interface Waiter {
  readonly command: Fetch;
  readonly by: Subject;
  readonly request: RequestKey | undefined;
  readonly topics: readonly string[];
  /** Tasks of a topic that its look takes, where there are as many; 1 where it may not want all that there are. */
  readonly takes: number;
  /** Per topic, how many wake-ups had been counted when it last looked. */
  readonly seen: Map<string, number>;
  /** How many doubts there had been then. */
  doubts: number;
  looking: boolean;
  /** Its time is up, and it is looking: what that gives is its answer. */
  late: boolean;
  gone: boolean;
  readonly settle: (outcome: FetchOutcome) => void;
  readonly refuse: (error: unknown) => void;
  /** Stops its own timer and abort listener. */
  release: () => void;
}

export interface Topic {
  /** Counts wake-ups: a waiter that has seen fewer has not looked since. */
  wakes: number;
  /** Tasks that may be there and for which nobody has looked yet. */
  unclaimed: number;
  /** The last wake-up that did not say for how many tasks. */
  manyAt: number;
  /** Earliest known end of a lock or back-off; null: none; undefined: ask the store when somebody waits. */
  freeAt: number | null | undefined;
  /** While it is to be asked for: ends until then were found by looks, or will be by those that are under way. */
  endsAfter: number;
  /** Who waits for it, in order of arrival. */
  readonly waiting: Set<Waiter>;
  /** Tasks that those take who are looking. */
  sought: number;
  /** The wake-ups that had been counted before a look that left nothing free, whatever is asked for. */
  emptyAt: number;
  /** Believed until this instant, and while no doubt has come since. */
  emptyUntil: number;
  emptyDoubts: number;
}

export interface Asking {
  readonly workerId: string;
  dismissed: boolean;
}

/** What had been counted before a look. */
export interface Seen {
  readonly wakes: ReadonlyMap<string, number>;
  readonly doubts: number;
}

/** Asks for some of the tasks of its topic only. */
export function isFiltered({
  topic: _1,
  lockMs: _2,
  variables: _3,
  localVariables: _4,
  ...rest
}: TopicRequest): boolean {
  const { includeExtensionProperties: _5, ...filters } = rest;
  return Object.keys(filters).length > 0;
}

/** What it finds is what there is of its one topic, up to the number that it asks for. */
export function takesAnything({ workerId, maxTasks, topics }: Fetch, request: RequestKey | undefined): boolean {
  const [topic] = topics;
  if (topic === undefined || topics.length > 1 || isFiltered(topic)) return false;
  return request === undefined && workerId !== '' && maxTasks > 0;
}
