/** The friendly phase: all work is done, all timers fire, all messages come; what then still stands says why. */
import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import type { Element, Json } from '@procos/bpmn';
import type { ElementInstance, Incident, ProcessInstance, Subscription } from '@procos/engine';
import { typed, type World } from '../../packages/engine/stories/world.ts';
import { waitReason } from '../invariants.ts';

/** Values with which every generated expression can be evaluated; each condition holds for one of them, or never. */
const KIND_VALUES: readonly Readonly<Record<string, Json>>[] = [2, 11, 3, 0].map((number) => ({
  ...{ amount: number, x: number, n: Math.min(number, 3), count: number },
  ...{ done: true, stop: true, again: number === 2, more: false, result: 'ok', way: 'ok', temperature: 1, missing: 1 },
  ...{ items: ['p'], key: 'K' },
}));
/** More than this and the model never comes to rest. */
const MAX_ROUNDS = 500;
/** More than this stand at once only where a model makes more of itself with everything that it is told. */
const MOST_STANDING = 300;
/** How often the same thing is tried again where it has failed before. */
const MAX_TRIES = 4;

/** How often one element of an instance is told the same: more, and what it is told begins the same wait anew. */
const MAX_TOLD = 100;

/** Why an instance has not ended, in words that can be counted: `incident deadlock`. */
export type Reason = string;

export class Rest {
  readonly #world: World;
  readonly #tries = new Map<string, number>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Brings every instance to its end, or as far as it goes. */
  settle(): void {
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      if (this.#multiplies()) return;
      const worked = [this.#resume(), this.#soothe(), this.#resolve(), this.#work()].includes(true);
      if (!worked && !this.#begin() && !this.#wait() && !this.#tell()) return;
    }
    const still = this.#standing().map(({ self }) => self.elementId);
    assert.fail(`no rest after ${MAX_ROUNDS} rounds of work: ${[...new Set(still)].join(', ')}`);
  }

  /** Every instance that is left, with what it waits for; one that waits for nothing is a violation. */
  reasons(): Reason[] {
    if (this.#multiplies()) return this.#active().map(() => 'the model multiplies');
    return this.#active().flatMap((instance) => this.#reasonsOf(instance));
  }

  /** Every answer begins several new waits: it grows for as long as somebody answers, as it was drawn. */
  #multiplies(): boolean {
    return this.#standing().length > MOST_STANDING;
  }

  #active(): ProcessInstance[] {
    const rows = this.#world.store.find('processInstances', { where: [{ column: 'state', op: '=', value: 'active' }] });
    return rows.flatMap(({ id }) => this.#world.store.state.instances.get(id) ?? []);
  }

  #standing(): { readonly instance: ProcessInstance; readonly self: ElementInstance; readonly element: Element }[] {
    return this.#active().flatMap((instance) =>
      [...instance.elements.values()].flatMap((self) => {
        const element = this.#elementOf(instance, self);
        return element === undefined ? [] : [{ instance, self, element }];
      }),
    );
  }

