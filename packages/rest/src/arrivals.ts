/**
 * Bodies that take their time to come in: who sends one slowly holds no place among those that are worked on, and of the room
 * for bodies no more than has come. Else a few clients who send nothing would keep out everybody.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Ticket } from './admission.ts';

/** A body that is not here by then is not quick, ms. */
const QUICK_MS = 50;
const MOST_LOOK_MS = 250;
/** May have come with the head. */
const FIRST_BYTES = 65_536;

interface Arriving {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly ticket: Ticket;
  /** Nothing more of it can be held. */
  readonly refuse: () => void;
  /** Bytes of the connection before it. */
  readonly before: number;
}

export class Arrivals {
  /** Those of this turn of the event loop: most have their body in the next one, and cost nothing more. */
  #latest: Arriving[] = [];

  watch(request: IncomingMessage, response: ServerResponse, ticket: Ticket, refuse: () => void): void {
    const before = request.socket.bytesRead;
    if (this.#latest.push({ request, response, ticket, refuse, before }) === 1) setImmediate(() => this.#sort());
  }

  #sort(): void {
    const latest = this.#latest;
    this.#latest = [];
    for (const one of latest) if (isOnItsWay(one)) setTimeout(() => setAside(one), QUICK_MS).unref();
  }
}

function isOnItsWay({ request, response }: Arriving): boolean {
  return !(request.complete || request.destroyed || response.writableEnded);
}

function setAside(one: Arriving): void {
  if (!isOnItsWay(one)) return;
  const { request, ticket } = one;
  ticket.awaitBody();
  request.once('end', () => {
    ticket.bodyCame(cameOf(one));
    ticket.bodyIsHere();
  });
  look(one, QUICK_MS);
}

function look(one: Arriving, afterMs: number): void {
  if (!isOnItsWay(one)) return;
  if (!one.ticket.bodyCame(cameOf(one))) one.refuse();
  else setTimeout(look, afterMs, one, Math.min(MOST_LOOK_MS, afterMs * 2)).unref();
}

function cameOf({ request, before }: Arriving): number {
  return request.socket.bytesRead - before + FIRST_BYTES;
}
