/** What nobody but the kernel may ask of the engine: the tasks of system calls, and the name the kernel works under. */
import { SYSTEM_PROCESS_PREFIX } from '@procos/bpmn';
import { type Command, POLICY_DEPLOYMENT, type State } from '@procos/engine';
import { BATCH_PROCESS } from '../batch/operation.ts';
import { USER_REQUEST } from '../boot.ts';
import { SUSPENSION_PROCESS } from '../delayed-suspension.ts';
import { DEPLOYMENT_PROCESS } from '../deployment/draft.ts';
import { USER_PROCESS } from '../identity/names.ts';
import { SYSTEM_SOURCE, SYSTEM_TOPIC_PREFIX } from './decide.ts';

/** Worker id of the kernel when it serves system calls. */
export const KERNEL_WORKER = 'kernel';

const IN_SOMEBODYS_NAME: ReadonlySet<string> = new Set([
  BATCH_PROCESS,
  SUSPENSION_PROCESS,
  DEPLOYMENT_PROCESS,
  USER_PROCESS,
]);

/** Whether the command would end or change PID 1 itself. */
export function touchesRoot(command: Command, state: State): boolean {
  const root = state.singletons.rootInstanceId;
  if (root === null) return false;
  switch (command.type) {
    case 'cancelProcessInstance':
    case 'setVariables':
    case 'modifyProcessInstance':
    case 'migrateProcessInstance':
    case 'activateAdHoc':
    case 'raiseIncident':
      return command.processInstanceId === root;
    case 'setTimerRule':
      return command.definitionId === state.instances.get(root)?.definitionId;
    case 'changeTimer':
    case 'recalculateTimer':
    case 'removeTimer':
      return state.timers.get(command.timerId)?.processInstanceId === root;
    case 'setLimits': {
      const { target } = command;
      if (target.kind === 'instance') return target.processInstanceId === root;
      const definition = state.definitions.get(state.instances.get(root)?.definitionId ?? 0);
      return target.kind === 'definition' && target.bpmnProcessId === definition?.bpmnProcessId;
    }
    case 'setSuspension': {
      const { target } = command;
      if ('processInstanceId' in target) return target.processInstanceId === root;
      return 'definitionId' in target && target.definitionId === state.instances.get(root)?.definitionId;
    }
    default:
      return false;
  }
}

/** Whether the command would take a process or decision of the system, or the owner's policy, out of the system. */
export function removesSystem(command: Command, { decisions, definitions, deployments }: State): boolean {
  function isSystem(deploymentId: number): boolean {
    const deployment = deployments.get(deploymentId);
    return deployment?.source === SYSTEM_SOURCE || deployment?.name === POLICY_DEPLOYMENT;
  }
  if (command.type === 'removeDeployment') return isSystem(command.deploymentId);
  if (command.type === 'removeDecisions')
    return command.decisionDefinitionIds.some((id) => isSystem(decisions.get(id)?.deploymentId ?? 0));
  if (command.type !== 'removeDefinitions') return false;
  return command.definitionIds.some((id) => isSystem(definitions.get(id)?.deploymentId ?? 0));
}

/** Whether the command would make a batch, a delayed suspension or a deployment do something else in the name of who started it. */
export function changesBatch(command: Command, state: State): boolean {
  switch (command.type) {
    case 'setVariables':
    case 'modifyProcessInstance':
    case 'migrateProcessInstance':
      return isInSomebodysName(state, command.processInstanceId);
    case 'resolveUserTask':
      return isInSomebodysName(state, state.userTasks.get(command.userTaskId)?.processInstanceId ?? 0);
    default:
      return false;
  }
}

function isInSomebodysName(state: State, processInstanceId: number): boolean {
  const instance = state.instances.get(processInstanceId);
  const definition = instance === undefined ? undefined : state.definitions.get(instance.definitionId);
  return definition !== undefined && IN_SOMEBODYS_NAME.has(definition.bpmnProcessId);
}

/** The process that PID 1 is asked to run; undefined when the command asks it for none, or for what is no id. */
export function requestedProcess(command: Command): string | undefined {
  if (command.type !== 'publishMessage' && command.type !== 'correlateMessage') return undefined;
  if (command.name !== USER_REQUEST) return undefined;
  const asked = command.variables?.['request']?.value as { readonly process?: unknown } | null | undefined;
  return typeof asked?.process === 'string' ? asked.process : undefined;
}

/** What the process that the command starts, or asks PID 1 to run, is given under this name; undefined: nothing. */
export function startValue(command: Command, name: string): unknown {
  if (command.type === 'createProcessInstance') return command.variables?.[name]?.value;
  if (command.type !== 'publishMessage' && command.type !== 'correlateMessage') return undefined;
  const asked = command.variables?.['request']?.value as { readonly variables?: Record<string, unknown> } | null;
  return asked?.variables?.[name];
}

/** The process of the system that the command would start or wake; undefined when it is none. */
export function systemProcess(command: Command, state: State): string | undefined {
  switch (command.type) {
    case 'createProcessInstance': {
      const { definition } = command;
      const name =
        'bpmnProcessId' in definition
          ? definition.bpmnProcessId
          : state.definitions.get(definition.definitionId)?.bpmnProcessId;
      return name?.startsWith(SYSTEM_PROCESS_PREFIX) ? name : undefined;
    }
    case 'correlateMessage':
    case 'publishMessage': {
      if (!command.name.startsWith(SYSTEM_TOPIC_PREFIX)) return undefined;
      if (command.name !== USER_REQUEST) return command.name;
      // Every variable of the message becomes one of PID 1.
      const { request: _, ...others } = command.variables ?? {};
      const local = 'localVariables' in command ? (command.localVariables ?? {}) : {};
      if (Object.keys({ ...others, ...local }).length > 0) return command.name;
      const name = requestedProcess(command);
      if (name === undefined) return command.name;
      return name.startsWith(SYSTEM_PROCESS_PREFIX) ? name : undefined;
    }
    case 'broadcastSignal':
      return command.name.startsWith(SYSTEM_TOPIC_PREFIX) ? command.name : undefined;
    default:
      return undefined;
  }
}

/** The system topic that a command would take into its hands; undefined when it takes none. */
export function reservedTopic(command: Command, state: State, systemCalls: ReadonlySet<string>): string | undefined {
  function systemTopic(externalTaskId: number): string | undefined {
    const topic = state.externalTasks.get(externalTaskId)?.topic;
    return topic !== undefined && systemCalls.has(topic) ? topic : undefined;
  }

  switch (command.type) {
    case 'fetchAndLock':
      if (command.workerId === KERNEL_WORKER) return `tasks as worker "${KERNEL_WORKER}"`;
      return command.topics.map(({ topic }) => topic).find((topic) => systemCalls.has(topic));
    case 'lockExternalTask':
    case 'unlockExternalTask':
    case 'extendLock':
    case 'completeExternalTask':
    case 'failExternalTask':
    case 'throwBpmnError':
    case 'workOnItem':
      return systemTopic(command.externalTaskId);
    case 'setSuspension':
      return 'externalTaskId' in command.target ? systemTopic(command.target.externalTaskId) : undefined;
    default:
      return undefined;
  }
}
