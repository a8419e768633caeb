/** The client: typed calls of `/engine-rest` (Camunda 7) and `/api` (ProcOS's own face). */
import type {
  BatchDetail,
  BatchList,
  CapabilityDetail,
  CheckReport,
  ChosenService,
  DecisionDetail,
  DecisionList,
  DefinitionDetail,
  DefinitionList,
  DraftReply,
  ElementRow,
  EvaluationList,
  FeedRecord,
  HoldingList,
  HoldingRow,
  IdentityChangeReply,
  IdentityList,
  IdentityOperationRequest,
  IncidentDetail,
  IncidentList,
  LimitsRequest,
  LoadAverage,
  LogLine,
  MemoryInfo,
  MoveReply,
  OwnerLimits,
  PolicyDetail,
  PolicyRule,
  ProcessDetail,
  ProcessLimits,
  ProcessList,
  ProcessStatus,
  ProcessTree,
  PublishBody,
  PublishReply,
  RecoveryPlanReply,
  RedeployedDecisions,
  RedeployReply,
  RequestBody,
  RequestReply,
  RetryReply,
  RunningVersion,
  ServiceLease,
  ServiceList,
  ServiceOutcome,
  ServiceRegistration,
  ServiceWish,
  SessionReply,
  SetVariablesBody,
  SignalBody,
  SignalReply,
  SignalsReply,
  SystemStatus,
  TaskDetail,
  TaskList,
  TimerList,
  TokenList,
  TopicChoice,
  TopicList,
  TopicRow,
  Uptime,
  UsageList,
  VariableRow,
  WorkerList,
} from '@procos/protocol';
import type { DeploymentReply, StartReply } from './camunda7.ts';
import { follow } from './event-stream.ts';
import { type Content, type Download, type LargeValues, largeValuesOf, openDownload } from './large-values.ts';
import { ShownLines } from './shown-lines.ts';
import type { TraceContext } from './trace.ts';
import { type Query, Transport } from './transport.ts';
import { type PlainValues, type TypedValues, toPlainValues, toTypedValues } from './values.ts';

export const DEFAULT_URL = 'http://127.0.0.1:8080';

export interface ClientOptions {
  /** Root of the server, without `/engine-rest` or `/api`. Default `http://127.0.0.1:8080`. */
  readonly baseUrl?: string;
  /** ms until an answer must be complete; streams and long polls have no such limit. Default 30,000. */
  readonly timeoutMs?: number;
  /** Sent with every request, e.g. `authorization`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Shortest wait before a broken stream is opened again, ms. Default 1,000. */
  readonly reconnectMs?: number;
  /**
   * The trace that a call belongs to, asked at each: sent as headers, and given to what starts or goes on by it as the variables
   * `traceparent` and `tracestate`, so that workers find it. Default: none.
   */
  readonly trace?: () => TraceContext | undefined;
}

export interface DeployFiles {
  readonly name: string;
  readonly source?: string;
  readonly resources: readonly { readonly name: string; readonly content: string | Uint8Array<ArrayBuffer> }[];
  /** Deploy nothing when every file is unchanged since the latest deployment of this name. */
  readonly skipUnchanged?: boolean;
}
export interface Start {
  /** Exactly one of the two: process id (latest version), or Camunda's definition id. */
  readonly bpmnProcessId?: string;
  readonly definitionId?: string;
  readonly variables?: PlainValues;
  readonly businessKey?: string;
  /** Ask for the variables of the instance as they are when the answer is made. */
  readonly withVariables?: boolean;
}
export interface Message {
  readonly name: string;
  readonly businessKey?: string;
  readonly processInstanceId?: string;
  readonly correlationKeys?: PlainValues;
  readonly variables?: PlainValues;
  /** Deliver to all that wait instead of exactly one. */
  readonly all?: boolean;
}
export interface ProcessQuery {
  /** `incident`: those that run and stand in one. */
  readonly state?: 'active' | 'ended' | 'all' | 'incident';
  readonly definition?: string;
  readonly businessKey?: string;
  readonly limit?: number;
  readonly offset?: number;
}
export interface IncidentQuery {
  /** Default: open. */
  readonly state?: 'open' | 'all';
  readonly definition?: string;
  /** First. Default: newest. */
  readonly order?: 'newest' | 'oldest';
  readonly limit?: number;
  readonly offset?: number;
}
export interface BatchQuery {
  /** Default: all. */
  readonly state?: 'active' | 'ended' | 'all';
  readonly limit?: number;
  readonly offset?: number;
}
export interface TaskQuery {
  readonly assignee?: string;
  readonly limit?: number;
  readonly offset?: number;
}

