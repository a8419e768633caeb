/**
 * The wire of ProcOS's own face, `/api`: JSON in and out, ids as decimal strings, instants as ISO-8601 text in UTC.
 * Everything that Camunda's faces have already (start, deploy, complete a task, …) is done there; this face adds what they lack.
 */
import type { CapabilitySet } from './capabilities/contract.ts';
import type { PolicyRule } from './capabilities/policy.ts';

/** Error body of every refused request on `/api`. */
export interface ApiError {
  /** Stable name, see docs/errors.md. */
  readonly code: string;
  /** What, where and what to do. */
  readonly message: string;
}

/** `GET /api/system` */
export interface SystemStatus {
  readonly version: string;
  readonly startedAt: string;
  readonly now: string;
  /** Where time stands still, on a system for tests (`procos start --clock pinnable`); null: it goes on. */
  readonly clockPinnedAt: string | null;
  /** `booting` until PID 1 waits for work, `stopping` once shutdown began. */
  readonly phase: 'booting' | 'ready' | 'stopping';
  /** A safe run (`procos start --safe`): by the shipped versions of the system's processes. */
  readonly safe: boolean;
  /** PID 1: null only before it was started. */
  readonly root: {
    readonly processInstanceId: string;
    readonly bpmnProcessId: string;
    readonly waitsAt: readonly WaitPoint[];
  } | null;
  readonly store: {
    readonly kind: 'sqlite' | 'memory';
    readonly path: string | null;
    readonly sizeBytes: number;
    readonly lastSequence: number;
  };
  readonly hosts: readonly WorkerHostStatus[];
  readonly counts: {
    readonly running: number;
    readonly incidents: number;
    readonly userTasks: number;
    readonly externalTasks: number;
    readonly definitions: number;
  };
  /** Resident memory of the kernel's host, bytes. */
  readonly residentBytes: number;
}

export interface WorkerHostStatus {
  readonly name: string;
  readonly state: 'starting' | 'running' | 'stopped' | 'failed';
  /** Operating-system process id; null when it does not run. */
  readonly osPid: number | null;
  readonly topics: readonly string[];
  readonly restarts: number;
  readonly startedAt: string | null;
  /** It runs, and has not answered for 30 s. */
  readonly silent: boolean;
}

/** Where an instance stands still. */
export interface WaitPoint {
  readonly elementInstanceId: string;
  readonly elementId: string;
  readonly elementName: string | null;
  /** Element type, e.g. `userTask`, `serviceTask`, `eventBasedGateway`. */
  readonly elementType: string;
  readonly since: string;
  /** Message of the open incident there; null when there is none. */
  readonly incident: string | null;
}

/** `GET /api/processes?state=active|ended|all|incident&definition=KEY&businessKey=&limit=&offset=` → `ProcessList`: instances as processes. */
export interface ProcessList {
  readonly processes: readonly ProcessRow[];
  readonly total: number;
}
export type ProcessState = 'active' | 'incident' | 'completed' | 'canceled' | 'terminated';
export interface ProcessRow {
  /** The instance id, or `1` for the current PID 1. Both are accepted wherever a pid goes into a path. */
  readonly pid: string;
  readonly processInstanceId: string;
  readonly bpmnProcessId: string;
  readonly name: string | null;
  readonly version: number;
  readonly definitionId: string;
  readonly businessKey: string | null;
  readonly state: ProcessState;
  readonly suspended: boolean;
  readonly waitsAt: readonly WaitPoint[];
  readonly parentPid: string | null;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly startedBy: string;
}

