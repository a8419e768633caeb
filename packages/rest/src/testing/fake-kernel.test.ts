/** A kernel of plain arrays for tests of the faces: answers queries from rows, and commands as told. */
import type {
  CheckFindings,
  Command,
  CommandOf,
  CommandType,
  Condition,
  Decision,
  Definition,
  DeployOutcome,
  DeployRequest,
  ExternalTask,
  Kernel,
  KernelLogLine,
  KernelStatus,
  LargeValues,
  LogRecord,
  Outcome,
  ProcessEngine,
  ProcessModel,
  Query,
  Question,
  ReplyOf,
  Subject,
  TableName,
  Tables,
} from '@procos/kernel';
import { createIdentity, DEFAULT_LIMITS, type Identity } from '@procos/kernel';
import { createMemoryStore } from '@procos/store';

export const NOW: number = Date.UTC(2026, 0, 15, 10, 30);

export class FakeEngine implements ProcessEngine {
  readonly tables: { [T in TableName]: Tables[T][] } = {
    deployments: [],
    definitions: [],
    externalTasks: [],
    userTasks: [],
    timers: [],
    topicServers: [],
    subscriptions: [],
    incidents: [],
    processInstances: [],
    elementInstances: [],
    variables: [],
    incidentHistory: [],
    decisions: [],
    decisionInstances: [],
    warnings: [],
    controls: [],
    notes: [],
    filters: [],
  };
  policy() {
    return { rules: [], by: null, why: '', at: null };
  }
  async setPolicy() {
    return { ok: true as const, value: { tasks: 0 } };
  }
  capabilitiesOf(): undefined {
    return undefined;
  }
  startRefusal(): undefined {
    return undefined;
  }
  limitsOf(): undefined {
    return undefined;
  }
  readonly submitted: { readonly command: Command; readonly by: Subject }[] = [];
  readonly deployed: DeployRequest[] = [];
  readonly log: LogRecord[] = [];
  /** What the next commands are answered, by type; a function may look at the command. */
  answers: Partial<Record<CommandType, (command: Command) => unknown>> = {};
  onDeploy: (request: DeployRequest) => DeployOutcome = () => ({ ok: false, findings: [] });
  readonly #listeners = new Set<(records: readonly LogRecord[]) => void>();

  async submit<T extends CommandType>(command: CommandOf<T>, by: Subject): Promise<Outcome<ReplyOf<T>>> {
    this.submitted.push({ command: command as Command, by });
    const answer = this.answers[command.type];
    return (answer ? answer(command as Command) : { ok: true, value: {} }) as Outcome<ReplyOf<T>>;
  }
  readonly largeValues: LargeValues = {
    mostBytes: 1,
    take: () => Promise.reject(new Error('not here')),
    find: () => undefined,
    read: () => [],
  };
  readonly queued = 0;
  keepUp(): boolean {
    return false;
  }
  answer(): undefined {
    return undefined;
  }
  async check(request: DeployRequest): Promise<CheckFindings> {
    const outcome = await this.onDeploy(request);
    return { refused: !outcome.ok, findings: outcome.ok ? outcome.warnings : outcome.findings, defines: [] };
  }
  models: ReadonlyMap<number, ProcessModel> = new Map();
  externalTask(externalTaskId: number): ExternalTask | undefined {
    return this.tables.externalTasks.find(({ id }) => id === externalTaskId);
  }
  definition(definitionId: number): Definition | undefined {
    const row = this.tables.definitions.find(({ id }) => id === definitionId);
    return row && { ...row, model: this.models.get(definitionId) as ProcessModel };
  }
  latestDefinition(bpmnProcessId: string, tenantId: string | null): Definition | undefined {
    const versions = this.tables.definitions.filter(
      (row) => row.bpmnProcessId === bpmnProcessId && row.tenantId === tenantId,
    );
    const newest = versions.toSorted((a, b) => b.version - a.version)[0];
    return newest && this.definition(newest.id);
  }
  model(definitionId: number): ProcessModel | undefined {
    return this.models.get(definitionId);
  }
  async deploy(request: DeployRequest): Promise<DeployOutcome> {
    this.deployed.push(request);
    return this.onDeploy(request);
  }
  async fetchAndLock(
    command: CommandOf<'fetchAndLock'>,
    by: Subject,
    wait: { readonly waitMs: number; readonly signal?: AbortSignal },
  ): Promise<Outcome<ReplyOf<'fetchAndLock'>>> {
    const outcome = await this.submit(command, by);
    if (!outcome.ok || outcome.value.tasks?.length || wait.waitMs === 0) return outcome;
    await new Promise<void>((done) => {
      const timer = setTimeout(done, wait.waitMs);
      wait.signal?.addEventListener('abort', () => {
        clearTimeout(timer);
        this.aborted += 1;
        done();
      });
    });
    return { ok: true, value: { tasks: [] } };
  }
  aborted = 0;

