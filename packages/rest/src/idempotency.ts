/**
 * `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): the engine keeps its answer to a request that changes
 * something, and whoever repeats the request gets it again. The handlers run a second time; what they submit does not.
 */
import { createHash } from 'node:crypto';
import type {
  CheckFindings,
  CommandOf,
  CommandType,
  Definition,
  DeployOutcome,
  DeployRequest,
  EffectiveCapabilities,
  InstanceLimits,
  KeptPolicy,
  LargeValues,
  LogRecord,
  Outcome,
  Page,
  ProcessEngine,
  ProcessModel,
  Query,
  Rejection,
  ReplyOf,
  RequestKey,
  Subject,
  TableName,
  Tables,
} from '@procos/kernel';
import type { FastifyRequest } from 'fastify';
import { BadRequest } from './origin.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Hash of the body as it came, of requests with a key; '' without a body. */
    bodyDigest: string;
  }
}

/** The key was used for another request (422). */
export class KeyReused extends Error {
  constructor() {
    super('The Idempotency-Key belongs to another request: send every request with a key of its own.');
    this.name = 'KeyReused';
  }
}

const CHANGING = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/** The key of a request that may change something, without the quotes of the draft; refuses what cannot be one (400). */
export function idempotencyKey(request: FastifyRequest): string | undefined {
  const header = request.headers['idempotency-key'];
  if (header === undefined || !CHANGING.has(request.method)) return undefined;
  return keyOf(String(header));
}

/** The same for the text of a key, wherever it stands. */
export function keyOf(text: string): string {
  const [, quoted, bare] = /^(?:"([ !#-[\]-~]{1,255})"|([!#-[\]-~]{1,255}))$/.exec(text.trim()) ?? [];
  const key = quoted ?? bare;
  if (key !== undefined) return key;
  throw new BadRequest(
    400,
    'The Idempotency-Key must be 1 to 255 printable ASCII characters, e.g. a UUID, in double quotes or without.',
  );
}

export function digestOf(...parts: readonly (string | Buffer)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${part.length} `).update(part);
  // 128 bits are enough to tell requests apart, and half as much to keep.
  return hash.digest('base64url').slice(0, 22);
}

/** What a handler sees as its engine when the request has a key. One command has the key; others need one per item. */
export class KeyedEngine implements ProcessEngine {
  readonly #engine: ProcessEngine;
  readonly #request: FastifyRequest;
  readonly #key: string;
  readonly #fingerprint: string | undefined;
  #used = false;

  /** `fingerprint`: by which the same request is known; default: method, path and body. */
  constructor(engine: ProcessEngine, request: FastifyRequest, key: string, fingerprint?: string) {
    this.#engine = engine;
    this.#request = request;
    this.#key = key;
    this.#fingerprint = fingerprint;
  }

  /** For one of several commands of the request. */
  ofItem(item: string): KeyedEngine {
    return new KeyedEngine(this.#engine, this.#request, `${this.#key}/${item}`);
  }

  isRepeated(by: Subject): boolean {
    return this.#engine.isAnswered(this.#scoped(by));
  }

  async submit<T extends CommandType>(command: CommandOf<T>, by: Subject): Promise<Outcome<ReplyOf<T>>> {
    return notReused(await this.#engine.submit(command, by, this.#requestKey(by)));
  }

  async fetchAndLock(
    command: CommandOf<'fetchAndLock'>,
    by: Subject,
    wait: Parameters<ProcessEngine['fetchAndLock']>[2],
  ): Promise<Outcome<ReplyOf<'fetchAndLock'>>> {
    return notReused(await this.#engine.fetchAndLock(command, by, wait, this.#requestKey(by)));
  }

  async deploy(request: DeployRequest, by: Subject): Promise<DeployOutcome> {
    const outcome = await this.#engine.deploy(request, by, this.#requestKey(by));
    const isReused = !outcome.ok && outcome.findings.some(({ problems }) => problems.some(isReuse));
    if (isReused) throw new KeyReused();
    return outcome;
  }

  check(request: DeployRequest, by: Subject): Promise<CheckFindings> {
    return this.#engine.check(request, by);
  }
  isAnswered(key: string): boolean {
    return this.#engine.isAnswered(key);
  }
  find<T extends TableName>(table: T, query?: Query<Tables[T]>): readonly Tables[T][] {
    return this.#engine.find(table, query);
  }
  count<T extends TableName>(table: T, query?: Query<Tables[T]>): number {
    return this.#engine.count(table, query);
  }
  page<T extends TableName>(table: T, query?: Query<Tables[T]>): Page<Tables[T]> {
    return this.#engine.page(table, query);
  }
  definition(definitionId: number): Definition | undefined {
    return this.#engine.definition(definitionId);
  }
  latestDefinition(bpmnProcessId: string, tenantId: string | null): Definition | undefined {
    return this.#engine.latestDefinition(bpmnProcessId, tenantId);
  }
  model(definitionId: number): ProcessModel | undefined {
    return this.#engine.model(definitionId);
  }
  policy(): KeptPolicy {
    return this.#engine.policy();
  }
  setPolicy(policy: unknown, why: string, by: Subject): Promise<Outcome<{ readonly tasks: number }>> {
    return this.#engine.setPolicy(policy, why, by);
  }
  capabilitiesOf(processInstanceId: number): EffectiveCapabilities | undefined {
    return this.#engine.capabilitiesOf(processInstanceId);
  }
  startRefusal(definitionId: number): Rejection | undefined {
    return this.#engine.startRefusal(definitionId);
  }
  limitsOf(processInstanceId: number): InstanceLimits | undefined {
    return this.#engine.limitsOf(processInstanceId);
  }
  records(after: number, limit: number): readonly LogRecord[] {
    return this.#engine.records(after, limit);
  }
  get largeValues(): LargeValues {
    return this.#engine.largeValues;
  }
  get queued(): number {
    return this.#engine.queued;
  }
  keepUp(): boolean {
    return this.#engine.keepUp();
  }
  get firstSequence(): number {
    return this.#engine.firstSequence;
  }
  get lastSequence(): number {
    return this.#engine.lastSequence;
  }
  onCommitted(listener: (records: readonly LogRecord[]) => void): () => void {
    return this.#engine.onCommitted(listener);
  }
  now(): number {
    return this.#engine.now();
  }

  #requestKey(by: Subject): RequestKey {
    if (this.#used) throw new Error(`two commands of ${this.#request.url} share one key: give each item its own`);
    this.#used = true;
    const { method, url, bodyDigest } = this.#request;
    return { key: this.#scoped(by), fingerprint: this.#fingerprint ?? digestOf(method, url, bodyDigest) };
  }

  /** Nobody gets answers that were meant for others. */
  #scoped(by: Subject): string {
    return `${by.kind}:${by.id} ${this.#key}`;
  }
}

function isReuse({ rule }: { readonly rule: string }): boolean {
  return rule === 'KEY_REUSED';
}

function notReused<T>(outcome: Outcome<T>): Outcome<T> {
  if (!outcome.ok && outcome.rejection.code === 'KEY_REUSED') throw new KeyReused();
  return outcome;
}
