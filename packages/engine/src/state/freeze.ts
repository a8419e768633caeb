/** Reads a running process instance as plain data, with everything that belongs to it. */
import type { FrozenElement, FrozenInstance } from '../records/frozen.ts';
import type { ProcessInstanceId } from '../records/ids.ts';
import type { ElementInstance, LoopState, ProcessInstance } from './entities.ts';
import type { State } from './state.ts';

/** undefined: no such instance runs. What is given stays what it is, whatever happens to the instance. */
export function freezeInstance(state: State, id: ProcessInstanceId): FrozenInstance | undefined {
  const instance = state.instances.get(id);
  if (instance === undefined) return undefined;
  const elements = scopesFirst(instance);
  const all = <Row extends object>(ids: Iterable<number>, get: (id: number) => Row | undefined): Row[] =>
    [...ids]
      .toSorted((one, other) => one - other)
      .flatMap((one) => {
        const row = get(one);
        return row === undefined ? [] : { ...row };
      });
  const idsOf = (of: (element: ElementInstance) => Iterable<number>): number[] =>
    elements.flatMap((one) => [...of(one)]);
  const single = (one: number | null): number[] => (one === null ? [] : [one]);
  return {
    id,
    definitionId: instance.definitionId,
    businessKey: instance.businessKey,
    tenantId: instance.tenantId,
    rootId: instance.rootId,
    parentId: instance.parentId,
    parentElementInstanceId: instance.parentElementInstanceId,
    startedAt: instance.startedAt,
    suspended: instance.suspended,
    ...(instance.warnings === undefined ? {} : { warnings: instance.warnings }),
    ...(instance.tags === undefined ? {} : { tags: instance.tags }),
    ...(instance.endsAfter === undefined ? {} : { endsAfter: instance.endsAfter }),
    elements: elements.map(freezeElement),
    externalTasks: all(
      idsOf(({ externalTaskId }) => single(externalTaskId)),
      (one) => state.externalTasks.get(one),
    ),
    userTasks: all(
      idsOf(({ userTaskId }) => single(userTaskId)),
      (one) => state.userTasks.get(one),
    ),
    timers: all(
      idsOf(({ timers }) => timers),
      (one) => state.timers.get(one),
    ),
    subscriptions: all(
      idsOf(({ subscriptions }) => subscriptions),
      (one) => state.subscriptions.get(one),
    ),
    incidents: all(
      idsOf(({ incidents }) => incidents),
      (one) => state.incidents.get(one),
    ),
  };
}

/** Instances that it has called and that run, and what those have called; itself first, callers before what they call. */
export function familyOf(state: State, id: ProcessInstanceId): ProcessInstanceId[] {
  const family = [id];
  for (const one of family)
    for (const { calledInstanceId } of state.instances.get(one)?.elements.values() ?? [])
      if (calledInstanceId !== null && state.instances.get(calledInstanceId) !== undefined)
        family.push(calledInstanceId);
  return family;
}

/** In the order of their identities, which is that in which they are kept and canceled; a scope that is newer than its content comes before it. */
function scopesFirst({ elements }: ProcessInstance): ElementInstance[] {
  const sorted = new Set<ElementInstance>();
  const add = (element: ElementInstance): void => {
    const scope = element.scopeId === null ? undefined : elements.get(element.scopeId);
    if (scope !== undefined && !sorted.has(scope)) add(scope);
    sorted.add(element);
  };
  for (const element of [...elements.values()].toSorted((one, other) => one.id - other.id)) add(element);
  return [...sorted];
}

function freezeElement(element: ElementInstance): FrozenElement {
  const { id, elementId, scopeId, role, loopIndex, loop, undo, undoneFor, compensations, queue } = element;
  return {
    id,
    elementId,
    scopeId,
    ...(role === 'element' ? {} : { role }),
    ...record('variables', element.variables),
    ...record('tokens', element.tokens),
    ...(loopIndex === null ? {} : { loopIndex }),
    ...(loop === null ? {} : { loop: copyOf(loop) }),
    ...(compensations.length === 0 ? {} : { compensations }),
    ...(undo === null ? {} : { undo }),
    ...(undoneFor === null ? {} : { undoneFor }),
    ...record('partsSeen', element.partsSeen),
    ...record('rounds', element.rounds),
    ...(queue.length === 0 ? {} : { queue }),
  };
}

/** Of what changes in place; values never do. */
export function copyOf(loop: LoopState): LoopState {
  return { ...loop, results: loop.results === null ? null : [...loop.results] };
}

function record<Name extends string, Value>(
  name: Name,
  map: ReadonlyMap<string, Value>,
): { readonly [name in Name]?: Readonly<Record<string, Value>> } {
  return map.size === 0
    ? {}
    : ({ [name]: Object.fromEntries(map) } as { readonly [name in Name]: Record<string, Value> });
}
