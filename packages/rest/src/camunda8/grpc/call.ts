/** What a handler of the gateway gets to see of a call. */
import type { FaultLog, JsonObject } from '../../call.ts';
import type { KeyedEngine } from '../../idempotency.ts';
import type { Asked } from '../asked.ts';

export interface GatewayCall extends Asked {
  /** The engine of a call that may be sent again. */
  readonly keyed: KeyedEngine | undefined;
  /** Every member that is not optional in the protocol has at least its default; 64-bit numbers are text, bytes are a `Buffer`. */
  readonly message: JsonObject;
  /** Where the call came in. */
  readonly local: Address;
  /** Until when the client waits for the answer, ms since the epoch; Infinity: it does not say. */
  readonly deadlineAt: number;
  /** Aborts when nobody waits for the answer any more, or when the server closes. */
  readonly over: AbortSignal;
  readonly log: FaultLog;
  /** Asks the gate for more than the action of the call; throws where it says no. */
  readonly permit: (action: string) => void;
  /** It waits for something else than the server from now on. */
  readonly stepAside: () => void;
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Answers the one message. */
export type Unary = (call: GatewayCall) => object | Promise<object>;

/** Resolves when the client can take another one. */
export type Send = (message: object) => Promise<void>;

/** Sends messages; the stream ends when it resolves. */
export type Streaming = (call: GatewayCall, send: Send) => Promise<void>;

/** One call of the service. `action` is the question for the gate. */
export type Entry =
  | { readonly action: string; readonly unary: Unary }
  | { readonly action: string; readonly stream: Streaming };
