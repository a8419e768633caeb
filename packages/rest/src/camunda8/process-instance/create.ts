/** Creates a process instance, and waits for its end where that was asked for. */
import type { CommandOf, DefinitionRef, Json, StartedInstance, Variables } from '@procos/kernel';
import { isSeen } from '../../scopes.ts';
import type { Asked } from '../asked.ts';
import { Problem, rejected, wrongState } from '../errors.ts';
import { keyOf } from '../keys.ts';
import { tenantOf } from '../tenants.ts';
import { writeVariables } from '../variables.ts';
import { endOf, refuseToAwaitMore, rootVariables } from './awaited.ts';

export interface Creation {
  readonly definition: DefinitionRef;
  readonly variables: Variables;
  /** The business key. */
  readonly businessId: string | null;
  /** Begin before these elements instead of at the start event. */
  readonly startBefore: readonly string[];
  /** Canceled as soon as one of these has completed or was canceled. */
  readonly endsAfter: readonly string[];
  /** Words by which it is found. */
  readonly tags: readonly string[];
}

/** Members in the words of REST. */
export interface CreatedInstance {
  readonly processDefinitionKey: string;
  readonly processDefinitionId: string;
  readonly processDefinitionVersion: number;
  readonly processInstanceKey: string;
  readonly tenantId: string;
  readonly businessId: string | null;
  readonly tags: readonly string[];
  /** Empty unless its end was awaited. */
  readonly variables: Readonly<Record<string, Json>>;
}

export interface Awaiting {
  /** ms. */
  readonly waitMs: number;
  /** Ends the wait: the client has gone, or the server closes. */
  readonly signal: AbortSignal;
  /** Names to answer; undefined: all. */
  readonly fetchVariables: readonly string[] | undefined;
}

export async function createInstance({ engine, by }: Asked, creation: Creation): Promise<StartedInstance> {
  const { definition, variables, businessId, startBefore, endsAfter, tags } = creation;
  const startInstructions = startBefore.map((elementId) => ({ kind: 'startBefore', elementId }) as const);
  const command: CommandOf<'createProcessInstance'> = {
    type: 'createProcessInstance',
    definition,
    businessKey: businessId,
    variables,
    ...(tags.length === 0 ? {} : { tags }),
    ...(endsAfter.length === 0 ? {} : { endsAfter }),
    ...(startInstructions.length === 0 ? {} : { startInstructions }),
  };
  const outcome = await engine.submit(command, by);
  if (!outcome.ok) throw rejected(outcome.rejection);
  return outcome.value;
}

/** Creates it and waits for its end; `DEADLINE_EXCEEDED` when that does not come in time: the instance goes on. */
export async function createAndAwait(asked: Asked, creation: Creation, awaiting: Awaiting): Promise<CreatedInstance> {
  const { kernel, engine } = asked;
  refuseToAwaitMore(kernel);
  const started = await createInstance(asked, creation);
  const { processInstanceId: id, ended, variables } = started;
  const end = ended ? 'completed' : await endOf(kernel, id, awaiting);
  if (end === undefined)
    throw new Problem(
      'DEADLINE_EXCEEDED',
      `Process instance ${id} did not complete within ${awaiting.waitMs} ms; it goes on. Ask for it by its key, or wait longer`,
    );
  if (end === 'canceled') throw wrongState(`Process instance ${id} was canceled and did not complete`);
  const last = !isSeen(engine, id) ? {} : ended ? variables : rootVariables(engine, id);
  return {
    ...createdInstance(started, creation.tags),
    variables: writeVariables(last, kernel.engine.largeValues, awaiting.fetchVariables),
  };
}

export function createdInstance(started: StartedInstance, tags: readonly string[] = []): CreatedInstance {
  const { processInstanceId, definitionId, bpmnProcessId, version, tenantId, businessKey } = started;
  return {
    processDefinitionKey: keyOf(definitionId),
    processDefinitionId: bpmnProcessId,
    processDefinitionVersion: version,
    processInstanceKey: keyOf(processInstanceId),
    tenantId: tenantOf(tenantId),
    businessId: businessKey || null,
    tags,
    variables: {},
  };
}
