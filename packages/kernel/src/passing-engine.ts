/** An engine that passes everything on to another one: for those that do one thing of their own on the way. */
import type { ProcessModel } from '@procos/bpmn';
import type {
  CommandOf,
  CommandType,
  Definition,
  ExternalTask,
  LogRecord,
  Outcome,
  Rejection,
  ReplyOf,
  RequestKey,
  Subject,
} from '@procos/engine';
import type { Page, Query, TableName, Tables } from '@procos/store';
import type { KeptPolicy } from './policy/owner-policy.ts';
import type {
  CheckFindings,
  DeployOutcome,
  DeployRequest,
  EffectiveCapabilities,
  InstanceLimits,
  KeptAnswer,
  LargeValues,
  ProcessEngine,
} from './process-engine.ts';

export class PassingEngine implements ProcessEngine {
  protected readonly inner: ProcessEngine;

  constructor(inner: ProcessEngine) {
    this.inner = inner;
  }

  submit<T extends CommandType>(command: CommandOf<T>, by: Subject, key?: RequestKey): Promise<Outcome<ReplyOf<T>>> {
    return this.inner.submit(command, by, key);
  }
  fetchAndLock(
    command: CommandOf<'fetchAndLock'>,
    by: Subject,
    wait: Parameters<ProcessEngine['fetchAndLock']>[2],
    key?: RequestKey,
  ): Promise<Outcome<ReplyOf<'fetchAndLock'>>> {
    return this.inner.fetchAndLock(command, by, wait, key);
  }
  deploy(request: DeployRequest, by: Subject, key?: RequestKey): Promise<DeployOutcome> {
    return this.inner.deploy(request, by, key);
  }
  check(request: DeployRequest, by: Subject): Promise<CheckFindings> {
    return this.inner.check(request, by);
  }
  answer(key: string): KeptAnswer | undefined {
    return this.inner.answer(key);
  }
  find<T extends TableName>(table: T, query?: Query<Tables[T]>): readonly Tables[T][] {
    return this.inner.find(table, query);
  }
  count<T extends TableName>(table: T, query?: Query<Tables[T]>): number {
    return this.inner.count(table, query);
  }
  page<T extends TableName>(table: T, query?: Query<Tables[T]>): Page<Tables[T]> {
    return this.inner.page(table, query);
  }
  externalTask(externalTaskId: number): ExternalTask | undefined {
    return this.inner.externalTask(externalTaskId);
  }
  definition(definitionId: number): Definition | undefined {
    return this.inner.definition(definitionId);
  }
  latestDefinition(bpmnProcessId: string, tenantId: string | null): Definition | undefined {
    return this.inner.latestDefinition(bpmnProcessId, tenantId);
  }
  model(definitionId: number): ProcessModel | undefined {
    return this.inner.model(definitionId);
  }
  policy(): KeptPolicy {
    return this.inner.policy();
  }
  setPolicy(policy: unknown, why: string, by: Subject): Promise<Outcome<{ readonly tasks: number }>> {
    return this.inner.setPolicy(policy, why, by);
  }
  capabilitiesOf(processInstanceId: number): EffectiveCapabilities | undefined {
    return this.inner.capabilitiesOf(processInstanceId);
  }
  startRefusal(definitionId: number): Rejection | undefined {
    return this.inner.startRefusal(definitionId);
  }
  limitsOf(processInstanceId: number): InstanceLimits | undefined {
    return this.inner.limitsOf(processInstanceId);
  }
  records(after: number, limit: number): readonly LogRecord[] {
    return this.inner.records(after, limit);
  }
  onCommitted(listener: (records: readonly LogRecord[]) => void): () => void {
    return this.inner.onCommitted(listener);
  }
  get largeValues(): LargeValues {
    return this.inner.largeValues;
  }
  get queued(): number {
    return this.inner.queued;
  }
  keepUp(): boolean {
    return this.inner.keepUp();
  }
  get firstSequence(): number {
    return this.inner.firstSequence;
  }
  get lastSequence(): number {
    return this.inner.lastSequence;
  }
  now(): number {
    return this.inner.now();
  }
}