/** `GET /api/processes/{pid}`: the newest 1,000 visits (and all that have not ended), children and incidents. */
export interface ProcessDetail extends ProcessRow {
  readonly reason: string | null;
  readonly elements: readonly ElementRow[];
  readonly variables: readonly VariableRow[];
  readonly incidents: readonly IncidentRow[];
  /** Incidents that this process was started to recover from; the first 1,000. */
  readonly recovers: readonly { readonly incidentId: string; readonly pid: string }[];
  /** What was null because something was wrong, and other things that did not fail: the newest 1,000. */
  readonly warnings: readonly WarningRow[];
  readonly children: readonly {
    readonly pid: string;
    readonly bpmnProcessId: string;
    readonly state: string;
    readonly elementId: string | null;
  }[];
}
/** One visit of an element, oldest first. */
export interface ElementRow {
  readonly elementInstanceId: string;
  readonly elementId: string;
  readonly elementName: string | null;
  readonly elementType: string;
  readonly scopeId: string | null;
  readonly outcome: 'active' | 'completed' | 'canceled';
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly calledPid: string | null;
}
/** `POST /api/blobs` answers with the first two; a variable may hold it in the place of the bytes. */
export interface LargeValue {
  /** `sha256:` and the hash of the bytes in hexadecimal. */
  readonly blob: string;
  /** Bytes. */
  readonly size: number;
  /** Media type. */
  readonly type?: string;
  /** Of a file. */
  readonly name?: string;
}
export interface VariableRow {
  readonly name: string;
  readonly scopeId: string;
  /** Element that owns the scope; null for the instance itself. */
  readonly elementId: string | null;
  readonly type: string;
  readonly value: unknown;
  readonly updatedAt: string;
  readonly updatedBy: string;
  readonly live: boolean;
}
export interface WarningRow {
  readonly elementId: string;
  readonly elementInstanceId: string;
  readonly message: string;
  readonly at: string;
}
export interface IncidentRow {
  readonly incidentId: string;
  readonly kind: string;
  readonly elementId: string;
  readonly message: string;
  readonly createdAt: string;
  readonly resolvedAt: string | null;
  readonly state: 'open' | 'resolved' | 'deleted';
  /** What was started to recover from it; null: nothing was. */
  readonly recovery: RecoveryOf | null;
}
export interface RecoveryOf {
  readonly pid: string;
  /** 1: the first at this element. */
  readonly attempt: number;
  /** Null: its history is gone. */
  readonly state: ProcessState | null;
}

/** `GET /api/incidents?state=open|all&definition=KEY&order=newest|oldest&limit=&offset=` → `IncidentList`, by default the open ones, newest first. */
export interface IncidentList {
  readonly incidents: readonly IncidentEntry[];
  readonly total: number;
}
export interface IncidentEntry extends IncidentRow {
  readonly pid: string;
  readonly bpmnProcessId: string;
}

/** `GET /api/incidents/{incidentId}`: with what the tables of the system say about it, while it is open. */
export interface IncidentDetail extends IncidentEntry {
  readonly plan: RecoveryPlanReply | null;
}

/** `POST /api/recovery-plans` */
export interface RecoveryFacts {
  readonly facts?: Readonly<Record<string, unknown>>;
}
/** `POST /api/recovery-plans` `RecoveryFacts` → `RecoveryPlanReply`: a dry run of the tables that choose a recovery (docs/recovery.md). */
export interface RecoveryPlanReply {
  readonly facts: Readonly<Record<string, unknown>>;
  readonly severity: unknown;
  /** The first row that holds, `index` from 1, in this version of the table; null: none, and nothing is done. */
  readonly rule: { readonly version: number; readonly id: string; readonly index: number } | null;
  readonly outputs: Readonly<Record<string, unknown>>;
  /** Why nothing is done, whatever the row says. */
  readonly without: string | null;
  /** Why the tables could not be asked. */
  readonly problem: string | null;
}

/**
 * `GET /api/batches?state=active|ended|all&limit=&offset=` → `BatchList`: one operation on many instances each, newest first.
 * `POST /api/batches` {operation: cancel | suspend | resume | retry, bpmnProcessId} → 201 `BatchDetail`: on all running
 * instances of the process; `retry` tries again what waits in their incidents.
 */
export interface BatchBody {
  readonly operation: 'cancel' | 'suspend' | 'resume' | 'retry';
  readonly bpmnProcessId: string;
}
export interface BatchList {
  readonly batches: readonly BatchRow[];
  readonly total: number;
}
export interface BatchRow {
  /** A batch is a process: it is ended, suspended and inspected like any other. */
  readonly pid: string;
  /** The command that is done to each item, e.g. `cancelProcessInstance`. */
  readonly operation: string;
  readonly state: ProcessState;
  readonly suspended: boolean;
  /** Items in all, those that went well, and those that have failed when they were last tried. */
  readonly total: number;
  readonly done: number;
  readonly failed: number;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly startedBy: string;
}
/** `GET /api/batches/{pid}`: the first 1,000 failures. */
export interface BatchDetail extends BatchRow {
  /** `id` of a process instance, external task or incident. */
  readonly failures: readonly { readonly id: string; readonly reason: string }[];
}

