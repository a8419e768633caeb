/**
 * `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): the engine keeps its answer to a request that changes
 * something, and whoever repeats the request gets it again. The handlers run a second time; what they submit does not.
 */
import { createHash } from 'node:crypto';
import {
  type CommandOf,
  type CommandType,
  type DeployOutcome,
  type DeployRequest,
  type Json,
  type Outcome,
  PassingEngine,
  type ProcessEngine,
  type ReplyOf,
  type RequestKey,
  type Subject,
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

/** What a face refused by itself when the same request came first, e.g. since it did not find what that was about. */
export class KeptRefusal extends Error {
  /** In the words of the face: a status of HTTP with the body that was sent, or a code of gRPC with its details. */
  readonly status: number;
  readonly body: Json;
  constructor({ status, body }: Refusal) {
    super('The same request was refused before.');
    this.name = 'KeptRefusal';
    this.status = status;
    this.body = body;
  }
}

type Refusal = Pick<KeptRefusal, 'status' | 'body'>;

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

/** What of a request makes it the same when it is sent again. */
export type Repeatable = Pick<FastifyRequest, 'method' | 'url' | 'bodyDigest'>;

/** What a handler sees as its engine when the request has a key. One command has the key; others need one per item. */
export class KeyedEngine extends PassingEngine {
  readonly #request: Repeatable;
  readonly #key: string;
  readonly #fingerprint: string | undefined;
  /** A command of the request has come to the engine, which keeps what it says of it. */
  #used = false;
  /** Some of it may have been done, and the rest may still be. */
  #hasItems = false;

  /** `fingerprint`: by which the same request is known; default: method, path and body. */
  constructor(engine: ProcessEngine, request: Repeatable, key: string, fingerprint?: string) {
    super(engine);
    this.#request = request;
    this.#key = key;
    this.#fingerprint = fingerprint;
  }

  /** For one of several commands of the request, by a key that no client can send. */
  ofItem(item: string): KeyedEngine {
    this.#hasItems = true;
    return new KeyedEngine(this.inner, this.#request, `${this.#key}"${item}`);
  }

  isRepeated(by: Subject): boolean {
    return this.#answerId(by) !== undefined;
  }

  /** A number for the change that was just made: with a key that of its answer, else its place in the log. */
  changeId(by: Subject): number {
    return this.#answerId(by) ?? this.inner.lastSequence;
  }

  /** What a face answered by itself to this very request; undefined: nothing. */
  keptReply(by: Subject): Json | undefined {
    const answer = this.inner.answer(this.#scoped(by));
    return answer?.fingerprint === this.#print() ? replyIn(answer.outcome) : undefined;
  }

  /**
   * Keeps what a face answers by itself. Gives what is answered: where the same request came twice at once, what the
   * other one was; undefined: that has come to the engine, which knows what.
   */
  async keepReply(reply: Json, by: Subject): Promise<Json | undefined> {
    if (this.#used || this.#hasItems) return reply;
    const outcome = await this.inner.submit({ type: 'keepReply', reply }, by, this.#requestKey(by));
    return replyIn(checked(outcome, false) as unknown as Json);
  }

  /** Throws what a face refused by itself when this very request came first. */
  refuseAgain(by: Subject): void {
    const reply = this.keptReply(by);
    if (isRefusal(reply)) throw new KeptRefusal(reply);
  }

  /** Keeps that a face refused it by itself, and throws what was answered first. Comes back when that is to be made out of what the engine knows. */
  async refuse(refusal: Refusal, by: Subject): Promise<void> {
    const reply = await this.keepReply({ ...refusal }, by);
    if (isRefusal(reply)) throw new KeptRefusal(reply);
    this.#used = false;
  }

  #answerId(by: Subject): number | undefined {
    return this.inner.answer(this.#scoped(by))?.id;
  }

  override async submit<T extends CommandType>(command: CommandOf<T>, by: Subject): Promise<Outcome<ReplyOf<T>>> {
    return checked(await this.inner.submit(command, by, this.#requestKey(by)));
  }

  override async fetchAndLock(
    command: CommandOf<'fetchAndLock'>,
    by: Subject,
    wait: Parameters<ProcessEngine['fetchAndLock']>[2],
  ): Promise<Outcome<ReplyOf<'fetchAndLock'>>> {
    return checked(await this.inner.fetchAndLock(command, by, wait, this.#requestKey(by)));
  }

  override async deploy(request: DeployRequest, by: Subject): Promise<DeployOutcome> {
    const outcome = await this.inner.deploy(request, by, this.#requestKey(by));
    const isReused = !outcome.ok && outcome.findings.some(({ problems }) => problems.some(isReuse));
    if (isReused) throw new KeyReused();
    return outcome;
  }

  #requestKey(by: Subject): RequestKey {
    if (this.#used) throw new Error(`two commands of ${this.#request.url} share one key: give each item its own`);
    this.#used = true;
    return { key: this.#scoped(by), fingerprint: this.#print() };
  }

  #print(): string {
    const { method, url, bodyDigest } = this.#request;
    return this.#fingerprint ?? digestOf(method, url, bodyDigest);
  }

  /** Nobody gets answers that were meant for others: an id ends where the first space stands. */
  #scoped(by: Subject): string {
    return `${by.kind}:${by.id.replaceAll(/[% ]/g, encodeURIComponent)} ${this.#key}`;
  }
}

function isReuse({ rule }: { readonly rule: string }): boolean {
  return rule === 'KEY_REUSED';
}

/** Throws what ends the request: its key is another one's, or, where `again`, it has been refused before. */
function checked<T>(outcome: Outcome<T>, again = true): Outcome<T> {
  if (!outcome.ok && outcome.rejection.code === 'KEY_REUSED') throw new KeyReused();
  const reply = again && outcome.ok ? replyIn(outcome as unknown as Json) : undefined;
  if (isRefusal(reply)) throw new KeptRefusal(reply);
  return outcome;
}

/** Of an outcome that the engine kept. */
function replyIn(outcome: Json): Json | undefined {
  const { value } = outcome as { readonly value?: { readonly keptReply?: Json } };
  return value?.keptReply;
}

function isRefusal(reply: Json | undefined): reply is Refusal & { readonly [name: string]: Json } {
  return reply !== null && typeof reply === 'object' && 'status' in reply;
}
