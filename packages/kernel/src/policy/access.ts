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

/** Why the model does not let the caller do this; undefined: it does, or it is nothing that a model decides. */
export function shutByModel(
  command: Command,
  state: State,
  { id }: Subject,
  roles: readonly string[],
): string | undefined {
  const asked = askedOf(command, state);
  const set = asked?.definition?.model.capabilities;
  if (asked === undefined || set?.access === undefined) return undefined;
  const verdict = permits(set, { kind: 'access', action: asked.action, roles });
  if (verdict.allowed) return undefined;
  return `${id} may not ${asked.action} process ${asked.definition?.bpmnProcessId}: ${verdict.reason}, says its procos:security block.`;
}

interface Asked {
  readonly action: 'start' | 'complete' | 'change';
  readonly definition: Definition | undefined;
}

function askedOf(command: Command, state: State): Asked | undefined {
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
    case 'changeComment':
      return { action: 'complete', definition: ofInstance(state.notes.get(command.noteId)?.processInstanceId ?? 0) };
    case 'removeNotes':
      return {
        action: 'complete',
        definition: ofInstance(state.notes.get(command.noteIds[0] ?? 0)?.processInstanceId ?? 0),
      };
    case 'cancelProcessInstance':
    case 'modifyProcessInstance':
    case 'migrateProcessInstance':
    case 'setVariables':
    case 'activateAdHoc':
    case 'raiseIncident':
      return { action: 'change', definition: ofInstance(command.processInstanceId) };
    case 'setTimerRule':
      return { action: 'change', definition: state.definitions.get(command.definitionId) };
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
