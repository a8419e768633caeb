/** What the script worker and its child process say to each other: one JSON text each way. */

export interface ScriptJob {
  readonly source: string;
  /** JSON text of an object: the variables that the script sees. */
  readonly variables: string;
  readonly timeMs: number;
  readonly memoryBytes: number;
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

/** Largest output of a script, characters of JSON. */
export const MAX_OUTPUT: number = 4 * 1024 * 1024;
