/** The test kit's engine: that of the server, in memory, under a virtual clock, with workers that are functions. */
import assert from 'node:assert/strict';
import { isSystemProcess, type Problem, parseDurationMs, readInstant } from '@procos/bpmn';
import type { PlainValues, WorkerLogger } from '@procos/client';
import {
  type Command,
  type CommandOf,
  createBareEngine,
  type EmbeddedEngine,
  type EngineEvent,
  type Json,
  type ReplyOf,
  type Subject,
} from '@procos/kernel';
import { type PureHandlers, pureHandlers } from '@procos/workers';
import { VirtualClock } from './clock.ts';
import { type Coverage, MOCK_SUFFIX, coverage as shared } from './coverage/coverage.ts';
import { TestInstance } from './instance.ts';
import { type Resource, readResources } from './resources.ts';
import { TestTask } from './task.ts';
import { variablesOf } from './values.ts';
import { type Calls, type Work, Workforce, type WorkOptions } from './work.ts';

export interface TestEngineOptions {
  /** Deployed together, as one deployment: as on the server a finding that is an error refuses all of it. */
  readonly resources?: readonly Resource[];
  /** When the virtual clock begins; ISO-8601 or a `Date`. Default 2026-01-01T00:00:00Z. */
  readonly now?: Date | string;
  /** IANA time zone for calendar timers and FEEL. Default UTC. */
  readonly zone?: string;
  /** Topics for Java classes and delegate expressions, as the setting `delegates` of the server. */
  readonly delegates?: Readonly<Record<string, string>>;
  /** Where passed paths are counted; null: nowhere. Default: `coverage`, that of this process. */
  readonly coverage?: Coverage | null;
  /** Settings of the built-in workers that run here, by environment variable. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface Start {
  readonly variables?: PlainValues;
  readonly businessKey?: string;
  /** Default: the latest. */
  readonly version?: number;
  readonly tenantId?: string;
  /** Begin before these elements instead of at the start event: a test of the later part of a process. */
  readonly before?: readonly string[];
}

/** Camunda 7. */
export interface Correlation {
  readonly businessKey?: string;
  readonly instance?: TestInstance;
  readonly correlationKeys?: PlainValues;
  readonly variables?: PlainValues;
  readonly tenantId?: string;
  /** To all that wait instead of exactly one. */
  readonly all?: boolean;
}

/** Camunda 8. */
export interface Publication {
  readonly correlationKey?: string;
  readonly variables?: PlainValues;
  /** ISO-8601 duration that it is kept for who comes later. Default: not at all. */
  readonly timeToLive?: string;
  readonly tenantId?: string;
  readonly messageId?: string;
}

export interface DecisionResult {
  /** As Camunda 8 and FEEL have it. */
  readonly value: Json;
  /** As Camunda 7 gives it: for every rule that counts a map of its outputs. */
  readonly rules: readonly Readonly<Record<string, Json>>[];
  readonly warnings: readonly string[];
}

const DEFAULT_NOW = '2026-01-01T00:00:00Z';
const BY: Subject = { kind: 'user', id: 'test' };
const KERNEL: Subject = { kind: 'kernel', id: 'test' };
/** Timers of one instant that are read at once. */
const BATCH = 128;
/** Instants that one `advance` passes; more can only be a cycle that is shorter than it was meant. */
const MOST_INSTANTS = 100_000;
const SILENT: WorkerLogger = { debug() {}, info() {}, warn() {}, error() {} };

/** Throws an `Error` with all findings of the deploy check where `resources` are refused. */
export async function createTestEngine(options: TestEngineOptions = {}): Promise<TestEngine> {
  const engine = new TestEngine(options);
  if (options.resources !== undefined) await engine.deploy(...options.resources);
  return engine;
}

export class TestEngine {
  readonly #clock: VirtualClock;
  readonly #zone: string;
  readonly #engine: EmbeddedEngine;
  readonly #workforce: Workforce;
  readonly #builtIn: PureHandlers;
  /** What has happened in each process instance. */
  readonly #events = new Map<number, EngineEvent[]>();
  #failure: unknown;

