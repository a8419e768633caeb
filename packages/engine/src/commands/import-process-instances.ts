/** Running instances come from elsewhere, as they stood there: suspended, so that nothing happens before all are here. */
import { narrowingOf } from '../actions/capabilities.ts';
import { identitiesOf, type Renaming, renameInstance } from '../actions/rename.ts';
import { HELD_AT } from '../actions/serving.ts';
import type { Turn } from '../actions/turn.ts';
import type { ImportedInstance } from '../records/commands.ts';
import type { FrozenElement } from '../records/frozen.ts';
import type { Definition, ExternalTask } from '../state/entities.ts';
import { sizeOfNamed } from '../state/size.ts';
import type { State } from '../state/state.ts';
import { type CommandHandler, type Refused, reject } from './handler.ts';

/** A caller must stand before what it has called. Nothing follows: no condition is looked at, no join, no limit but that of size. */
export const importProcessInstances: CommandHandler<'importProcessInstances'> = (command, turn) => {
  const { instances, messages = [], keepIds } = command;
  const refused = refuse(command.instances, turn, keepIds);
  if (refused !== undefined) return refused;
  const names: Renaming = new Map(keepIds ? [] : identitiesOf(instances).map((old) => [old, turn.ids.next()] as const));
  const known = new Set(instances.map(({ id }) => id));
  for (const instance of instances) bring(instance, known, names, turn);
  for (const message of messages)
    turn.restate({ type: 'messageBuffered', message: { ...message, id: turn.ids.next() } });
  return { ok: true, value: { processInstanceIds: instances.map(({ id }) => [id, names.get(id) ?? id] as const) } };
};

function refuse(
  instances: readonly ImportedInstance[],
  { state, limits }: Turn,
  keepIds: boolean,
): Refused | undefined {
  const ids = identitiesOf(instances);
  const there = keepIds ? ids.find((id) => isTaken(state, id)) : undefined;
  if (there !== undefined) return reject('INVALID_STATE', `identity ${there} is taken here: import with new ones`);
  for (const { id, definitionId, elements } of instances) {
    const definition = state.definitions.get(definitionId);
    if (definition === undefined)
      return reject('NOT_FOUND', `process definition ${definitionId} of process instance ${id} does not exist`);
    const missing = elements.find((element) => !stands(element, id, definition, elements));
    if (missing !== undefined)
      return reject(
        'INVALID_ARGUMENT',
        `process instance ${id} stands at ${missing.elementId} (${missing.id}), which has no place in ${definition.bpmnProcessId} version ${definition.version}`,
      );
    const size = elements.reduce((sum, { variables = {} }) => sum + sizeOfNamed(variables), 0);
    if (size > limits.instanceSize)
      return reject(
        'INVALID_ARGUMENT',
        `the variables of process instance ${id} have ${size} characters; at most ${limits.instanceSize} may be in one instance here (limit-instance-size)`,
      );
  }
  return undefined;
}

function isTaken(state: State, id: number): boolean {
  const { instances, externalTasks, userTasks, timers, subscriptions, incidents } = state;
  return [instances, externalTasks, userTasks, timers, subscriptions, incidents].some(
    (rows) => rows.get(id) !== undefined,
  );
}

/** The instance itself, or an element of the model inside a scope that is there. */
function stands(
  { id, elementId, scopeId }: FrozenElement,
  instanceId: number,
  { model, bpmnProcessId }: Definition,
  elements: readonly FrozenElement[],
): boolean {
  if (scopeId === null) return id === instanceId && elementId === bpmnProcessId;
  return Object.hasOwn(model.elements, elementId) && elements.some((scope) => scope.id === scopeId);
}

function bring(imported: ImportedInstance, known: ReadonlySet<number>, names: Renaming, turn: Turn): void {
  const { startedBy, startElementId } = imported;
  const instance = renameInstance(imported, names);
  const { id: processInstanceId, definitionId, businessKey, tenantId, startedAt, elements } = instance;
  const definition = turn.state.definitions.get(definitionId);
  if (definition === undefined) throw new Error(`definition ${definitionId} is gone`);
  const { bpmnProcessId, version } = definition;
  const called = imported.parentId !== null && known.has(imported.parentId);
  const parent = called && instance.parentId !== null ? turn.state.instances.get(instance.parentId) : undefined;
  const narrowedBy = parent === undefined ? undefined : narrowingOf(turn, parent);
  turn.restate({
    type: 'processInstanceCreated',
    processInstanceId,
    definitionId,
    bpmnProcessId,
    version,
    businessKey,
    tenantId,
    rootId: known.has(imported.rootId) ? instance.rootId : processInstanceId,
    parentId: called ? instance.parentId : null,
    parentElementInstanceId: called ? instance.parentElementInstanceId : null,
    startElementId,
    ...(narrowedBy === undefined ? {} : { narrowedBy }),
    ...(instance.tags === undefined ? {} : { tags: instance.tags }),
    ...(instance.endsAfter === undefined ? {} : { endsAfter: instance.endsAfter }),
    imported: { startedAt, startedBy, warnings: instance.warnings ?? 0 },
  });
  for (const { id, elementId, scopeId, role, loopIndex } of elements) {
    if (scopeId === null) continue;
    turn.restate({
      type: 'elementActivated',
      processInstanceId,
      elementInstanceId: id,
      elementId,
      scopeId,
      consumedFlows: [],
      ...(role === undefined ? {} : { role }),
      ...(loopIndex === undefined ? {} : { loopIndex }),
    });
  }
  for (const { id: scopeId, variables } of elements)
    if (variables !== undefined) turn.restate({ type: 'variablesSet', processInstanceId, scopeId, variables });
  for (const element of elements) {
    const { id: elementInstanceId, tokens, loop, compensations, undo, undoneFor, partsSeen, rounds, queue } = element;
    const rest = { tokens, loop, compensations, undo, undoneFor, partsSeen, rounds, queue };
    const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
    if (Object.keys(given).length > 0)
      turn.restate({ type: 'elementRestored', processInstanceId, elementInstanceId, ...given });
  }
  const placed = { definitionId, bpmnProcessId };
  for (const task of instance.externalTasks)
    turn.restate({
      type: 'externalTaskCreated',
      task: { ...task, ...placed, ...(names.size > 0 && isHeldByWorker(task) ? FREE : {}) },
    });
  for (const task of instance.userTasks) turn.restate({ type: 'userTaskCreated', task: { ...task, ...placed } });
  for (const timer of instance.timers) turn.restate({ type: 'timerScheduled', timer: { ...timer, definitionId } });
  for (const subscription of instance.subscriptions)
    turn.restate({ type: 'subscriptionOpened', subscription: { ...subscription, ...placed } });
  for (const { recoveryId: _elsewhere, ...incident } of instance.incidents)
    turn.restate({ type: 'incidentRaised', incident: { ...incident, ...placed } });
  turn.restate({ type: 'processInstanceSuspended', processInstanceId });
}

/** One that an instance does comes with that instance. */
function isHeldByWorker({ workerId, availableAt }: ExternalTask): boolean {
  return workerId !== null && availableAt !== HELD_AT;
}

/** Whoever held a task under its old identity cannot name the new one: nobody holds it. */
const FREE = { workerId: null, availableAt: 0 } as const;
