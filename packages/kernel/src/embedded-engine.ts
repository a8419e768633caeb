/** The embedded engine: the port of the faces over the command loop, the store and the waiters. */
import { createHash } from 'node:crypto';
import { declaredByUse, jsonOf, type ProcessModel, type ReadResult, readDecisions, withImports } from '@procos/bpmn';
import type {
  Command,
  CommandOf,
  CommandType,
  Definition,
  ExternalTask,
  LogRecord,
  NewDecision,
  Outcome,
  Rejection,
  ReplyOf,
  RequestKey,
  State,
  Subject,
  Undeclared,
} from '@procos/engine';
import { allBounds, niceOf, POLICY_DEPLOYMENT, startRefusal, together, usedOf } from '@procos/engine';
import {
  type Page,
  type Query,
  StorageFull,
  type Store,
  StoreFailure,
  type TableName,
  type Tables,
} from '@procos/store';
import { BOOT } from './boot.ts';
import { checkDeployment, type Findings, type Read, type ReadDecisionFile } from './deploy-check.ts';
import { checkServedTopics } from './deployment/served-topics.ts';
import { APPROVAL_NEEDED, type FourEyes } from './identity/four-eyes.ts';
import type { ReadBefore } from './kernel-options.ts';
import type { Gate, Question } from './kernel-port.ts';
import type { LargeValueKeeper } from './large-values.ts';
import { type CommandLoop, storageFull } from './loop.ts';
import { shutByModel } from './policy/access.ts';
import { KEPT_DEPLOYMENT, SHIPPED_DEPLOYMENT, SYSTEM_SOURCE } from './policy/decide.ts';
import { type KeptPolicy, OwnerPolicy } from './policy/owner-policy.ts';
import { changesBatch, removesSystem, reservedTopic, systemProcess, touchesRoot } from './policy/reserved.ts';
import { namedSystemProcesses } from './policy/system-uses.ts';
import {
  type CheckFindings,
  type DeployFindings,
  type DeployOutcome,
  type DeployRequest,
  type EffectiveCapabilities,
  type InstanceLimits,
  type KeptAnswer,
  type LargeValues,
  type ProcessEngine,
  Unavailable,
} from './process-engine.ts';
import { startProblem } from './system-calls/file-names.ts';
import type { Wait, Waiters } from './waiters.ts';
import type { WorkerRegistry } from './workers/registry.ts';

export interface EmbeddedEngineOptions {
  readonly loop: CommandLoop;
  readonly store: Store;
  readonly waiters: Waiters;
  readonly largeValues: LargeValueKeeper;
  readonly workers: WorkerRegistry;
  readonly gate: Gate;
  /** The roles that models may hold against who asks; undefined: none. */
  readonly rolesOf?: (by: Subject) => readonly string[] | undefined;
  /** Absent: an engine of which nothing is kept. */
  readonly fourEyes?: FourEyes;
  readonly readProcesses: (xml: string) => ReadResult | Promise<ReadResult>;
  /** What reading would give for one of the shipped files, where that is known. */
  readonly readBefore?: ReadBefore;
  /** Topics that the kernel serves. */
  readonly systemCalls: ReadonlySet<string>;
  /** Default: `open`. */
  readonly undeclared?: Undeclared;
  /** See the engine's context; default: false. */
  readonly systemByName?: boolean;
  /** Who may is let pin the clock; default: false, nobody. */
  readonly pinnableClock?: boolean;
  /** Whether a backup of this name is there; default: none is. */
  readonly hasBackup?: (name: string) => boolean;
}

/** Of deployments from the source `system`. */
const RESERVED_NAMES: ReadonlySet<string> = new Set([SHIPPED_DEPLOYMENT, KEPT_DEPLOYMENT]);
const RESTORE_PROCESS = 'procos_system_restore';
/** Commands that begin new work; refused while the system shuts down. */
const NEW_WORK: ReadonlySet<CommandType> = new Set(['deploy', 'createProcessInstance', 'fetchAndLock']);

const TURNS_CLOCK: ReadonlySet<CommandType> = new Set(['pinClock', 'resetClock']);
const WALL_CLOCK_ONLY =
  'The clock of this system follows the wall clock. On a system for tests it can be pinned: start it with --clock pinnable';

export class EmbeddedEngine implements ProcessEngine {
  readonly #options: EmbeddedEngineOptions;
  readonly #policy: OwnerPolicy;
  #stopping = false;

