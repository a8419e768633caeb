/** The pure step: (state, command, now, ids) → events and a reply, or a rejection. */
import type { Command, CommandOf, CommandType, ReplyOf } from './records/commands.ts';
import type { EngineEvent } from './records/events.ts';
import type { IdSource } from './records/ids.ts';
import type { Outcome } from './records/rejection.ts';
import type { State } from './state/state.ts';

export interface ExecutionContext {
  readonly state: State;
  /** Instant of the command, ms since the epoch. */
  readonly now: number;
  readonly ids: IdSource;
  /** IANA time zone for calendar timers and FEEL. */
  readonly zone: string;
}

export type Execution<T extends CommandType> = Outcome<ReplyOf<T>> & { readonly events: readonly EngineEvent[] };

/**
 * Runs one command to the end of everything it causes. The events have already been applied to `state` when it returns;
 * a rejection has none. Throws only on a fault of the engine itself (assertion): the caller then rolls the state back.
 */
export function execute<T extends CommandType>(command: CommandOf<T>, context: ExecutionContext): Execution<T> {
  throw new Error(`not built yet: ${(command as Command).type} at ${context.now}`);
}

/** Applies one event of the log: the only way state changes. `at` is the instant of its record. */
export function apply(state: State, event: EngineEvent, at: number): void {
  throw new Error(`not built yet: ${event.type} at ${at} on ${typeof state}`);
}
