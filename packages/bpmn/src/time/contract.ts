/** Timers: from ISO-8601 text (or Quartz cron) to the next due instant. Pure; instants in ms since the epoch. */

export interface Repeat {
  /** The cycle as written, e.g. `R3/PT10S`, `R/2026-01-01T00:00:00Z/P1D`, `0 0 9 * * ?`. */
  readonly text: string;
  /** Occurrences left after the one that `dueAt` names; null: endless. */
  readonly remaining: number | null;
  /**
   * The instant that occurrences are counted from, epoch ms: of a cycle of calendar units that names none itself. Counted
   * each from the one before, a day whose wall-clock time is skipped, or a short month, would move all that follow.
   */
  readonly from?: number;
}

export interface TimerSchedule {
  readonly dueAt: number;
  /** Absent: fires once. */
  readonly repeat?: Repeat;
}

export type Scheduling =
  | { readonly ok: true; readonly value: TimerSchedule }
  | { readonly ok: false; readonly message: string };