/** Files of `/proc/{pid}`. */
export interface ProcessFiles {
  readonly status: ProcessStatus;
  readonly tree: ProcessTree;
  readonly vars: readonly VariableRow[];
  readonly trace: readonly ElementRow[];
  readonly limits: ProcessLimits;
  readonly caps: CapabilityDetail;
  readonly fd: readonly HoldingRow[];
}
/** Files of `/proc`. */
export interface SystemFiles {
  readonly uptime: Uptime;
  readonly loadavg: LoadAverage;
  readonly meminfo: MemoryInfo;
  readonly version: RunningVersion;
}

function formOf(files: DeployFiles): FormData {
  const form = new FormData();
  form.set('deployment-name', files.name);
  form.set('deployment-source', files.source ?? 'procos');
  if (files.skipUnchanged) form.set('enable-duplicate-filtering', 'true');
  for (const { name, content } of files.resources) form.append(name, new Blob([content]), name);
  return form;
}

/** All methods throw `ProcosError`; ids and pids are decimal text. */
export class ProcosClient {
  readonly baseUrl: string;
  readonly transport: Transport;
  /** Values of any length, whatever they are for. */
  readonly values: LargeValues;
  readonly #reconnectMs: number;
  readonly #options: ClientOptions;

  constructor(options: ClientOptions | string = {}) {
    const given = typeof options === 'string' ? { baseUrl: options } : options;
    const { baseUrl = DEFAULT_URL, timeoutMs = 30_000, headers = {}, trace } = given;
    this.transport = new Transport(baseUrl, timeoutMs, headers, trace);
    this.#options = given;
    this.baseUrl = this.transport.baseUrl;
    this.values = largeValuesOf(this.transport);
    this.#reconnectMs = given.reconnectMs ?? 1000;
  }

  /** The same client in a trace, e.g. in that of the task that a worker does (`context.trace`). */
  withTrace(trace: TraceContext | undefined): ProcosClient {
    return new ProcosClient({ ...this.#options, trace: () => trace });
  }

  // ---- /engine-rest

  /** A refused model: status 400, code `ParseException`, problems per file in `details`. */
  deploy(files: DeployFiles): Promise<DeploymentReply> {
    return this.transport.json('/engine-rest/deployment/create', { method: 'POST', body: formOf(files) });
  }

  start(start: Start): Promise<StartReply> {
    const which =
      start.definitionId === undefined ? `key/${segment(start.bpmnProcessId ?? '')}` : segment(start.definitionId);
    return this.#post(`/engine-rest/process-definition/${which}/start`, {
      variables: toTypedValues(this.#traced(start.variables)),
      ...(start.businessKey === undefined ? {} : { businessKey: start.businessKey }),
      withVariablesInReturn: start.withVariables ?? false,
    });
  }

  async message(message: Message): Promise<void> {
    await this.#post('/engine-rest/message', {
      messageName: message.name,
      businessKey: message.businessKey,
      processInstanceId: message.processInstanceId,
      correlationKeys: toTypedValues(message.correlationKeys ?? {}),
      processVariables: toTypedValues(this.#traced(message.variables)),
      all: message.all ?? false,
    });
  }

