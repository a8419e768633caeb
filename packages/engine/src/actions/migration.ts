/**
 * From one version of a process to another: which element becomes which, and why something cannot move. Scopes may come and
 * go on the way, as in Camunda 7: everything stays inside what becomes of the nearest scope around it that is mapped.
 */
import type { Element, EventDefinition, ProcessModel } from '@procos/bpmn';
import type { MigrationInstruction } from '../records/commands.ts';
import type { ElementInstanceId } from '../records/ids.ts';
import type { Compensation, ElementInstance } from '../state/entities.ts';
import { pendingSteps, single } from './pending.ts';
import type { Visit } from './turn.ts';

export type Mapped = (id: string) => string | undefined;

/** The obvious instructions: same id, same type, in scopes that are mapped likewise. */
export function generateMigration(
  source: ProcessModel,
  target: ProcessModel,
  updateEventTriggers = false,
): readonly MigrationInstruction[] {
  const instructions: MigrationInstruction[] = [];
  for (const element of Object.values(source.elements)) {
    if (element.type === 'process') continue;
    const twin = target.elements[element.id];
    if (twin === undefined || scopeOf(source, element) !== scopeOf(target, twin)) continue;
    if (loopKind(element) !== loopKind(twin)) continue;
    if (mismatch(source, target, element, twin, (id) => (id === source.bpmnProcessId ? target.bpmnProcessId : id)))
      continue;
    const waits = 'event' in element && element.event.kind !== 'none' && isWaitedFor(element);
    const update = updateEventTriggers && waits ? { updateEventTrigger: true } : {};
    instructions.push({ source: element.id, target: twin.id, ...update });
  }
  return instructions;
}

/** Everything that is wrong with a plan, whatever the instance. */
export function validateMigrationPlan(
  source: ProcessModel,
  target: ProcessModel,
  instructions: readonly MigrationInstruction[],
): readonly string[] {
  const reasons: string[] = [];
  const mapped = mapping(source, target, instructions);
  const seen = new Set<string>();
  for (const instruction of instructions) {
    const from = source.elements[instruction.source];
    const to = target.elements[instruction.target];
    if (from === undefined) reasons.push(`source element '${instruction.source}' does not exist`);
    if (to === undefined) reasons.push(`target element '${instruction.target}' does not exist`);
    if (seen.has(instruction.source)) reasons.push(`source element '${instruction.source}' is mapped twice`);
    seen.add(instruction.source);
    if (from === undefined || to === undefined) continue;
    const reason = mismatch(source, target, from, to, mapped);
    if (reason !== undefined) reasons.push(`'${from.id}' to '${to.id}': ${reason}`);
  }
  return reasons;
}

/** What becomes of an element; undefined where no instruction says so. */
export function mapping(
  source: ProcessModel,
  target: ProcessModel,
  instructions: readonly MigrationInstruction[],
): Mapped {
  const pairs = new Map(instructions.map((one) => [one.source, one.target]));
  return (id) => (id === source.bpmnProcessId ? target.bpmnProcessId : pairs.get(id));
}

/** Why this very instance cannot follow the plan, all reasons at once. */
export function validateInstance(root: Visit, target: ProcessModel, mapped: Mapped): readonly string[] {
  const { turn, instance, model: source } = root;
  const reasons = new Set<string>();
  const removed = new Map<ElementInstanceId, string>();
  const elements = [...instance.elements.values()];
  for (const self of elements) {
    if (losesLoop(self, target, mapped)) {
      removed.set(self.id, self.elementId);
      const why = whyNotLeft({ ...root, self });
      if (why !== undefined)
        reasons.add(`'${self.elementId}' does not loop in the target, and its loop cannot be left: ${why}`);
    } else if (mapped(self.elementId) !== undefined)
      for (const reason of whyNot({ ...root, self }, target, mapped)) reasons.add(reason);
    else if (self.children === 0 || !isScope(source, self)) reasons.add(`'${self.elementId}' is active and not mapped`);
    else {
      removed.set(self.id, self.elementId);
      const why = whyNotLeft({ ...root, self });
      if (why !== undefined) reasons.add(`'${self.elementId}' is not mapped and cannot be left: ${why}`);
    }
  }
  for (const self of elements) {
    const undone = self.undo === null ? undefined : removed.get(self.undo.scopeId);
    if (undone !== undefined)
      reasons.add(`'${undone}' is not mapped and cannot be left: what it has completed is being undone`);
    for (const step of pendingSteps({ turn, self }).flatMap(single)) {
      const elementId = removed.get('scopeId' in step ? step.scopeId : step.elementInstanceId);
      if (elementId !== undefined) reasons.add(`'${elementId}' cannot be left: something that waits goes on there`);
      const end = step.kind === 'endScope' ? instance.elements.get(step.by) : undefined;
      const scope = end === undefined ? undefined : instance.elements.get(end.scopeId ?? instance.id);
      if (end === undefined || scope === undefined) continue;
      if (target.elements[mapped(end.elementId) ?? '']?.scopeId !== mapped(scope.elementId))
        reasons.add(`'${end.elementId}' is ending '${scope.elementId}' and must stay directly in it`);
    }
  }
  return [...reasons];
}

