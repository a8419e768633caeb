/** From one version of a process to another: which element becomes which, and why something cannot move. */
import type { Element, EventDefinition, ProcessModel } from '@procos/bpmn';
import type { MigrationInstruction } from '../records/commands.ts';
import type { Compensation, ElementInstance, ProcessInstance } from '../state/entities.ts';

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
    if (twin === undefined || mismatch(source, target, element, twin, (id) => id) !== undefined) continue;
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
): (id: string) => string | undefined {
  const pairs = new Map(instructions.map((one) => [one.source, one.target]));
  return (id) => (id === source.bpmnProcessId ? target.bpmnProcessId : pairs.get(id));
}

/** Why this very instance cannot follow the plan, all reasons at once. */
export function validateInstance(
  instance: ProcessInstance,
  source: ProcessModel,
  target: ProcessModel,
  mapped: (id: string) => string | undefined,
): readonly string[] {
  const reasons = new Set<string>();
  for (const element of instance.elements.values()) {
    if (element.scopeId !== null && mapped(element.elementId) === undefined)
      reasons.add(`'${element.elementId}' is active and not mapped`);
    for (const flowId of element.tokens.keys())
      if (flowFor(source, target, flowId, mapped) === undefined)
        reasons.add(`a token waits on sequence flow '${flowId}', for which the target has no counterpart`);
    for (const id of undoable(element.compensations))
      if (mapped(id) === undefined) reasons.add(`'${id}' has completed, can be undone, and is not mapped`);
  }
  return [...reasons];
}

/** The flow of the target that leads from and to the same elements; by its id where there are several. */
export function flowFor(
  source: ProcessModel,
  target: ProcessModel,
  flowId: string,
  mapped: (id: string) => string | undefined,
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
  mapped: (id: string) => string | undefined,
): string | undefined {
  if (from.type !== to.type) return `a ${from.type} cannot become a ${to.type}`;
  if (from.type === 'process') return 'the process itself is mapped by the plan';
  const scope = from.scopeId === source.bpmnProcessId ? target.bpmnProcessId : mapped(from.scopeId ?? '');
  if (scope !== to.scopeId) return `its scope '${from.scopeId}' does not become '${to.scopeId}'`;
  const [loop, newLoop] = [loopKind(from), loopKind(to)];
  if (loop !== newLoop)
    return `it ${loop === '' ? 'does not loop' : `is ${loop}`}, the target ${newLoop === '' ? 'does not loop' : `is ${newLoop}`}`;
  if ('event' in from && 'event' in to && eventKind(from.event) !== eventKind(to.event))
    return `it waits for ${eventKind(from.event)}, the target for ${eventKind(to.event)}`;
  if (from.type === 'boundaryEvent' && to.type === 'boundaryEvent' && mapped(from.attachedTo) !== to.attachedTo)
    return `the activity '${from.attachedTo}' that it sits on does not become '${to.attachedTo}'`;
  return undefined;
}

function loopKind(element: Element): string {
  if (!('loop' in element) || element.loop === undefined) return '';
  if (element.loop.kind === 'standard') return 'a standard loop';
  return element.loop.sequential ? 'sequential multi-instance' : 'parallel multi-instance';
}

function eventKind(event: EventDefinition): string {
  return event.kind === 'multiple' ? event.events.map(({ kind }) => kind).join(' and ') : event.kind;
}

function isWaitedFor({ type }: Element): boolean {
  return type !== 'endEvent' && type !== 'intermediateThrowEvent';
}
