/** What the script worker and its sandboxed process say to each other: one JSON text on one line each way. */

export interface ScriptJob {
  readonly source: string;
  /** JSON text of an object: the variables that the script sees. */
  readonly variables: string;
  readonly timeMs: number;
}

export type ScriptReply =
  | {
      readonly outcome: 'done';
      /** JSON text `{result, variables}`. */
      readonly output: string;
    }
  | { readonly outcome: 'bpmnError'; readonly code: string; readonly message: string }
  | { readonly outcome: 'thrown'; readonly message: string }
  | { readonly outcome: 'limit'; readonly message: string };

/** A line of the sandboxed process: the first says that it is ready, every other answers one job. */
export interface ScriptLine {
  /** Absent in the first line. */
  readonly reply?: ScriptReply;
  /** The process runs nothing more: the script has gone to a limit, and its successor shall not inherit the doubt. */
  readonly last?: true;
}

/** Largest output of a script, characters of JSON. */
export const MAX_OUTPUT: number = 4 * 1024 * 1024;