/** The loop around instances of an activity that does not loop in the target: they stay, it goes (Camunda 7). */
export function losesLoop({ role, elementId }: ElementInstance, target: ProcessModel, mapped: Mapped): boolean {
  const to = mapped(elementId);
  return role === 'body' && to !== undefined && loopKind(target.elements[to]) === '';
}

function isScope(model: ProcessModel, { elementId }: ElementInstance): boolean {
  const element = model.elements[elementId];
  return element !== undefined && 'eventSubProcesses' in element;
}

/** Tokens under way, what can be undone and what undoes it stay in their scope. */
function whyNot({ instance, model: source, self }: Visit, target: ProcessModel, mapped: Mapped): readonly string[] {
  const reasons: string[] = [];
  const becomes = mapped(self.elementId) ?? '';
  // The body of a loop is no scope of its own.
  const home = self.role === 'body' ? target.elements[becomes]?.scopeId : becomes;
  for (const flowId of self.tokens.keys()) {
    const to = flowFor(source, target, flowId, mapped);
    const scopeId = target.elements[target.flows[to ?? '']?.target ?? '']?.scopeId;
    if (to === undefined)
      reasons.push(`a token waits on sequence flow '${flowId}', for which the target has no counterpart`);
    else if (scopeId !== home)
      reasons.push(
        `a token waits on sequence flow '${flowId}', which is in '${scopeId}' of the target, not in '${home}'`,
      );
  }
  reasons.push(...whyNotUndone(self.compensations, target, mapped, home));
  const scope = self.scopeId === null ? undefined : instance.elements.get(self.scopeId);
  if (scope !== undefined && (self.role === 'undo' || self.undoneFor !== null)) {
    const around = mapped(scope.elementId);
    if (target.elements[becomes]?.scopeId !== around)
      reasons.push(`'${self.elementId}' runs to undo something, and '${becomes}' is not directly in '${around}'`);
  }
  return reasons;
}

function whyNotUndone(
  compensations: ElementInstance['compensations'],
  target: ProcessModel,
  mapped: Mapped,
  home: string | undefined,
): readonly string[] {
  return compensations.flatMap(({ elementId, inner }) => {
    const to = mapped(elementId);
    if (to === undefined) return [`'${elementId}' has completed, can be undone, and is not mapped`];
    const misplaced = target.elements[to]?.scopeId !== home;
    return misplaced
      ? [`'${elementId}' has completed, can be undone, and '${to}' is not directly in '${home}'`]
      : whyNotUndone(inner, target, mapped, to);
  });
}

/** Why a scope cannot be taken away from around its content. */
function whyNotLeft({ turn, self }: Visit): string | undefined {
  if (self.tokens.size > 0 || self.rounds.size > 0) return 'tokens wait in it';
  if (self.compensations.length > 0) return 'it has completed what can be undone';
  if (self.queue.length > 0) return 'activities are still to be started in it';
  if (self.role === 'undo') return 'what it has completed is being undone';
  return pendingSteps({ turn, self }).length > 0 ? 'it has not begun, or waits in an incident' : undefined;
}

/** The flow of the target that leads from and to the same elements; by its id where there are several. */
export function flowFor(
  source: ProcessModel,
  target: ProcessModel,
  flowId: string,
  mapped: Mapped,
): string | undefined {
  const flow = source.flows[flowId];
  const gateway = mapped(flow?.target ?? '');
  if (flow === undefined || gateway === undefined) return undefined;
  const candidates = Object.values(target.flows).filter((other) => other.target === gateway);
  const same = candidates.find((other) => other.id === flowId);
  return (same ?? candidates.find((other) => other.source === (mapped(flow.source) ?? flow.source)))?.id;
}