/**
 * `POST /api/processes/{pid}/signals` `SignalBody` → `SignalReply`; `POST /api/signals` `SignalBody` with `bpmnProcessId` → 201
 * `SignalsReply`: the same for all running instances of a process, as batches.
 *
 * TERM: what runs is canceled, what was completed is undone by its compensation handlers, then the process ends. KILL: it ends
 * at once. Both end called processes with it; after TERM those that run undo first. STOP, CONT: suspend, resume. HUP: it runs the latest (or the given) version from
 * now on; refused with all reasons. USR1: the BPMN signal `procos.USR1`, inside this process alone; refused when nothing waits
 * for it.
 */
export type ProcessSignal = 'TERM' | 'KILL' | 'STOP' | 'CONT' | 'HUP' | 'USR1';
export interface SignalBody {
  /** Also with SIG before it. */
  readonly signal: ProcessSignal | 'SIGTERM' | 'SIGKILL' | 'SIGSTOP' | 'SIGCONT' | 'SIGHUP' | 'SIGUSR1';
  /** Also to the processes that it has called. */
  readonly tree?: boolean;
  /** Why: kept in the record, and with a process that is ended. */
  readonly reason?: string;
  /** HUP: to this version. */
  readonly version?: number;
}
/** `POST /api/signals` */
export interface SignalAllBody extends SignalBody {
  readonly bpmnProcessId: string;
}
export interface SignalReply {
  readonly signal: ProcessSignal;
  readonly received: readonly SignaledProcess[];
  /** Of a tree: who did not take it. */
  readonly refused: readonly { readonly pid: string; readonly code: string; readonly message: string }[];
}
/** As it is now: after TERM it is active while it undoes. */
export interface SignaledProcess {
  readonly pid: string;
  readonly bpmnProcessId: string;
  readonly version: number;
  readonly state: ProcessState;
  readonly suspended: boolean;
}
export interface SignalsReply {
  readonly signal: ProcessSignal;
  /** One; with HUP one for each version that is left. */
  readonly batches: readonly BatchDetail[];
}

/** `GET /api/processes/{pid}/holdings`: what it waits for and what others do for it, at most 1,000 of each kind. */
export interface HoldingList {
  readonly pid: string;
  readonly holdings: readonly HoldingRow[];
}
export interface HoldingRow {
  /** `continuation`: it goes on by itself. `lock`: while it runs nobody else starts with its correlation key. */
  readonly kind: 'externalTask' | 'userTask' | 'message' | 'signal' | 'condition' | 'lock' | 'timer' | 'continuation';
  readonly id: string;
  readonly elementId: string;
  /** Topic, name of the task, message or signal, cycle of the timer. */
  readonly name: string;
  /** Correlation key. */
  readonly key: string | null;
  /** Worker with the lock, assignee. */
  readonly holder: string | null;
  /** End of the lock or of the pause after a failure; when it is due. */
  readonly until: string | null;
  /** Attempts left of an external task; null: nobody has failed yet, or it has none. */
  readonly retries: number | null;
}
/** `GET /api/timers?definition=KEY&limit=&offset=`: timers that start processes, the next one first. */
export interface TimerList {
  readonly timers: readonly TimerRow[];
  readonly total: number;
}
export interface TimerRow {
  readonly timerId: string;
  readonly definitionId: string;
  readonly bpmnProcessId: string;
  readonly version: number;
  readonly elementId: string;
  readonly elementName: string | null;
  readonly dueAt: string;
  /** The cycle as the model writes it; null: once. */
  readonly repeat: string | null;
  /** Times after the next one; null: endless, or once. */
  readonly remaining: number | null;
  /** The definition is suspended: nothing starts it. */
  readonly paused: boolean;
}

