/** What evaluating an expression takes and gives; the two languages (JUEL, FEEL) sit behind it. */
import type { Json } from '../values.ts';

/** Where an expression finds its names. */
export interface EvaluationContext {
  /** The variable visible under this name from the current scope upward; undefined when there is none. */
  lookup(name: string): Json | undefined;
  /** All visible names, nearest scope wins; used where a language needs the whole context. */
  names(): Iterable<string>;
  /** Instant of the command, milliseconds since 1970-01-01T00:00Z: `now()`, `today()`, `dateTime()`. */
  readonly now: number;
  /** IANA time zone for calendar arithmetic. */
  readonly zone: string;
  /** The variables of the current scope alone; absent: there are none. */
  readonly local?: { lookup(name: string): Json | undefined; names(): Iterable<string> };
  /** Hears why FEEL gave null where something was wrong: an unknown name, operands that do not go together. */
  warn?(message: string): void;
  /** Where an expression may set variables (listeners, tasks in place); absent: it must not. */
  setVariable?(name: string, value: Json, local: boolean): void;
  removeVariable?(name: string, local: boolean): void;
  /** Where an expression may change the user task (its listeners); absent: it must not. */
  changeTask?(change: TaskChange): void;
  /** Id of the user on whose behalf it is evaluated; null: nobody who is known. */
  readonly user?: string | null;
  /** His groups; absent: not known. */
  readonly userGroups?: readonly string[];
  /** What a listener is called for: `start`, `end`, `create`, … */
  readonly eventName?: string | undefined;
  /** A listener is called because its element is canceled. */
  readonly canceled?: boolean;
  /** The user task at hand, for JUEL's `task`. */
  readonly task?:
    | {
        readonly id: string;
        readonly name: string | null;
        readonly assignee: string | null;
        readonly taskDefinitionKey: string;
        readonly priority: number;
        /** ISO-8601 instants. */
        readonly dueDate: string | null;
        readonly followUpDate: string | null;
        readonly createTime: string;
        readonly candidateUsers: readonly string[];
        readonly candidateGroups: readonly string[];
      }
    | undefined;
  /** What JUEL's `execution` knows. */
  readonly execution?: {
    readonly id: string;
    readonly processInstanceId: string;
    readonly businessKey: string | null;
    readonly processDefinitionId: string;
    readonly currentActivityId: string;
    readonly currentActivityName: string | null;
    readonly tenantId: string | null;
  };
}

/** What a listener's expression does to its user task. Dates are ISO-8601. */
export type TaskChange =
  | { readonly kind: 'assignee' | 'dueDate' | 'followUpDate'; readonly value: string | null }
  | { readonly kind: 'priority'; readonly value: number }
  | {
      readonly kind: 'candidateUsers' | 'candidateGroups';
      readonly add?: readonly string[];
      readonly remove?: readonly string[];
    };

/** Success, or the reason why not, fit for an incident message. Evaluation never throws. */
export type Evaluation = { readonly ok: true; readonly value: Json } | { readonly ok: false; readonly message: string };