  find<T extends TableName>(table: T, query: Query<Tables[T]> = {}): readonly Tables[T][] {
    const rows = (this.tables[table] as Tables[T][]).filter((row) => (query.where ?? []).every((c) => holds(row, c)));
    rows.sort((a, b) => {
      for (const { column, descending } of [...(query.orderBy ?? []), { column: 'id' as keyof Tables[T] & string }]) {
        const [left, right] = [a[column], b[column]] as unknown as [number, number];
        if (left !== right) return left < right === !descending ? -1 : 1;
      }
      return 0;
    });
    const from = query.offset ?? 0;
    return rows.slice(from, query.limit === undefined ? undefined : from + query.limit);
  }
  count<T extends TableName>(table: T, query?: Query<Tables[T]>): number {
    return this.find(table, query).length;
  }
  page<T extends TableName>(
    table: T,
    query: Query<Tables[T]> = {},
  ): { readonly rows: readonly Tables[T][]; readonly total: number } {
    const all = query.where === undefined ? {} : { where: query.where };
    return { rows: this.find(table, query), total: this.count(table, all) };
  }
  records(after: number, limit: number): readonly LogRecord[] {
    return this.log.filter((record) => record.sequence > after).slice(0, limit);
  }
  readonly firstSequence = 1;
  get lastSequence(): number {
    return this.log.at(-1)?.sequence ?? 0;
  }
  onCommitted(listener: (records: readonly LogRecord[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
  commit(events: LogRecord['events'], command = 'test'): LogRecord {
    const record = {
      sequence: this.lastSequence + 1,
      at: NOW,
      by: { kind: 'user', id: 'ada' },
      command,
      lastId: 0,
      events,
    };
    this.log.push(record);
    for (const listener of this.#listeners) listener([record]);
    return record;
  }
  get listeners(): number {
    return this.#listeners.size;
  }
  now(): number {
    return NOW;
  }
}

function holds<Row>(row: Row, condition: Condition<Row>): boolean {
  const value = row[condition.column] as unknown as number | null;
  switch (condition.op) {
    case '=':
      return value === condition.value;
    case '!=':
      return value !== condition.value;
    case '<':
      return value !== null && value < (condition.value as number);
    case '<=':
      return value !== null && value <= (condition.value as number);
    case '>':
      return value !== null && value > (condition.value as number);
    case '>=':
      return value !== null && value >= (condition.value as number);
    case 'in':
      return condition.value.includes(value);
    case 'notIn':
      return !condition.value.includes(value);
    case 'like':
      return new RegExp(`^${condition.value.replaceAll('%', '.*').replaceAll('_', '.')}$`).test(String(value));
    case 'hasAny':
      return (value as unknown as readonly string[]).some((one) => condition.value.includes(one));
    case 'isNull':
      return value === null;
    case 'notNull':
      return value !== null;
  }
}

export class FakeKernel implements Kernel {
  readonly engine: FakeEngine = new FakeEngine();
  readonly asked: Question[] = [];
  decision: Decision = { allowed: true };
  shutdowns = 0;
  lines: KernelLogLine[] = [];
  readonly gate: Kernel['gate'] = {
    decide: (question) => {
      this.asked.push(question);
      return this.decision;
    },
  };
  /** In an empty memory, and everybody may come. */
  readonly identity: Identity = fakeIdentity(this.engine);
  readonly log: Kernel['log'] = {
    recent: (limit) => this.lines.slice(-limit),
    follow: (listener) => {
      this.followers.add(listener);
      return () => this.followers.delete(listener);
    },
  };
  readonly services: Kernel['services'] = {
    ...{ register: () => undefined, heartbeat: () => undefined, remove: () => false, note: () => false },
    ...{ list: () => [], choose: () => ({ ok: false, why: 'none', message: 'none' }) as const, noteHealth() {} },
  };
  readonly workers: Kernel['workers'] = { announce() {}, leaves() {}, list: () => [] };
  readonly recovery: Kernel['recovery'] = {
    planFor: () => undefined,
    planForFacts: (facts) => ({ facts, severity: null, rule: null, outputs: {}, without: null, problem: null }),
  };
  readonly followers: Set<(line: KernelLogLine) => void> = new Set();
  status(): KernelStatus {
    return {
      version: '0.1.0',
      startedAt: NOW,
      phase: 'ready',
      safe: false,
      rootInstanceId: 1000,
      store: { kind: 'memory', path: null, format: 1, sizeBytes: () => 0, lastSequence: this.engine.lastSequence },
      hosts: [],
      residentBytes: 1,
      zone: 'UTC',
      clockPinnedAt: null,
      limits: DEFAULT_LIMITS,
    };
  }
  async requestShutdown(): Promise<void> {
    this.shutdowns += 1;
  }
}

function fakeIdentity(engine: FakeEngine): Identity {
  const { state } = createMemoryStore();
  return createIdentity({
    authentication: 'none',
    read: (ask) => ask(state.identities),
    now: () => NOW,
    engine: () => engine,
    submit: (command, by) => engine.submit(command, by),
  });
}
