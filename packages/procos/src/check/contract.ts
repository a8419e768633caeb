/** What `procos check` finds out about a file, and about all of them together. */
import type { CheckReport } from '@procos/protocol';

/** `refused`: it cannot be deployed so. `otherwise`: it runs, and something is not as in Camunda. `hint`: worth a look. */
export type NoteKind = 'refused' | 'otherwise' | 'hint';

export interface Note {
  readonly kind: NoteKind;
  /** Of the deploy check (docs/errors.md), or `otherwise/…`. */
  readonly rule: string;
  /** What, and what to do. */
  readonly message: string;
  readonly elementId?: string;
  /** 1-based; 0: of the file as a whole. */
  readonly line: number;
}

export type NeedKind =
  /** A topic (job type) that somebody has to serve. */
  | 'worker'
  /** A Java class or bean of a task or listener, which can be mapped to a topic: `com.x.Y`, `${bean}`. */
  | 'java'
  /** A bean whose methods an expression calls. */
  | 'bean'
  | 'connector'
  /** A language that a script is written in. */
  | 'script'
  | 'form'
  /** A process that is called, a decision that is asked. */
  | 'process'
  | 'decision';

/** Something that a model uses and does not hold itself. */
export interface Need {
  readonly kind: NeedKind;
  readonly name: string;
  readonly elementId?: string;
  readonly line: number;
}

export type Verdict = 'runs' | 'otherwise' | 'refused';

export interface CheckedFile {
  /** As the person gave it, or below a folder that he gave. */
  readonly path: string;
  readonly verdict: Verdict;
  readonly notes: readonly Note[];
  readonly needs: readonly Need[];
  readonly defines: CheckReport['defines'];
}
