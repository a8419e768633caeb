/** What an instance may use: its model's declaration, narrowed by those who started it and by the owner's policy. */
import {
  type CapabilityRequest,
  type CapabilitySet,
  EVERYTHING,
  type ExternalWork,
  elementFor,
  isOperators,
  isSystemProcess,
  NO_POLICY,
  namesSystemProcess,
  narrow,
  type Policy,
  permits,
  rulesFor,
  SCRIPT_TOPIC,
  SYSTEM_PREFIX,
  setOfRule,
  UNKNOWN_LANGUAGE,
} from '@procos/bpmn';
import type { DefinitionId } from '../records/ids.ts';
import type { Undeclared } from '../records/limits.ts';
import type { Definition, Deployment, ExternalTask, ProcessInstance } from '../state/entities.ts';
import type { State } from '../state/state.ts';
import { Fault } from './fault.ts';
import type { Turn, Visit } from './turn.ts';

/** The owner's policy is the one file of the latest deployment of this name, from this source; only the kernel makes it. */
export const POLICY_DEPLOYMENT = 'procos-policy';
export const POLICY_FILE = 'policy.json';

/** Where one part of an effective set comes from. */
export interface CapabilityPart {
  readonly from: 'model' | 'caller' | 'policy';
  /** Id of the process whose model or whose rule it is. */
  readonly bpmnProcessId: string;
  readonly definitionId: DefinitionId;
  /** Of a rule: why. */
  readonly why?: string;
  readonly set: CapabilitySet;
}

type Read = Pick<State, 'definitions' | 'instances' | 'deployments'>;

const policies = new WeakMap<Deployment, Policy>();

export function policyOf({ deployments }: Pick<State, 'deployments'>): Policy {
  const deployment = deployments.latest(POLICY_DEPLOYMENT, null);
  if (deployment === undefined) return NO_POLICY;
  let policy = policies.get(deployment);
  if (policy === undefined) {
    const content = deployment.resources.find(({ name }) => name === POLICY_FILE)?.content;
    policy = content === undefined ? NO_POLICY : (JSON.parse(content) as Policy);
    policies.set(deployment, policy);
  }
  return policy;
}

/** All that narrows what the instance may use, its own model first. */
export function capabilityParts(
  state: Read,
  instance: Pick<ProcessInstance, 'definitionId' | 'tenantId' | 'parentId' | 'parentElementInstanceId' | 'narrowedBy'>,
  undeclared: Undeclared,
  policy: Policy = policyOf(state),
): readonly CapabilityPart[] {
  const own = state.definitions.get(instance.definitionId);
  if (own === undefined) throw new Error(`there is no definition ${instance.definitionId}`);
  const others = new Set(instance.narrowedBy);
  if (policy.rules.length > 0) for (const id of callersOf(state, instance)) others.add(id);
  const callers = [...others].flatMap((id) => state.definitions.get(id) ?? []);
  return [
    ...partsOf('model', own, instance.tenantId, undeclared, policy),
    ...callers
      .flatMap((definition) => partsOf('caller', definition, definition.tenantId, 'open', policy))
      .map((part) => (isSystemProcess(own.bpmnProcessId) ? leavingTopics(part) : part)),
  ];
}

/** A caller without a block narrows nothing, whatever the setting: it has called already. */
function partsOf(
  from: 'model' | 'caller',
  { id: definitionId, bpmnProcessId, model }: Definition,
  tenantId: string | null,
  undeclared: Undeclared,
  policy: Policy,
): CapabilityPart[] {
  const set = model.capabilities ?? (undeclared === 'open' ? null : {});
  const of = { bpmnProcessId, definitionId };
  const rules = policy.rules.length === 0 ? [] : rulesFor(policy, bpmnProcessId, tenantId);
  return [
    ...(from === 'caller' && set === null ? [] : [{ from, ...of, set }]),
    ...rules.map((rule): CapabilityPart => ({ from: 'policy', ...of, why: rule.why, set: setOfRule(rule) })),
  ];
}

/** A process of the system brings its own topics with it: who calls one narrows what it reaches, not how it works. */
function leavingTopics(part: CapabilityPart): CapabilityPart {
  const { tasks } = EVERYTHING;
  return part.from !== 'caller' || part.set === null || tasks === undefined
    ? part
    : { ...part, set: { ...part.set, tasks } };
}

/** Definitions of those who called it and still run. What does the work of a task has its own rights, as a worker has. */
function callersOf(
  state: Read,
  { parentId, parentElementInstanceId }: Pick<ProcessInstance, 'parentId' | 'parentElementInstanceId'>,
): DefinitionId[] {
  const found: DefinitionId[] = [];
  let [id, elementInstanceId] = [parentId, parentElementInstanceId];
  while (id !== null) {
    const parent = state.instances.get(id);
    if (parent === undefined || !isCall(state, parent, elementInstanceId)) break;
    found.push(parent.definitionId, ...(parent.narrowedBy ?? []));
    [id, elementInstanceId] = [parent.parentId, parent.parentElementInstanceId];
  }
  return found;
}

function isCall(state: Read, caller: ProcessInstance, elementInstanceId: number | null): boolean {
  const elementId = elementInstanceId === null ? undefined : caller.elements.get(elementInstanceId)?.elementId;
  const element = state.definitions.get(caller.definitionId)?.model.elements[elementId ?? ''];
  return element?.type === 'callActivity';
}

