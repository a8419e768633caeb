/** `procos:accessControl`: whom a model lets start, complete and change its instances, where the roles of who asks are known. */
import { permits } from '@procos/bpmn';
import type { Command, Definition, State, Subject } from '@procos/engine';
import { type Caller, isCaller } from '../identity/caller.ts';
import { requestedProcess } from './reserved.ts';

/** May always do everything: somebody has to. */
export const ADMINISTRATOR = 'administrator';

/**
 * The roles that a model may hold against who asks; undefined: nobody's roles are known, or he may always do everything.
 * `resolve`: what somebody is of whom only the name is known, as the system acts in his name.
 */
export function rolesHeld(by: Subject, resolve: (by: Subject) => Caller): readonly string[] | undefined {
  if (by.kind === 'kernel') return undefined;
  const caller = isCaller(by) ? by : by.kind === 'user' ? resolve(by) : undefined;
  return caller === undefined || caller.roles.includes(ADMINISTRATOR) ? undefined : caller.roles;
}

/** The definition of an instance that has ended, which is in no state any more. */
type Past = (processInstanceId: number) => number | undefined;

/** Why the model does not let the caller do this; undefined: it does, or it is nothing that a model decides. */
export function shutByModel(
  command: Command,
  state: State,
  { id }: Subject,
  roles: readonly string[],
  past: Past,
): string | undefined {
  for (const { action, definition } of askedOf(command, state, past)) {
    const set = definition?.model.capabilities;
    if (set?.access === undefined) continue;
    const verdict = permits(set, { kind: 'access', action, roles });
    if (!verdict.allowed)
      return `${id} may not ${action} process ${definition?.bpmnProcessId}: ${verdict.reason}, says its procos:security block.`;
  }
  return undefined;
}

interface Asked {
  readonly action: 'start' | 'complete' | 'change';
  readonly definition: Definition | undefined;
}

function askedOf(command: Command, state: State, past: Past): readonly Asked[] {
  if (command.type === 'removeNotes') return ofNotes(command.noteIds, state, past);
  if (command.type === 'changeComment') return ofNotes([command.noteId], state, past);
  if (command.type === 'removeHistory') {
    const { target } = command;
    const ids =
      'processInstanceIds' in target
        ? target.processInstanceIds
        : 'processInstanceId' in target
          ? [target.processInstanceId]
          : [];
    return ofInstances('change', new Set(ids), state, past);
  }
  const asked = askedOfOne(command, state);
  return asked === undefined ? [] : [asked];
}

/** What people have said stays, and with it who may change it, when the instance is over. */
function ofNotes(noteIds: readonly number[], state: State, past: Past): readonly Asked[] {
  const instances = new Set(noteIds.flatMap((id) => state.notes.get(id)?.processInstanceId ?? []));
  return ofInstances('complete', instances, state, past);
}

function ofInstances(action: Asked['action'], ids: ReadonlySet<number>, state: State, past: Past): readonly Asked[] {
  const definitionIds = new Set([...ids].map((id) => state.instances.get(id)?.definitionId ?? past(id) ?? 0));
  return [...definitionIds].map((id) => ({ action, definition: state.definitions.get(id) }));
}

function askedOfOne(command: Command, state: State): Asked | undefined {
  const ofInstance = (processInstanceId: number): Definition | undefined =>
    state.definitions.get(state.instances.get(processInstanceId)?.definitionId ?? 0);
  switch (command.type) {
    case 'createProcessInstance': {
      const ref = command.definition;
      if ('definitionId' in ref) return { action: 'start', definition: state.definitions.get(ref.definitionId) };
      const { bpmnProcessId, version, tenantId = null } = ref;
      const definition =
        version === undefined
          ? state.definitions.latest(bpmnProcessId, tenantId)
          : state.definitions.version(bpmnProcessId, version, tenantId);
      return { action: 'start', definition };
    }
    case 'publishMessage':
    case 'correlateMessage': {
      const bpmnProcessId = requestedProcess(command);
      if (bpmnProcessId === undefined) return undefined;
      // PID 1 calls it: the latest one without a tenant.
      return { action: 'start', definition: state.definitions.latest(bpmnProcessId, null) };
    }
    case 'completeUserTask':
    case 'assignUserTask':
    case 'updateUserTask':
    case 'changeUserTaskLink':
    case 'delegateUserTask':
    case 'resolveUserTask':
    case 'throwFromUserTask':
      return {
        action: 'complete',
        definition: ofInstance(state.userTasks.get(command.userTaskId)?.processInstanceId ?? 0),
      };
    case 'addNote': {
      const { on } = command;
      const at = 'userTaskId' in on ? state.userTasks.get(on.userTaskId)?.processInstanceId : on.processInstanceId;
      return { action: 'complete', definition: ofInstance(at ?? 0) };
    }
    case 'cancelProcessInstance':
    case 'modifyProcessInstance':
    case 'migrateProcessInstance':
    case 'setVariables':
    case 'activateAdHoc':
    case 'raiseIncident':
      return { action: 'change', definition: ofInstance(command.processInstanceId) };
    case 'setSuspension': {
      const { target } = command;
      if ('definitionId' in target) return { action: 'change', definition: state.definitions.get(target.definitionId) };
      const at =
        'externalTaskId' in target
          ? state.externalTasks.get(target.externalTaskId)?.processInstanceId
          : target.processInstanceId;
      return { action: 'change', definition: ofInstance(at ?? 0) };
    }
    case 'resolveIncident':
    case 'annotateIncident':
      return {
        action: 'change',
        definition: state.definitions.get(state.incidents.get(command.incidentId)?.definitionId ?? 0),
      };
    case 'setExternalTaskRetries':
    case 'setExternalTaskPriority':
      return {
        action: 'change',
        definition: state.definitions.get(state.externalTasks.get(command.externalTaskId)?.definitionId ?? 0),
      };
    case 'setTimerRule':
      return { action: 'change', definition: state.definitions.get(command.definitionId) };
    case 'triggerTimer':
    case 'changeTimer':
    case 'recalculateTimer':
    case 'removeTimer':
      return {
        action: 'change',
        definition: state.definitions.get(state.timers.get(command.timerId)?.definitionId ?? 0),
      };
    default:
      return undefined;
  }
}
