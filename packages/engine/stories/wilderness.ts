/** Random acts from the whole command table, found out from the state of a world. */
import type { Json } from '@procos/bpmn';
import { typed, type World } from './world.ts';

const VALUES: readonly Json[] = [
  0,
  1,
  2,
  3,
  11,
  40,
  true,
  false,
  null,
  'a',
  'ok',
  'cancel',
  'ada',
  ['p', 'q'],
  { id: 'K' },
];
const NAMES = ['amount', 'x', 'n', 'count', 'done', 'stop', 'more', 'again', 'result', 'temperature', 'missing', 'way'];
export const CODES = ['KNOWN', 'bad', 'broken', 'late', 'done', 'other'];

/** A whole number from 0 up to, not including, `below`. */
export type Dice = (below: number) => number;

/** What the acts look at, and how they act. */
export type Wild = Pick<World, 'store' | 'try' | 'fetchAll' | 'advance' | 'incidents'>;

/** Does one thing after the other to a world: whatever its state allows, and some that it does not. */
export class Wilderness {
  readonly #world: Wild;
  readonly #dice: Dice;
  readonly #undoing: boolean;

  /** `undoing`: every other instance that is canceled undoes first what it has completed. */
  constructor(world: Wild, dice: Dice, undoing = false) {
    this.#world = world;
    this.#dice = dice;
    this.#undoing = undoing;
  }

  act(): void {
    const acts = [
      () => this.#start(),
      () => this.#start(),
      () => this.#work(),
      () => this.#work(),
      () => this.#work(),
      () => this.#work(),
      () => this.#tell(),
      () => this.#person(),
      () => this.#set(),
      () => this.#world.advance(this.#dice(4) * 600_000),
      () => this.#mend(),
      () => this.#modify(),
      () => this.#suspend(),
      () => this.#adHoc(),
      () => this.#operate(),
      () => this.#migrate(),
      () => this.#cancel(),
    ];
    this.#one(acts)?.();
  }

  #one<T>(items: readonly T[]): T | undefined {
    return items[this.#dice(Math.max(1, items.length))];
  }

  #variables(): ReturnType<typeof typed> {
    const count = this.#dice(4);
    const chosen = Array.from({ length: count }, () => [this.#one(NAMES) ?? 'x', this.#one(VALUES) ?? null] as const);
    return typed(Object.fromEntries(chosen));
  }

  #active() {
    return this.#world.store.find('processInstances', { where: [{ column: 'state', op: '=', value: 'active' }] });
  }