/**
 * `GET /proc`, `/proc/{pid}`: names. `/proc/{pid}/status|tree|vars|trace|limits|fd` and `/proc/uptime|loadavg|meminfo|version`:
 * text; with `Accept: application/json` JSON. `status` → `ProcessStatus`, `tree` → `ProcessTree`, `vars` → `VariableRow[]`, `trace` → `ElementRow[]`, `fd`
 * → `HoldingRow[]`, `loadavg` → `LoadAverage`, `meminfo` → `MemoryInfo`.
 */
export interface ProcessStatus extends ProcessRow {
  readonly reason: string | null;
  readonly recovers: readonly { readonly incidentId: string; readonly pid: string }[];
  /** How many are open, how many there were, how many it has called. */
  readonly incidents: number;
  readonly warnings: number;
  readonly children: number;
}
export interface Uptime {
  readonly seconds: number;
}
export interface RunningVersion {
  readonly procos: string;
  readonly node: string;
}
export interface ProcessTree {
  readonly pid: string;
  readonly bpmnProcessId: string;
  readonly state: ProcessState;
  readonly suspended: boolean;
  /** Called processes that still run. */
  readonly children: readonly ProcessTree[];
}
/** The machine's load over 1, 5 and 15 minutes, and what the system has to do now. */
export interface LoadAverage {
  readonly one: number;
  readonly five: number;
  readonly fifteen: number;
  readonly running: number;
  readonly incidents: number;
  /** Commands that wait for their turn. */
  readonly queued: number;
}
/** Of the machine, and of the kernel's host. */
export interface MemoryInfo {
  readonly totalBytes: number;
  readonly freeBytes: number;
  readonly residentBytes: number;
  readonly heapTotalBytes: number;
  readonly heapUsedBytes: number;
  readonly externalBytes: number;
}

/** `POST /api/processes/{pid}/activations` → 204: starts activities inside an ad-hoc sub-process that waits. */
export interface ActivationBody {
  /** The ad-hoc sub-process, which must be active once. */
  readonly elementId?: string;
  /** Instead of `elementId`: which of its instances. */
  readonly elementInstanceId?: string;
  readonly elements: readonly {
    readonly elementId: string;
    readonly variables?: Readonly<Record<string, unknown>>;
  }[];
  /** Cancel what is active inside first. */
  readonly cancelRemaining?: boolean;
}

/** `POST /api/processes/{pid}/retries`: what stands in its open incidents is tried again. 409 when there is none. */
export interface RetryBody {
  /** Attempts that external tasks get, from 1; default 1. */
  readonly retries?: number;
}
export interface RetryReply {
  readonly retried: readonly { readonly incidentId: string; readonly elementId: string; readonly message: string }[];
}
/** `POST /api/processes/{pid}/variables` → 204 */
export interface SetVariablesBody {
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly remove?: readonly string[];
  /** An active element (its id, where it is active once, or that of its instance); absent: the process itself. */
  readonly scope?: string;
  /** Exactly in this scope; default with `scope`. Else where each is found upward. */
  readonly local?: boolean;
}
/** `POST /api/processes/{pid}/moves`: every token at element `from` starts before `to` instead. */
export interface MoveBody {
  readonly from: string;
  readonly to: string;
}
export interface MoveReply {
  /** Tokens. */
  readonly moved: number;
}

/** `GET /api/definitions` (latest versions; `?all=true` every version) */
export interface DefinitionList {
  readonly definitions: readonly DefinitionRow[];
}
export interface DefinitionRow {
  readonly definitionId: string;
  /** Camunda 7 id `key:version:id`, for `/engine-rest`. */
  readonly camundaId: string;
  readonly bpmnProcessId: string;
  readonly name: string | null;
  readonly version: number;
  readonly versionTag: string | null;
  readonly deploymentId: string;
  readonly resourceName: string;
  readonly deployedAt: string;
  /** Shipped with the system (deployed from `system/`). */
  readonly system: boolean;
  readonly running: number;
  readonly incidents: number;
}
/** `GET /api/definitions/{definitionId}`; the XML is at `GET /api/definitions/{definitionId}/xml` (application/xml). */
export interface DefinitionDetail extends DefinitionRow {
  readonly versions: readonly { readonly definitionId: string; readonly version: number }[];
  /** Per element of this version: visits standing there now, open incidents. */
  readonly elements: readonly { readonly elementId: string; readonly active: number; readonly incidents: number }[];
  /** Form of the start event, see `TaskForm`. */
  readonly startForm: TaskForm | null;
}

