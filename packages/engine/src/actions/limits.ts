/** Owners' limits: what reaches one stops in an incident that names it, or an event of the model takes over. */
import {
  AI_TOPICS,
  type AiBudget,
  ANY_LIMIT_CODE,
  type InstanceLimit,
  type LimitKind,
  limitErrorCode,
} from '@procos/bpmn';
import type { Variables } from '../records/events.ts';
import type { ControlId, ProcessInstanceId } from '../records/ids.ts';
import { LAST_INSTANT } from '../records/limits.ts';
import type { Rejection } from '../records/rejection.ts';
import { type Bound, type Bounds, boundsOf, controlsOf, dayOf, narrowed, startRefusal } from '../state/controls.ts';
import type { AiHeld, Definition, ExternalTask, ProcessInstance } from '../state/entities.ts';
import { sizeOfNamed } from '../state/size.ts';
import { catches, findExactCatcher } from './catchers.ts';
import { Fault, LimitReached } from './fault.ts';
import { timerOf } from './timers.ts';
import type { Turn, Visit } from './turn.ts';
import { tooLargeFor } from './value-limits.ts';

/** What is counted begins anew for the event that takes over; the next time there is an incident. */
const ONCE: readonly LimitKind[] = ['steps', 'createdTasks', 'time', 'aiTokens', 'aiCost'];

/** That of the owner or model, where it is less than what the settings say. */
export function boundFor({ turn, instance }: Visit, kind: InstanceLimit, setting?: number): Bound | undefined {
  const bound = turn.bounds(instance)?.get(kind);
  return bound === undefined || (setting !== undefined && setting <= bound.value) ? undefined : bound;
}

/** Whose limit it is, for the message of an incident. */
export function whose({ from, owned }: Bound): string {
  if (owned === undefined) return from === 'model' ? 'declared by the model' : 'a setting of the kernel';
  return `set for ${OF[from]} by ${owned.by === '' ? 'somebody unknown' : `'${owned.by}'`}: ${owned.reason}`;
}

const OF: Readonly<Record<Bound['from'], string>> = {
  settings: 'the kernel',
  model: 'the model',
  tenant: 'its tenant',
  definition: 'its process',
  version: 'its version',
  instance: 'this instance',
};

/** `what`: what would be more than is allowed. */
export function reached(bound: Bound, what: string): LimitReached {
  return new LimitReached(
    bound,
    `limit '${bound.kind}' of ${bound.value} is reached: ${what} (${whose(bound)}); raise it (procos limit), then resolve this incident to go on`,
  );
}

/** True when an event of the model takes over, which it does for this very limit only. */
export function catchLimit(at: Visit, { bound, message }: LimitReached): boolean {
  const { turn, instance, self } = at;
  const { kind } = bound;
  if (ONCE.includes(kind) && instance.control?.usage.caught?.includes(kind) === true) return false;
  const catcher =
    findExactCatcher(at, { kind: 'error', code: limitErrorCode(kind), message }) ??
    findExactCatcher(at, { kind: 'error', code: ANY_LIMIT_CODE, message });
  if (catcher === undefined) return false;
  const { eventElementId } = catcher;
  const of = { processInstanceId: instance.id, elementInstanceId: self.id };
  turn.emit({ type: 'limitCaught', limit: kind, eventElementId, ...of });
  catches(catcher);
  return true;
}

/** The step is one more in the life of the instance. */
export function countStep(at: Visit, bounds: Bounds): LimitReached | undefined {
  const bound = bounds.get('steps');
  if (bound === undefined) return undefined;
  const { turn, instance } = at;
  const counted = turn.counted(instance.id);
  const done = (instance.control?.usage.steps ?? 0) + counted.steps;
  if (done >= bound.value) return reached(bound, `'${at.self.elementId}' would be step number ${done + 1}`);
  counted.steps += 1;
  return undefined;
}

/** What is left for an AI task of the instance now; undefined: nobody limits it. `spent`: which limit is used up. */
export interface AiAllowance {
  /** Without what others hold. */
  readonly left: AiBudget;
  /** Others hold something of it, and may leave some. */
  readonly held: boolean;
  /** Limits of definitions and tenants among them. */
  readonly controls: readonly ControlId[];
  readonly spent?: Bound;
}

