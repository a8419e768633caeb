/** `/api/processes/{pid}/retries`, `/variables` and `/moves`: what a person mends in a running process. */
import type { ElementInstanceView, Instruction, Rejection } from '@procos/kernel';
import type { MoveReply, RetryReply } from '@procos/protocol';
import type { Call } from '../call.ts';
import { readVariables } from '../camunda7/typed-values.ts';
import { activeElements } from '../scopes.ts';
import { ApiRefusal, rejected } from './errors.ts';
import { optionalFlag, optionalObject, optionalText, optionalWhole, requiredText, wrong } from './parameters.ts';
import { noProcess, pidOf } from './pids.ts';

/** What stands in an incident is tried again; external tasks get `retries` attempts (default 1). */
export async function retry(call: Call): Promise<RetryReply> {
  const id = runningOf(call);
  const retries = optionalWhole(call.body, 'retries') ?? 1;
  const where = [{ column: 'processInstanceId', op: '=', value: id }] as const;
  const incidents = call.engine.find('incidents', { where });
  if (incidents.length === 0 && !call.repeated)
    throw new ApiRefusal(
      409,
      'INVALID_STATE',
      `Process ${call.params['pid']} has no open incident: nothing is to be tried again.`,
    );
  const refused: Rejection[] = [];
  const retried: RetryReply['retried'][number][] = [];
  for (const { id: incidentId, elementId, message, externalTaskId } of incidents) {
    const outcome = await call
      .engineFor(incidentId)
      .submit(
        externalTaskId === null
          ? { type: 'resolveIncident', incidentId }
          : { type: 'setExternalTaskRetries', externalTaskId, retries },
        call.by,
      );
    if (outcome.ok) retried.push({ incidentId: String(incidentId), elementId, message });
    // Another one that was tried again has taken it away.
    else if (outcome.rejection.code !== 'NOT_FOUND') refused.push(outcome.rejection);
  }
  const [first] = refused;
  if (first !== undefined && retried.length === 0) throw rejected(first);
  return { retried };
}

/** `scope`: an active element, which must be active once, or the id of an element instance; without it the process. */
export async function setVariables(call: Call): Promise<undefined> {
  const processInstanceId = runningOf(call);
  const variables = optionalObject(call.body, 'variables');
  const { remove = [] } = call.body;
  if (!Array.isArray(remove) || !remove.every((name) => typeof name === 'string'))
    throw wrong('Member remove must be a list of names.');
  if (Object.keys(variables).length + remove.length === 0) throw wrong('Give variables, or names to remove.');
  const scope = optionalText(call.body, 'scope');
  const outcome = await call.engine.submit(
    {
      type: 'setVariables',
      processInstanceId,
      scopeId: scope === undefined || call.repeated ? processInstanceId : activeOne(call, processInstanceId, scope).id,
      variables: readVariables(Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, { value }]))),
      ...(remove.length === 0 ? {} : { remove }),
      local: optionalFlag(call.body, 'local') ?? scope !== undefined,
    },
    call.by,
  );
  if (!outcome.ok) throw rejected(outcome.rejection);
  return undefined;
}

/** Every token at `from` is canceled and starts before `to`, in one command. */
export async function move(call: Call): Promise<MoveReply> {
  const processInstanceId = runningOf(call);
  const from = requiredText(call.body, 'from');
  const to = requiredText(call.body, 'to');
  const there = activeElements(call.engine, processInstanceId).filter(
    ({ elementId, elementType }) => elementId === from && elementType !== 'multiInstanceBody',
  );
  if (there.length === 0 && !call.repeated)
    throw new ApiRefusal(
      409,
      'INVALID_STATE',
      `'${from}' is not active in process ${call.params['pid']}: see where it waits.`,
    );
  const instructions: readonly Instruction[] = [
    ...there.map(({ id }) => ({ kind: 'cancel', elementInstanceId: id }) as const),
    ...there.map(() => ({ kind: 'startBefore', elementId: to }) as const),
  ];
  const outcome = await call.engine.submit({ type: 'modifyProcessInstance', processInstanceId, instructions }, call.by);
  if (!outcome.ok) throw rejected(outcome.rejection);
  return { moved: there.length };
}

export function runningOf(call: Call): number {
  const pid = call.params['pid'] ?? '';
  const id = pidOf(call, pid);
  const [instance] = call.engine.find('processInstances', { where: [{ column: 'id', op: '=', value: id }] });
  if (instance === undefined) throw noProcess(pid);
  if (instance.endedAt !== null && !call.repeated)
    throw new ApiRefusal(409, 'INVALID_STATE', `Process ${pid} has ended (${instance.state}).`);
  return id;
}

export function activeOne(call: Call, processInstanceId: number, scope: string): ElementInstanceView {
  const found = activeElements(call.engine, processInstanceId).filter(
    ({ id, elementId }) => elementId === scope || String(id) === scope,
  );
  const [only, ...others] = found;
  if (only !== undefined && others.length === 0) return only;
  const what =
    only === undefined ? 'is not active' : `is active ${found.length} times: name one by its elementInstanceId`;
  throw new ApiRefusal(404, 'NOT_FOUND', `'${scope}' of process ${call.params['pid']} ${what}.`);
}