/**
 * `POST /api/drafts` (the form of `/engine-rest/deployment/create`): keeps the files. To deploy them, hand the process
 * `procos_system_deployment` to PID 1 with the variable `draft`.
 */
export interface DraftReply {
  readonly draftId: string;
}

/** `POST /api/definitions/{definitionId}/redeploy` (no body): the version is deployed anew and so becomes the latest one. */
export interface RedeployReply {
  readonly deploymentId: string;
  readonly definitions: readonly {
    readonly definitionId: string;
    readonly bpmnProcessId: string;
    readonly version: number;
    readonly resourceName: string;
  }[];
}

/** `POST /api/decisions/{decisionDefinitionId}/redeploy` (no body): the file of this version is deployed anew. */
export interface RedeployedDecisions {
  readonly deploymentId: string;
  readonly decisions: readonly {
    readonly decisionDefinitionId: string;
    readonly decisionId: string;
    readonly version: number;
    readonly resourceName: string;
  }[];
}

/**
 * `POST /api/definitions/check` {name, content} → `CheckReport`: what deploying would say, without doing it. With
 * {resources: [{name, content}]}: of several files together, as decisions that import each other need it.
 */
export interface CheckBody {
  /** Of one file; its ending says what it is: .bpmn, .dmn. */
  readonly name?: string;
  readonly content?: string;
  /** Instead of `name` and `content`. */
  readonly resources?: readonly { readonly name: string; readonly content: string }[];
}
export interface CheckReport {
  readonly refused: boolean;
  readonly findings: readonly { readonly resource: string; readonly problems: readonly ProblemRow[] }[];
  /** What deploying would define, of the files that could be read. */
  readonly defines: readonly {
    readonly kind: 'process' | 'decision';
    /** bpmnProcessId or decision id. */
    readonly id: string;
    readonly resource: string;
  }[];
}
export interface ProblemRow {
  readonly severity: 'error' | 'warning';
  readonly rule: string;
  readonly message: string;
  readonly elementId?: string;
  /** 1-based; 0 when the file could not be read far enough to tell. */
  readonly line: number;
  readonly column?: number;
}

/** `GET /api/decisions` (latest versions; `?all=true` every version) */
export interface DecisionList {
  readonly decisions: readonly DecisionRow[];
}
export interface DecisionRow {
  readonly decisionDefinitionId: string;
  /** Camunda 7 id `key:version:id`, for `/engine-rest`. */
  readonly camundaId: string;
  readonly decisionId: string;
  readonly name: string | null;
  readonly version: number;
  readonly versionTag: string | null;
  readonly deploymentId: string;
  readonly resourceName: string;
  readonly deployedAt: string;
  /** How often this version was evaluated, as far as the history reaches. */
  readonly evaluations: number;
  readonly lastEvaluatedAt: string | null;
}
/** `GET /api/decisions/{decisionDefinitionId}`; the XML is at `…/xml` (application/xml). */
export interface DecisionDetail extends DecisionRow {
  readonly versions: readonly { readonly decisionDefinitionId: string; readonly version: number }[];
}
/** `GET /api/decisions/{decisionDefinitionId}/evaluations?limit=&offset=`: newest first. */
export interface EvaluationList {
  readonly evaluations: readonly DecisionEvaluation[];
  readonly total: number;
}
export interface DecisionEvaluation {
  readonly evaluationId: string;
  readonly evaluatedAt: string;
  /** Where it was asked for; null from outside. */
  readonly pid: string | null;
  readonly elementId: string | null;
  readonly result: unknown;
  /** Every decision on the way; the last is the one that was asked for. */
  readonly decisions: readonly EvaluatedDecision[];
}
export interface EvaluatedDecision {
  readonly decisionId: string;
  readonly name: string;
  readonly value: unknown;
  /** Of a decision table. */
  readonly inputs?: readonly { readonly label: string; readonly value: unknown }[];
  /** The rules of a decision table that count; the first of the table has the index 1. */
  readonly rules?: readonly { readonly id: string; readonly index: number; readonly outputs: unknown }[];
  /** What was null because something was wrong. */
  readonly warnings?: readonly string[];
  /** Name of the decision service that it was evaluated in. */
  readonly service?: string;
  /** Name under which its file is imported. */
  readonly file?: string;
  /** Evaluations inside services that are not listed because there are too many; only of the last decision. */
  readonly omitted?: number;
}