  #start(): void {
    const definition = this.#one(this.#world.store.find('definitions'));
    if (definition === undefined) return;
    const basis = {
      amount: 1,
      items: ['p', 'q'],
      seats: ['1A', '1B'],
      elements: ['a'],
      key: 'K',
      n: 2,
      round: 1,
      x: 2,
    };
    this.#world.try({
      type: 'createProcessInstance',
      definition: { definitionId: definition.id },
      businessKey: 'K',
      variables: { ...typed(basis), ...this.#variables() },
    });
    if (this.#dice(4) === 0) this.#world.try({ type: 'evaluateConditions', variables: typed({ amount: 200 }) });
  }

  #work(): void {
    const task = this.#one(this.#world.store.find('externalTasks'));
    if (task === undefined) return;
    const [locked] = this.#world.fetchAll(task.topic, 1);
    if (locked === undefined) return;
    const holder = { externalTaskId: locked.task.id, workerId: 'w' };
    const how = this.#dice(8);
    const result = typed({ result: this.#one(VALUES) ?? null });
    if (how < 5)
      this.#world.try({
        type: 'completeExternalTask',
        ...holder,
        variables: this.#variables(),
        localVariables: result,
      });
    else if (how === 5)
      this.#world.try({ type: 'throwBpmnError', ...holder, errorCode: this.#one(CODES) ?? '', variables: {} });
    else {
      const failure = { errorMessage: 'no', retries: this.#dice(2), retryAfterMs: 1_000 };
      this.#world.try({ type: 'failExternalTask', ...holder, ...failure });
    }
  }

  #tell(): void {
    const { store } = this.#world;
    const subscription = this.#one(store.find('subscriptions'));
    if (subscription === undefined) return;
    const { name, kind, correlationKey } = subscription;
    const variables = this.#variables();
    if (kind === 'signal') this.#world.try({ type: 'broadcastSignal', name, variables });
    else if (kind === 'message' && this.#dice(2) === 0)
      this.#world.try({ type: 'correlateMessage', name, variables, all: this.#dice(2) === 0 });
    else if (kind === 'message')
      this.#world.try({
        type: 'publishMessage',
        name,
        correlationKey: correlationKey ?? 'K',
        timeToLiveMs: 60_000,
        variables,
      });
  }

  #person(): void {
    const userTaskId = this.#one(this.#world.store.find('userTasks'))?.id;
    if (userTaskId === undefined) return;
    const how = this.#dice(6);
    const what = this.#dice(2) === 0 ? 'escalation' : 'error';
    if (how === 0) this.#world.try({ type: 'assignUserTask', userTaskId, assignee: 'ada', claim: true });
    else if (how === 1) this.#world.try({ type: 'updateUserTask', userTaskId, changes: { priority: 7, dueAt: null } });
    else if (how === 2) this.#world.try({ type: 'throwFromUserTask', userTaskId, what, code: this.#one(CODES) ?? '' });
    else this.#world.try({ type: 'completeUserTask', userTaskId, variables: this.#variables() });
  }

  #set(): void {
    const instance = this.#one(this.#active());
    if (instance === undefined) return;
    const live = this.#world.store.state.instances.get(instance.id);
    const scopeId = this.#one([...(live?.elements.keys() ?? [])]) ?? instance.id;
    const local = this.#dice(2) === 0;
    const variables = this.#variables();
    const remove = this.#dice(4) === 0 ? [this.#one(NAMES) ?? ''] : [];
    this.#world.try({ type: 'setVariables', processInstanceId: instance.id, scopeId, variables, remove, local });
  }

  #mend(): void {
    const incident = this.#one(this.#world.incidents());
    if (incident !== undefined) this.#world.try({ type: 'resolveIncident', incidentId: incident.id });
  }

  #modify(): void {
    const instance = this.#one(this.#active());
    const live = instance === undefined ? undefined : this.#world.store.state.instances.get(instance.id);
    const model = live === undefined ? undefined : this.#world.store.state.definitions.get(live.definitionId)?.model;
    if (live === undefined || model === undefined) return;
    const elementId = this.#one(Object.keys(model.elements)) ?? '';
    const flowId = this.#one(Object.keys(model.flows)) ?? '';
    const elementInstanceId = this.#one([...live.elements.keys()]) ?? 0;
    const instruction = this.#one([
      { kind: 'startBefore' as const, elementId, localVariables: this.#variables() },
      { kind: 'startTransition' as const, flowId },
      { kind: 'startAfter' as const, elementId },
      { kind: 'cancel' as const, elementInstanceId },
      { kind: 'cancelAll' as const, elementId },
    ]);
    if (instruction !== undefined)
      this.#world.try({ type: 'modifyProcessInstance', processInstanceId: live.id, instructions: [instruction] });
  }

  #suspend(): void {
    const suspended = this.#dice(2) === 0;
    const rows = this.#world.store.find('processInstances', { where: [{ column: 'suspended', op: '=', value: true }] });
    const instance = suspended ? this.#one(this.#active()) : this.#one(rows);
    if (instance !== undefined)
      this.#world.try({ type: 'setSuspension', target: { processInstanceId: instance.id }, suspended });
  }

  /** Starts something inside an ad-hoc sub-process that waits. */
  #adHoc(): void {
    const waiting = this.#active().flatMap(({ id }) => {
      const live = this.#world.store.state.instances.get(id);
      const model = live === undefined ? undefined : this.#world.store.state.definitions.get(live.definitionId)?.model;
      return [...(live?.elements.values() ?? [])].flatMap((element) =>
        model?.elements[element.elementId]?.type === 'adHocSubProcess' ? [{ id, element, model }] : [],
      );
    });
    const chosen = this.#one(waiting);
    if (chosen === undefined) return;
    const inside = Object.values(chosen.model.elements).filter(({ scopeId }) => scopeId === chosen.element.elementId);
    this.#world.try({
      type: 'activateAdHoc',
      processInstanceId: chosen.id,
      elementInstanceId: chosen.element.id,
      elements: [{ elementId: this.#one(inside)?.id ?? '', variables: this.#variables() }],
      cancelRemaining: this.#dice(3) === 0,
    });
  }

  /** What operators do with external tasks. */
  #operate(): void {
    const externalTaskId = this.#one(this.#world.store.find('externalTasks'))?.id;
    if (externalTaskId === undefined) return;
    const how = this.#dice(4);
    if (how === 0) this.#world.try({ type: 'setExternalTaskRetries', externalTaskId, retries: this.#dice(3) });
    else if (how === 1) this.#world.try({ type: 'unlockExternalTask', externalTaskId });
    else if (how === 2) this.#world.try({ type: 'setExternalTaskPriority', externalTaskId, priority: this.#dice(9) });
    else this.#world.try({ type: 'setSuspension', target: { externalTaskId }, suspended: this.#dice(2) === 0 });
  }

  /** To the definition that it follows already: every element stays where it is, some in scopes that begin anew. */
  #migrate(): void {
    const instance = this.#one(this.#active());
    const live = instance === undefined ? undefined : this.#world.store.state.instances.get(instance.id);
    const model = live === undefined ? undefined : this.#world.store.state.definitions.get(live.definitionId)?.model;
    if (live === undefined || model === undefined) return;
    const latest = this.#world.store.state.definitions.latest(model.bpmnProcessId, null);
    const alive = new Set([...live.elements.values()].map(({ elementId }) => elementId));
    alive.delete(model.bpmnProcessId);
    const updateEventTrigger = this.#dice(3) === 0;
    this.#world.try({
      type: 'migrateProcessInstance',
      processInstanceId: live.id,
      targetDefinitionId: latest?.id ?? live.definitionId,
      instructions: [...alive]
        .filter((id) => !('eventSubProcesses' in (model.elements[id] ?? {})) || this.#dice(3) > 0)
        .map((id) => ({ source: id, target: id, updateEventTrigger })),
    });
  }

  #cancel(): void {
    const instance = this.#dice(3) === 0 ? this.#one(this.#active()) : undefined;
    if (instance === undefined) return;
    const compensate = this.#undoing && this.#dice(2) === 0;
    this.#world.try({ type: 'cancelProcessInstance', processInstanceId: instance.id, compensate });
  }
}
