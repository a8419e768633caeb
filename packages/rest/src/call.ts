/** What a handler of either face gets to see of a request, and what it may answer besides JSON. */
import type { Json, Kernel, ProcessEngine, Subject } from '@procos/kernel';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** A JSON object from outside: null prototype, bounded depth (see safe-json.ts). */
export type JsonObject = { readonly [name: string]: Json };

/** Takes faults of the server itself; the kernel's log is one. */
export interface FaultLog {
  error(event: string, text: string, fields?: Readonly<Record<string, unknown>>): void;
}

export interface Call {
  readonly kernel: Kernel;
  readonly engine: ProcessEngine;
  /** The engine for one of several commands of the request, so that each is known again when the request is repeated. */
  readonly engineFor: (item: number) => ProcessEngine;
  /** The request has had its answer: what is not there any more is no reason to refuse it, the engine knows what it said. */
  readonly repeated: boolean;
  /** What `keep` was given when the request came before. */
  readonly kept: () => Json | undefined;
  /** For an answer that no command leads to: it is kept for the case that the request comes again. */
  readonly keep: (reply: Json) => Promise<unknown> | undefined;
  /** Of what the engine was just asked for and keeps nothing by itself: a number by which it is known, the same when the request is repeated. */
  readonly changeId: () => number;
  readonly by: Subject;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string | string[]>>;
  /** The JSON object of the body; empty when there was none (or `null`). Throws 415 when it is a form: that is read by `multipart.ts`. */
  readonly body: JsonObject;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** Aborts when the server closes: ends long polls and streams. */
  readonly closing: AbortSignal;
  readonly log: FaultLog;
}

/** An answer that is not JSON. */
export class Raw {
  readonly contentType: string;
  readonly content: string | Buffer;
  readonly headers: Readonly<Record<string, string>>;
  constructor(contentType: string, content: string | Buffer, headers: Readonly<Record<string, string>> = {}) {
    this.contentType = contentType;
    this.content = content;
    this.headers = headers;
  }
}

/** JSON with another status than 200. */
export class Answer {
  readonly status: number;
  readonly content: unknown;
  constructor(status: number, content: unknown) {
    this.status = status;
    this.content = content;
  }
}

/** The handler has taken over the connection (streams). */
export const TAKEN_OVER: unique symbol = Symbol('taken over');

/** Answers JSON (any value), nothing (`undefined` → 204), `Raw`, `Answer` or `TAKEN_OVER`. */
export type Handler = (call: Call) => unknown;

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS';

/** Declares one route of a face. `action` is the question for the gate, `<subject>.<verb>`; `about`: what is said of it, kept in its config. */
export type Declare = (method: Method, path: string, action: string, handler: Handler, about?: object) => void;
