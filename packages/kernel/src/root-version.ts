/** By which version of its model PID 1 goes on after a start. */
import { generateMigration, type Instruction, type ProcessInstanceId } from '@procos/engine';
import { BOOT, POWER_ON, ROOT_PROCESS, waitsFor } from './boot.ts';
import type { KernelLog } from './log.ts';
import type { ProcessEngine } from './process-engine.ts';

/** The element of PID 1 whose instances are what users have asked for. */
const REQUEST = 'run_request';
/** Where PID 1 begins to boot. */
const BOOT_BEGINS = 'boot_begins';

/** Takes PID 1 to the active version; where it cannot go on there, it stays as it is. */
export async function updateRoot(engine: ProcessEngine, rootId: ProcessInstanceId, log: KernelLog): Promise<void> {
  const target = engine.latestDefinition(ROOT_PROCESS, null);
  if (target === undefined) return;
  const problem = await migrate(engine, rootId, target.id);
  if (problem === null) return;
  const text = `PID 1 stays at its version, since it cannot go on by version ${target.version}: ${problem}.`;
  log.warn('root_process_outdated', text, { version: target.version, correlation_id: rootId });
}

/**
 * Takes PID 1 to this definition and to the beginning of a boot, with the requests that it runs. False: it cannot be
 * taken there.
 */
export async function bootAnew(
  engine: ProcessEngine,
  rootId: ProcessInstanceId,
  definitionId: number,
  log: KernelLog,
): Promise<boolean> {
  const problem = (await migrate(engine, rootId, definitionId)) ?? (await moveToBoot(engine, rootId));
  if (problem === null) return true;
  const text = `PID 1 cannot go on by the shipped version and is ended with all that it runs: ${problem}.`;
  log.error('root_process_dropped', text, { correlation_id: rootId });
  await engine.submit({ type: 'cancelProcessInstance', processInstanceId: rootId }, BOOT);
  return false;
}

/** Null: it goes by this definition now. */
async function migrate(
  engine: ProcessEngine,
  processInstanceId: ProcessInstanceId,
  targetDefinitionId: number,
): Promise<string | null> {
  const where = [{ column: 'id', op: '=', value: processInstanceId }] as const;
  const sourceId = engine.find('processInstances', { where })[0]?.definitionId ?? targetDefinitionId;
  if (sourceId === targetDefinitionId) return null;
  const [source, target] = [engine.model(sourceId), engine.model(targetDefinitionId)];
  if (source === undefined || target === undefined) return 'its model is not there';
  const instructions = generateMigration(source, target);
  const command = { type: 'migrateProcessInstance', processInstanceId, targetDefinitionId, instructions } as const;
  const outcome = await engine.submit<'migrateProcessInstance'>(command, BOOT);
  return outcome.ok ? null : outcome.rejection.message;
}

async function moveToBoot(engine: ProcessEngine, processInstanceId: ProcessInstanceId): Promise<string | null> {
  if (waitsFor(engine, processInstanceId, POWER_ON)) return null;
  const where = [
    { column: 'processInstanceId', op: '=', value: processInstanceId },
    { column: 'outcome', op: '=', value: 'active' },
  ] as const;
  const standing = engine
    .find('elementInstances', { where })
    .filter(({ elementType, elementId }) => elementType !== 'process' && elementId !== REQUEST);
  const instructions: Instruction[] = [
    ...standing.map(({ id }) => ({ kind: 'cancel', elementInstanceId: id }) as const),
    { kind: 'startBefore', elementId: BOOT_BEGINS },
  ];
  const command = { type: 'modifyProcessInstance', processInstanceId, instructions } as const;
  const outcome = await engine.submit<'modifyProcessInstance'>(command, BOOT);
  return outcome.ok ? null : outcome.rejection.message;
}
