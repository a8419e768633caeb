/** The same running instance under other identities: every place where one stands, and no place where data only looks like one. */
import type { FrozenElement, FrozenInstance } from '../records/frozen.ts';
import type { Chain, Step, Told } from '../records/steps.ts';
import type { Compensation, ExternalTask, Undo } from '../state/entities.ts';

/** Old identity to new one; what is not known stays as it is. */
export type Renaming = ReadonlyMap<number, number>;

/** Every identity that the instances have given out themselves, ascending: new ones in this order keep what came first. */
export function identitiesOf(instances: readonly FrozenInstance[]): number[] {
  const ids = new Set<number>();
  for (const { elements, externalTasks, userTasks, timers, subscriptions, incidents } of instances) {
    for (const rows of [elements, externalTasks, userTasks, timers, subscriptions, incidents])
      for (const { id } of rows as readonly { readonly id: number }[]) ids.add(id);
    for (const { compensations = [] } of elements) for (const id of compensationIds(compensations)) ids.add(id);
  }
  return [...ids].sort((one, other) => one - other);
}

export function renameInstance(instance: FrozenInstance, names: Renaming): FrozenInstance {
  const id = (old: number): number => names.get(old) ?? old;
  const optional = (old: number | null): number | null => (old === null ? null : id(old));
  const owned = <Row extends { readonly processInstanceId: number | null; readonly elementInstanceId: number | null }>(
    row: Row & { readonly id: number },
  ): Row => ({
    ...row,
    id: id(row.id),
    processInstanceId: optional(row.processInstanceId),
    elementInstanceId: optional(row.elementInstanceId),
  });
  return {
    ...instance,
    id: id(instance.id),
    rootId: id(instance.rootId),
    parentId: optional(instance.parentId),
    parentElementInstanceId: optional(instance.parentElementInstanceId),
    elements: instance.elements.map((element) => renameElement(element, names)),
    externalTasks: instance.externalTasks.map((task) => ({ ...owned(task), errand: renameErrand(task.errand, names) })),
    userTasks: instance.userTasks.map(owned),
    timers: instance.timers.map((timer) => ({
      ...owned(timer),
      step: timer.step === null ? null : renameStep(timer.step, names),
      ...(timer.chain === undefined ? {} : { chain: renameChain(timer.chain, names) }),
    })),
    subscriptions: instance.subscriptions.map(owned),
    incidents: instance.incidents.map((incident) => ({
      ...owned(incident),
      externalTaskId: optional(incident.externalTaskId),
      step: incident.step === null ? null : renameStep(incident.step, names),
    })),
  };
}

function renameElement(element: FrozenElement, names: Renaming): FrozenElement {
  const { compensations, undo, undoneFor } = element;
  return {
    ...element,
    id: names.get(element.id) ?? element.id,
    scopeId: element.scopeId === null ? null : (names.get(element.scopeId) ?? element.scopeId),
    ...(compensations === undefined
      ? {}
      : { compensations: compensations.map((one) => renameCompensation(one, names)) }),
    ...(undo === undefined ? {} : { undo: renameUndo(undo, names) }),
    ...(undoneFor === undefined ? {} : { undoneFor: names.get(undoneFor) ?? undoneFor }),
  };
}

function renameCompensation(compensation: Compensation, names: Renaming): Compensation {
  return {
    ...compensation,
    id: names.get(compensation.id) ?? compensation.id,
    inner: compensation.inner.map((one) => renameCompensation(one, names)),
  };
}

function* compensationIds(compensations: readonly Compensation[]): Generator<number> {
  for (const { id, inner } of compensations) {
    yield id;
    yield* compensationIds(inner);
  }
}

/** `upTo` need be nobody's: it stands for the greatest one up to it. */
function renameUndo(undo: Undo, names: Renaming): Undo {
  let upTo = 0;
  for (const [old, now] of names) if (old <= undo.upTo) upTo = Math.max(upTo, now);
  return { ...undo, scopeId: names.get(undo.scopeId) ?? undo.scopeId, upTo };
}

function renameErrand(errand: ExternalTask['errand'], names: Renaming): ExternalTask['errand'] {
  return errand === null ? null : { ...errand, step: renameStep(errand.step, names) };
}

function renameChain(chain: Chain, names: Renaming): Chain {
  return { ...chain, laps: chain.laps.map(([scope, element, times]) => [names.get(scope) ?? scope, element, times]) };
}

/** Identities stand at the top of a step; what is deeper are values of variables and names of elements. */
function renameStep(step: Step, names: Renaming): Step {
  const id = (old: number): number => names.get(old) ?? old;
  const renamed: Record<string, unknown> = { ...step, processInstanceId: id(step.processInstanceId) };
  if ('elementInstanceId' in step) renamed['elementInstanceId'] = id(step.elementInstanceId);
  if ('scopeId' in step) renamed['scopeId'] = id(step.scopeId);
  if ('by' in step) renamed['by'] = id(step.by);
  if ('subscriptionId' in step) renamed['subscriptionId'] = id(step.subscriptionId);
  if ('told' in step && step.told !== undefined) renamed['told'] = renameTold(step.told, names);
  if (step.kind === 'continueTurn') {
    renamed['steps'] = step.steps.map((one) => renameStep(one, names));
    renamed['touched'] = step.touched.map(([instance, scope]) => [id(instance), id(scope)]);
  }
  return renamed as unknown as Step;
}

function renameTold(told: Told, names: Renaming): Told {
  return Object.fromEntries(
    Object.entries(told).map(([element, times]) => [names.get(Number(element)) ?? element, times]),
  );
}
