/** What a running instance waits for after a migration: events that are new in the target, and those to be evaluated anew. */
import type { ProcessModel } from '@procos/bpmn';
import type { MigrationInstruction } from '../records/commands.ts';
import type { ElementInstanceId } from '../records/ids.ts';
import { Fault } from './fault.ts';
import { losesLoop, type Mapped } from './migration.ts';
import type { Visit } from './turn.ts';
import { planWaits, type Wait } from './waits.ts';

export type WaitsAnew = ReadonlyMap<ElementInstanceId, readonly Wait[]>;

/** Evaluated before anything moves, so that what cannot be evaluated refuses the migration. What was over stays over. */
export function planWaitsAnew(
  root: Visit,
  target: ProcessModel,
  mapped: Mapped,
  instructions: readonly MigrationInstruction[],
): WaitsAnew | Fault {
  const { instance } = root;
  const visits = [...instance.elements.values()].map((self) => ({ ...root, self }));
  const anew = new Set(instructions.filter((one) => one.updateEventTrigger === true).map((one) => one.source));
  const known = new Set(instructions.filter((one) => one.updateEventTrigger !== true).map((one) => one.target));
  const reopened = new Set(visits.flatMap(waitedFor).flatMap((id) => (anew.has(id) ? (mapped(id) ?? []) : [])));
  const waits = new Map<ElementInstanceId, readonly Wait[]>();
  for (const { self } of visits) {
    const elementId = mapped(self.elementId);
    if (elementId === undefined || self.role === 'undo' || !waitsNow({ ...root, self })) continue;
    if (losesLoop(self, target, mapped)) continue;
    // Boundary events belong to the loop: what comes out of it waits for them itself.
    const body = self.loopIndex === null ? undefined : instance.elements.get(self.scopeId ?? instance.id);
    const outOfLoop = body !== undefined && losesLoop(body, target, mapped);
    const partsSeen = new Map([...self.partsSeen].map(([id, parts]) => [mapped(id) ?? id, parts]));
    const loopIndex = outOfLoop ? null : self.loopIndex;
    const at = { ...root, model: target, self: { ...self, elementId, partsSeen, loopIndex } };
    const isOwn = (id: string) => outOfLoop && target.elements[id]?.type === 'boundaryEvent';
    const planned = planWaits(
      at,
      false,
      (id) => isOwn(id) || (!known.has(id) && (reopened.has(id) || id !== elementId)),
    );
    if (planned instanceof Fault) return planned;
    waits.set(self.id, planned);
  }
  return waits;
}

/** Ids of the events that the element instance waits for. */
function waitedFor({ turn, self }: Visit): readonly string[] {
  const { timers, subscriptions } = turn.state;
  const rung = [...self.timers].flatMap((id) => timers.get(id) ?? []).filter(({ step }) => step === null);
  return [...rung, ...[...self.subscriptions].flatMap((id) => subscriptions.get(id) ?? [])].map((one) => one.elementId);
}

/** Not before its asynchronous continuation and its start listeners, and not after its end. */
function waitsNow({ turn, self }: Visit): boolean {
  const task = self.externalTaskId === null ? undefined : turn.state.externalTasks.get(self.externalTaskId);
  const steps = [...self.timers].map((id) => turn.state.timers.get(id)?.step ?? null);
  const goesOnLater = steps.some((step) => step !== null && step.kind !== 'continueTurn');
  return (task?.errand ?? null) === null && !goesOnLater;
}
