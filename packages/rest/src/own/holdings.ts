/** `GET /api/processes/{pid}/holdings` and `GET /api/timers`: what a process holds, and what starts processes by the clock. */
import { type Condition, HELD_AT, type ProcessEngine, type Timer } from '@procos/kernel';
import type { HoldingList, HoldingRow, TimerList } from '@procos/protocol';
import type { Call } from '../call.ts';
import { ApiRefusal } from './errors.ts';
import { instant, optionalInstant } from './instants.ts';
import { rangeOf, textParameter } from './parameters.ts';
import { knownPid, pidText } from './pids.ts';

/** Of each kind at most; PID 1 and loops may hold more than anybody reads. */
const SHOWN = 1_000;

/** What a running process waits for and what others do for it; empty when it has ended. */
export function holdings(call: Call): HoldingList {
  const id = knownPid(call);
  return { pid: pidText(call, id), holdings: holdingsOf(call.engine, id) };
}

export function holdingsOf(engine: ProcessEngine, id: number): readonly HoldingRow[] {
  const query = { where: [{ column: 'processInstanceId', op: '=', value: id }], limit: SHOWN } as const;
  const now = engine.now();
  return [
    ...engine.find('externalTasks', query).map((task): HoldingRow => {
      const isLocked = task.workerId !== null && task.availableAt > now;
      return {
        kind: 'externalTask',
        id: String(task.id),
        elementId: task.elementId,
        name: task.topic,
        key: null,
        holder: isLocked ? task.workerId : null,
        // An instance that does the task holds it until it ends.
        until: task.availableAt > now && task.availableAt < HELD_AT ? instant(task.availableAt) : null,
        retries: task.retries,
      };
    }),
    ...engine.find('userTasks', query).map(
      (task): HoldingRow => ({
        kind: 'userTask',
        id: String(task.id),
        elementId: task.elementId,
        name: task.name ?? task.elementId,
        key: null,
        holder: task.assignee,
        until: optionalInstant(task.dueAt),
        retries: null,
      }),
    ),
    ...engine.find('subscriptions', query).map(
      ({ kind, id: subscriptionId, elementId, name, correlationKey }): HoldingRow => ({
        kind,
        id: String(subscriptionId),
        elementId,
        name,
        key: correlationKey,
        holder: null,
        until: null,
        retries: null,
      }),
    ),
    ...engine.find('timers', query).map(
      (timer): HoldingRow => ({
        kind: timer.step === null ? 'timer' : 'continuation',
        id: String(timer.id),
        elementId: timer.elementId,
        name: timer.repeat?.text ?? '',
        key: null,
        holder: null,
        until: instant(timer.dueAt),
        retries: null,
      }),
    ),
  ];
}

/** Timers that start processes, the one that is due next first; `definition`: of this process. */
export function listTimers(call: Call): TimerList {
  const { engine } = call;
  const key = textParameter(call, 'definition');
  const where: Condition<Timer>[] = [{ column: 'processInstanceId', op: 'isNull' }];
  if (key !== undefined) {
    const ofProcess = { column: 'bpmnProcessId', op: '=', value: key } as const;
    const ids = engine.find('definitions', { where: [ofProcess] }).map(({ id }) => id);
    if (ids.length === 0) throw new ApiRefusal(404, 'NOT_FOUND', `There is no process ${key}: see /api/definitions.`);
    where.push({ column: 'definitionId', op: 'in', value: ids });
  }
  const orderBy = [{ column: 'dueAt' }, { column: 'id' }] as const;
  const { rows, total } = engine.page('timers', { where, orderBy, ...rangeOf(call) });
  const timers = rows.flatMap((timer) => {
    // A signal on its way to who waited for it is a timer of nobody.
    const definition = engine.definition(timer.definitionId);
    if (definition === undefined) return [];
    return {
      timerId: String(timer.id),
      definitionId: String(definition.id),
      bpmnProcessId: definition.bpmnProcessId,
      version: definition.version,
      elementId: timer.elementId,
      elementName: definition.model.elements[timer.elementId]?.name ?? null,
      dueAt: instant(timer.dueAt),
      repeat: timer.repeat?.text ?? null,
      remaining: timer.repeat?.remaining ?? null,
      paused: timer.suspended || definition.suspended,
    };
  });
  return { timers, total };
}
