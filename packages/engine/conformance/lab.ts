/** Where the story of a cell runs: its model goes through the reader and the deploy check, then the engine runs it. */
import assert from 'node:assert/strict';
import { type Dialect, type Problem, type ReadOptions, readProcesses, type Variable } from '@procos/bpmn';
import { type Plain, typed, World } from '../stories/world.ts';
import { Draft, KEY } from './draft.ts';

export const HOUR = 3_600_000;

export class Lab {
  readonly draft: Draft;
  readonly world: World = new World();
  /** The instance that was started last. */
  id = 0;
  /** Warnings of the last deployment that are not about style. */
  warnings: readonly Problem[] = [];

  constructor(dialect: Dialect) {
    this.draft = new Draft(dialect);
  }

  /** Deploys process `p` with this content. */
  async deploy(content: string, id = 'p', attributes = '', extensions = ''): Promise<void> {
    await this.deployFile(this.draft.file(content, id, attributes, extensions));
  }

  async deployFile(xml: string, options: ReadOptions = {}): Promise<void> {
    const { processes, problems } = await readProcesses(xml, options);
    assert.deepEqual(
      problems.filter(({ severity }) => severity === 'error').map(({ rule, message }) => `${rule}: ${message}`),
      [],
    );
    assert.ok(processes.length > 0, 'the file has an executable process');
    this.warnings = problems.filter(({ rule }) => !rule.startsWith('bpmnlint/'));
    const outcome = this.world.deployModels('model.bpmn', xml, processes);
    assert.ok(outcome.ok, JSON.stringify(outcome));
  }

  /** The deploy check must refuse the content, by this rule and with a message that matches. */
  async refuses(rule: string, message: RegExp, content: string, attributes = ''): Promise<void> {
    const { processes, problems } = await readProcesses(this.draft.file(content, 'p', attributes));
    assert.deepEqual(processes, []);
    const found = problems.filter((problem) => problem.severity === 'error');
    assert.ok(
      found.some((problem) => problem.rule === rule && message.test(problem.message)),
      `${rule} ${message} among ${JSON.stringify(found.map((one) => [one.rule, one.message]))}`,
    );
  }

  /** The last deployment warned that a setting has no effect. */
  assertNoEffect(message: RegExp): void {
    assert.ok(
      this.warnings.some((one) => one.rule === 'setting-without-effect' && message.test(one.message)),
      JSON.stringify(this.warnings),
    );
  }

  start(variables: Plain = {}, id = 'p', businessKey: string | null = KEY): number {
    this.id = this.world.start(id, variables, businessKey);
    return this.id;
  }

  /** Topics of all external tasks that wait, sorted. */
  get open(): string[] {
    return this.world.store
      .find('externalTasks')
      .map(({ topic }) => topic)
      .sort();
  }

  get state(): string {
    return this.world.state(this.id);
  }

  get trace(): string[] {
    return this.world.trace(this.id);
  }

  get standing(): string[] {
    return this.world.standing(this.id);
  }

  get variables(): Plain {
    return this.world.variables(this.id);
  }

  get instances(): number {
    return this.world.store.find('processInstances').length;
  }

  get incidents(): readonly string[] {
    return this.world.incidents().map(({ kind, elementId }) => `${kind} at ${elementId}`);
  }

  get warned(): readonly string[] {
    return this.world.store.find('warnings').map(({ message }) => message);
  }

  times(elementId: string): number {
    return this.world.instanceIds().flatMap((id) => this.world.trace(id).filter((one) => one === elementId)).length;
  }

  work(topic: string, variables: Plain = {}, localVariables: Plain = {}) {
    return this.world.work(topic, variables, localVariables);
  }

  /** The values a worker is given with a task of the topic, which stays locked. */
  seen(topic: string): Plain {
    const { variables } = this.world.fetch(topic);
    return Object.fromEntries(Object.entries(variables).map(([name, { value }]) => [name, value]));
  }

  /** A worker reports a business error. */
  fail(topic: string, errorCode: string, errorMessage: string | null = null, variables: Plain = {}): void {
    const { task } = this.world.fetch(topic);
    this.world.do({
      type: 'throwBpmnError',
      externalTaskId: task.id,
      workerId: 'w',
      errorCode,
      errorMessage,
      variables: typed(variables),
    });
  }

  /** As each dialect has messages delivered: correlated now, or published with the key of every draft. */
  send(name: string, variables: Plain = {}, key: string = KEY): void {
    const values: Record<string, Variable> = typed(variables);
    if (this.draft.isCamunda7) this.world.do({ type: 'correlateMessage', name, variables: values, all: false });
    else
      this.world.do({
        type: 'publishMessage',
        name,
        correlationKey: key,
        timeToLiveMs: 0,
        variables: values,
      });
  }

  broadcast(name: string, variables: Plain = {}): void {
    this.world.do({ type: 'broadcastSignal', name, variables: typed(variables) });
  }

  set(variables: Plain): void {
    const where = { processInstanceId: this.id, scopeId: this.id, local: false };
    this.world.do({ type: 'setVariables', ...where, variables: typed(variables) });
  }

  advance(ms: number): void {
    this.world.advance(ms);
  }

  /** The first user task that waits. */
  get userTask() {
    const [task] = this.world.store.find('userTasks');
    assert.ok(task !== undefined, 'a user task waits');
    return task;
  }

  completeUserTask(variables: Plain = {}): void {
    this.world.do({ type: 'completeUserTask', userTaskId: this.userTask.id, variables: typed(variables) });
  }

  /** The element instance of an element that is active in the last instance. */
  instanceOf(elementId: string): number {
    const elements = this.world.store.state.instances.get(this.id)?.elements.values() ?? [];
    return [...elements].find((one) => one.elementId === elementId)?.id ?? 0;
  }
}
