/** Changes of users and groups: the process of the system makes them, in the name of who asks, and the request waits for it. */
import { businessKeyOf, type IdentityOperation, Refused, Unavailable } from '@procos/kernel';
import { Answer, type Call } from '../../call.ts';
import { permit } from '../../gate.ts';
import { beginWait } from '../../gone.ts';
import { RestError, rejected } from '../errors.ts';

/** Longer than any change takes that no person has to approve. */
const PATIENCE_MS = 30_000;

/** `status`: of a change that is refused. 202 while the process waits for a second person. */
export async function change(
  call: Call,
  operations: readonly IdentityOperation[],
  status = 500,
): Promise<Answer | undefined> {
  const { kernel, by } = call;
  if (!operations.every((one) => one.do === 'setPassword' && one.name === by.id)) mayChange(call);
  try {
    const outcome = await kernel.identity.requests.handIn(operations, by);
    if (!outcome.ok) throw rejected(outcome.rejection);
    return await carriedOut(call, outcome.value.request, status);
  } catch (error) {
    if (error instanceof Refused) throw refused(error.message, status);
    throw error;
  }
}

/** Throws `Forbidden` where who asks may not change others. */
export function mayChange({ kernel, request }: Call): void {
  permit(kernel, request, 'identity.change');
}

async function carriedOut(call: Call, request: string, status: number): Promise<Answer | undefined> {
  const wait = beginWait(call.closing);
  const patience = setTimeout(wait.abort, PATIENCE_MS);
  try {
    return await outcomeOf(call, request, status, wait.signal);
  } finally {
    clearTimeout(patience);
    wait.end();
  }
}

async function outcomeOf(call: Call, request: string, status: number, ended: AbortSignal): Promise<Answer | undefined> {
  const { kernel, closing } = call;
  const { engine } = kernel;
  const where = [{ column: 'businessKey', op: '=', value: businessKeyOf(request) }] as const;
  for (;;) {
    const next = nextCommit(call, ended);
    if (kernel.identity.directory.request(request) === undefined) return undefined;
    const [instance] = engine.find('processInstances', { where });
    if (instance !== undefined && instance.endedAt !== null) throw refused(reasonOf(call, instance.id), status);
    if (instance !== undefined && waitsForSomebody(call, instance.id)) return approvalNeeded(instance.id);
    if (closing.aborted) throw new Unavailable('STOPPING', 'The system is shutting down.');
    if (ended.aborted) return new Answer(202, { message: `The change is handed in: process instance ${instance?.id}` });
    await next;
  }
}

/** Resolves with the next commit, or when there is nothing more to wait for. */
function nextCommit({ kernel }: Call, ended: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (ended.aborted) return resolve();
    const done = (): void => {
      stop();
      ended.removeEventListener('abort', done);
      resolve();
    };
    const stop = kernel.engine.onCommitted(done);
    ended.addEventListener('abort', done);
  });
}

function waitsForSomebody({ kernel }: Call, processInstanceId: number): boolean {
  return (
    kernel.engine.count('userTasks', { where: [{ column: 'processInstanceId', op: '=', value: processInstanceId }] }) >
    0
  );
}

/** Not an error: it is done as soon as somebody has approved it. */
function approvalNeeded(processInstanceId: number): Answer {
  const message = `The change waits for the approval of a second person, in process instance ${processInstanceId}`;
  return new Answer(202, { message });
}

function reasonOf({ kernel }: Call, processInstanceId: number): string {
  const where = [
    { column: 'processInstanceId', op: '=', value: processInstanceId },
    { column: 'name', op: '=', value: 'reason' },
  ] as const;
  const [reason] = kernel.engine.find('variables', { where });
  return typeof reason?.value === 'string'
    ? reason.value
    : `The change was not made: see process instance ${processInstanceId}`;
}

function refused(message: string, status: number): RestError {
  return new RestError(status, status === 500 ? 'ProcessEngineException' : 'InvalidRequestException', message);
}