/** `own`: what the task that asks holds itself. */
export function aiAllowance(
  turn: Turn,
  instance: ProcessInstance,
  own?: ExternalTask['aiHeld'],
): AiAllowance | undefined {
  const left: { tokens?: number; cost?: number } = {};
  let spent: Bound | undefined;
  let held = false;
  const controls: ControlId[] = [];
  const take = (
    what: 'tokens' | 'cost',
    bound: Bound | undefined,
    used: number,
    others: AiHeld | undefined,
    ownHeld: typeof own,
  ): void => {
    if (bound === undefined) return;
    const rest = Math.max(0, bound.value - used);
    if (rest === 0) spent ??= bound;
    const taken = Math.max(0, (others?.[what] ?? 0) - (ownHeld?.[what] ?? 0));
    if (taken > 0) held = true;
    const free = Math.max(0, rest - taken);
    left[what] = Math.min(left[what] ?? free, free);
  };
  const usage = instance.control?.usage;
  const bounds = turn.bounds(instance);
  take('tokens', bounds?.get('aiTokens'), usage?.aiTokens ?? 0, usage?.aiHeld, own);
  take('cost', bounds?.get('aiCost'), usage?.aiCost ?? 0, usage?.aiHeld, own);
  for (const { id, target, limits, ai, aiHeld } of controlsOf(turn.state, instance.definitionId)) {
    const from = target.kind === 'tenant' ? 'tenant' : target.version === null ? 'definition' : 'version';
    const today = ai?.day === dayOf(turn.now) ? ai : undefined;
    for (const [what, kind] of [
      ['tokens', 'aiTokensPerDay'],
      ['cost', 'aiCostPerDay'],
    ] as const) {
      const owned = limits[kind];
      if (owned === undefined) continue;
      if (!controls.includes(id)) controls.push(id);
      const mine = own?.controls.includes(id) === true ? own : undefined;
      take(what, { kind, value: owned.value, from, owned }, today?.[what] ?? 0, aiHeld, mine);
    }
  }
  if (left.tokens === undefined && left.cost === undefined) return undefined;
  return { left, held, controls, ...(spent === undefined ? {} : { spent }) };
}

/** An AI task may not begin: what is allowed is used up. */
export function refuseAiTask({ turn, instance, self }: Visit, topic: string): LimitReached | undefined {
  const spent = isAiTopic(topic) ? aiAllowance(turn, instance)?.spent : undefined;
  return spent === undefined ? undefined : reached(spent, `nothing is left for '${self.elementId}'`);
}

const AI: ReadonlySet<string> = new Set(AI_TOPICS);

export function isAiTopic(topic: string): boolean {
  return AI.has(topic);
}

/** One more external task is to be created. */
export function refuseTask(at: Visit, topic: string): LimitReached | undefined {
  const { turn, instance, self } = at;
  const ai = refuseAiTask(at, topic);
  if (ai !== undefined) return ai;
  const bounds = turn.bounds(instance);
  if (bounds === undefined) return undefined;
  const open = bounds.get('openTasks');
  if (open !== undefined) {
    let tasks = 0;
    for (const { externalTaskId } of instance.elements.values()) if (externalTaskId !== null) tasks += 1;
    if (tasks >= open.value)
      return reached(open, `${tasks} external tasks are open, '${self.elementId}' needs another`);
  }
  const created = bounds.get('createdTasks');
  if (created === undefined) return undefined;
  const counted = turn.counted(instance.id);
  const before = (instance.control?.usage.createdTasks ?? 0) + counted.createdTasks;
  if (before >= created.value)
    return reached(created, `${before} external tasks were created, '${self.elementId}' needs another`);
  counted.createdTasks += 1;
  return undefined;
}

/** An instance of the definition is to begin below this element. */
export function refuseCall(at: Visit, definition: Definition, variables: Variables = {}): Fault | undefined {
  const child = refuseChild(at);
  if (child !== undefined) return child;
  const refusal = refuseStart(at.turn, definition, variables);
  return refusal === undefined
    ? undefined
    : new Fault('limitReached', `process '${definition.bpmnProcessId}' may not begin: ${refusal.message}`);
}

/** One more instance is to be called: `children` of the caller, `tree` of it and of all that called it. */
function refuseChild(at: Visit): LimitReached | undefined {
  const { turn, instance, self } = at;
  const children = turn.bounds(instance)?.get('children');
  if (children !== undefined) {
    const alive = [...below(turn, instance, 1)].length;
    if (alive >= children.value)
      return reached(children, `${alive} called instances are alive, '${self.elementId}' calls another`);
  }
  for (
    let above: ProcessInstance | undefined = instance;
    above !== undefined;
    above = above.parentId === null ? undefined : turn.state.instances.get(above.parentId)
  ) {
    const tree = turn.bounds(above)?.get('tree');
    if (tree === undefined) continue;
    let alive = 0;
    for (const _ of below(turn, above, Number.POSITIVE_INFINITY)) {
      alive += 1;
      if (alive >= tree.value) break;
    }
    if (alive >= tree.value)
      return reached(tree, `${alive} instances are alive below ${above.id}, '${self.elementId}' calls another`);
  }
  return undefined;
}