  constructor(options: EmbeddedEngineOptions) {
    this.#options = options;
    const { store, loop, undeclared = 'open' } = options;
    this.#policy = new OwnerPolicy({ store, undeclared, submit: (command, by) => loop.submit(command, by) });
  }

  /** From now on only the kernel begins new work; running work is finished as usual. */
  stopWork(): void {
    this.#stopping = true;
    this.#options.waiters.dismissAll();
  }

  /** Hands on the promise of the loop, where nothing is to be done afterwards: each one between costs turns of the microtasks. */
  submit<T extends CommandType>(
    command: CommandOf<T>,
    by: Subject,
    request?: RequestKey,
  ): Promise<Outcome<ReplyOf<T>>> {
    try {
      const settled = this.#settled(command, by, request);
      return by.kind === 'kernel' || !('workerId' in command) ? settled : this.#told(settled, command as Command);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async #told<O extends Outcome<unknown>>(settled: Promise<O>, command: Command): Promise<O> {
    const outcome = await settled;
    if (outcome.ok) this.#noteWorker(command);
    return outcome;
  }

  #settled<T extends CommandType>(
    command: CommandOf<T>,
    by: Subject,
    request?: RequestKey,
  ): Promise<Outcome<ReplyOf<T>>> {
    const rejection = this.refusal(command as Command, by, request);
    if (rejection !== undefined) return Promise.resolve({ ok: false, rejection });
    const approved = command.type === 'completeUserTask' ? this.#withApproval(command as never, by) : command;
    if (!('type' in approved)) return Promise.resolve({ ok: false, rejection: approved });
    const { loop, largeValues } = this.#options;
    const large = largeValues.concerned(approved as Command);
    if (large.length === 0) return loop.submit(approved as CommandOf<T>, by, request);
    return this.#afterLarge(approved as CommandOf<T>, large, by, request);
  }

