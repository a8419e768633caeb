/** A process instance as a test sees it: what it is asked, what can be done to it, and what it has to be like. */
import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import type { PlainValues } from '@procos/client';
import type { EngineEvent, ProcessModel, Subject, Tables } from '@procos/kernel';
import type { TestEngine } from './engine.ts';
import { TestTask } from './task.ts';
import { plainOf, variablesOf } from './values.ts';

export interface JobFailure {
  readonly message?: string;
  /** Attempts left; 0, the default: an incident. */
  readonly retries?: number;
  /** ISO-8601 duration until the next attempt; only `advance` makes it pass. */
  readonly retryAfter?: string;
}

/** Where the lines of this file are, as stacks name it. */
const HERE = import.meta.url;
/** Who works by hand. */
const HAND: Subject = { kind: 'worker', id: 'test' };
const LOCK_MS = 86_400_000;

export class TestInstance {
  readonly #engine: TestEngine;
  readonly id: number;

  constructor(engine: TestEngine, id: number) {
    this.#engine = engine;
    this.id = id;
  }

  get bpmnProcessId(): string {
    return this.#row.bpmnProcessId;
  }
  get businessKey(): string | null {
    return this.#row.businessKey;
  }
  /** `terminated`: by a terminate end event. */
  get state(): 'active' | 'completed' | 'canceled' | 'terminated' {
    return this.#row.state;
  }
  get ended(): boolean {
    return this.state !== 'active';
  }

  /** Elements where it stands now, sorted; one that is active several times is named as often. */
  get waitingAt(): readonly string[] {
    const instance = this.#engine.engine.readState((state) => state.instances.get(this.id));
    return [...(instance?.elements.values() ?? [])]
      .filter((element) => element.scopeId !== null && element.children === 0)
      .map((element) => element.elementId)
      .sort();
  }

  /** Elements that have completed, in this order; a loop names its element as often. */
  get passed(): readonly string[] {
    return this.#events.flatMap((event) => (event.type === 'elementCompleted' ? [event.elementId] : []));
  }

  /** Elements that were canceled, e.g. by an interrupting boundary event, in this order. */
  get canceled(): readonly string[] {
    return this.#events.flatMap((event) => (event.type === 'elementCanceled' ? [event.elementId] : []));
  }

  /** Sequence flows that were taken, in this order. */
  get flows(): readonly string[] {
    return this.#events.flatMap((event) => (event.type === 'elementCompleted' ? event.takenFlows : []));
  }

  /** Of the process instance itself, not of scopes inside; also when it is over. Dates are a `Date`, JSON is parsed. */
  get variables(): Readonly<Record<string, unknown>> {
    const rows = this.#engine.engine.find('variables', { where: [{ column: 'scopeId', op: '=', value: this.id }] });
    const variables: Record<string, unknown> = Object.create(null);
    for (const { name, type, value, info } of rows)
      variables[name] = plainOf({ type, value, ...(info === null ? {} : { info }) });
    return variables;
  }

  /** Where something has gone wrong, oldest first. */
  get incidents(): readonly { readonly elementId: string; readonly kind: string; readonly message: string }[] {
    return this.#engine.engine
      .find('incidents', { where: [{ column: 'processInstanceId', op: '=', value: this.id }] })
      .map(({ elementId, kind, message }) => ({ elementId, kind, message }));
  }

