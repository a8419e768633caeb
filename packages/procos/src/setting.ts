/** What a setting is. */

export interface Setting {
  /** Name in the file; with two dashes before it, the flag. */
  readonly name: string;
  /** Name in the environment. */
  readonly variable: string;
  /** Text of the default as the file would hold it; absent: unset. */
  readonly fallback?: string;
  /** One line for help and docs/settings.md. */
  readonly about: string;
  /** Never a flag: command lines are visible to every user of the machine. */
  readonly secret?: boolean;
  /** What the text should be, when it is not that; undefined when it is fine. */
  readonly refuse?: (text: string) => string | undefined;
}