  async #afterLarge<T extends CommandType>(
    approved: CommandOf<T>,
    large: ReturnType<LargeValueKeeper['concerned']>,
    by: Subject,
    request?: RequestKey,
  ): Promise<Outcome<ReplyOf<T>>> {
    const { loop, largeValues } = this.#options;
    const settled = await largeValues.settle(approved, large);
    if ('rejection' in settled) return { ok: false, rejection: settled.rejection };
    return loop.submit(settled.command, by, request);
  }

  #noteWorker(command: Command): void {
    const task = command.type === 'failExternalTask' ? command.externalTaskId : undefined;
    const topic = task === undefined ? undefined : this.#read(({ state }) => state.externalTasks.get(task)?.topic);
    this.#options.workers.told(command, topic);
  }

  get largeValues(): LargeValues {
    return this.#options.largeValues;
  }

  /** With what is approved by it, or why it is refused. */
  #withApproval(command: CommandOf<'completeUserTask'>, by: Subject): CommandOf<'completeUserTask'> | Rejection {
    const { fourEyes } = this.#options;
    const { approves: _, ...plain } = command;
    if (by.kind === 'kernel' || fourEyes === undefined) return plain;
    const found = this.#read((store) => fourEyes.approvalBy(command, by, store.state, this));
    if (found === undefined) return plain;
    if (typeof found === 'string')
      return { code: 'FORBIDDEN', message: found, details: { userTaskId: command.userTaskId } };
    return { ...plain, approves: found };
  }

  async fetchAndLock(
    command: CommandOf<'fetchAndLock'>,
    by: Subject,
    wait: Wait,
    request?: RequestKey,
  ): Promise<Outcome<ReplyOf<'fetchAndLock'>>> {
    const rejection = this.refusal(command, by);
    if (rejection !== undefined) return { ok: false, rejection };
    const { waiters, workers } = this.#options;
    if (by.kind === 'kernel') return waiters.fetch(command, by, wait, request);
    const topics = command.topics.map(({ topic }) => topic);
    const answered = workers.asks(command.workerId, topics);
    try {
      return await waiters.fetch(command, by, wait, request);
    } finally {
      answered(wait.signal?.aborted === true);
    }
  }

  async check(request: DeployRequest, by: Subject): Promise<CheckFindings> {
    const { refused, findings, definitions, decisions } = await this.#examine(request, by);
    const processes = definitions.map(({ model, resourceName }) => ({
      kind: 'process' as const,
      id: model.bpmnProcessId,
      resource: resourceName,
    }));
    const decided = decisions.map(({ decisionId, resourceName }) => ({
      kind: 'decision' as const,
      id: decisionId,
      resource: resourceName,
    }));
    return { refused, findings, defines: [...processes, ...decided] };
  }

  async deploy(request: DeployRequest, by: Subject, key?: RequestKey): Promise<DeployOutcome> {
    const { refused, findings, definitions, decisions } = await this.#examine(request, by);
    if (refused) return { ok: false, findings };
    const { name, source, tenantId, resources, skipUnchanged, suspended = false } = request;
    const found = this.#options.fourEyes?.ofDeployment(request, by, this.now()) ?? {};
    if ('refusal' in found)
      return { ok: false, findings: [...findings, unapproved(resources[0]?.name ?? '', found.refusal)] };
    const files = { resources, definitions, decisions, skipUnchanged, ...(suspended ? { suspended } : {}) };
    const command = { type: 'deploy', name, source, tenantId, ...files, ...found } as const;
    const outcome = await this.submit<'deploy'>(command, by, key);
    if (outcome.ok) return { ok: true, value: outcome.value, warnings: findings };
    const { code: rule, message } = outcome.rejection;
    const resource = resources[0]?.name ?? '';
    return { ok: false, findings: [{ resource, problems: [{ severity: 'error', rule, message, line: 0 }] }] };
  }

  /** Reads the files and finds everything that speaks against deploying them. */
  async #examine(
    request: DeployRequest,
    by: Subject,
  ): Promise<DeployFindings & { readonly definitions: Read[]; readonly decisions: NewDecision[] }> {
    const definitions: Read[] = [];
    const decisionFiles: ReadDecisionFile[] = [];
    const found: Findings[number][] = [];
    const before = by === BOOT ? this.#options.readBefore : undefined;
    for (const { name, content } of request.resources) {
      if (/\.(bpmn|xml)$/i.test(name)) {
        const read = before?.processes(content) ?? (await this.#options.readProcesses(content));
        const { processes, problems } = read;
        if (problems.length > 0) found.push({ resource: name, problems });
        const checksum = checksumOf(content);
        for (const model of processes)
          definitions.push({ resourceName: name, checksum, model: this.#asBefore(request.source, model, checksum) });
      } else if (/\.dmn$/i.test(name)) {
        const { model, problems } = before?.decisions(content) ?? readDecisions(content);
        if (problems.length > 0) found.push({ resource: name, problems });
        if (model !== undefined) decisionFiles.push({ resourceName: name, checksum: checksumOf(content), model });
      }
    }
    const decisions = withImports(decisionFiles).flatMap(decisionsOf);
    const { systemCalls: knownCalls, undeclared = 'open', systemByName = false } = this.#options;
    const rules = { knownCalls, undeclared, systemByName };
    found.push(...checkDeployment(request, definitions, decisionFiles, rules));
    found.push(...this.#read((store) => checkServedTopics(definitions, request.tenantId, store.state)));
    found.push(...this.#checkSource(request, by));
    found.push(...this.#checkSystemCalls(request, definitions, by));
    const findings = merge(found);
    const refused = findings.some(({ problems }) => problems.some(({ severity }) => severity === 'error'));
    return { refused, findings, definitions, decisions };
  }

  /** A file of the system that was deployed before there were blocks keeps its rights when it is deployed again. */
  #asBefore(source: string | null, model: ProcessModel, checksum: string): ProcessModel {
    if (source !== SYSTEM_SOURCE || model.capabilities !== undefined) return model;
    const versions = this.find('definitions', {
      where: [{ column: 'bpmnProcessId', op: '=', value: model.bpmnProcessId }],
    });
    const before = versions.some((version) => version.checksum === checksum);
    return before ? { ...model, capabilities: declaredByUse(model) } : model;
  }

  answer(key: string): KeptAnswer | undefined {
    const answer = this.#read((store) => store.state.answers.byKey(key));
    return answer !== undefined && answer.expiresAt > this.#options.loop.answersOverAt() ? answer : undefined;
  }

  find<T extends TableName>(table: T, query?: Query<Tables[T]>): readonly Tables[T][] {
    return this.#read((store) => store.find(table, query));
  }
  count<T extends TableName>(table: T, query?: Query<Tables[T]>): number {
    return this.#read((store) => store.count(table, query));
  }
  page<T extends TableName>(table: T, query?: Query<Tables[T]>): Page<Tables[T]> {
    return this.#read((store) => store.page(table, query));
  }
  externalTask(externalTaskId: number): ExternalTask | undefined {
    const task = this.#read((store) => store.state.externalTasks.get(externalTaskId));
    return task && { ...task };
  }
  definition(definitionId: number): Definition | undefined {
    return this.#read((store) => store.state.definitions.get(definitionId));
  }
  latestDefinition(bpmnProcessId: string, tenantId: string | null): Definition | undefined {
    return this.#read((store) => store.state.definitions.latest(bpmnProcessId, tenantId));
  }
  model(definitionId: number): ProcessModel | undefined {
    return this.definition(definitionId)?.model;
  }
  startRefusal(definitionId: number): Rejection | undefined {
    const { store, loop } = this.#options;
    const definition = store.state.definitions.get(definitionId);
    return definition === undefined ? undefined : startRefusal(store.state, definition, loop.now());
  }

  policy(): KeptPolicy {
    return this.#read(() => this.#policy.get());
  }
  setPolicy(policy: unknown, why: string, by: Subject): Promise<Outcome<{ readonly tasks: number }>> {
    const decision = this.#options.gate.decide({ subject: by, action: 'policy.change' });
    if (decision.allowed) {
      return this.#policy.set(policy, why, by).catch((error: unknown) =>
        this.#read(() => {
          throw error;
        }),
      );
    }
    return Promise.resolve({ ok: false, rejection: { code: 'FORBIDDEN', message: decision.reason } });
  }
  capabilitiesOf(processInstanceId: number): EffectiveCapabilities | undefined {
    const parts = this.#read(() => this.#policy.partsOf(processInstanceId));
    return parts === undefined ? undefined : { effective: together(parts), parts };
  }
  limitsOf(processInstanceId: number): InstanceLimits | undefined {
    const { store, loop } = this.#options;
    const instance = store.state.instances.get(processInstanceId);
    const definition = instance === undefined ? undefined : store.state.definitions.get(instance.definitionId);
    if (instance === undefined || definition === undefined) return undefined;
    return {
      bounds: allBounds(store.state, loop.limits, definition, instance),
      used: usedOf(store.state, definition, instance, loop.now()),
      nice: niceOf(store.state, definition, instance),
    };
  }

  records(after: number, limit: number): readonly LogRecord[] {
    return this.#read((store) => store.records(after, limit));
  }
  get firstSequence(): number {
    return this.#read((store) => store.firstSequence);
  }
  get queued(): number {
    return this.#options.loop.waiting;
  }
  keepUp(): boolean {
    return this.#options.loop.keepUp();
  }
  get lastSequence(): number {
    return this.#options.store.lastSequence;
  }
  onCommitted(listener: (records: readonly LogRecord[]) => void): () => void {
    return this.#options.loop.onCommitted(listener);
  }
  now(): number {
    return this.#options.loop.now();
  }

  /** For parts of the kernel that look at what is kept. */
  readState<R>(ask: (state: State) => R): R {
    return this.#read((store) => ask(store.state));
  }

  /** What the gate has against the command; undefined when it may be submitted. Throws `Unavailable` for new work too late. */
  refusal(command: Command, by: Subject, request?: RequestKey): Rejection | undefined {
    if (by.kind === 'kernel') return undefined;
    if (this.#stopping && NEW_WORK.has(command.type)) {
      throw new Unavailable('STOPPING', 'The system is shutting down and takes no new work.');
    }
    if (TURNS_CLOCK.has(command.type) && this.#options.pinnableClock !== true)
      return { code: 'FORBIDDEN', message: WALL_CLOCK_ONLY };
    const roles = this.#options.rolesOf?.(by);
    const past = (id: number) =>
      this.find('processInstances', { where: [{ column: 'id', op: '=', value: id }] })[0]?.definitionId;
    const shut =
      roles === undefined ? undefined : this.#read((store) => shutByModel(command, store.state, by, roles, past));
    if (shut !== undefined) return { code: 'FORBIDDEN', message: shut };
    const question = this.#read((store) => this.#questionFor(command, store.state));
    if (question === undefined) return undefined;
    const replaced =
      question.resource?.['process'] === RESTORE_PROCESS ? this.#options.fourEyes?.restoreRefusal() : undefined;
    if (replaced !== undefined) return { code: 'FORBIDDEN', message: replaced };
    const decision = this.#options.gate.decide({ subject: by, ...question });
    const details = question.resource ?? {};
    if (decision.allowed) {
      const { hasBackup = () => false } = this.#options;
      // Who asks again for the backup that he has got is told so.
      const isTaken = (name: string) =>
        hasBackup(name) && (request === undefined || this.answer(request.key) === undefined);
      const message = startProblem(details['process'], command, isTaken);
      return message === undefined ? undefined : { code: 'INVALID_ARGUMENT', message, details };
    }
    const code = question.action === 'system.run' ? 'FORBIDDEN' : 'INVALID_ARGUMENT';
    return { code, message: decision.reason, details };
  }

  /** What the gate is asked about a command that does not come from the kernel; most need no question. */
  #questionFor(command: Command, state: State): Omit<Question, 'subject'> | undefined {
    if (command.type === 'workOnItem' && command.command !== undefined) {
      const question = this.#questionFor(command.command, state);
      if (question !== undefined) return question;
    }
    if (command.type === 'changeIdentities' || command.type === 'requestIdentityChange')
      return { action: command.type };
    const process = systemProcess(command, state);
    if (process !== undefined) return { action: 'system.run', resource: { process } };
    if (touchesRoot(command, state)) return { action: 'system.change' };
    if (removesSystem(command, state)) return { action: 'system.remove' };
    if (changesBatch(command, state)) return { action: 'batch.change' };
    const topic = reservedTopic(command, state, this.#options.systemCalls);
    return topic === undefined ? undefined : { action: 'systemCall.serve', resource: { topic } };
  }

  #checkSource(request: DeployRequest, by: Subject): Findings {
    if (request.name === POLICY_DEPLOYMENT) return [reservedName(request, POLICY_DEPLOYMENT)];
    if (request.source !== SYSTEM_SOURCE) return [];
    const decision = this.#options.gate.decide({ subject: by, action: 'system.deploy' });
    const resource = request.resources[0]?.name ?? '';
    if (!decision.allowed) {
      const problem = { severity: 'error', rule: 'reserved-source', message: decision.reason, line: 0 } as const;
      return [{ resource, problems: [problem] }];
    }
    const name = request.name ?? '';
    if (by.kind === 'kernel' || !RESERVED_NAMES.has(name)) return [];
    return [reservedName(request, name)];
  }

  /** Whoever has a model name a process of the system has it run, for whoever starts that: he needs `operate`, whichever it is. */
  #checkSystemCalls({ source }: DeployRequest, definitions: readonly Read[], by: Subject): Findings {
    if (source === SYSTEM_SOURCE) return [];
    return definitions.flatMap(({ resourceName: resource, model }) => {
      const [process] = namedSystemProcesses(model);
      if (process === undefined) return [];
      const decision = this.#options.gate.decide({ subject: by, action: 'system.run', resource: { named: process } });
      if (decision.allowed) return [];
      const message = `${model.bpmnProcessId} names ${process}, a process of the system, in its procos:security block. ${decision.reason}`;
      const line = model.elements[model.bpmnProcessId]?.line ?? 0;
      const about = { rule: 'system-process-refused', elementId: model.bpmnProcessId, line } as const;
      return [{ resource, problems: [{ severity: 'error', ...about, message }] }];
    });
  }

  /** A read that the disk refuses stops the kernel like a write that it refuses. */
  #read<R>(read: (store: Store) => R): R {
    try {
      return read(this.#options.store);
    } catch (error) {
      if (error instanceof StorageFull) throw storageFull();
      if (!(error instanceof StoreFailure)) throw error;
      this.#options.loop.fail(error);
      throw new Unavailable('FAILED', 'The store failed and the kernel is ending. See its log.');
    }
  }
}