  /** Instances that its call activities have started, oldest first. */
  get called(): readonly TestInstance[] {
    return this.#engine.engine
      .find('processInstances', {
        where: [{ column: 'parentId', op: '=', value: this.id }],
        orderBy: [{ column: 'id' }],
      })
      .map(({ id }) => new TestInstance(this.#engine, id));
  }

  /** The user task that waits at the element; without one named, the only one. */
  task(elementId?: string): TestTask {
    if (elementId !== undefined) this.#known(elementId);
    const open = this.#engine.engine
      .find('userTasks', {
        where: [{ column: 'processInstanceId', op: '=', value: this.id }],
        orderBy: [{ column: 'id' }],
      })
      .filter((row) => elementId === undefined || row.elementId === elementId);
    const [first] = open;
    assert.ok(
      first !== undefined,
      `No user task waits${elementId === undefined ? '' : ` at ${elementId}`}. ${this.#stand()}`,
    );
    assert.ok(
      elementId !== undefined || open.length === 1,
      `More than one user task waits (${open.map((row) => row.elementId).join(', ')}): name the element.`,
    );
    return new TestTask(this.#engine, first.id);
  }

  async completeTask(elementId: string, variables: PlainValues = {}): Promise<void> {
    await this.task(elementId).complete(variables);
  }

  /** An external task (job) at the element is done by hand, as a worker would. */
  async completeJob(elementId: string, variables: PlainValues = {}, localVariables: PlainValues = {}): Promise<void> {
    const holder = await this.#take(elementId);
    const given = { variables: variablesOf(variables), localVariables: variablesOf(localVariables) };
    await this.#engine.submit({ type: 'completeExternalTask', ...holder, ...given }, HAND);
  }

  /** Its work fails: it is tried again after `retryAfter`, or stands in an incident. */
  async failJob(elementId: string, failure: JobFailure = {}): Promise<void> {
    const { message = 'failed by the test', retries = 0, retryAfter = 'PT0S' } = failure;
    const retryAfterMs = this.#engine.durationMs(retryAfter);
    const holder = await this.#take(elementId);
    await this.#engine.submit(
      { type: 'failExternalTask', ...holder, errorMessage: message, retries, retryAfterMs },
      HAND,
    );
  }

  /** Its worker reports a business error. */
  async throwError(
    elementId: string,
    errorCode: string,
    errorMessage = '',
    variables: PlainValues = {},
  ): Promise<void> {
    const holder = await this.#take(elementId);
    const given = { errorCode, errorMessage, variables: variablesOf(variables) };
    await this.#engine.submit({ type: 'throwBpmnError', ...holder, ...given }, HAND);
  }

  /** In the process instance itself. */
  async setVariables(variables: PlainValues): Promise<void> {
    const where = { processInstanceId: this.id, scopeId: this.id, local: true } as const;
    await this.#engine.submit({ type: 'setVariables', ...where, variables: variablesOf(variables) });
  }

  /** Tries everything again that stands in an incident. */
  async resolveIncidents(): Promise<void> {
    const where = [{ column: 'processInstanceId', op: '=', value: this.id }] as const;
    for (const { id, externalTaskId } of this.#engine.engine.find('incidents', { where })) {
      if (externalTaskId !== null)
        await this.#engine.submit({ type: 'setExternalTaskRetries', externalTaskId, retries: 1 });
      else await this.#engine.submit({ type: 'resolveIncident', incidentId: id });
    }
  }

  async cancel(): Promise<void> {
    await this.#engine.submit({ type: 'cancelProcessInstance', processInstanceId: this.id });
  }

  /** At each of these, perhaps also elsewhere. Throws an `AssertionError`, as all that follow. */
  assertWaitingAt(...elementIds: readonly string[]): this {
    this.#known(...elementIds);
    const { waitingAt } = this;
    this.#assert(
      elementIds.every((id) => waitingAt.includes(id)),
      `It does not wait at ${elementIds.filter((id) => !waitingAt.includes(id)).join(', ')}.`,
      waitingAt,
      elementIds,
    );
    return this;
  }

  /** At these and nowhere else. */
  assertWaitingOnlyAt(...elementIds: readonly string[]): this {
    this.#known(...elementIds);
    const wanted = [...elementIds].sort();
    this.#assert(
      isSame(this.waitingAt, wanted),
      `It does not wait at ${wanted.join(', ')} and nowhere else.`,
      this.waitingAt,
      wanted,
    );
    return this;
  }

  assertNotWaitingAt(...elementIds: readonly string[]): this {
    this.#known(...elementIds);
    const found = this.waitingAt.filter((id) => elementIds.includes(id));
    this.#assert(found.length === 0, `It waits at ${found.join(', ')}.`, this.waitingAt, []);
    return this;
  }

  /** Each has completed at least once, in whatever order. */
  assertPassed(...elementIds: readonly string[]): this {
    this.#known(...elementIds);
    const missing = elementIds.filter((id) => !this.passed.includes(id));
    this.#assert(missing.length === 0, `It has not passed ${missing.join(', ')}.`, this.passed, elementIds);
    return this;
  }

