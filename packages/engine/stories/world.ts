/** A small world for stories: fixtures deployed into a memory store, time that moves when told, and a check after every command. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import {
  inferVariable,
  type Json,
  jsonOf,
  type ProcessModel,
  readDecisions,
  readProcesses,
  type Variable,
} from '@procos/bpmn';
import { createMemoryStore, type Store } from '@procos/store';
import { countersBalance, nothingIsMissing, nothingIsOrphaned, nothingStandsStill } from '../../../sim/invariants.ts';
import {
  apply,
  type CommandOf,
  type CommandType,
  DEFAULT_LIMITS,
  type EngineEvent,
  execute,
  type Limits,
  type LockedTask,
  type LogRecord,
  type Outcome,
  type ReplyOf,
  type RequestKey,
  type Subject,
  type Undeclared,
} from '../src/index.ts';

const FIXTURES = new URL('../fixtures/', import.meta.url);
const START = Date.UTC(2026, 0, 1);

export type Plain = Readonly<Record<string, Json>>;

export class World {
  readonly store: Store = createMemoryStore();
  readonly records: LogRecord[] = [];
  readonly #created: number[] = [];
  /** Records that `instanceIds` has looked at. */
  #looked = 0;
  now: number = START;
  /** On whose behalf commands are run. */
  by: Subject = { kind: 'user', id: 'story' };
  limits: Limits = DEFAULT_LIMITS;
  undeclared: Undeclared = 'open';
  systemByName = false;
  /** IANA name, for calendar timers and FEEL. */
  zone: string = 'UTC';

  /** Deploys fixtures by name; a finding is a failure of the story. */
  static async with(...fixtures: readonly string[]): Promise<World> {
    const world = new World();
    for (const fixture of fixtures) await world.deploy(fixture);
    return world;
  }

  async deploy(fixture: string, tenantId: string | null = null): Promise<ReplyOf<'deploy'>> {
    const { content, processes } = await readFixture(fixture);
    return this.do({
      type: 'deploy',
      name: fixture,
      source: null,
      tenantId,
      resources: [{ name: `${fixture}.bpmn`, content }],
      definitions: processes.map((model) => ({ resourceName: `${fixture}.bpmn`, checksum: fixture, model })),
      skipUnchanged: false,
    });
  }

  /** Deploys one process that a story writes down itself: what stands inside `bpmn:process`, and beside it. */
  async draw(id: string, inside: string, beside = ''): Promise<void> {
    const xml = `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="d" targetNamespace="http://procos.dev/stories">
${beside}<bpmn:process id="${id}" isExecutable="true">${inside}</bpmn:process></bpmn:definitions>`;
    const { processes, problems } = await readProcesses(xml);
    assert.deepEqual(
      problems.filter((problem) => problem.severity === 'error'),
      [],
    );
    assert.ok(this.deployModels(id, xml, processes).ok);
  }

  /** Deploys processes that were read from elsewhere. */
  deployModels(name: string, content: string, processes: readonly ProcessModel[]): Outcome<ReplyOf<'deploy'>> {
    return this.try({
      type: 'deploy',
      name,
      source: null,
      tenantId: null,
      resources: [{ name, content }],
      definitions: processes.map((model) => ({ resourceName: name, checksum: name, model })),
      skipUnchanged: false,
    });
  }

  /** Deploys the decisions of a fixture. */
  async deployDecisions(fixture: string): Promise<ReplyOf<'deploy'>> {
    const resourceName = `${fixture}.dmn`;
    return this.deployDecisionsOf(resourceName, await readFile(new URL(resourceName, FIXTURES), 'utf8'));
  }

  /** Deploys the decisions of a DMN file. */
  deployDecisionsOf(resourceName: string, content: string): ReplyOf<'deploy'> {
    const { model, problems } = readDecisions(content);
    assert.ok(model !== undefined, JSON.stringify(problems));
    return this.do({
      type: 'deploy',
      name: resourceName,
      source: null,
      tenantId: null,
      resources: [{ name: resourceName, content }],
      definitions: [],
      decisions: model.decisions.map(({ id: decisionId, name, versionTag = null }) => ({
        resourceName,
        checksum: resourceName,
        decisionId,
        name,
        versionTag,
        model: jsonOf(model),
      })),
      skipUnchanged: false,
    });
  }

  /** Runs a command that must be accepted. */
  do<T extends CommandType>(command: CommandOf<T>, request?: RequestKey): ReplyOf<T> {
    const outcome = this.try(command, request);
    if (!outcome.ok)
      throw new assert.AssertionError({ message: `${command.type} was refused: ${outcome.rejection.message}` });
    return outcome.value;
  }

  /** Runs a command that may be refused. */
  try<T extends CommandType>(command: CommandOf<T>, request?: RequestKey): Outcome<ReplyOf<T>> {
    const { now, limits, undeclared, systemByName, by, store, zone } = this;
    const context = { state: store.state, now, ids: store.ids, zone, limits, undeclared, systemByName, by };
    const outcome = execute(command, request === undefined ? context : { ...context, request });
    if (outcome.events.length > 0) {
      const record: LogRecord = {
        sequence: this.store.lastSequence + 1,
        at: this.now,
        by: this.by,
        command: command.type,
        lastId: this.store.ids.last,
        events: structuredClone(outcome.events) as EngineEvent[],
      };
      this.store.commit([record]);
      this.records.push(record);
    }
    this.check();
    return outcome;
  }

  start(bpmnProcessId: string, variables: Plain = {}, businessKey: string | null = null): number {
    return this.do({
      type: 'createProcessInstance',
      definition: { bpmnProcessId },
      variables: typed(variables),
      businessKey,
    }).processInstanceId;
  }

  /** Fetches one task of the topic; the story expects that there is one. */
  fetch(topic: string, lockMs = 60_000): LockedTask {
    const [task] = this.fetchAll(topic, 1, lockMs);
    assert.ok(task !== undefined, `no external task on topic ${topic}`);
    return task;
  }

  fetchAll(topic: string, maxTasks = 100, lockMs = 60_000): readonly LockedTask[] {
    return this.do({ type: 'fetchAndLock', workerId: 'w', maxTasks, usePriority: false, topics: [{ topic, lockMs }] })
      .tasks;
  }

  /** Fetches one task of the topic and completes it; gives what the worker saw. */
  work(topic: string, variables: Plain = {}, localVariables: Plain = {}): LockedTask {
    const locked = this.fetch(topic);
    this.do({
      type: 'completeExternalTask',
      externalTaskId: locked.task.id,
      workerId: 'w',
      variables: typed(variables),
      localVariables: typed(localVariables),
    });
    return locked;
  }

  /** Moves time and triggers what is due, in order. */
  advance(ms: number): void {
    const until = this.now + ms;
    for (;;) {
      const [timer] = this.store.state.timers.due(until, 1);
      if (timer === undefined) break;
      this.now = Math.max(this.now, timer.dueAt);
      this.do({ type: 'triggerTimer', timerId: timer.id });
    }
    this.now = until;
  }

  /** How the instance stands: `active`, `completed`, `canceled` or `terminated`. */
  state(processInstanceId: number): string {
    return (
      this.store.find('processInstances', { where: [{ column: 'id', op: '=', value: processInstanceId }] })[0]?.state ??
      'unknown'
    );
  }

  /** Elements in the order in which they ended: `name` completed, `-name` canceled. */
  trace(processInstanceId: number): string[] {
    return this.records
      .flatMap((record) => record.events)
      .flatMap((event) => {
        if (event.type === 'elementCompleted' && event.processInstanceId === processInstanceId)
          return [event.elementId];
        if (event.type === 'elementCanceled' && event.processInstanceId === processInstanceId)
          return [`-${event.elementId}`];
        return [];
      });
  }

  /** Ids of the elements where the instance stands, sorted. */
  standing(processInstanceId: number): string[] {
    const instance = this.store.state.instances.get(processInstanceId);
    return [...(instance?.elements.values() ?? [])]
      .filter((element) => element.scopeId !== null && element.children === 0)
      .map((element) => element.elementId)
      .sort();
  }

  /** Root variables, as of now or of the end. */
  variables(processInstanceId: number): Plain {
    const rows = this.store.find('variables', { where: [{ column: 'scopeId', op: '=', value: processInstanceId }] });
    return Object.fromEntries(rows.map((row) => [row.name, row.value]));
  }

  incidents(): readonly {
    readonly id: number;
    readonly kind: string;
    readonly elementId: string;
    readonly message: string;
  }[] {
    return this.store.find('incidents');
  }

  /** Every count balances, nothing stands still for no reason, and nothing is left over. */
  check(): void {
    const { state } = this.store;
    for (const id of this.instanceIds()) {
      const instance = state.instances.get(id);
      if (instance === undefined) continue;
      assert.equal(countersBalance(instance), null);
      assert.equal(nothingStandsStill(this.store, instance), null);
      assert.equal(nothingIsMissing(state, instance), null);
    }
    assert.equal(nothingIsOrphaned(this.store), null);
  }

  /** Replays all records into a fresh store and compares the two states. */
  assertReplayEqual(): void {
    const copy = createMemoryStore();
    for (const record of this.records) {
      for (const event of structuredClone(record.events) as EngineEvent[]) apply(copy.state, event, record.at);
      copy.commit([record]);
    }
    assert.deepEqual(dump(copy, this.instanceIds()), dump(this.store, this.instanceIds()));
  }

  /** Of all that ever began. Each record is looked at once: it is asked for after every command. */
  instanceIds(): readonly number[] {
    for (; this.#looked < this.records.length; this.#looked += 1)
      for (const event of this.records[this.#looked]?.events ?? [])
        if (event.type === 'processInstanceCreated') this.#created.push(event.processInstanceId);
    return this.#created;
  }
}

type Fixture = { readonly content: string; readonly processes: readonly ProcessModel[] };
const fixtures = new Map<string, Promise<Fixture>>();

/** Each file is read once: a model never changes. */
function readFixture(name: string): Promise<Fixture> {
  const known = fixtures.get(name);
  if (known !== undefined) return known;
  const read = readFile(new URL(`${name}.bpmn`, FIXTURES), 'utf8').then(async (content) => {
    const { processes, problems } = await readProcesses(content);
    assert.deepEqual(
      problems.filter((problem) => problem.severity === 'error'),
      [],
    );
    return { content, processes };
  });
  fixtures.set(name, read);
  return read;
}

export function typed(values: Plain): Record<string, Variable> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, inferVariable(value)]));
}

function dump(store: Store, instanceIds: readonly number[]): unknown {
  return {
    instances: instanceIds.map((id) => store.state.instances.get(id)),
    externalTasks: store.find('externalTasks'),
    userTasks: store.find('userTasks'),
    timers: store.find('timers'),
    subscriptions: store.find('subscriptions'),
    incidents: store.find('incidents'),
    definitions: store.find('definitions'),
    decisions: store.find('decisions'),
    topicServers: store.find('topicServers'),
    controls: store.find('controls'),
    root: store.state.singletons.rootInstanceId,
  };
}

/** Id of the one element instance that runs of this element; 0: none does. */
export function idOf(world: World, processInstanceId: number, elementId: string): number {
  const elements = world.store.state.instances.get(processInstanceId)?.elements.values() ?? [];
  return [...elements].find((element) => element.elementId === elementId)?.id ?? 0;
}
