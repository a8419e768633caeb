/** What owners have set, and what is counted because of it. */
import type { EventOf } from '../records/events.ts';
import type { ControlId, ProcessInstanceId } from '../records/ids.ts';
import { controlsOf, dayOf, MINUTE_MS } from '../state/controls.ts';
import type { AiHeld, Control, ExternalTask, InstanceUsage, Owned, ProcessInstance } from '../state/entities.ts';
import type { State } from '../state/state.ts';

export function setLimits(state: State, event: EventOf<'limitsSet'>, at: number): void {
  const { target, by, reason, nice } = event;
  const owned = (value: number): Owned => ({ value, by, at, reason });
  const limits = (before: Control['limits']): Control['limits'] => {
    const after: Record<string, Owned> = { ...before };
    for (const [kind, value] of Object.entries(event.limits)) {
      if (value === null || value === undefined) delete after[kind];
      else after[kind] = owned(value);
    }
    return after;
  };
  if (target.kind === 'instance') {
    const instance = state.instances.get(target.processInstanceId);
    if (instance === undefined)
      throw new Error(`the log sets limits of ${target.processInstanceId}, which is not there`);
    const { control } = instance;
    const { nice: before, ...rest } = control ?? { limits: {}, usage: {} };
    const after = nice === undefined ? before : nice === null ? undefined : owned(nice);
    instance.control = {
      ...rest,
      limits: limits(rest.limits),
      ...(after === undefined ? {} : { nice: after }),
    };
    state.instances.put(instance);
    return;
  }
  const control = state.controls.of(target) ?? { id: event.controlId as ControlId, target, limits: {} };
  control.limits = limits(control.limits);
  if (nice === null) delete control.nice;
  else if (nice !== undefined) control.nice = owned(nice);
  if (control.limits.instances === undefined) {
    delete control.living;
    delete control.countedFrom;
  } else if (event.countFrom !== undefined) {
    control.living = 0;
    control.countedFrom = event.countFrom;
  }
  if (control.limits.startsPerMinute === undefined) delete control.minute;
  state.controls.put(control);
}

export function changeUsage(
  state: State,
  id: ProcessInstanceId,
  change: (usage: InstanceUsage) => InstanceUsage,
): void {
  const instance = state.instances.get(id);
  if (instance === undefined) throw new Error(`the log counts what ${id} uses, which is not there`);
  const control = instance.control ?? { limits: {}, usage: {} };
  instance.control = { ...control, usage: change(control.usage) };
  state.instances.put(instance);
}

export function countStart(
  state: State,
  { processInstanceId, definitionId }: EventOf<'processInstanceCreated'>,
  at: number,
): void {
  if (state.controls.none) return;
  for (const control of controlsOf(state, definitionId)) {
    if (control.limits.startsPerMinute === undefined) continue;
    const { minute } = control;
    const goesOn = minute !== undefined && at - minute.since < MINUTE_MS;
    control.minute = goesOn ? { ...minute, starts: minute.starts + 1 } : { since: at, starts: 1 };
    state.controls.put(control);
  }
  countLiving(state, { id: processInstanceId, definitionId }, 1);
}

/** Those that were there before somebody asked are counted by `instancesCounted`. */
export function countLiving(
  state: State,
  { id, definitionId }: Pick<ProcessInstance, 'id' | 'definitionId'>,
  change: 1 | -1,
): void {
  if (state.controls.none) return;
  for (const control of controlsOf(state, definitionId)) {
    if (control.living === undefined || id < (control.countedFrom ?? 0)) continue;
    control.living += change;
    state.controls.put(control);
  }
}

/** Whoever held something before holds this instead. */
export function holdAi(state: State, { externalTaskId, tokens, cost, controls }: EventOf<'aiReserved'>): void {
  const task = state.externalTasks.get(externalTaskId);
  if (task === undefined) throw new Error(`the log reserves for external task ${externalTaskId}, which is not there`);
  letGoOfAi(state, task);
  task.aiHeld = { tokens, cost, controls };
  state.externalTasks.put(task);
  changeHeld(state, task.processInstanceId, task.aiHeld, 1);
}

/** What the task holds is free again; `usedAt`: nobody knows what of it was used, so that all of it counts as used then. */
export function letGoOfAi(state: State, task: ExternalTask, usedAt?: number): void {
  const { aiHeld, processInstanceId } = task;
  if (aiHeld === undefined) return;
  delete task.aiHeld;
  changeHeld(state, processInstanceId, aiHeld, -1);
  if (usedAt !== undefined) addAi(state, processInstanceId, aiHeld, usedAt);
}

function changeHeld(
  state: State,
  processInstanceId: ProcessInstanceId,
  { tokens, cost, controls }: NonNullable<ExternalTask['aiHeld']>,
  change: 1 | -1,
): void {
  const changed = (held: AiHeld = { tokens: 0, cost: 0, tasks: 0 }): AiHeld => ({
    tokens: Math.max(0, held.tokens + change * tokens),
    cost: Math.max(0, held.cost + change * cost),
    tasks: Math.max(0, held.tasks + change),
  });
  if (state.instances.get(processInstanceId) !== undefined)
    changeUsage(state, processInstanceId, ({ aiHeld, ...usage }) => {
      const after = changed(aiHeld);
      return after.tasks === 0 ? usage : { ...usage, aiHeld: after };
    });
  for (const id of controls) {
    const control = state.controls.get(id);
    if (control === undefined) continue;
    const after = changed(control.aiHeld);
    if (after.tasks === 0) delete control.aiHeld;
    else control.aiHeld = after;
    state.controls.put(control);
  }
}

/** What it holds is settled by what it has used. */
export function countAi(
  state: State,
  { processInstanceId, externalTaskId, usage }: EventOf<'aiUsed'>,
  at: number,
): void {
  const task = state.externalTasks.get(externalTaskId);
  if (task !== undefined) letGoOfAi(state, task);
  addAi(state, processInstanceId, { tokens: usage.inputTokens + usage.outputTokens, cost: usage.cost }, at);
}

/** In the life of the instance; of its definition and tenant where those have limits of a day. */
function addAi(
  state: State,
  processInstanceId: ProcessInstanceId,
  { tokens, cost }: { readonly tokens: number; readonly cost: number },
  at: number,
): void {
  if (state.instances.get(processInstanceId) === undefined) return;
  changeUsage(state, processInstanceId, (before) => ({
    ...before,
    aiTokens: (before.aiTokens ?? 0) + tokens,
    aiCost: (before.aiCost ?? 0) + cost,
  }));
  const instance = state.instances.get(processInstanceId);
  const day = dayOf(at);
  for (const control of instance === undefined ? [] : controlsOf(state, instance.definitionId)) {
    const { aiTokensPerDay, aiCostPerDay } = control.limits;
    if (aiTokensPerDay === undefined && aiCostPerDay === undefined) continue;
    const ai = control.ai?.day === day ? control.ai : { day, tokens: 0, cost: 0 };
    control.ai = { day, tokens: ai.tokens + tokens, cost: ai.cost + cost };
    state.controls.put(control);
  }
}