  /** Starts every process with a conditional start event that holds for the variables; gives their ids. */
  async evaluateConditions(variables: PlainValues, businessKey?: string): Promise<readonly string[]> {
    const started = await this.#post<readonly { readonly id: string }[]>('/engine-rest/condition', {
      variables: toTypedValues(variables),
      ...(businessKey === undefined ? {} : { businessKey }),
    });
    return started.map(({ id }) => id);
  }

  async signal(name: string, variables: PlainValues = {}): Promise<void> {
    await this.#post('/engine-rest/signal', { name, variables: toTypedValues(this.#traced(variables)) });
  }

  async claimTask(taskId: string, userId: string): Promise<void> {
    await this.#post(`/engine-rest/task/${segment(taskId)}/claim`, { userId });
  }

  async completeTask(taskId: string, variables: PlainValues = {}): Promise<void> {
    await this.#post(`/engine-rest/task/${segment(taskId)}/complete`, { variables: toTypedValues(variables) });
  }

  async deleteInstance(processInstanceId: string): Promise<void> {
    await this.transport.json(`/engine-rest/process-instance/${segment(processInstanceId)}`, { method: 'DELETE' });
  }

  /** Variables of a running instance. */
  async variables(processInstanceId: string): Promise<Record<string, unknown>> {
    const path = `/engine-rest/process-instance/${segment(processInstanceId)}/variables`;
    return toPlainValues(await this.transport.json<TypedValues>(path, { query: { deserializeValues: false } }));
  }

  async setVariables(
    processInstanceId: string,
    variables: PlainValues,
    deletions: readonly string[] = [],
  ): Promise<void> {
    const path = `/engine-rest/process-instance/${segment(processInstanceId)}/variables`;
    await this.#post(path, { modifications: toTypedValues(variables), deletions });
  }

  // ---- /api

  system(): Promise<SystemStatus> {
    return this.transport.json('/api/system');
  }

  processes(query: ProcessQuery = {}): Promise<ProcessList> {
    return this.transport.json('/api/processes', { query: { ...query } });
  }

  process(pid: string): Promise<ProcessDetail> {
    return this.transport.json(`/api/processes/${segment(pid)}`);
  }

  /** Starts activities inside an ad-hoc sub-process that waits. */
  async activate(
    pid: string,
    request: {
      /** The ad-hoc sub-process. */
      readonly elementId?: string;
      /** Instead of `elementId`: which of its instances. */
      readonly elementInstanceId?: string;
      readonly elements: readonly { readonly elementId: string; readonly variables?: PlainValues }[];
      readonly cancelRemaining?: boolean;
    },
  ): Promise<void> {
    await this.#post(`/api/processes/${segment(pid)}/activations`, request);
  }

  /** What a process waits for and what others do for it. */
  holdings(pid: string): Promise<HoldingList> {
    return this.transport.json(`/api/processes/${segment(pid)}/holdings`);
  }

  /** Timers that start processes. */
  timers(
    query: { readonly definition?: string; readonly limit?: number; readonly offset?: number } = {},
  ): Promise<TimerList> {
    return this.transport.json('/api/timers', { query });
  }

  /** Triggers a timer now, whenever it is due. */
  async triggerTimer(timerId: string): Promise<void> {
    await this.#post(`/engine-rest/job/${segment(timerId)}/execute`, {});
  }

  /** Nobody can start a suspended definition; instances that run go on. */
  async suspendDefinition(bpmnProcessId: string, suspended: boolean): Promise<void> {
    await this.transport.json('/engine-rest/process-definition/suspended', {
      method: 'PUT',
      body: { processDefinitionKey: bpmnProcessId, suspended, includeProcessInstances: false },
    });
  }

  /** A file below `/proc`, as text. */
  proc(path: string): Promise<string> {
    return this.transport.text(procPath(path), { headers: { accept: 'text/plain' } });
  }

  /** The same as JSON. */
  procJson(path: string): Promise<unknown> {
    return this.transport.json(procPath(path));
  }

  /** A file of a process below `/proc`. */
  processFile<Name extends keyof ProcessFiles>(pid: string, name: Name): Promise<ProcessFiles[Name]> {
    return this.transport.json(procPath(`${pid}/${name}`));
  }

  /** A file of the system below `/proc`. */
  systemFile<Name extends keyof SystemFiles>(name: Name): Promise<SystemFiles[Name]> {
    return this.transport.json(procPath(name));
  }

  /** Tries again what stands in the open incidents of a process. */
  retry(pid: string, options: { readonly retries?: number } = {}): Promise<RetryReply> {
    return this.#post(`/api/processes/${segment(pid)}/retries`, options);
  }

  /** Plain values, in the process or in one of its active elements. */
  async setProcessVariables(pid: string, body: SetVariablesBody): Promise<void> {
    await this.#post(`/api/processes/${segment(pid)}/variables`, body);
  }

  /** Bytes of any length as a variable of a process, or of one of its active elements. */
  async setVariableContent(
    pid: string,
    name: string,
    content: Content,
    about: {
      readonly type?: 'Bytes' | 'File' | 'String' | 'Json' | 'Xml';
      /** A file of this name. */
      readonly filename?: string;
      readonly mimeType?: string;
      readonly scope?: string;
    } = {},
  ): Promise<void> {
    const { mimeType, ...query } = about;
    await this.transport.json(dataPath(pid, name), {
      method: 'PUT',
      content,
      query,
      timeoutMs: 0,
      ...(mimeType === undefined ? {} : { headers: { 'content-type': mimeType } }),
    });
  }

  /** The bytes of a variable: of a file, of bytes, of text or JSON. */
  variableContent(pid: string, name: string, query: { readonly scope?: string } = {}): Promise<Download> {
    return openDownload(this.transport, dataPath(pid, name), { query, timeoutMs: 0 });
  }

  /** What holds for a process, the least of each limit. */
  processLimits(pid: string): Promise<ProcessLimits> {
    return this.transport.json(`/api/processes/${segment(pid)}/limits`);
  }

  /** What the owner lets processes use. */
  policy(): Promise<PolicyDetail> {
    return this.transport.json('/api/policy');
  }

  /** The whole policy anew; how many tasks were taken back. */
  setPolicy(rules: readonly PolicyRule[], why: string): Promise<{ readonly tasks: number }> {
    return this.transport.json('/api/policy', { method: 'PUT', body: { rules, why } });
  }

  /** What owners have set for definitions and tenants. */
  limits(): Promise<readonly OwnerLimits[]> {
    return this.transport.json('/api/limits');
  }

  async setLimits(request: LimitsRequest): Promise<void> {
    await this.#post('/api/limits', request);
  }

  /** Every token at element `from` starts before `to` instead. */
  move(pid: string, from: string, to: string): Promise<MoveReply> {
    return this.#post(`/api/processes/${segment(pid)}/moves`, { from, to });
  }

  /** What a shell does with `kill`: to one process, with `tree` also to those that it has called. */
  sendSignal(pid: string, signal: SignalBody): Promise<SignalReply> {
    return this.#post(`/api/processes/${segment(pid)}/signals`, signal);
  }

  /** The same to all running instances of a process, as batches. */
  sendSignalToAll(bpmnProcessId: string, signal: Omit<SignalBody, 'tree'>): Promise<SignalsReply> {
    return this.#post('/api/signals', { bpmnProcessId, ...signal });
  }

  batches(query: BatchQuery = {}): Promise<BatchList> {
    return this.transport.json('/api/batches', { query: { ...query } });
  }

  batch(pid: string): Promise<BatchDetail> {
    return this.transport.json(`/api/batches/${segment(pid)}`);
  }

  /** On all running instances of a process; `retry`: on all their incidents. */
  startBatch(operation: 'cancel' | 'suspend' | 'resume' | 'retry', bpmnProcessId: string): Promise<BatchDetail> {
    return this.#post('/api/batches', { operation, bpmnProcessId });
  }

  definitions(options: { readonly all?: boolean } = {}): Promise<DefinitionList> {
    return this.transport.json('/api/definitions', { query: options.all ? { all: true } : {} });
  }

  definition(definitionId: string): Promise<DefinitionDetail> {
    return this.transport.json(`/api/definitions/${segment(definitionId)}`);
  }

  definitionXml(definitionId: string): Promise<string> {
    const headers = { accept: 'text/plain' };
    return this.transport.text(`/api/definitions/${segment(definitionId)}/xml`, { headers });
  }

  decisionXml(decisionDefinitionId: string): Promise<string> {
    const headers = { accept: 'text/plain' };
    return this.transport.text(`/api/decisions/${segment(decisionDefinitionId)}/xml`, { headers });
  }

  /** Hands files in for the deployment process; the draft's id is what it wants to know. */
  draft(files: DeployFiles): Promise<DraftReply> {
    return this.transport.json('/api/drafts', { method: 'POST', body: formOf(files) });
  }

  /** The same with the file of a decision. */
  redeployDecision(decisionDefinitionId: string): Promise<RedeployedDecisions> {
    return this.#post(`/api/decisions/${segment(decisionDefinitionId)}/redeploy`, {});
  }

  incidents(query: IncidentQuery = {}): Promise<IncidentList> {
    return this.transport.json('/api/incidents', { query: { ...query } });
  }

  /** With what the tables of the system say about it, while it is open. */
  incident(incidentId: string): Promise<IncidentDetail> {
    return this.transport.json(`/api/incidents/${segment(incidentId)}`);
  }

  /** What the tables of the system would do about something with these facts. */
  recoveryPlan(facts: Readonly<Record<string, unknown>>): Promise<RecoveryPlanReply> {
    return this.#post('/api/recovery-plans', { facts });
  }

  /** Hands an earlier version in, to be deployed anew by the deployment process. */
  draftOf(definitionId: string): Promise<DraftReply> {
    return this.#post(`/api/definitions/${segment(definitionId)}/draft`, {});
  }

  /** The same for a version of a decision, with its file. */
  draftOfDecision(decisionDefinitionId: string): Promise<DraftReply> {
    return this.#post(`/api/decisions/${segment(decisionDefinitionId)}/draft`, {});
  }

  /** Makes an earlier version the latest one, under a number of its own. */
  redeploy(definitionId: string): Promise<RedeployReply> {
    return this.#post(`/api/definitions/${segment(definitionId)}/redeploy`, {});
  }

  /** Topics that processes declare, or that somebody has chosen a server for; all, or this one. */
  topics(topic?: string): Promise<TopicList> {
    return this.transport.json('/api/topics', { query: { topic } });
  }

  /** Services that have registered; all, or those of this name, or with this tag. */
  services(name?: string, tag?: string): Promise<ServiceList> {
    return this.transport.json('/api/services', { query: { name, tag } });
  }

  /** A registered service says that it is still there; `NOT_FOUND`: register it again. */
  serviceHeartbeat(id: string): Promise<ServiceLease> {
    return this.#post(`/api/services/${segment(id)}/heartbeat`, {});
  }

  /** Registers a service, or says again that it is there. */
  registerService(registration: ServiceRegistration): Promise<ServiceLease> {
    return this.#post('/api/services', registration);
  }

  async removeService(id: string): Promise<void> {
    await this.transport.json(`/api/services/${segment(id)}`, { method: 'DELETE' });
  }

  /** Which instance of a service is to be called. */
  chooseService(wish: ServiceWish): Promise<ChosenService> {
    return this.#post('/api/services/choose', wish);
  }

  /** What came of calling it. */
  async noteServiceOutcome(id: string, outcome: ServiceOutcome): Promise<void> {
    await this.#post(`/api/services/${segment(id)}/outcomes`, outcome);
  }

  /** Who works, as far as it was heard of; all, or those that serve this topic. */
  workers(topic?: string): Promise<WorkerList> {
    return this.transport.json('/api/workers', { query: { topic } });
  }

  /** Who does the tasks of a topic that are created from now on. */
  chooseTopicServer(topic: string, choice: TopicChoice): Promise<TopicRow> {
    return this.#post(`/api/topics/${segment(topic)}`, choice);
  }

  /** What deploying these files together would say, without doing it. */
  check(resources: readonly { readonly name: string; readonly content: string }[]): Promise<CheckReport> {
    return this.#post('/api/definitions/check', { resources });
  }

  /** The newest version of each decision; with `all`, every version, the newest first. */
  decisions(query: { readonly all?: boolean } = {}): Promise<DecisionList> {
    return this.transport.json('/api/decisions', { query: { ...query } });
  }

  decision(decisionDefinitionId: string): Promise<DecisionDetail> {
    return this.transport.json(`/api/decisions/${segment(decisionDefinitionId)}`);
  }

  /** Of one version, newest first. */
  evaluations(
    decisionDefinitionId: string,
    query: { readonly limit?: number; readonly offset?: number } = {},
  ): Promise<EvaluationList> {
    return this.transport.json(`/api/decisions/${segment(decisionDefinitionId)}/evaluations`, { query: { ...query } });
  }

  tasks(query: TaskQuery = {}): Promise<TaskList> {
    return this.transport.json('/api/tasks', { query: { ...query } });
  }

  task(taskId: string): Promise<TaskDetail> {
    return this.transport.json(`/api/tasks/${segment(taskId)}`);
  }

  /** Hands a process to PID 1, which runs it as a child. */
  request(request: RequestBody): Promise<RequestReply> {
    return this.#post('/api/requests', { ...request, variables: this.#traced(request.variables) });
  }

  /** Publishes a message; rejects with `ALREADY_PUBLISHED` while one with the same `uniqueId` is kept. */
  publish(message: PublishBody): Promise<PublishReply> {
    return this.#post('/api/messages', { ...message, variables: this.#traced(message.variables) });
  }

  /** Who the client is, as the server sees it. */
  session(): Promise<SessionReply> {
    return this.transport.json('/api/session');
  }

  who(): Promise<UsageList> {
    return this.transport.json('/api/who');
  }

  /** Users, groups, roles and rules. */
  identities(): Promise<IdentityList> {
    return this.transport.json('/api/identities');
  }

  tokens(): Promise<TokenList> {
    return this.transport.json('/api/tokens');
  }

  /** Hands a change in, once: the secret of a new token comes with this answer and with no other. */
  changeIdentities(operations: readonly IdentityOperationRequest[]): Promise<IdentityChangeReply> {
    const call = { method: 'POST', body: { operations }, key: null, attempts: 1 } as const;
    return this.transport.json('/api/identity-changes', call);
  }

  /** `reason`: for the audit. */
  async shutdown(reason?: string): Promise<void> {
    await this.#post('/api/shutdown', { reason });
  }

  /** The description of all routes of `/api` and `/proc`, OpenAPI 3.1. */
  openApi(): Promise<Readonly<Record<string, unknown>>> {
    return this.transport.json('/api/openapi.json');
  }

  /**
   * Committed records after sequence `after` (undefined: from now on), in order and without gaps or repetitions, also
   * across restarts of the server. Ends when `signal` aborts.
   */
  async *events(
    after?: number,
    signal?: AbortSignal,
    filter: { readonly pid?: string } = {},
  ): AsyncGenerator<FeedRecord> {
    // "From now on" is pinned to a number first: else a break before the first record would lose what came in between.
    const from = after ?? (await this.system()).store.lastSequence;
    const query: Query = { after: from, ...filter };
    const retryMs = this.#reconnectMs;
    for await (const message of follow(this.transport, {
      path: '/api/events',
      query,
      event: 'record',
      signal,
      retryMs,
    })) {
      yield JSON.parse(message.data) as FeedRecord;
    }
  }

  async logs(limit = 200): Promise<readonly LogLine[]> {
    return (await this.transport.json<{ readonly lines: readonly LogLine[] }>('/api/logs', { query: { limit } })).lines;
  }

  /** The newest `limit` log lines, then every new one until `signal` aborts. */
  async *followLogs(limit = 200, signal?: AbortSignal): AsyncGenerator<LogLine> {
    const following = { path: '/api/logs', query: { follow: true, limit }, event: 'log', signal };
    const shown = new ShownLines();
    for await (const message of follow(this.transport, { ...following, retryMs: this.#reconnectMs })) {
      const line = JSON.parse(message.data) as LogLine;
      if (shown.isNew(line.at, message)) yield line;
    }
  }

  /** What is given by name wins. */
  #traced(variables: PlainValues = {}): PlainValues {
    return { ...this.transport.trace, ...variables };
  }

  #post<T>(path: string, body: unknown): Promise<T> {
    return this.transport.json(path, { method: 'POST', body });
  }
}

function dataPath(pid: string, name: string): string {
  return `/api/processes/${segment(pid)}/variables/${segment(name)}/data`;
}

function procPath(path: string): string {
  const names = path.split('/').filter((name) => name !== '' && name !== '.');
  return `/proc${names.map((name) => `/${segment(name)}`).join('')}`;
}

function segment(id: string): string {
  return encodeURIComponent(id);
}
