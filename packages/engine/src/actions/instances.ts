/** Creates process instances: from outside, by a start event, or called by another instance. */
import { inferVariable, type ProcessModel } from '@procos/bpmn';
import type { Variables } from '../records/events.ts';
import type { DefinitionId, ProcessInstanceId, Subject } from '../records/ids.ts';
import type { Definition } from '../state/entities.ts';
import { watchTime } from './limits.ts';
import type { Turn, Visit } from './turn.ts';

export function createInstance(
  turn: Turn,
  start: {
    readonly definition: Definition;
    /** The element that begins it; null: start instructions do. */
    readonly startElementId: string | null;
    /** Which part of a multiple start event happened. */
    readonly part?: number | null;
    readonly businessKey: string | null;
    readonly variables: Variables;
    /** Absent or empty: none. */
    readonly tags?: readonly string[];
    /** Ids of elements after which it is canceled; absent or empty: none. */
    readonly endsAfter?: readonly string[];
    /** The call activity that calls it, or the element whose task it does; null for a top-level instance. */
    readonly parent: Visit | null;
    /** Somebody else than who asks. */
    readonly startedBy?: Subject | undefined;
    /** Definitions of who starts it, where one of them declares what it uses. */
    readonly narrowedBy?: readonly DefinitionId[];
  },
): ProcessInstanceId {
  const { definition, parent } = start;
  const processInstanceId = turn.ids.next();
  const startedBy = start.startedBy ?? (parent === null ? undefined : turn.senders.get(parent.instance.id));
  if (startedBy !== undefined) turn.senders.set(processInstanceId, startedBy);
  turn.emit({
    type: 'processInstanceCreated',
    processInstanceId,
    definitionId: definition.id,
    bpmnProcessId: definition.bpmnProcessId,
    version: definition.version,
    businessKey: start.businessKey,
    tenantId: definition.tenantId,
    rootId: parent?.instance.rootId ?? processInstanceId,
    parentId: parent?.instance.id ?? null,
    parentElementInstanceId: parent?.self.id ?? null,
    startElementId: start.startElementId,
    ...(start.tags === undefined || start.tags.length === 0 ? {} : { tags: start.tags }),
    ...(start.endsAfter === undefined || start.endsAfter.length === 0 ? {} : { endsAfter: start.endsAfter }),
    ...(start.narrowedBy === undefined ? {} : { narrowedBy: start.narrowedBy }),
    ...(startedBy === undefined ? {} : { startedBy: `${startedBy.kind}:${startedBy.id}` }),
  });
  const instance = turn.state.instances.get(processInstanceId);
  if (instance !== undefined && turn.bounds(instance)?.has('time') === true) watchTime(turn, instance);
  const variables = { ...initiator(turn, definition.model), ...start.variables };
  if (Object.keys(variables).length > 0)
    turn.emit({ type: 'variablesSet', processInstanceId, scopeId: processInstanceId, variables });
  const { startElementId, part } = start;
  turn.enqueue({
    kind: 'activate',
    processInstanceId,
    elementInstanceId: processInstanceId,
    ...(startElementId === null
      ? {}
      : { trigger: { eventElementId: startElementId, ...(part === null || part === undefined ? {} : { part }) } }),
  });
  return processInstanceId;
}

/** The none start event that a plain start or a call begins with. */
export function noneStart(definition: Definition): string | undefined {
  return definition.model.startEvents.find((id) => {
    const element = definition.model.elements[id];
    return element?.type === 'startEvent' && element.event.kind === 'none';
  });
}

/** Camunda 7 `initiator`: names the variable for whoever starts the process; null when that is not known. */
function initiator(turn: Turn, model: ProcessModel): Variables {
  const names = model.startEvents.flatMap((id) => {
    const element = model.elements[id];
    return element?.type === 'startEvent' && element.initiator !== undefined ? [element.initiator] : [];
  });
  return Object.fromEntries(names.map((name) => [name, inferVariable(turn.user)]));
}