/** What the instance may use; null: everything but system calls. */
export function capabilitiesOf(turn: Turn, instance: ProcessInstance): CapabilitySet {
  const { state, undeclared } = turn;
  const policy = policyOf(state);
  const definition = turn.definition(instance);
  // Nobody has said anything about it: the usual case.
  if (instance.narrowedBy === undefined && policy.rules.length === 0)
    return definition.model.capabilities ?? (undeclared === 'open' ? null : {});
  return together(capabilityParts(state, instance, undeclared, policy));
}

/** The first part is that of the model itself. */
export function together(parts: readonly CapabilityPart[]): CapabilitySet {
  const [own, ...others] = parts;
  return others.reduce<CapabilitySet>((set, part) => narrow(set, part.set), own?.set ?? null);
}

/** Ids for `narrowedBy` of what this instance starts; undefined: nobody above it declares anything. */
export function narrowingOf(turn: Turn, instance: ProcessInstance): readonly DefinitionId[] | undefined {
  const own = turn.definition(instance);
  if (own.model.capabilities === undefined) return instance.narrowedBy;
  return [...new Set([own.id, ...(instance.narrowedBy ?? [])])];
}

/** What a task asks for. */
export function requestOf(topic: string, headers: ExternalWork['headers']): CapabilityRequest {
  return topic === SCRIPT_TOPIC
    ? { kind: 'scripts', name: headers?.['script_format'] ?? UNKNOWN_LANGUAGE }
    : { kind: 'tasks', name: topic };
}

/** Why the request is refused, by whom, and what to do; undefined: it is not. */
export function forbidden(turn: Turn, instance: ProcessInstance, request: CapabilityRequest): string | undefined {
  const verdict = permits(capabilitiesOf(turn, instance), request);
  if (verdict.allowed) return undefined;
  const parts = capabilityParts(turn.state, instance, turn.undeclared);
  const shut = parts.find(({ set }) => !permits(set, request).allowed);
  const own = shut === undefined ? undefined : permits(shut.set, request);
  const reason = own === undefined || own.allowed ? verdict.reason : own.reason;
  return `${reason}. ${whose(shut)}`;
}

function whose(part: CapabilityPart | undefined): string {
  if (part === undefined) return 'Declare it in the model';
  const { from, bpmnProcessId, why, set } = part;
  if (from === 'policy') return `The owner's policy for ${bpmnProcessId} says so: ${why}`;
  if (set === null)
    return `Of system calls: only processes deployed from the source "system" have any, which ${bpmnProcessId} is not`;
  const declare = `declare it in the procos:security block of ${bpmnProcessId}`;
  return from === 'caller'
    ? `${bpmnProcessId} has started this process, which has no more rights than it: ${declare}, and deploy it`
    : `To allow it ${declare}, deploy it, and migrate this instance`;
}

/** A fault where the element may not do this. */
export function refuseUndeclared({ turn, instance, self }: Visit, request: CapabilityRequest): Fault | undefined {
  const why = forbidden(turn, instance, request);
  return why === undefined ? undefined : new Fault('forbidden', `'${self.elementId}' is forbidden: ${why}`);
}

/** A fault where a process that only operators may run would be called for somebody whose model does not name it: also by a process of the system between. */
export function refuseOperators({ turn, instance, self }: Visit, called: string): Fault | undefined {
  if (!turn.systemByName || !isOperators(called)) return undefined;
  const ids = new Set([instance.definitionId, ...(instance.narrowedBy ?? []), ...callersOf(turn.state, instance)]);
  const shut = [...ids]
    .flatMap((id) => turn.state.definitions.get(id) ?? [])
    .find(
      ({ bpmnProcessId, model }) =>
        !isSystemProcess(bpmnProcessId) && !namesSystemProcess(model.capabilities ?? null, called),
    );
  if (shut === undefined) return undefined;
  return new Fault(
    'forbidden',
    `'${self.elementId}' is forbidden: process ${called} is the system's, and ${shut.bpmnProcessId} does not name it: ` +
      `declare it in its procos:security block (${elementFor('processes', called)}), and have it deployed by who may run that process`,
  );
}

/** A fault where a process that is not the system's would wake one that is. */
export function refuseSystemEvent(
  { turn, self, model: { bpmnProcessId } }: Visit,
  kind: 'message' | 'signal',
  name: string,
): Fault | undefined {
  if (!turn.systemByName || !name.startsWith(SYSTEM_PREFIX) || isSystemProcess(bpmnProcessId)) return undefined;
  return new Fault(
    'forbidden',
    `'${self.elementId}' is forbidden: ${kind} ${name} is the system's, and ${bpmnProcessId} is not: give it a name that ` +
      `does not begin with ${SYSTEM_PREFIX}, or call the process that you want run`,
  );
}

/** Why nobody may work on the task any more; undefined: somebody may. */
export function forbiddenTask(turn: Turn, task: ExternalTask): string | undefined {
  const instance = turn.state.instances.get(task.processInstanceId);
  if (instance === undefined) return undefined;
  return forbidden(turn, instance, requestOf(task.topic, headersOfTask(turn, task)));
}

function headersOfTask(turn: Turn, { errand, headers, definitionId, elementId }: ExternalTask) {
  if (errand !== null) return errand.headers;
  if (headers !== undefined) return headers;
  const element = turn.state.definitions.get(definitionId)?.model.elements[elementId];
  if (element?.type === 'scriptTask') return { script_format: element.script.format };
  return element !== undefined && 'work' in element ? element.work.headers : undefined;
}