  constructor(options: TestEngineOptions) {
    const { zone = 'UTC', delegates, coverage = shared, settings = {} } = options;
    this.#zone = zone;
    this.#clock = new VirtualClock(instantOf(options.now ?? DEFAULT_NOW, zone));
    this.#engine = createBareEngine({
      clock: this.#clock,
      zone,
      ...(delegates === undefined ? {} : { delegates }),
      onAssertion: (_, error) => {
        this.#failure = error;
      },
    });
    this.#engine.onCommitted((records) => {
      for (const event of records.flatMap((record) => record.events)) this.#note(event);
    });
    coverage?.follow(this.#engine);
    this.#workforce = new Workforce(this.#engine);
    this.#builtIn = pureHandlers(settings, SILENT);
    for (const [topic, handler] of this.#builtIn.handlers) this.#workforce.set(topic, handler);
  }

  /** As the processes see it. */
  get now(): Date {
    return new Date(this.#engine.now());
  }

  /** Throws an `Error` with all findings where something is refused; gives the warnings. */
  async deploy(...resources: readonly Resource[]): Promise<readonly Problem[]> {
    return this.#deploy(resources, null, BY);
  }

  async #deploy(resources: readonly Resource[], source: string | null, by: Subject): Promise<readonly Problem[]> {
    const files = readResources(resources);
    const request = { name: 'test', source, tenantId: null, resources: files, skipUnchanged: false };
    const outcome = await this.#engine.deploy(request, by);
    const findings = outcome.ok ? outcome.warnings : outcome.findings;
    const texts = findings.flatMap(({ resource, problems }) =>
      problems
        .filter(({ severity }) => severity === 'error')
        .map(({ rule, message, line, elementId }) => `${resource}:${line} ${elementId ?? ''} ${rule}: ${message}`),
    );
    if (!outcome.ok) throw new Error(`The deployment was refused.\n${texts.join('\n')}`);
    await this.settle();
    return findings.flatMap(({ problems }) => problems);
  }

  /**
   * From now on tasks (jobs) of this topic (type) are done by `work`, at once: by a handler as `createWorker` takes it, or by an
   * object of variables that is the answer to each. A later call replaces it. Gives what it was called with.
   * Without a worker tasks wait, for `completeJob` and the like.
   */
  worker(topic: string, work: Work, options: WorkOptions = {}): Calls {
    return this.#workforce.set(topic, work, options);
  }

  /** Tasks of the topic wait from now on. */
  removeWorker(topic: string): void {
    this.#workforce.remove(topic);
  }

  /**
   * A stand-in for a process that others call, also for one of the system: deploys a process with this id that does nothing but `work`. Variables that the
   * work answers with are those of the stand-in, from which the caller's output mappings take.
   */
  async mockProcess(bpmnProcessId: string, work: Work): Promise<Calls> {
    assert.match(bpmnProcessId, /^[A-Za-z_][\w.-]*$/, `'${bpmnProcessId}' is no process id.`);
    const topic = `mock:${bpmnProcessId}`;
    const file = { name: `${bpmnProcessId}${MOCK_SUFFIX}`, content: mockOf(bpmnProcessId, topic) };
    await this.#deploy([file], isSystemProcess(bpmnProcessId) ? 'system' : null, KERNEL);
    return this.worker(topic, work);
  }

  async start(bpmnProcessId: string, start: Start = {}): Promise<TestInstance> {
    const { variables = {}, businessKey = null, version, tenantId, before = [] } = start;
    const outcome = await this.submit({
      type: 'createProcessInstance',
      definition: {
        bpmnProcessId,
        ...(version === undefined ? {} : { version }),
        ...(tenantId === undefined ? {} : { tenantId }),
      },
      businessKey,
      variables: variablesOf(variables),
      ...(before.length === 0
        ? {}
        : { startInstructions: before.map((elementId) => ({ kind: 'startBefore', elementId }) as const) }),
    });
    return new TestInstance(this, outcome.processInstanceId);
  }

  /** All that have begun, oldest first, also those that are over; of one process where one is named. */
  instances(bpmnProcessId?: string): readonly TestInstance[] {
    return this.#engine
      .find('processInstances', { orderBy: [{ column: 'id' }] })
      .filter((row) => bpmnProcessId === undefined || row.bpmnProcessId === bpmnProcessId)
      .map(({ id }) => new TestInstance(this, id));
  }

  /** The one that has begun last, e.g. by a message or a timer. */
  lastInstance(bpmnProcessId?: string): TestInstance {
    const instance = this.instances(bpmnProcessId).at(-1);
    assert.ok(
      instance !== undefined,
      `No instance ${bpmnProcessId === undefined ? '' : `of ${bpmnProcessId} `}has begun.`,
    );
    return instance;
  }

  /** User tasks that wait, oldest first. */
  tasks(): readonly TestTask[] {
    return this.#engine.find('userTasks', { orderBy: [{ column: 'id' }] }).map(({ id }) => new TestTask(this, id));
  }

  /** Camunda 7: to exactly one that waits, or a start event; refused when there is none or more than one. */
  async correlateMessage(name: string, correlation: Correlation = {}): Promise<void> {
    const { businessKey, instance, correlationKeys, variables = {}, tenantId, all = false } = correlation;
    await this.submit({
      type: 'correlateMessage',
      name,
      all,
      variables: variablesOf(variables),
      ...(businessKey === undefined ? {} : { businessKey }),
      ...(instance === undefined ? {} : { processInstanceId: instance.id }),
      ...(correlationKeys === undefined ? {} : { correlationKeys: correlationKeys as Record<string, Json> }),
      ...(tenantId === undefined ? {} : { tenantId }),
    });
  }

  /** Camunda 8: by correlation key; kept for `timeToLive` when nobody waits, else lost. */
  async publishMessage(name: string, publication: Publication = {}): Promise<void> {
    const { correlationKey = '', variables = {}, timeToLive, tenantId, messageId } = publication;
    await this.submit({
      type: 'publishMessage',
      name,
      correlationKey,
      timeToLiveMs: timeToLive === undefined ? 0 : this.durationMs(timeToLive),
      variables: variablesOf(variables),
      ...(tenantId === undefined ? {} : { tenantId }),
      ...(messageId === undefined ? {} : { uniqueId: messageId }),
    });
  }

  /** To all that wait for it, and to all start events. */
  async broadcastSignal(name: string, variables: PlainValues = {}): Promise<void> {
    await this.submit({ type: 'broadcastSignal', name, variables: variablesOf(variables) });
  }

  /** Starts every process with a conditional start event that holds for the variables. */
  async evaluateConditions(
    variables: PlainValues,
    businessKey: string | null = null,
  ): Promise<readonly TestInstance[]> {
    const command = { type: 'evaluateConditions', variables: variablesOf(variables), businessKey } as const;
    const { started } = await this.submit<'evaluateConditions'>(command);
    return started.map(({ processInstanceId }) => new TestInstance(this, processInstanceId));
  }

  /** Evaluates a decision by itself, the latest version. */
  async evaluateDecision(decisionId: string, variables: PlainValues = {}): Promise<DecisionResult> {
    const command = { type: 'evaluateDecision', decision: { decisionId }, variables: variablesOf(variables) } as const;
    const { value, ruleResults, warnings } = await this.submit<'evaluateDecision'>(command);
    return { value, rules: ruleResults, warnings };
  }

  /**
   * Lets time pass: everything that falls due until then happens at its instant, in order, and the workers work in between.
   * ISO-8601, e.g. `PT1H`, `P1M`.
   */
  async advance(duration: string): Promise<void> {
    await this.#advanceTo(this.#engine.now() + this.durationMs(duration));
  }

  /** Never back. ISO-8601 or a `Date`. */
  async advanceTo(instant: Date | string): Promise<void> {
    const until = instantOf(instant, this.#zone);
    assert.ok(
      until >= this.#engine.now(),
      `It is ${this.now.toISOString()} already: time does not go back to ${new Date(until).toISOString()}.`,
    );
    await this.#advanceTo(until);
  }

  /** To the next instant at which something is due, and lets that happen. Throws when nothing ever is. */
  async advanceToNext(): Promise<void> {
    const next = this.#nextDueAt();
    assert.ok(next !== undefined, 'Nothing is due: no timer, no message that expires, no task that is tried again.');
    await this.#advanceTo(Math.max(next, this.#engine.now()));
  }

  /** Lets the workers work until nobody has anything to do; what changes something does so by itself. */
  async settle(): Promise<void> {
    // What is due already, e.g. an asynchronous continuation, is no business of the clock's.
    for (let passes = 0; ; passes += 1) {
      await this.#workforce.settle();
      const next = this.#nextDueAt();
      if (next === undefined || next > this.#engine.now()) return;
      assert.ok(passes < MOST_INSTANTS, 'What is due at this very instant does not come to an end: the model loops.');
      await this.#trigger();
    }
  }

  /** Ends the processes that scripts run in; the engine itself needs no end. */
  close(): void {
    this.#builtIn.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  /** The engine of the server, for what has no word here: queries, and commands by `submit`. */
  get engine(): EmbeddedEngine {
    return this.#engine;
  }

  /** Runs a command and lets the workers work. Throws an `Error` with the reason when it is refused. */
  async submit<T extends Command['type']>(command: CommandOf<T>, by: Subject = BY): Promise<ReplyOf<T>> {
    const reply = await this.run<T>(command, by);
    await this.settle();
    return reply;
  }

  /** As `submit`, without letting the workers work. */
  async run<T extends Command['type']>(command: CommandOf<T>, by: Subject): Promise<ReplyOf<T>> {
    try {
      const outcome = await this.#engine.submit<T>(command, by);
      if (outcome.ok) return outcome.value;
      throw new Error(outcome.rejection.message);
    } catch (error) {
      // A fault of the engine itself: its own words rather than those for a client.
      throw this.#failure ?? error;
    }
  }

  async #advanceTo(until: number): Promise<void> {
    await this.settle();
    for (let instants = 0; ; instants += 1) {
      const next = this.#nextDueAt();
      if (next === undefined || next > until) break;
      assert.ok(
        instants < MOST_INSTANTS,
        `Something was due at ${MOST_INSTANTS} instants before ${new Date(until).toISOString()}: is a timer cycle too short?`,
      );
      this.#clock.moveTo(next);
      await this.#trigger();
      await this.settle();
    }
    this.#clock.moveTo(until);
  }

  #nextDueAt(): number | undefined {
    const { timers, messages } = this.#engine.readState((state) => state);
    const instants = [timers.nextDueAt(), messages.nextExpiryAt(), this.#workforce.nextAttemptAt];
    const known = instants.filter((instant) => instant !== undefined);
    return known.length === 0 ? undefined : Math.min(...known);
  }

  /** What is due now, as the server's alarm does it: of one instant that of the highest priority first. */
  async #trigger(): Promise<void> {
    const now = this.#engine.now();
    const { timers, messages } = this.#engine.readState((state) => state);
    const due = timers
      .due(now, BATCH)
      .toSorted((one, other) => one.dueAt - other.dueAt || other.priority - one.priority);
    const expired = messages.expired(now, BATCH).map(({ id }) => id);
    for (const { id: timerId } of due) {
      if (timers.due(now, BATCH).some((timer) => timer.id === timerId))
        await this.run({ type: 'triggerTimer', timerId }, KERNEL);
      await this.#workforce.settle();
    }
    if (expired.length > 0) await this.run({ type: 'expireMessages', messageIds: expired }, KERNEL);
  }

  /** In order. */
  eventsOf(processInstanceId: number): readonly EngineEvent[] {
    return this.#events.get(processInstanceId) ?? [];
  }

  #note(event: EngineEvent): void {
    if (!('processInstanceId' in event) || event.processInstanceId === null) return;
    const known = this.#events.get(event.processInstanceId);
    if (known === undefined) this.#events.set(event.processInstanceId, [event]);
    else known.push(event);
  }

  /** Of an ISO-8601 duration that begins now. */
  durationMs(duration: string): number {
    const length = parseDurationMs(duration, this.#engine.now(), this.#zone);
    assert.ok(length.ok && length.ms >= 0, `'${duration}' is no ISO-8601 duration, as PT1H or P1D is.`);
    return length.ms;
  }
}

function instantOf(given: Date | string, zone: string): number {
  if (given instanceof Date) {
    assert.ok(!Number.isNaN(given.getTime()), 'The date given is an invalid one.');
    return given.getTime();
  }
  const read = readInstant(given, zone);
  assert.ok(read.ok, `'${given}': ${read.ok ? '' : read.message}`);
  return read.value;
}

function mockOf(id: string, topic: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:procos="http://procos.dev/schema/1.0" id="d" targetNamespace="http://procos.dev/testing">
  <bpmn:process id="${id}" isExecutable="true">
    <bpmn:extensionElements><procos:security><procos:allowedTasks><procos:task topic="${topic}" /></procos:allowedTasks></procos:security></bpmn:extensionElements>
    <bpmn:startEvent id="start"><bpmn:outgoing>begin</bpmn:outgoing></bpmn:startEvent>
    <bpmn:serviceTask id="mock" camunda:type="external" camunda:topic="${topic}"><bpmn:incoming>begin</bpmn:incoming><bpmn:outgoing>done</bpmn:outgoing></bpmn:serviceTask>
    <bpmn:endEvent id="end"><bpmn:incoming>done</bpmn:incoming></bpmn:endEvent>
    <bpmn:sequenceFlow id="begin" sourceRef="start" targetRef="mock" />
    <bpmn:sequenceFlow id="done" sourceRef="mock" targetRef="end" />
  </bpmn:process>
</bpmn:definitions>`;
}