export function undoable(compensations: ElementInstance['compensations']): string[] {
  return compensations.flatMap(({ elementId, inner }: Compensation) => [elementId, ...undoable(inner)]);
}

function mismatch(
  source: ProcessModel,
  target: ProcessModel,
  from: Element,
  to: Element,
  mapped: Mapped,
): string | undefined {
  if (from.type !== to.type) return `a ${from.type} cannot become a ${to.type}`;
  if (from.type === 'process') return 'the process itself is mapped by the plan';
  const misplaced = whyMisplaced(source, target, from, to, mapped);
  if (misplaced !== undefined) return misplaced;
  const [loop, newLoop] = [loopKind(from), loopKind(to)];
  if (loop !== newLoop && !(newLoop === '' && loop !== STANDARD_LOOP))
    return `it ${loop === '' ? 'does not loop' : `is ${loop}`}, the target ${newLoop === '' ? 'does not loop' : `is ${newLoop}`}`;
  if ('event' in from && 'event' in to && eventKind(from.event) !== eventKind(to.event))
    return `it waits for ${eventKind(from.event)}, the target for ${eventKind(to.event)}`;
  if (from.type === 'boundaryEvent' && to.type === 'boundaryEvent' && mapped(from.attachedTo) !== to.attachedTo)
    return `the activity '${from.attachedTo}' that it sits on does not become '${to.attachedTo}'`;
  return undefined;
}

/** Everything must stay inside what becomes of the nearest scope around it that is mapped. */
function whyMisplaced(
  source: ProcessModel,
  target: ProcessModel,
  from: Element,
  to: Element,
  mapped: Mapped,
): string | undefined {
  // Its activity says where it is.
  if (from.type === 'boundaryEvent') return undefined;
  const around = scopesAround(source, from);
  const kept = around.find((id) => mapped(id) !== undefined) ?? source.bpmnProcessId;
  const inside = mapped(kept) ?? target.bpmnProcessId;
  const aroundTarget = scopesAround(target, to);
  if (!aroundTarget.includes(inside))
    return `its scope '${kept}' becomes '${inside}', which does not contain '${to.id}'`;
  const removed = around.slice(0, around.indexOf(kept));
  const added = aroundTarget.slice(0, aroundTarget.indexOf(inside));
  if (removed.length + added.length === 0) return undefined;
  if (isBoundToScope(source, from)) return `its scope '${from.scopeId}' does not become '${to.scopeId}'`;
  const lost = removed.find((id) => loopKind(source.elements[id]) !== '');
  if (lost !== undefined) return `its scope '${lost}' loops and is not mapped`;
  for (const id of added) {
    const scope = target.elements[id];
    if (loopKind(scope) !== '') return `'${id}' around it loops: it cannot begin around what is active already`;
    if (scope?.type === 'eventSubProcess') return `'${id}' around it begins only with its event`;
  }
  return undefined;
}

/** Its scope waits for it, or it undoes what its scope has completed. */
function isBoundToScope({ elements }: ProcessModel, element: Element): boolean {
  if (element.type === 'eventSubProcess') return true;
  if (element.type === 'startEvent') return elements[element.scopeId ?? '']?.type === 'eventSubProcess';
  return 'forCompensation' in element && element.forCompensation === true;
}

/** The nearest first, the process last. */
function scopesAround({ elements }: ProcessModel, { scopeId }: Element): readonly string[] {
  const ids: string[] = [];
  for (let id = scopeId; id !== undefined; id = elements[id]?.scopeId) ids.push(id);
  return ids;
}

/** Processes have the same name for all. */
function scopeOf(model: ProcessModel, { scopeId }: Element): string | undefined {
  return scopeId === model.bpmnProcessId ? '' : scopeId;
}

const STANDARD_LOOP = 'a standard loop';

function loopKind(element: Element | undefined): string {
  if (element === undefined || !('loop' in element) || element.loop === undefined) return '';
  if (element.loop.kind === 'standard') return STANDARD_LOOP;
  return element.loop.sequential ? 'sequential multi-instance' : 'parallel multi-instance';
}

function eventKind(event: EventDefinition): string {
  return event.kind === 'multiple' ? event.events.map(({ kind }) => kind).join(' and ') : event.kind;
}

function isWaitedFor({ type }: Element): boolean {
  return type !== 'endEvent' && type !== 'intermediateThrowEvent';
}
