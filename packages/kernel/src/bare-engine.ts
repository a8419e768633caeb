/** An engine without a system: in memory, nothing in it, wakes no timer and serves no task. For a try, and for the test kit. */
import assert from 'node:assert/strict';
import { readProcesses } from '@procos/bpmn';
import { apply, DEFAULT_LIMITS, execute, type Limits, type Subject, type Undeclared } from '@procos/engine';
import { createMemoryStore, StorageFull, type Store, StoreFailure } from '@procos/store';
import type { Clock } from './clock.ts';
import { EmbeddedEngine } from './embedded-engine.ts';
import type { Gate } from './kernel-port.ts';
import { LARGE_VALUES, LargeValueKeeper, type LargeValueSettings } from './large-values.ts';
import { CommandLoop } from './loop.ts';
import { decide } from './policy/decide.ts';
import { Waiters } from './waiters.ts';
import { WorkerRegistry } from './workers/registry.ts';

export interface BareEngineOptions {
  readonly clock: Clock;
  /** IANA time zone for calendar timers and FEEL. */
  readonly zone: string;
  /** Absent: everybody may do what no rule of the system forbids. */
  readonly gate?: Gate;
  /** Topics that only processes of the system may use; absent: none are known. */
  readonly systemCalls?: ReadonlySet<string>;
  /** See `KernelOptions`. */
  readonly delegates?: Readonly<Record<string, string>>;
  readonly limits?: Limits;
  readonly largeValues?: LargeValueSettings;
  readonly undeclared?: Undeclared;
  readonly systemByName?: boolean;
  /** A command hit a fault of the engine itself. Default: who submitted it is told, nobody else. */
  readonly onAssertion?: (command: string, error: unknown) => void;
}

/** Where waiters and large values work. */
interface Place {
  readonly loop: CommandLoop;
  readonly store: Store;
  readonly clock: Clock;
}

/** As without authentication: then nobody's roles are looked up. */
const OPEN: Gate = {
  decide: (question) => decide(question, { authentication: 'none', resolve: () => assert.fail('roles are not asked') }),
};
const WAITERS: Subject = { kind: 'kernel', id: 'waiters' };

export function createBareEngine(options: BareEngineOptions): EmbeddedEngine {
  const { clock, zone, gate = OPEN, systemCalls = new Set<string>() } = options;
  const { delegates = {}, undeclared = 'open', systemByName = false } = options;
  const store = createMemoryStore();
  const loop = new CommandLoop({
    store,
    engine: { execute, apply },
    clock,
    zone,
    ...(options.limits === undefined ? {} : { limits: options.limits }),
    undeclared,
    systemByName,
    onFatal: () => {},
    onAssertion: options.onAssertion ?? (() => {}),
  });
  const place = { loop, store, clock };
  return new EmbeddedEngine({
    loop,
    store,
    waiters: createWaiters(place),
    workers: new WorkerRegistry(clock),
    largeValues: createLargeValues(options, place),
    gate,
    readProcesses: (xml) => readProcesses(xml, { delegates }),
    systemCalls,
    undeclared,
    systemByName,
  });
}

export function createLargeValues(
  {
    limits = DEFAULT_LIMITS,
    largeValues: settings = LARGE_VALUES,
  }: { readonly limits?: Limits; readonly largeValues?: LargeValueSettings },
  { loop, store, clock }: Place,
): LargeValueKeeper {
  return new LargeValueKeeper({ store, loop, clock, limits, settings });
}

export function createWaiters({ loop, store, clock }: Place): Waiters {
  return new Waiters({
    clock,
    now: () => loop.now(),
    untilMs: (at) => loop.time.untilMs(at),
    submit: (command, by, request) => loop.submit(command, by, request),
    unlock: ({ task }) => {
      // Refused or too late: then the lock ends by itself.
      loop
        .submit({ type: 'unlockExternalTask', externalTaskId: task.id, lockCount: task.lockCount }, WAITERS)
        .catch(() => {});
    },
    nextFreeAt: (topic, after) => read(loop, () => store.state.externalTasks.nextRelease(topic, after), undefined),
    topicOf: (id) => store.state.externalTasks.get(id)?.topic,
  });
}

/** For readers that have nobody to answer to: a disk that refuses a read stops the kernel like one that refuses a write. */
export function read<R>(loop: CommandLoop, ask: () => R, otherwise: R): R {
  try {
    return ask();
  } catch (error) {
    if (error instanceof StorageFull) return otherwise;
    if (!(error instanceof StoreFailure)) throw error;
    loop.fail(error);
    return otherwise;
  }
}
