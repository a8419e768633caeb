/** The pure step: (state, command, now, ids) → events and a reply, or a rejection. */
import { type Pinned, Turn } from './actions/turn.ts';
import { forgetTransient } from './actions/variables.ts';
import { keep, recall } from './commands/answers.ts';
import type { CommandHandler } from './commands/handler.ts';
import { refuseLargeValues } from './commands/large-values.ts';
import { handlers } from './commands/registry.ts';
import type { Command, CommandOf, CommandType, ReplyOf } from './records/commands.ts';
import type { EngineEvent } from './records/events.ts';
import type { IdSource, RequestKey, Subject } from './records/ids.ts';
import type { Limits, Undeclared } from './records/limits.ts';
import type { Outcome } from './records/rejection.ts';
import type { TurnTaking } from './records/turns.ts';
import type { State } from './state/state.ts';
import { runSteps } from './steps/steps.ts';

export { apply } from './appliers/appliers.ts';

export interface ExecutionContext {
  readonly state: State;
  /** Instant of the command, ms since the epoch. */
  readonly now: number;
  readonly ids: IdSource;
  /** IANA time zone for calendar timers and FEEL. */
  readonly zone: string;
  /** Who asks; absent: nobody who is known. */
  readonly by?: Subject;
  /** The roles that models may hold against who asks; absent: none. */
  readonly roles?: readonly string[] | undefined;
  /** By what the request is known again: the answer is kept, and a repeated request gets it. */
  readonly request?: RequestKey | undefined;
  /** Answers that last until then are over; absent: `now`. Earlier where the clock was set forward since they were given. */
  readonly answersOverAt?: number;
  /** Absent: those of `DEFAULT_LIMITS`. */
  readonly limits?: Limits;
  /** Default: `open`. */
  readonly undeclared?: Undeclared;
  /** Processes of the system that only operators may run must be named by the model that has one called, and only the system throws its messages and signals: where it is known who asks. Default: false. */
  readonly systemByName?: boolean;
  /** Definitions and decisions that stand for the latest versions without tenant. */
  readonly pinned?: Pinned;
  /** Who gets its turn where several wait; absent: nothing is remembered from one command to the next. */
  readonly turns?: TurnTaking;
}

export type Execution<T extends CommandType> = Outcome<ReplyOf<T>> & { readonly events: readonly EngineEvent[] };

/**
 * Runs one command to the end of everything it causes. The events have already been applied to `state` when it returns;
 * a rejection has none, but that of a request with a key. Throws only on a fault of the engine itself (assertion): the
 * caller then rolls the state back.
 */
export function execute<T extends CommandType>(command: CommandOf<T>, context: ExecutionContext): Execution<T> {
  const turn = new Turn(context);
  const { request } = context;
  if (request === undefined) return { ...run(command, turn), events: turn.events };
  const known = turn.state.answers.byKey(request.key);
  const overAt = context.answersOverAt ?? turn.now;
  const recalled = recall(command as Command, request, known, turn, overAt);
  if (recalled !== undefined) return { ...(recalled as Outcome<ReplyOf<T>>), events: [] };
  const outcome = run(command, turn);
  keep(command as Command, request, known, outcome, turn, overAt);
  return { ...outcome, events: turn.events };
}

function run<T extends CommandType>(command: CommandOf<T>, turn: Turn): Outcome<ReplyOf<T>> {
  const refused = refuseLargeValues(command as Command, turn);
  if (refused !== undefined) return { ok: false, rejection: refused };
  const outcome = (handlers[command.type] as CommandHandler<T>)(command, turn);
  if (!outcome.ok) {
    if (turn.events.length > 0) throw new Error(`${command.type} was refused after it had changed something`);
    return outcome;
  }
  runSteps(turn);
  forgetTransient(turn);
  return outcome;
}
