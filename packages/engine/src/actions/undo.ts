/** Compensation: what a scope has completed is undone, the latest first, each with its variables of that time. */
import type { ElementInstanceId } from '../records/ids.ts';
import type { Compensation, Undo } from '../state/entities.ts';
import { enter } from './flow.ts';
import type { Visit } from './turn.ts';
import { setLocal } from './variables.ts';

/** From now on the element instance undoes what the scope has completed by now; `continueUndo` steps drive it. */
export function startUndo(driver: Visit, scope: Visit, activityId: string | null, ending?: Undo['ending']): void {
  const { turn, instance, self } = driver;
  const upTo = latest(scope.self.compensations)?.id ?? 0;
  const of = { processInstanceId: instance.id, elementInstanceId: self.id };
  const undo = { scopeId: scope.self.id, activityId, upTo, ...(ending === undefined ? {} : { ending }) };
  turn.emit({ type: 'undoStarted', undo, ...of });
  turn.enqueue({ kind: 'continueUndo', ...of });
}

/** Starts everything that there is to undo at once; nobody waits for it but the scope itself. */
export function undoWithoutWaiting(scope: Visit, activityId: string | null): void {
  for (const compensation of scope.self.compensations.toReversed())
    if (activityId === null || compensation.elementId === activityId) undoOne(scope, compensation, scope.self.id);
}

/** Starts undoing the latest activity that is left; false when none is. */
export function undoNext(driver: Visit): boolean {
  const { instance, self } = driver;
  const { undo } = self;
  const scope = undo === null ? undefined : instance.elements.get(undo.scopeId);
  if (undo === null || scope === undefined) return false;
  const next = latest(
    scope.compensations.filter(
      ({ id, elementId }) => id <= undo.upTo && (undo.activityId === null || undo.activityId === elementId),
    ),
  );
  if (next === undefined) return false;
  undoOne({ ...driver, self: scope }, next, self.id);
  return true;
}

/** What a loop has left to its scope stands after what completed beside it. */
function latest(compensations: readonly Compensation[]): Compensation | undefined {
  return compensations.reduce<Compensation | undefined>(
    (last, one) => (last === undefined || one.id > last.id ? one : last),
    undefined,
  );
}

/** By its handler; a sub-process without one is brought back, to undo what it had completed. */
function undoOne(scope: Visit, compensation: Compensation, by: ElementInstanceId): void {
  const element = scope.model.elements[compensation.elementId];
  const completed = element !== undefined && compensation.interrupted !== true;
  const handler = completed && 'compensationHandler' in element ? element.compensationHandler : undefined;
  const id = enter(scope, handler ?? compensation.elementId, {
    undo: { compensation, by, whole: handler === undefined },
    bare: compensation.interrupted === true,
  });
  const self = scope.instance.elements.get(id);
  if (self !== undefined) setLocal({ ...scope, self }, compensation.variables);
}