/** What it has called and is alive, and so on, at most so deep. */
function* below(turn: Turn, instance: ProcessInstance, depth: number): Generator<ProcessInstanceId> {
  const waiting = [{ instance, depth }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const { calledInstanceId } of next.instance.elements.values()) {
      const called = calledInstanceId === null ? undefined : turn.state.instances.get(calledInstanceId);
      if (called === undefined) continue;
      yield called.id;
      if (next.depth > 1) waiting.push({ instance: called, depth: next.depth - 1 });
    }
  }
}

/** Where the incident of its time is open, nothing new begins. */
export function isOutOfTime({ turn, instance }: Visit): boolean {
  for (const id of instance.elements.get(instance.id)?.incidents ?? [])
    if (turn.state.incidents.get(id)?.step?.kind === 'reachTimeLimit') return true;
  return false;
}

/** Sets the timer for the age that the instance may reach, earlier or later than before where the limit has changed. */
export function watchTime(turn: Turn, instance: ProcessInstance): void {
  const bound = turn.bounds(instance)?.get('time');
  const timers = [...(instance.elements.get(instance.id)?.timers ?? [])].flatMap(
    (id) => turn.state.timers.get(id) ?? [],
  );
  const known = timers.find(({ step }) => step?.kind === 'reachTimeLimit');
  const dueAt = bound === undefined ? undefined : Math.min(instance.startedAt + bound.value, LAST_INSTANT);
  if (known?.dueAt === dueAt) return;
  if (known !== undefined) turn.emit({ type: 'timerCanceled', timerId: known.id });
  if (dueAt === undefined || instance.control?.usage.caught?.includes('time') === true) return;
  const elementInstanceId = instance.id;
  const elementId = turn.model(instance).bpmnProcessId;
  const step = { kind: 'reachTimeLimit', processInstanceId: instance.id, elementInstanceId } as const;
  turn.emit({ type: 'timerScheduled', timer: timerOf(turn, instance, { elementInstanceId, elementId, dueAt, step }) });
}

/** Its timer has rung, or its incident is to be resolved. */
export function reachTimeLimit(at: Visit): Fault | undefined {
  const { turn, instance } = at;
  const bound = turn.bounds(instance)?.get('time');
  if (bound === undefined) return undefined;
  if (turn.now >= instance.startedAt + bound.value)
    return reached(bound, `process instance ${instance.id} has run for ${turn.now - instance.startedAt} ms`);
  watchTime(turn, instance);
  return undefined;
}

/** Why no instance of the definition may begin now; undefined: it may. */
export function refuseStart(turn: Turn, definition: Definition, variables: Variables = {}): Rejection | undefined {
  if (turn.state.controls.none && definition.model.capabilities?.limits === undefined) return undefined;
  const full = startRefusal(turn.state, definition, turn.now);
  if (full !== undefined) return full;
  const bounds = boundsOf(turn.state, definition, undefined);
  return bounds === undefined ? undefined : refuseVariables(turn, bounds, variables);
}

/** What an instance may not even begin with. */
function refuseVariables(turn: Turn, bounds: Bounds, variables: Variables): Rejection | undefined {
  const limits = narrowed(turn.limits, bounds);
  for (const [name, { value }] of Object.entries(variables)) {
    const reason = tooLargeFor(limits, bounds, value);
    if (reason !== undefined)
      return {
        code: 'LIMIT_REACHED',
        message: `variable '${name}' ${reason.message}`,
        details: { variable: name, limit: 'variableSize', value: limits.variableSize },
      };
  }
  const all = bounds.get('instanceSize');
  const size = sizeOfNamed(variables);
  if (all === undefined || size <= limits.instanceSize) return undefined;
  return {
    code: 'LIMIT_REACHED',
    message: `the variables have ${size} characters as JSON, at most ${limits.instanceSize} are allowed (${whose(all)}): send less, or raise the limit`,
    details: { limit: 'instanceSize', value: limits.instanceSize },
  };
}

/** For who cannot be refused: a start event whose instance may not begin is noted. */
export function mayStart(turn: Turn, definition: Definition, variables: Variables): boolean {
  const refusal = refuseStart(turn, definition, variables);
  if (refusal === undefined) return true;
  turn.emit({ type: 'startRefused', definitionId: definition.id, message: refusal.message });
  return false;
}
