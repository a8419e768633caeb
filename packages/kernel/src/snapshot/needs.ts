/** What the parts of a snapshot need of the kernel. */
import type {
  BufferedMessage,
  Command,
  CommandOf,
  FrozenInstance,
  Outcome,
  ReplyOf,
  RequestKey,
  Subject,
} from '@procos/engine';
import type { Blobs } from '@procos/store';
import type { ProcessEngine } from '../process-engine.ts';

type Submitted = 'setSuspension' | 'cancelProcessInstance' | 'removeHistory' | 'setHistoryTimeToLive';

export interface SnapshotNeeds {
  readonly engine: () => ProcessEngine;
  readonly version: string;
  /** Absolute path of the folder of all snapshots. */
  readonly folder: string;
  readonly blobs: Blobs;
  readonly rootInstanceId: () => number | null;
  /** Names this store; see `SnapshotHead`. */
  readonly storeName: () => string;
  /** Last identity that was given out. */
  readonly lastId: () => number;
  /** The instance and all that it has called and runs, callers first. */
  readonly family: (processInstanceId: number) => readonly number[];
  /** undefined: it does not run. */
  readonly freeze: (processInstanceId: number) => FrozenInstance | undefined;
  /** All that are kept for later receivers. */
  readonly messages: () => readonly BufferedMessage[];
  /** Why the gate refuses the command to the subject; undefined when it does not. */
  readonly refusal: (command: Command, by: Subject) => string | undefined;
  readonly submit: (command: CommandOf<Submitted>, by: Subject) => Promise<Outcome<unknown>>;
  readonly bring: (
    command: CommandOf<'importProcessInstances'>,
    by: Subject,
    key: RequestKey,
  ) => Promise<Outcome<ReplyOf<'importProcessInstances'>>>;
}
