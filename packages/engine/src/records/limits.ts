/** How much a model may ask for before it gets an incident: see docs/settings.md, where an operator sets them. */

export interface Limits {
  /** Steps of one command; what is left then goes on in commands of its own, so that others get their turn. */
  readonly stepsPerCommand: number;
  /** Steps that one cause may lead to without anything that waits, over all those commands. */
  readonly stepsWithoutWait: number;
  /** How often one element may begin in one scope, or one process start another of its kind, without anything that waits. */
  readonly laps: number;
  /** Process instances that call each other, one inside the other. */
  readonly callDepth: number;
  /** Instances of one loop. */
  readonly loopInstances: number;
  /** Element instances of one process instance that are alive at the same time. */
  readonly elements: number;
  /** One variable, characters of its JSON text. */
  readonly variableSize: number;
  /** Lists and maps in each other in one variable. */
  readonly variableDepth: number;
  /** All variables of one process instance, characters of their JSON text. */
  readonly instanceSize: number;
  /** How long the answer to a request with a key is kept, ms. */
  readonly answerKeptMs: number;
}

export const DEFAULT_LIMITS: Limits = {
  stepsPerCommand: 10_000,
  stepsWithoutWait: 1_000_000,
  laps: 10_000,
  callDepth: 64,
  loopInstances: 10_000,
  elements: 100_000,
  variableSize: 1_048_576,
  variableDepth: 64,
  instanceSize: 8_388_608,
  answerKeptMs: 86_400_000,
};

/** What a process without a `procos:security` block may use: everything but system calls, or nothing. */
export type Undeclared = 'open' | 'closed';

/** The end of the year 9999, ms since the epoch: what is lent, paused or kept from outside ends no later, so that its end can be written as a date and kept as a number. */
export const LAST_INSTANT = 253_402_300_799_999;
