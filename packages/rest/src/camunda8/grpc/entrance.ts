/** The way in of every call, before anything of its message is read: is there time for it, who asks, and may they. */
import {
  type Metadata,
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
} from '@grpc/grpc-js';
import type { Kernel } from '@procos/kernel';
import type { Admission, Ticket } from '../../admission.ts';
import { proveHeader } from '../../authentication.ts';
import { type Asker, claimedName, NOBODY, noteUse, permitAsker } from '../../gate.ts';
import type { RefusalPace } from '../../refusal-pace.ts';
import { Problem } from '../errors.ts';
import type { Address } from './call.ts';
import { sizeOf } from './definition.ts';
import { status, statusOf } from './status.ts';

/** A call that was let in. */
export interface Visit {
  readonly asker: Asker;
  readonly local: Address;
  readonly stepAside: () => void;
}

export interface EntranceOptions {
  readonly kernel: Kernel;
  readonly admission: Admission;
  readonly pace: RefusalPace;
  /** By name of the call. */
  readonly actions: ReadonlyMap<string, string>;
  readonly closing: AbortSignal;
  /** The largest message, bytes. */
  readonly mostBytes: number;
  /** How long the message of a call may take to arrive, ms. */
  readonly messageMs: number;
}

const OVERLOADED = {
  429: 'This client has more requests under way than its share. Send fewer at once, and this one again later.',
  503: 'More requests are under way than can be answered in time. Send this one again later.',
} as const;

export class Entrance {
  readonly #options: EntranceOptions;
  readonly #visits = new WeakMap<Metadata, Visit>();
  readonly #late: Late = { count: 0 };

  constructor(options: EntranceOptions) {
    this.#options = options;
  }

  readonly interceptor: ServerInterceptor = ({ path }, call) => {
    const arrival = new Arrival(call, this.#options, this.#late);
    return new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, pass) => {
            const ticket = this.#letIn(path, call);
            if (ticket === undefined) return;
            arrival.begin(ticket);
            this.#ask(path, metadata, call, ticket).then(
              (visit) => {
                this.#visits.set(metadata, visit);
                arrival.expect();
                pass(metadata);
              },
              (error: unknown) => call.sendStatus(statusOf(error)),
            );
          },
          onReceiveMessage: (message: object, pass) => {
            if (arrival.take(sizeOf(message))) pass(message);
          },
          // Also after the answer.
          onCancel: () => arrival.end(),
        }),
    });
  };

  /** Of a call that a handler was given. */
  visitOf(metadata: Metadata): Visit {
    const visit = this.#visits.get(metadata);
    if (visit === undefined) throw new Error('a call has not come in by the entrance');
    return visit;
  }

  #letIn(path: string, call: ServerInterceptingCallInterface): Ticket | undefined {
    if (this.#options.closing.aborted) {
      call.sendStatus(status('UNAVAILABLE', 'The system shuts down.'));
      return undefined;
    }
    const { admission, pace } = this.#options;
    const socket = { remoteAddress: call.getConnectionInfo().remoteAddress } as never;
    const ticket = admission.enter({ method: 'POST', url: path, headers: {}, socket });
    if (typeof ticket !== 'number') return ticket;
    // The connection carries other calls: not it waits for its turn to be refused, but this call.
    const refuse = (): void => call.sendStatus(status('RESOURCE_EXHAUSTED', OVERLOADED[ticket]));
    const waitMs = pace.refused();
    if (waitMs > 0) setTimeout(refuse, waitMs).unref();
    else refuse();
    return undefined;
  }

  async #ask(path: string, metadata: Metadata, call: ServerInterceptingCallInterface, ticket: Ticket): Promise<Visit> {
    const { kernel, actions } = this.#options;
    const { remoteAddress = '', localAddress = '127.0.0.1', localPort = 0 } = call.getConnectionInfo();
    const asker = await askerOf(metadata, remoteAddress, kernel);
    const action = actions.get(path.slice(path.lastIndexOf('/') + 1));
    if (action === undefined) throw new Problem('NOT_IMPLEMENTED', `${path} is not served by this server`);
    permitAsker(kernel, asker, action);
    noteUse(kernel, asker, action);
    return { asker, local: { host: localAddress, port: localPort }, stepAside: () => ticket.stepAside() };
  }
}

/** A message that is not here by then is no small one, ms. */
const SMALL_MS = 50;
/** Of those so many are awaited at once: what has come of each is not known, and all others are to find room beside them. */
const MOST_LATE = 8;

interface Late {
  count: number;
}

const LATE = status('DEADLINE_EXCEEDED', 'The message of the call did not arrive. Send it again, whole.');
const NO_ROOM = status('RESOURCE_EXHAUSTED', 'Too many large messages are under way. Send this one again later.');

/**
 * The message of a call on its way in. The library holds what has come of it, so it counts among the bodies under way: as the
 * largest there may be while it takes its time, as what it is once it is here.
 */
class Arrival {
  readonly #call: ServerInterceptingCallInterface;
  readonly #options: Pick<EntranceOptions, 'mostBytes' | 'messageMs'>;
  #ticket: Ticket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #counted = 0;
  #over = false;
  readonly #allLate: Late;
  #isLate = false;

  constructor(
    call: ServerInterceptingCallInterface,
    options: Pick<EntranceOptions, 'mostBytes' | 'messageMs'>,
    allLate: Late,
  ) {
    this.#call = call;
    this.#options = options;
    this.#allLate = allLate;
  }

  begin(ticket: Ticket): void {
    this.#ticket = ticket;
  }

  expect(): void {
    if (!this.#over) this.#timer = setTimeout(() => this.#takesTime(), SMALL_MS).unref();
  }

  #takesTime(): void {
    const { mostBytes, messageMs } = this.#options;
    if (this.#allLate.count >= MOST_LATE) {
      this.#call.sendStatus(NO_ROOM);
      return;
    }
    this.#isLate = true;
    this.#allLate.count += 1;
    this.#ticket?.awaitBody();
    if (!this.#hold(mostBytes)) return;
    this.#timer = setTimeout(() => this.#call.sendStatus(LATE), messageMs).unref();
  }

  /** false: it was refused. */
  take(bytes: number): boolean {
    clearTimeout(this.#timer);
    this.#arrived();
    this.#ticket?.bodyIsHere();
    return this.#hold(bytes - this.#counted);
  }

  end(): void {
    this.#over = true;
    clearTimeout(this.#timer);
    this.#arrived();
    this.#ticket?.done();
  }

  #arrived(): void {
    if (this.#isLate) this.#allLate.count -= 1;
    this.#isLate = false;
  }

  #hold(more: number): boolean {
    this.#counted += more;
    if (this.#ticket?.hold(more) !== false) return true;
    this.#call.sendStatus(NO_ROOM);
    return false;
  }
}

/** Throws `Unauthenticated` or `TooManyGuesses` for a proof that is none. */
async function askerOf(metadata: Metadata, remoteAddress: string, { identity }: Kernel): Promise<Asker> {
  const { access } = identity;
  if (access.authentication === 'none') {
    return { subject: claimedName(text(metadata, 'x-procos-user')), proved: null, remoteAddress };
  }
  const header = text(metadata, 'authorization');
  if (header === undefined || header === '') return { subject: NOBODY, proved: null, remoteAddress };
  const proved = await proveHeader(header, remoteAddress, access);
  return { subject: proved.caller, proved, remoteAddress };
}

/** The first value of a header; undefined where there is none. */
export function text(metadata: Metadata, name: string): string | undefined {
  const [value] = metadata.get(name);
  return typeof value === 'string' ? value : undefined;
}