  /** They have completed in this order, others perhaps in between. */
  assertPassedInOrder(...elementIds: readonly string[]): this {
    this.#known(...elementIds);
    let at = 0;
    for (const id of this.passed) if (id === elementIds[at]) at += 1;
    this.#assert(
      at === elementIds.length,
      `It has not passed ${elementIds.join(', ')} in this order: ${elementIds[at]} is missing.`,
      this.passed,
      elementIds,
    );
    return this;
  }

  assertNotPassed(...elementIds: readonly string[]): this {
    this.#known(...elementIds);
    const found = elementIds.filter((id) => this.passed.includes(id));
    this.#assert(found.length === 0, `It has passed ${found.join(', ')}.`, this.passed, []);
    return this;
  }

  /** It is over, by reaching an end; where ids are given each of them was passed. */
  assertEnded(...endEventIds: readonly string[]): this {
    const reached = this.state === 'completed' || this.state === 'terminated';
    this.#assert(reached, `It has not ended: it is ${this.state}.`, this.state, 'completed');
    return this.assertPassed(...endEventIds);
  }

  assertActive(): this {
    this.#assert(this.state === 'active', `It is not active: it is ${this.state}.`, this.state, 'active');
    return this;
  }

  assertCanceled(): this {
    this.#assert(this.state === 'canceled', `It was not canceled: it is ${this.state}.`, this.state, 'canceled');
    return this;
  }

  /** It has these variables with these values, compared deeply and strictly, perhaps others as well. */
  assertVariables(expected: PlainValues): this {
    const { variables } = this;
    const actual = Object.fromEntries(Object.keys(expected).map((name) => [name, variables[name]]));
    try {
      assert.deepEqual(actual, { ...expected });
    } catch {
      const wrong = Object.keys(expected).filter((name) => !isEqual(actual[name], expected[name]));
      const texts = wrong.map((name) => `${name} is ${inspect(actual[name])}, not ${inspect(expected[name])}`);
      this.#assert(false, `Its variables are not as they should be: ${texts.join('; ')}.`, actual, expected);
    }
    return this;
  }

  /** Something has gone wrong at the element; `message` is a part of it, or a pattern. */
  assertIncident(elementId: string, message?: string | RegExp): this {
    this.#known(elementId);
    const found = this.incidents.filter((incident) => incident.elementId === elementId);
    this.#assert(found.length > 0, `There is no incident at ${elementId}.`, this.incidents, elementId);
    if (message === undefined) return this;
    const fits = found.some((one) =>
      typeof message === 'string' ? one.message.includes(message) : message.test(one.message),
    );
    this.#assert(
      fits,
      `The incident at ${elementId} says '${found[0]?.message}', not ${String(message)}.`,
      found,
      message,
    );
    return this;
  }

  assertNoIncidents(): this {
    this.#assert(this.incidents.length === 0, 'There are incidents.', this.incidents, []);
    return this;
  }

  /** Locks the oldest task at the element, as its worker would. */
  async #take(elementId: string): Promise<{ readonly externalTaskId: number; readonly workerId: string }> {
    this.#known(elementId);
    const [task] = this.#engine.engine
      .find('externalTasks', {
        where: [{ column: 'processInstanceId', op: '=', value: this.id }],
        orderBy: [{ column: 'id' }],
      })
      .filter((row) => row.elementId === elementId);
    assert.ok(task !== undefined, `No job waits at ${elementId}. ${this.#stand()}`);
    const workerId = HAND.id;
    await this.#engine.run({ type: 'lockExternalTask', externalTaskId: task.id, workerId, lockMs: LOCK_MS }, HAND);
    return { externalTaskId: task.id, workerId };
  }

  get #row(): Tables['processInstances'] {
    const [row] = this.#engine.engine.find('processInstances', { where: [{ column: 'id', op: '=', value: this.id }] });
    assert.ok(row !== undefined, `There is no process instance ${this.id}.`);
    return row;
  }

  get #model(): ProcessModel | undefined {
    return this.#engine.engine.model(this.#row.definitionId);
  }

  /** What has happened in it. */
  get #events(): readonly EngineEvent[] {
    return this.#engine.eventsOf(this.id);
  }

  /** An id that is written wrongly would make half of the assertions true. */
  #known(...elementIds: readonly string[]): void {
    const elements = this.#model?.elements ?? {};
    const unknown = elementIds.find((id) => elements[id] === undefined);
    if (unknown === undefined) return;
    const known = Object.keys(elements).filter((id) => id !== this.bpmnProcessId);
    const message = `Process ${this.bpmnProcessId} has no element '${unknown}'; it has: ${known.join(', ')}.`;
    throw atCaller(new assert.AssertionError({ message }));
  }

  #assert(holds: boolean, message: string, actual: unknown, expected: unknown): void {
    if (!holds) throw atCaller(new assert.AssertionError({ message: `${message} ${this.#stand()}`, actual, expected }));
  }

  /** For messages: what a person would look at first. */
  #stand(): string {
    const { state, waitingAt, passed, incidents } = this;
    return [
      `Instance ${this.id} of ${this.bpmnProcessId} is ${state}`,
      waitingAt.length === 0 ? '' : `, waits at ${waitingAt.join(', ')}`,
      passed.length === 0 ? ', has passed nothing' : `, has passed ${passed.join(', ')}`,
      ...incidents.map(({ elementId, message }) => `, incident at ${elementId}: ${message}`),
    ].join('');
  }
}

/** The stack begins in the test. */
function atCaller(error: assert.AssertionError): assert.AssertionError {
  const lines = (error.stack ?? '').split('\n');
  error.stack = lines.filter((line) => !line.includes(HERE) && !/^ {4}at new AssertionError /.test(line)).join('\n');
  return error;
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((value, at) => value === other[at]);
}

function isEqual(one: unknown, other: unknown): boolean {
  try {
    assert.deepEqual(one, other);
    return true;
  } catch {
    return false;
  }
}
