/** What nobody but the kernel may ask of the engine: the tasks of system calls, and the name the kernel works under. */
import type { Command, State } from '@procos/engine';

/** Worker id of the kernel when it serves system calls. */
export const KERNEL_WORKER = 'kernel';

/** Whether the command would end or change PID 1 itself. */
export function touchesRoot(command: Command, state: State): boolean {
  const isChange = command.type === 'cancelProcessInstance' || command.type === 'setVariables';
  return isChange && command.processInstanceId === state.singletons.rootInstanceId;
}

/** The system topic that a command would take into its hands; undefined when it takes none. */
export function reservedTopic(command: Command, state: State, systemCalls: ReadonlySet<string>): string | undefined {
  switch (command.type) {
    case 'fetchAndLock':
      if (command.workerId === KERNEL_WORKER) return `tasks as worker "${KERNEL_WORKER}"`;
      return command.topics.map(({ topic }) => topic).find((topic) => systemCalls.has(topic));
    case 'lockExternalTask':
    case 'unlockExternalTask':
    case 'extendLock':
    case 'completeExternalTask':
    case 'failExternalTask':
    case 'throwBpmnError': {
      const topic = state.externalTasks.get(command.externalTaskId)?.topic;
      return topic !== undefined && systemCalls.has(topic) ? topic : undefined;
    }
    default:
      return undefined;
  }
}