/** `GET /api/tasks?assignee=&limit=&offset=` → open user tasks, oldest first. */
export interface TaskList {
  readonly tasks: readonly TaskRow[];
  readonly total: number;
}
export interface TaskRow {
  readonly taskId: string;
  readonly name: string | null;
  readonly elementId: string;
  readonly pid: string;
  readonly bpmnProcessId: string;
  readonly processName: string | null;
  readonly businessKey: string | null;
  readonly assignee: string | null;
  readonly candidateUsers: readonly string[];
  readonly candidateGroups: readonly string[];
  readonly priority: number;
  readonly createdAt: string;
  readonly dueAt: string | null;
}
/** `GET /api/tasks/{taskId}`: with its form and the variables it sees. Claimed and completed through /engine-rest/task. */
export interface TaskDetail extends TaskRow {
  /** What the model tells whoever does it (`zeebe:taskHeaders`). */
  readonly headers: Readonly<Record<string, string>>;
  readonly form: TaskForm | null;
  readonly variables: Readonly<Record<string, unknown>>;
}
export interface TaskForm {
  /** `form-js`: `schema` is a form-js schema; `key`: only a reference the console cannot render. */
  readonly kind: 'form-js' | 'key';
  readonly schema: unknown;
  readonly key: string | null;
}

/** `POST /api/requests`: hand a process to PID 1, which runs it as a child. → 201 `RequestReply` */
export interface RequestBody {
  readonly bpmnProcessId: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly businessKey?: string;
}
export interface RequestReply {
  readonly requestId: string;
  /** The child that PID 1 started; null when PID 1 takes the request up a little later. */
  readonly pid: string | null;
  readonly definitionId: string;
}

/**
 * `POST /api/messages`: publish a message, by its correlation key where the receiver has one (Camunda 8). Each process
 * receives it once; for `timeToLiveMs` it is kept for those that have not. → 201 `PublishReply`; 409
 * `ALREADY_PUBLISHED` while one with the same name, correlation key, tenant and `uniqueId` is kept.
 */
export interface PublishBody {
  readonly name: string;
  /** Absent: any receiver that has none either. */
  readonly correlationKey?: string;
  /** Ms; absent: 0, it is not kept. */
  readonly timeToLiveMs?: number;
  /** The publisher's own name for it, so that it can be published again by who is not sure. */
  readonly uniqueId?: string;
  readonly tenantId?: string;
  readonly variables?: Readonly<Record<string, unknown>>;
}
export interface PublishReply {
  readonly messageId: string;
  /** Who has received it so far: running processes that go on, and new ones. */
  readonly received: readonly { readonly pid: string; readonly started: boolean }[];
}

/**
 * `POST /api/external-tasks/outcomes`: what a worker says of many tasks (at most 1,000) in one request → 200 `OutcomesReply`.
 * Each counts by itself, as if it had been sent alone to `/engine-rest/external-task/{taskId}/{operation}`.
 */
export interface OutcomesBody {
  readonly workerId: string;
  readonly outcomes: readonly {
    readonly taskId: string;
    readonly operation: 'complete' | 'failure' | 'bpmnError';
    /** By which it is known when it is sent again, in this company or another (`Idempotency-Key`). */
    readonly key?: string;
    /** That of the operation, without `workerId`. */
    readonly body?: Readonly<Record<string, unknown>>;
  }[];
}
/** In the order of the outcomes: the status of each, and why it was refused. */
export interface OutcomesReply {
  readonly answers: readonly { readonly status: number; readonly type?: string; readonly message?: string }[];
}

