/** Changes of users that are handed in: kept in the store until the process of the system carries them out. */
import { createHash, randomUUID } from 'node:crypto';
import { jsonOf } from '@procos/bpmn';
import type {
  CommandOf,
  CommandType,
  IdentityChange,
  IdentityRequest,
  Outcome,
  Rejection,
  ReplyOf,
  State,
  Subject,
} from '@procos/engine';
import { USER_REQUEST } from '../boot.ts';
import type { ProcessEngine } from '../process-engine.ts';
import type { Access } from './access.ts';
import { type Caller, isCaller } from './caller.ts';
import { Directory } from './directory.ts';
import { SETUP, USER_PROCESS } from './names.ts';
import { checkOutcome, type IdentityOperation, plan, Refused, withChanges } from './operations.ts';

export interface RequestsOptions {
  readonly access: Pick<Access, 'authentication'>;
  readonly directory: Directory;
  /** The identities as they are now. */
  readonly identities: () => State['identities'];
  readonly engine: () => ProcessEngine;
  readonly submit: <T extends CommandType>(command: CommandOf<T>, by: Subject) => Promise<Outcome<ReplyOf<T>>>;
}

export interface Judged {
  readonly changes: readonly IdentityChange[];
  readonly summary: string;
  /** Nobody gets a right by it. */
  readonly harmless: boolean;
}

/** How long a request waits for PID 1. */
const TIME_TO_LIVE_MS = 3_600_000;

export class IdentityRequests {
  readonly #options: RequestsOptions;

  constructor(options: RequestsOptions) {
    this.#options = options;
  }

  /** What the operations come to now, together; throws `Refused`. */
  judge(operations: readonly IdentityOperation[], by: Subject): Judged {
    const { directory, identities, engine, access } = this.#options;
    const caller = isCaller(by) ? by : directory.resolve(by);
    const about = { by: caller, now: engine().now(), authentication: access.authentication };
    let after = identities();
    const changes: IdentityChange[] = [];
    const summary: string[] = [];
    let harmless = true;
    for (const operation of operations) {
      const seen = new Directory((read) => read(after));
      const planned = plan(operation, { ...about, directory: seen });
      if (!planned.own && !this.#mayAdminister(caller))
        throw new Refused(
          `${planned.summary}: ${caller.id} may not; the permission administerUsers is needed (role administrator).`,
        );
      after = withChanges(after, planned.changes);
      changes.push(...planned.changes);
      summary.push(planned.summary);
      harmless &&= planned.harmless;
    }
    checkOutcome(directory, new Directory((read) => read(after)));
    return { changes, summary: summary.join('\n'), harmless };
  }

  /** Keeps the request and has PID 1 run the process with it. Throws `Refused`. */
  async handIn(
    operations: readonly IdentityOperation[],
    by: Caller | Subject,
  ): Promise<Outcome<{ readonly request: string }>> {
    const { engine } = this.#options;
    this.judge(operations, by);
    const subject = { kind: by.kind, id: by.id };
    const kept = jsonOf(operations);
    const content = JSON.stringify([subject, kept, randomUUID()]);
    const name = createHash('sha256').update(content).digest('hex');
    const request = { kind: 'request', name, by: subject, operations: kept, handedInAt: engine().now() } as const;
    const outcome = await this.#submitAll(request, by);
    return outcome === undefined ? { ok: true, value: { request: name } } : { ok: false, rejection: outcome };
  }

  async #submitAll(request: IdentityRequest, by: Subject): Promise<Rejection | undefined> {
    const { submit, engine } = this.#options;
    const kept = await submit({ type: 'requestIdentityChange', request }, by);
    if (!kept.ok) return kept.rejection;
    const variables = { request: request.name };
    const value = { id: randomUUID(), process: USER_PROCESS, businessKey: businessKeyOf(request.name), variables };
    const message = { name: USER_REQUEST, correlationKey: '', timeToLiveMs: TIME_TO_LIVE_MS, once: true } as const;
    const taken = { request: { type: 'Json', value } } as const;
    const started = await engine().submit({ type: 'publishMessage', ...message, variables: taken }, by);
    return started.ok ? undefined : started.rejection;
  }

  /** Whoever reaches a system without authentication may do everything a person may do; so may the first start, until there is an administrator. */
  #mayAdminister(caller: Caller): boolean {
    const { access, directory } = this.#options;
    if (access.authentication === 'none' || caller.permissions.has('administerUsers')) return true;
    return caller.kind === 'user' && caller.id === SETUP && !directory.hasAdministrator();
  }
}

/** By which the process that carries it out is found. */
export function businessKeyOf(request: string): string {
  return `identities ${request.slice(0, 12)}`;
}