function unapproved(resource: string, message: string): Findings[number] {
  return { resource, problems: [{ severity: 'error', rule: APPROVAL_NEEDED, message, line: 0 }] };
}

function reservedName({ resources }: DeployRequest, name: string): Findings[number] {
  const message = `Deployments named ${name} are those of the kernel: give this one another name.`;
  return {
    resource: resources[0]?.name ?? '',
    problems: [{ severity: 'error', rule: 'reserved-name', message, line: 0 }],
  };
}

/** One entry per resource, problems by line. */
function merge(findings: Findings): Findings {
  const byResource = new Map<string, Findings[number]['problems'][number][]>();
  for (const { resource, problems } of findings) {
    byResource.set(resource, [...(byResource.get(resource) ?? []), ...problems]);
  }
  return [...byResource].map(([resource, problems]) => ({
    resource,
    problems: problems.sort((a, b) => a.line - b.line),
  }));
}

function checksumOf(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Every decision of a file can be called by its id; each has the whole file with it, and what that imports. */
function decisionsOf({ resourceName, checksum, model }: ReadDecisionFile): NewDecision[] {
  return model.decisions.map(({ id: decisionId, name, versionTag = null }) => ({
    resourceName,
    checksum,
    decisionId,
    name,
    versionTag,
    model: jsonOf(model),
  }));
}
