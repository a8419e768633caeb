/** A running instance follows another version of its process from now on. */
import { NOBODY } from '../actions/chain.ts';
import { Fault } from '../actions/fault.ts';
import { raiseIncident } from '../actions/incidents.ts';
import {
  flowFor,
  type Mapped,
  mapping,
  undoable,
  validateInstance,
  validateMigrationPlan,
} from '../actions/migration.ts';
import { enterScopes, leaveScopes } from '../actions/moved-scopes.ts';
import { type Turn, type Visit, visit } from '../actions/turn.ts';
import { setLocal } from '../actions/variables.ts';
import { closeWaits, openWaits, planWaits } from '../actions/waits.ts';
import type { CommandOf } from '../records/commands.ts';
import type { Definition } from '../state/entities.ts';
import { type CommandHandler, DONE, reject } from './handler.ts';

export const migrateProcessInstance: CommandHandler<'migrateProcessInstance'> = (command, turn) => {
  const { processInstanceId, targetDefinitionId, instructions } = command;
  const root = visit(turn, processInstanceId, processInstanceId);
  if (root === undefined)
    return reject('NOT_FOUND', `process instance ${processInstanceId} does not run`, { processInstanceId });
  const target = turn.state.definitions.get(targetDefinitionId);
  if (target === undefined)
    return reject('NOT_FOUND', `process definition ${targetDefinitionId} does not exist`, { targetDefinitionId });
  const source = root.model;
  const mapped = mapping(source, target.model, instructions);
  const reasons = [
    ...validateMigrationPlan(source, target.model, instructions),
    ...validateInstance(root, target.model, mapped),
  ];
  if (isBusy(turn, processInstanceId))
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
  migrate(root, target, mapped, command);
  setLocal(root, command.variables ?? {});
  return DONE;
};

/** Something of it goes on in the next command, at the elements of the model that it has now. */
function isBusy(turn: Turn, processInstanceId: number): boolean {
  return turn.state.timers
    .startTimers(NOBODY)
    .some(
      ({ step }) =>
        step?.kind === 'continueTurn' && step.steps.some((left) => left.processInstanceId === processInstanceId),
    );
}

function migrate(
  root: Visit,
  target: Definition,
  mapped: Mapped,
  { instructions, skipListeners, skipMappings }: CommandOf<'migrateProcessInstance'>,
): void {
  const { turn, instance, model: source } = root;
  const skip = { skipListeners: skipListeners === true, skipMappings: skipMappings === true };
  leaveScopes(root, mapped, skip);
  const anew = new Set(instructions.filter((one) => one.updateEventTrigger === true).map((one) => one.source));
  // Waits without a place in the target end here, and those that are to be evaluated anew.
  const reopened = new Set<string>();
  for (const self of instance.elements.values()) {
    closeWaits({ ...root, self }, (id) => {
      const to = mapped(id);
      if (to !== undefined && anew.has(id)) reopened.add(to);
      return to === undefined || anew.has(id);
    });
  }
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
  });
  const known = new Set(instructions.filter((one) => one.updateEventTrigger !== true).map((one) => one.target));
  for (const { id } of [...instance.elements.values()]) openWaitsAnew(visit(turn, instance.id, id), known, reopened);
  enterScopes({ ...root, model: target.model }, skip);
  for (const scope of instance.elements.values()) turn.touch(instance.id, scope.id);
}

/** Events that are new in the target, and those that were closed to be evaluated anew; what was over stays over. */
function openWaitsAnew(at: Visit | undefined, known: ReadonlySet<string>, reopened: ReadonlySet<string>): void {
  if (at === undefined || at.self.role === 'undo' || !waitsNow(at)) return;
  const waits = planWaits(at, false);
  if (waits instanceof Fault) {
    raiseIncident(at, { kind: waits.kind, message: waits.message, step: null });
    return;
  }
  openWaits(
    at,
    waits.filter(({ eventElementId: id }) => !known.has(id) && (reopened.has(id) || id !== at.self.elementId)),
  );
}

/** Not before its asynchronous continuation and its start listeners, and not after its end. */
function waitsNow({ turn, self }: Visit): boolean {
  const task = self.externalTaskId === null ? undefined : turn.state.externalTasks.get(self.externalTaskId);
  const steps = [...self.timers].map((id) => turn.state.timers.get(id)?.step ?? null);
  const goesOnLater = steps.some((step) => step !== null && step.kind !== 'continueTurn');
  return (task?.errand ?? null) === null && !goesOnLater;
}
