/** The body of `POST /process-instances/{key}/modification`, as the engine's instructions. */
import type { ElementInstanceView, Instruction, ProcessEngine, ProcessModel, Variables } from '@procos/kernel';
import { invalid, notFound } from '../errors.ts';
import type { Members } from '../members.ts';
import { readVariables } from '../variables.ts';

/** What runs is canceled first: what the same request starts is not meant by it. */
export function readModification(members: Members, engine: ProcessEngine, processInstanceId: number): Instruction[] {
  const [instance] = engine.find('processInstances', { where: [{ column: 'id', op: '=', value: processInstanceId }] });
  if (instance?.state !== 'active')
    throw notFound(`There is no running process instance with key ${processInstanceId}`);
  const where = [{ column: 'processInstanceId', op: '=', value: processInstanceId }] as const;
  const active = engine.find('elementInstances', { where }).filter(({ outcome }) => outcome === 'active');
  const running: Running = { processInstanceId, active, model: engine.model(instance.definitionId) };
  const moves = members.list('moveInstructions').map((move) => readMove(move, running));
  const instructions = [
    ...members.list('terminateInstructions').map(readTermination),
    ...moves.flatMap(({ cancel }) => cancel),
    ...moves.flatMap(({ start }) => start),
    ...members.list('activateInstructions').map((one) => readActivation(one, running)),
  ];
  if (instructions.length === 0)
    throw invalid(
      "One of 'activateInstructions', 'moveInstructions' and 'terminateInstructions' must have an instruction, but none has",
    );
  return instructions;
}

interface Running {
  readonly processInstanceId: number;
  readonly active: readonly ElementInstanceView[];
  readonly model: ProcessModel | undefined;
}

type Start = Extract<Instruction, { readonly kind: 'startBefore' }>;

function readTermination(members: Members): Instruction {
  const elementInstanceId = members.optionalKey('elementInstanceKey');
  if (elementInstanceId !== undefined) return { kind: 'cancel', elementInstanceId };
  return { kind: 'cancelAll', elementId: members.text('elementId') };
}

function readActivation(members: Members, running: Running): Start {
  const elementId = members.text('elementId');
  const ancestor =
    members.raw('ancestorElementInstanceKey') === '-1' ? undefined : members.optionalKey('ancestorElementInstanceKey');
  return start(elementId, ancestor, readInstructions(members, elementId, running), running);
}

function readMove(members: Members, running: Running): { readonly cancel: Instruction[]; readonly start: Start[] } {
  const target = members.text('targetElementId');
  const variables = readInstructions(members, target, running);
  const sources = readSources(members.members('sourceElementInstruction'), running);
  const ancestorOf = readAncestor(members.optionalMembers('ancestorScopeInstruction'), target, running);
  return {
    cancel: sources.map(({ id }) => ({ kind: 'cancel', elementInstanceId: id })),
    start: sources.map((source) => start(target, ancestorOf(source), variables, running)),
  };
}

function readSources(members: Members, { active }: Running): readonly ElementInstanceView[] {
  const type = members.optionalOneOf('sourceType', ['byId', 'byKey']);
  const key = type === 'byId' ? undefined : members.optionalKey('sourceElementInstanceKey');
  const found =
    key === undefined
      ? active.filter(({ elementId }) => elementId === members.text('sourceElementId'))
      : active.filter(({ id }) => id === key);
  if (found.length > 0) return found;
  const name = key === undefined ? 'sourceElementId' : 'sourceElementInstanceKey';
  throw members.wrong(name, 'an element that is active in the process instance');
}

/** In which scope the target begins; undefined: the engine finds it. */
function readAncestor(
  members: Members | undefined,
  target: string,
  running: Running,
): (source: ElementInstanceView) => number | undefined {
  const type = members?.optionalOneOf('ancestorScopeType', ['direct', 'inferred', 'sourceParent']);
  if (members === undefined || type === undefined) return () => undefined;
  if (type === 'direct') {
    const key = members.key('ancestorElementInstanceKey');
    return () => key;
  }
  return type === 'sourceParent'
    ? ({ scopeId }) => scopeId ?? undefined
    : (source) => inferred(source, target, running);
}

/** The nearest scope around the source in which the target stands. */
function inferred(source: ElementInstanceView, target: string, { active, model }: Running): number | undefined {
  const wanted = model?.elements[target]?.scopeId;
  for (let at: ElementInstanceView | undefined = source; at !== undefined; ) {
    const { scopeId }: ElementInstanceView = at;
    at = active.find(({ id }) => id === scopeId);
    if (at?.elementId === wanted) return at?.id;
  }
  return undefined;
}

interface Given {
  readonly variables: Variables;
  readonly localVariables: Variables;
  readonly scopes: { readonly elementId: string; readonly variables: Variables }[];
}

/** Without a scope the variables are the process instance's, with the element itself its own, else those of a scope around it. */
function readInstructions(members: Members, elementId: string, { model }: Running): Given {
  const given: Given = { variables: {}, localVariables: {}, scopes: [] };
  for (const one of members.list('variableInstructions')) {
    const variables = readVariables(one.raw('variables'), one.where('variables'));
    const scopeId = one.optionalText('scopeId') ?? '';
    if (scopeId === '' || scopeId === model?.bpmnProcessId) Object.assign(given.variables, variables);
    else if (scopeId === elementId) Object.assign(given.localVariables, variables);
    else given.scopes.push({ elementId: scopeId, variables });
  }
  return given;
}

function start(elementId: string, ancestor: number | undefined, given: Given, { processInstanceId }: Running): Start {
  const isRoot = ancestor === undefined || ancestor === processInstanceId;
  return { kind: 'startBefore', elementId, ...given, ...(isRoot ? {} : { ancestor }) };
}
