/** What may be done to a process instance: cancel, modify, migrate, and delete once it is over. */
import type { Instruction, MigrationInstruction, Rejection } from '@procos/kernel';
import type { Asked } from '../asked.ts';
import { notFound, type Problem, rejected, wrongState } from '../errors.ts';

export async function cancelInstance({ engine, by }: Asked, key: number): Promise<void> {
  const command = {
    type: 'cancelProcessInstance',
    processInstanceId: key,
    reason: 'canceled through the API',
  } as const;
  const outcome = await engine.submit(command, by);
  if (!outcome.ok) throw refused(outcome.rejection, key);
}

export async function modifyInstance(
  { engine, by }: Asked,
  key: number,
  instructions: readonly Instruction[],
): Promise<void> {
  const outcome = await engine.submit({ type: 'modifyProcessInstance', processInstanceId: key, instructions }, by);
  if (!outcome.ok) throw refused(outcome.rejection, key);
}

export interface Migration {
  readonly targetDefinitionId: number;
  readonly instructions: readonly MigrationInstruction[];
}

/** Camunda 8 tells a plan that names what there is not (400) from one that the instance cannot follow (409). */
export async function migrateInstance(asked: Asked, key: number, migration: Migration): Promise<void> {
  const { engine, by } = asked;
  const outcome = await engine.submit({ type: 'migrateProcessInstance', processInstanceId: key, ...migration }, by);
  if (outcome.ok) return;
  const { code, message } = outcome.rejection;
  throw code === 'INVALID_ARGUMENT' && isReadable(asked, key, migration)
    ? wrongState(message)
    : refused(outcome.rejection, key);
}

/** Every element of the plan is there, and none is mapped twice. */
function isReadable({ kernel }: Asked, key: number, { targetDefinitionId, instructions }: Migration): boolean {
  const where = [{ column: 'id', op: '=', value: key }] as const;
  const [instance] = kernel.engine.find('processInstances', { where });
  const source = instance && kernel.engine.model(instance.definitionId)?.elements;
  const target = kernel.engine.model(targetDefinitionId)?.elements;
  const known = instructions.every((one) => source?.[one.source] !== undefined && target?.[one.target] !== undefined);
  return known && new Set(instructions.map((one) => one.source)).size === instructions.length;
}

/** Rows of history that go with one command. */
const AT_MOST = 1_000;

/** All that is kept of it. */
export async function deleteInstance({ kernel, engine, by }: Asked, key: number): Promise<void> {
  const where = [{ column: 'id', op: '=', value: key }] as const;
  const [row] = engine.find('processInstances', { where });
  if (row === undefined) throw notFound(`There is no process instance with key ${key}`);
  if (row.state === 'active') throw wrongState(`Process instance ${key} still runs: cancel it first`);
  while (engine.count('processInstances', { where }) > 0) {
    const target = { processInstanceIds: [key] };
    // In as many commands as it takes, which are no one request.
    const outcome = await kernel.engine.submit({ type: 'removeHistory', target, atMost: AT_MOST }, by);
    if (!outcome.ok) throw rejected(outcome.rejection);
  }
}

function refused(rejection: Rejection, key: number): Problem {
  const isInstance = rejection.code === 'NOT_FOUND' && rejection.details?.['targetDefinitionId'] === undefined;
  return isInstance ? notFound(`There is no running process instance with key ${key}`) : rejected(rejection);
}
