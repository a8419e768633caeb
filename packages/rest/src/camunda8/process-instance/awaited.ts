/** Who waits for the end of a process instance. */
import {
  type EngineEvent,
  type Kernel,
  type LogRecord,
  type ProcessEngine,
  type ProcessInstanceView,
  Unavailable,
  type Variable,
  type Variables,
} from '@procos/kernel';

export type End = ProcessInstanceView['state'];

interface Waiting {
  readonly settle: (end: End | undefined) => void;
}

/** One listener per engine, however many wait. */
const waitingOn = new WeakMap<Kernel['engine'], Map<number, Set<Waiting>>>();

/** Process instances whose ends are awaited at once. */
const MOST_AWAITED = 10_000;

/** Before anything is started that could not be waited for. Throws `Unavailable`. */
export function refuseToAwaitMore({ engine }: Kernel): void {
  if ((waitingOn.get(engine)?.size ?? 0) < MOST_AWAITED) return;
  const text = `The ends of ${MOST_AWAITED} process instances are awaited already: start it without, or again later.`;
  throw new Unavailable('OVERLOADED', text);
}

/** How it ended; undefined: the time is up, or `signal` has ended the wait. */
export function endOf(
  { engine }: Kernel,
  processInstanceId: number,
  { waitMs, signal }: { readonly waitMs: number; readonly signal: AbortSignal },
): Promise<End | undefined> {
  const state = stateOf(engine, processInstanceId);
  if (state !== 'active' || signal.aborted) return Promise.resolve(state === 'active' ? undefined : state);
  const waiting = waitingOn.get(engine) ?? listen(engine);
  const here = waiting.get(processInstanceId) ?? new Set();
  waiting.set(processInstanceId, here);
  return new Promise((resolve) => {
    const leave = (): void => waiter.settle(undefined);
    const timer = setTimeout(leave, waitMs);
    const waiter: Waiting = {
      settle: (end) => {
        clearTimeout(timer);
        signal.removeEventListener('abort', leave);
        here.delete(waiter);
        if (here.size === 0) waiting.delete(processInstanceId);
        resolve(end);
      },
    };
    here.add(waiter);
    signal.addEventListener('abort', leave, { once: true });
  });
}

function listen(engine: Kernel['engine']): Map<number, Set<Waiting>> {
  const waiting = new Map<number, Set<Waiting>>();
  waitingOn.set(engine, waiting);
  engine.onCommitted((records: readonly LogRecord[]) => {
    if (waiting.size === 0) return;
    for (const { events } of records) for (const event of events) note(event, waiting);
  });
  return waiting;
}

function note(event: EngineEvent, waiting: ReadonlyMap<number, Set<Waiting>>): void {
  if (event.type !== 'processInstanceCompleted' && event.type !== 'processInstanceEnded') return;
  const end = event.type === 'processInstanceCompleted' ? 'completed' : event.how;
  for (const waiter of [...(waiting.get(event.processInstanceId) ?? [])]) waiter.settle(end);
}

function stateOf(engine: Kernel['engine'], id: number): End | undefined {
  return engine.find('processInstances', { where: [{ column: 'id', op: '=', value: id }] })[0]?.state;
}

/** What the instance itself holds, or held at its end. */
export function rootVariables(engine: ProcessEngine, processInstanceId: number): Variables {
  const rows = engine.find('variables', {
    where: [
      { column: 'processInstanceId', op: '=', value: processInstanceId },
      { column: 'scopeId', op: '=', value: processInstanceId },
    ],
  });
  const named = rows.map(({ name, type, value, info }): [string, Variable] => [
    name,
    info === null ? { type, value } : { type, value, info },
  ]);
  return Object.fromEntries(named);
}
