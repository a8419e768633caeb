/** Tasks that belong to no process of Camunda's: each is an instance of a process of the system that is there for it alone. */
import type { CommandOf, Rejection } from '@procos/kernel';
import type { Call } from '../../call.ts';
import { optionalText } from '../body.ts';
import { RestError, refuseForbidden, unsupported } from '../errors.ts';

const PROCESS = 'procos_system_person_task';

export function isStandalone({ bpmnProcessId }: { readonly bpmnProcessId: string }): boolean {
  return bpmnProcessId === PROCESS;
}

/** What Camunda says of a task that belongs to no process. */
export const NO_PROCESS = {
  executionId: null,
  processDefinitionId: null,
  processInstanceId: null,
  taskDefinitionKey: null,
} as const;

/** Its process is started, then it gets its properties. */
export async function createTask(call: Call, changes: CommandOf<'updateUserTask'>['changes']): Promise<undefined> {
  const { by, body, engineFor } = call;
  for (const name of ['id', 'tenantId'])
    if (optionalText(body, name) !== undefined) throw unsupported(`A task with a ${name} of its own`);
  const started = await engineFor(0).submit(
    { type: 'createProcessInstance', definition: { bpmnProcessId: PROCESS } },
    by,
  );
  if (!started.ok) throw refused(started.rejection);
  const { processInstanceId } = started.value;
  const where = [{ column: 'processInstanceId', op: '=', value: processInstanceId }] as const;
  const [task] = call.engine.find('userTasks', { where });
  // A request that is repeated may come when it is over.
  if (task === undefined) return undefined;
  const updated = await engineFor(1).submit({ type: 'updateUserTask', userTaskId: task.id, changes }, by);
  if (updated.ok) return undefined;
  await engineFor(2).submit({ type: 'cancelProcessInstance', processInstanceId, reason: 'not created' }, by);
  throw refused(updated.rejection);
}

function refused(rejection: Rejection): RestError {
  refuseForbidden(rejection);
  const { code, message } = rejection;
  return new RestError(code === 'INVALID_ARGUMENT' ? 400 : 500, 'RestException', `Could not save task: ${message}`);
}
