/** A running instance follows another version of its process from now on. */
import { Fault } from '../actions/fault.ts';
import {
  flowFor,
  type Mapped,
  mapping,
  undoable,
  validateInstance,
  validateMigrationPlan,
} from '../actions/migration.ts';
import { enterScopes, leaveScopes } from '../actions/moved-scopes.ts';
import { leftOverSteps } from '../actions/pending.ts';
import { awaitsSignal } from '../actions/signals.ts';
import { type Visit, visit } from '../actions/turn.ts';
import { setLocal } from '../actions/variables.ts';
import { closeWaits, openWaits } from '../actions/waits.ts';
import { planWaitsAnew, type WaitsAnew } from '../actions/waits-anew.ts';
import type { CommandOf } from '../records/commands.ts';
import type { Definition } from '../state/entities.ts';
import { type CommandHandler, DONE, reject } from './handler.ts';

export const migrateProcessInstance: CommandHandler<'migrateProcessInstance'> = (command, turn) => {
  const { processInstanceId, targetDefinitionId, instructions } = command;
  const root = visit(turn, processInstanceId, processInstanceId);
  if (root === undefined)
    return reject('NOT_FOUND', `process instance ${processInstanceId} does not run`, { processInstanceId });
  const target = turn.state.definitions.get(targetDefinitionId);
  if (target === undefined || target.removed === true)
    return reject('NOT_FOUND', `process definition ${targetDefinitionId} does not exist`, { targetDefinitionId });
  const source = root.model;
  const mapped = mapping(source, target.model, instructions);
  const reasons = [
    ...validateMigrationPlan(source, target.model, instructions),
    ...validateInstance(root, target.model, mapped),
  ];
  if (isBusy(root))
    return reject(
      'INVALID_STATE',
      `process instance ${processInstanceId} is in the middle of something long: suspend it first, or ask again`,
      { processInstanceId },
    );
  if (reasons.length > 0)
    return reject(
      'INVALID_ARGUMENT',
      `process instance ${processInstanceId} cannot be migrated: ${reasons.join('; ')}`,
      { processInstanceId },
    );
  const waits = planWaitsAnew(root, target.model, mapped, instructions);
  if (waits instanceof Fault)
    return reject('INVALID_STATE', `process instance ${processInstanceId} cannot be migrated: ${waits.message}`, {
      processInstanceId,
    });
  migrate(root, target, mapped, waits, command);
  setLocal(root, command.variables ?? {});
  return DONE;
};

/** Something of it goes on in one of the next commands, at the elements of the model that it has now. */
function isBusy({ turn, instance }: Visit): boolean {
  return leftOverSteps(turn).some((step) => step.processInstanceId === instance.id) || awaitsSignal(turn, instance);
}

function migrate(
  root: Visit,
  target: Definition,
  mapped: Mapped,
  waits: WaitsAnew,
  { instructions, skipListeners, skipMappings, reason }: CommandOf<'migrateProcessInstance'>,
): void {
  const { turn, instance, model: source } = root;
  const skip = { skipListeners: skipListeners === true, skipMappings: skipMappings === true };
  leaveScopes(root, target.model, mapped, skip);
  const anew = new Set(instructions.filter((one) => one.updateEventTrigger === true).map((one) => one.source));
  // Waits without a place in the target end here, and those that are to be evaluated anew.
  for (const self of instance.elements.values())
    closeWaits({ ...root, self }, (id) => mapped(id) === undefined || anew.has(id));
  const ids = [...instance.elements.values()].flatMap(
    ({ elementId, tokens, compensations, queue, partsSeen, rounds }) => [
      elementId,
      ...undoable(compensations),
      ...queue,
      ...partsSeen.keys(),
      ...rounds.keys(),
      ...[...tokens.keys()].map((flowId) => source.flows[flowId]?.target ?? ''),
    ],
  );
  const moved: Record<string, string> = {};
  for (const id of [...ids, ...instructions.map((one) => one.source)]) {
    const to = mapped(id);
    if (to !== undefined && to !== id) moved[id] = to;
  }
  const flows: Record<string, string> = {};
  for (const { tokens, rounds } of instance.elements.values()) {
    for (const flowId of [...tokens.keys(), ...[...rounds.values()].flat()]) {
      const to = flowFor(source, target.model, flowId, mapped);
      if (to !== undefined && to !== flowId) flows[flowId] = to;
    }
  }
  turn.emit({
    type: 'processInstanceMigrated',
    processInstanceId: instance.id,
    definitionId: target.id,
    bpmnProcessId: target.bpmnProcessId,
    version: target.version,
    elements: [...instance.elements.values()].map(({ id, elementId }) => ({
      elementInstanceId: id,
      elementId: mapped(elementId) ?? elementId,
    })),
    flows,
    moved,
    ...(reason === undefined ? {} : { reason }),
  });
  for (const [id, planned] of waits) {
    const at = visit(turn, instance.id, id);
    if (at !== undefined) openWaits(at, planned);
  }
  enterScopes({ ...root, model: target.model }, skip);
  for (const scope of instance.elements.values()) turn.touch(instance.id, scope.id);
}