  #elementOf(instance: ProcessInstance, self: ElementInstance): Element | undefined {
    return this.#world.store.state.definitions.get(instance.definitionId)?.model.elements[self.elementId];
  }

  /** True while it has not been tried too often. */
  #may(what: string, times = MAX_TRIES): boolean {
    const tried = this.#tries.get(what) ?? 0;
    this.#tries.set(what, tried + 1);
    return tried < times;
  }

  #resume(): boolean {
    const { store } = this.#world;
    const targets = [
      ...this.#active().flatMap(({ id, suspended }) => (suspended ? [{ processInstanceId: id }] : [])),
      ...store.find('externalTasks').flatMap(({ id, suspended }) => (suspended ? [{ externalTaskId: id }] : [])),
    ];
    for (const target of targets) this.#world.try({ type: 'setSuspension', target, suspended: false });
    return targets.length > 0;
  }

  /** Once for every scope: good values wherever bad ones may stand. */
  #soothe(): boolean {
    let soothed = false;
    for (const instance of this.#active()) {
      for (const { id, scopeId, variables } of [...instance.elements.values()]) {
        const names = Object.keys(KIND_VALUES[0] ?? {}).filter((name) => scopeId === null || variables.has(name));
        if (names.length === 0 || !this.#may(`soothe ${id}`, 1)) continue;
        soothed = true;
        this.#set(instance.id, id, names, 0);
      }
    }
    return soothed;
  }

  /** Only what is otherwise: every change begins anew what waits for it. */
  #set(processInstanceId: number, scopeId: number, names: readonly string[], which: number): void {
    const scope = this.#world.store.state.instances.get(processInstanceId)?.elements.get(scopeId);
    // An earlier one may have brought it to its end.
    if (scope === undefined) return;
    const values = KIND_VALUES[which] ?? {};
    const other = names.filter((name) => !isDeepStrictEqual(scope.variables.get(name)?.value, values[name]));
    if (other.length === 0) return;
    const variables = typed(Object.fromEntries(other.map((name) => [name, values[name] ?? null])));
    this.#world.try({ type: 'setVariables', processInstanceId, scopeId, variables, local: true });
  }

  #resolve(): boolean {
    let resolved = false;
    for (const { id, processInstanceId, elementInstanceId, kind, message } of this.#world.store.find('incidents')) {
      if (!this.#may(`resolve ${elementInstanceId} ${kind} ${message}`, 3)) continue;
      const instance = this.#world.store.state.instances.get(processInstanceId);
      const self = instance?.elements.get(elementInstanceId);
      // Buffered messages and what is undone bring old values back.
      if (kind === 'expression' && instance !== undefined && self !== undefined) this.#setAround(instance, self, 0);
      resolved = this.#world.try({ type: 'resolveIncident', incidentId: id }).ok || resolved;
    }
    return resolved;
  }

  #work(): boolean {
    let worked = false;
    const { store } = this.#world;
    for (const { id, retries, errand, topic } of store.find('externalTasks')) {
      if (retries === 0) continue;
      this.#world.try({ type: 'lockExternalTask', externalTaskId: id, workerId: 'w', lockMs: 60_000 });
      const isCondition = errand?.key?.startsWith('condition') === true;
      const localVariables = typed({
        result: isCondition ? true : errand === null && topic !== 'procos.script' ? 'ok' : 1,
      });
      worked =
        this.#world.try({ type: 'completeExternalTask', externalTaskId: id, workerId: 'w', localVariables }).ok ||
        worked;
    }
    for (const { id } of store.find('userTasks'))
      worked = this.#world.try({ type: 'completeUserTask', userTaskId: id }).ok || worked;
    return worked;
  }

  /** An ad-hoc sub-process where nothing is active needs somebody who begins something. */
  #begin(): boolean {
    for (const { instance, self, element } of this.#standing()) {
      const { state } = this.#world.store;
      if (waitReason(state, instance, self.id) !== 'choice' || !this.#may(`begin ${self.id}`)) continue;
      const model = this.#world.store.state.definitions.get(instance.definitionId)?.model;
      const inside = Object.values(model?.elements ?? {}).filter(({ scopeId }) => scopeId === element.id);
      for (const { id } of inside) {
        const began = this.#world.try({
          type: 'activateAdHoc',
          processInstanceId: instance.id,
          elementInstanceId: self.id,
          elements: [{ elementId: id }],
        });
        if (began.ok) return true;
      }
    }
    return false;
  }

  #wait(): boolean {
    const next = this.#world.store.state.timers.nextDueAt();
    if (next === undefined) return false;
    this.#world.advance(Math.max(0, next - this.#world.now));
    return true;
  }

  /** Gives what stands the one thing that it waits for; what waits beside an activity is left alone. */
  #tell(): boolean {
    let told = false;
    for (const { instance, self, element } of this.#standing()) {
      if (!WAITING.includes(element.type)) continue;
      for (const id of [...self.subscriptions]) {
        const subscription = this.#world.store.state.subscriptions.get(id);
        if (subscription !== undefined) told = this.#give(instance, self, subscription) || told;
      }
    }
    return told;
  }

  #give(instance: ProcessInstance, self: ElementInstance, { id, kind, name }: Subscription): boolean {
    const tried = this.#tries.get(`tell ${id}`) ?? 0;
    if (!this.#may(`tell ${id}`, kind === 'condition' ? KIND_VALUES.length : 1)) return false;
    if (kind !== 'condition' && !this.#may(toldOften(instance, self, name), MAX_TOLD)) return false;
    const processInstanceId = instance.id;
    if (kind === 'message') this.#world.try({ type: 'correlateMessage', name, processInstanceId, all: true });
    if (kind === 'signal') this.#world.try({ type: 'broadcastSignal', name, elementInstanceId: self.id });
    if (kind === 'condition') this.#setAround(instance, self, tried);
    return true;
  }

  /** In every scope that it sees. */
  #setAround(instance: ProcessInstance, self: ElementInstance, which: number): void {
    for (let scope: ElementInstance | undefined = self; scope !== undefined; ) {
      const { id, scopeId, variables }: ElementInstance = scope;
      const names = Object.keys(KIND_VALUES[0] ?? {}).filter((name) => scopeId === null || variables.has(name));
      if (names.length > 0) this.#set(instance.id, id, names, which);
      scope = scopeId === null ? undefined : instance.elements.get(scopeId);
    }
  }

  #reasonsOf(instance: ProcessInstance): Reason[] {
    const { state } = this.#world.store;
    const found: Reason[] = [];
    for (const self of instance.elements.values()) {
      const element = this.#elementOf(instance, self);
      const incidents = [...self.incidents].flatMap((id) => state.incidents.get(id) ?? []);
      for (const incident of incidents) found.push(this.#reasonOf(instance, self, incident));
      if (incidents.length > 0 || self.children > 0) continue;
      const called = self.calledInstanceId === null ? undefined : state.instances.get(self.calledInstanceId);
      const undoing = [...instance.elements.values()].some(({ undoneFor }) => undoneFor === self.id);
      if (called !== undefined || undoing) {
        found.push(undoing ? 'undoing that is stuck' : 'called instance that is left');
        continue;
      }
      const waited = [...self.subscriptions].flatMap((id) => state.subscriptions.get(id) ?? []);
      if (waited.some(({ name }) => (this.#tries.get(toldOften(instance, self, name)) ?? 0) > MAX_TOLD)) {
        found.push('event that begins the same wait anew');
        continue;
      }
      const conditions = waited.filter(({ kind }) => kind === 'condition');
      const waits = WAITING.includes(element?.type ?? '') && conditions.length > 0 && self.timers.size === 0;
      assert.ok(waits, `${element?.type} ${self.elementId} of ${instance.id} stands for no reason: ${show(self)}`);
      found.push('condition that never holds');
    }
    assert.ok(found.length > 0, `instance ${instance.id} waits for nothing`);
    return found;
  }

  /** The incident is checked against the model: it could not have been otherwise. */
  #reasonOf(instance: ProcessInstance, self: ElementInstance, { kind, message, elementId }: Incident): Reason {
    const model = this.#world.store.state.definitions.get(instance.definitionId)?.model;
    const element = model?.elements[elementId];
    if (kind === 'deadlock') {
      for (const flowId of self.tokens.keys()) {
        const target = model?.elements[model.flows[flowId]?.target ?? ''];
        const joins = JOINING.includes(target?.type ?? '') || (target !== undefined && 'startQuantity' in target);
        assert.ok(
          joins && target !== undefined && target.incoming.length > 0,
          `${elementId} does not join: ${message}`,
        );
      }
      assert.equal(self.children, livesBeside(instance, self, this.#elementOf.bind(this)), `not stuck: ${message}`);
    } else if (kind === 'noOutgoingFlow') {
      const flows = (element?.outgoing ?? []).map((id) => model?.flows[id]);
      assert.ok(element !== undefined && !('defaultFlow' in element), `it has a default flow: ${message}`);
      assert.ok(
        flows.every((flow) => flow?.condition !== undefined),
        `a flow has no condition: ${message}`,
      );
    } else
      assert.ok(PERSISTENT.includes(kind), `an incident of kind ${kind} at ${element?.type} ${elementId}: ${message}`);
    return `incident ${kind}`;
  }
}

function toldOften({ id }: ProcessInstance, { elementId }: ElementInstance, name: string): string {
  return `tell ${id} ${elementId} ${name}`;
}

const WAITING: readonly string[] = ['startEvent', 'intermediateCatchEvent', 'receiveTask', 'eventBasedGateway'];
const JOINING: readonly string[] = ['parallelGateway', 'inclusiveGateway', 'complexGateway'];
/** What no value and no worker can mend: nobody catches the error, no process begins when it is called. */
const PERSISTENT: readonly string[] = ['unhandledError', 'calledElement'];

function livesBeside(
  instance: ProcessInstance,
  scope: ElementInstance,
  elementOf: (instance: ProcessInstance, self: ElementInstance) => Element | undefined,
): number {
  return [...instance.elements.values()].filter(
    (self) => self.scopeId === scope.id && elementOf(instance, self)?.type === 'eventSubProcess',
  ).length;
}

function show({ tokens, role, children, timers, subscriptions, externalTaskId, userTaskId }: ElementInstance): string {
  const sets = { tokens: [...tokens], timers: [...timers], subscriptions: [...subscriptions] };
  return JSON.stringify({ role, children, externalTaskId, userTaskId, ...sets });
}
