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
import { Problem } from '../errors.ts';
import type { Address } from './call.ts';
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
  /** By name of the call. */
  readonly actions: ReadonlyMap<string, string>;
  readonly closing: AbortSignal;
  /** How long the message of a call may take to arrive, ms. */
  readonly messageMs: number;
}

const OVERLOADED = {
  429: 'This client has more requests under way than its share. Send fewer at once, and this one again later.',
  503: 'More requests are under way than can be answered in time. Send this one again later.',
} as const;

const LATE = status('DEADLINE_EXCEEDED', 'The message of the call did not arrive. Send it again, whole.');

export class Entrance {
  readonly #options: EntranceOptions;
  readonly #visits = new WeakMap<Metadata, Visit>();

  constructor(options: EntranceOptions) {
    this.#options = options;
  }

  readonly interceptor: ServerInterceptor = ({ path }, call) => {
    let ticket: Ticket | undefined;
    let late: NodeJS.Timeout | undefined;
    return new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, pass) => {
            const taken = this.#letIn(path, call);
            if (taken === undefined) return;
            ticket = taken;
            this.#ask(path, metadata, call, taken).then(
              (visit) => {
                this.#visits.set(metadata, visit);
                late = setTimeout(() => call.sendStatus(LATE), this.#options.messageMs);
                pass(metadata);
              },
              (error: unknown) => call.sendStatus(statusOf(error)),
            );
          },
          onReceiveMessage: (message, pass) => {
            clearTimeout(late);
            pass(message);
          },
          // Also after the answer.
          onCancel: () => {
            clearTimeout(late);
            ticket?.done();
          },
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
    const socket = { remoteAddress: call.getConnectionInfo().remoteAddress } as never;
    const ticket = this.#options.admission.enter({ method: 'POST', url: path, headers: {}, socket });
    if (typeof ticket !== 'number') return ticket;
    call.sendStatus(status('RESOURCE_EXHAUSTED', OVERLOADED[ticket]));
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

function text(metadata: Metadata, name: string): string | undefined {
  const [value] = metadata.get(name);
  return typeof value === 'string' ? value : undefined;
}