/** `POST /api/shutdown` → 202 `{}`: PID 1 receives the shutdown signal. */
export interface ShutdownBody {
  readonly reason?: string;
}

/**
 * `GET /api/events?after=SEQUENCE&pid=PID` (text/event-stream): one SSE message per committed record, `id:` its sequence,
 * `event: record`, `data:` a `FeedRecord`. Without `after` and `Last-Event-ID`: from now on. A comment line every 15 s.
 */
export interface FeedRecord {
  readonly sequence: number;
  readonly at: string;
  readonly by: string;
  readonly command: string;
  readonly events: readonly FeedEvent[];
}
/** What a person or a screen wants to know of an event; `text` is one readable line. */
export interface FeedEvent {
  readonly type: string;
  readonly text: string;
  readonly pid?: string;
  readonly bpmnProcessId?: string;
  readonly definitionId?: string;
  readonly elementId?: string;
  readonly elementInstanceId?: string;
}

/** `GET /api/logs?follow=true&limit=200` : kernel log lines, oldest first. Plain: `{lines: LogLine[]}`; follow: SSE `event: log`. */
export interface LogList {
  readonly lines: readonly LogLine[];
}
export interface LogLine {
  readonly at: string;
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** `kernel`, `worker-host`, … */
  readonly source: string;
  /** Name of the kernel event, e.g. `kernel_bootstrap_complete`. */
  readonly event: string;
  readonly text: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** `GET /proc/{pid}/limits` and `/api/processes/{pid}/limits`: what holds for a process, the least of each. */
export interface ProcessLimits {
  readonly limits: readonly ProcessLimit[];
  /** −20 (first) to 19 (last). */
  readonly nice: number;
}

export interface ProcessLimit {
  /** See docs/limits.md; units are there. */
  readonly limit: string;
  readonly value: number;
  /** As far as that is counted. */
  readonly used?: number;
  readonly from: 'settings' | 'model' | 'tenant' | 'definition' | 'version' | 'instance';
  /** Who set it, when (ISO-8601) and why; absent for settings and models. */
  readonly by?: string;
  readonly at?: string;
  readonly reason?: string;
}

/** `POST /api/limits`: for a running process (`pid`), a definition (`bpmnProcessId`), or a tenant. */
export interface LimitsRequest {
  readonly pid?: string;
  readonly bpmnProcessId?: string;
  /** Without: every version. */
  readonly version?: number;
  /** With `bpmnProcessId` the tenant of the definition, else the tenant itself. */
  readonly tenantId?: string;
  /** By name; null takes one away, what is not named stays. */
  readonly limits?: { readonly [limit: string]: number | null };
  readonly nice?: number | null;
  /** For the audit, and for who reaches the limit. */
  readonly reason: string;
}

/** `GET /api/limits` → `OwnerLimits[]`: what owners have set for definitions and tenants. */
export interface OwnerLimits {
  readonly bpmnProcessId: string | null;
  readonly version: number | null;
  readonly tenantId: string | null;
  readonly limits: readonly ProcessLimit[];
  readonly nice: number | null;
}

/** `GET /api/policy`. */
export interface PolicyDetail {
  readonly rules: readonly PolicyRule[];
  /** `kind:id` of who made it what it is; null: nobody has ever made one. */
  readonly by: string | null;
  readonly why: string;
  readonly at: string | null;
}

/** `PUT /api/policy` → `PolicyReply`: the whole policy anew. */
export interface PolicyBody {
  readonly rules: readonly PolicyRule[];
  /** For the audit. */
  readonly why?: string;
}
export interface PolicyReply {
  /** That were taken back because of it. */
  readonly tasks: number;
}

/** `GET /proc/{pid}/caps`: what a running process may use. */
export interface CapabilityDetail {
  /** null: everything but system calls. */
  readonly effective: CapabilitySet;
  /** All that narrows it, its own model first. */
  readonly parts: readonly {
    readonly from: 'model' | 'caller' | 'policy';
    readonly bpmnProcessId: string;
    readonly definitionId: string;
    readonly why?: string;
    readonly set: CapabilitySet;
  }[];
}
