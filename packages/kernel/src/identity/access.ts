/** Proves who asks: passwords, access tokens, sessions of a browser, the token of the worker hosts, and that of the first start. */
import { createHmac, randomBytes } from 'node:crypto';
import type { Caller } from './caller.ts';
import type { Directory } from './directory.ts';
import { Guesses } from './guesses.ts';
import { SETUP } from './names.ts';
import { isPassword } from './passwords.ts';
import { hashOf, newSecret } from './tokens.ts';
import { type Proof, type Usage, UsageLog } from './usage.ts';

export type Authentication = 'none' | 'required';

export interface Proved {
  readonly caller: Caller;
  readonly proof: Proof;
  /** Label of the token, where it was one. */
  readonly label: string | null;
}

/** `wrong`: name and password, token or session do not fit; `wait`: too many guesses, or too many at the same time. */
export type Denied = { readonly denied: 'wrong' } | { readonly denied: 'wait'; readonly ms: number };

export interface AccessOptions {
  readonly authentication: Authentication;
  readonly directory: Directory;
  /** Ms since the epoch. */
  readonly now: () => number;
  /** A name and a password did not fit; `user` null: there is no such user. */
  readonly onWrong?: (user: string | null, address: string) => void;
}

export const SESSION_MS: number = 12 * 3_600_000;
const MOST_SESSIONS = 10_000;
const MOST_VERIFIED = 1_000;
/** Each takes memory and a thread for a quarter of a second. */
const HASHED_AT_ONCE = 2;
const MOST_WAITING = 16;

interface Session {
  readonly user: string;
  readonly until: number;
  /** As it was kept when the session began: another password ends it. */
  readonly password: string | null;
}

export class Access {
  readonly authentication: Authentication;
  readonly #directory: Directory;
  readonly #now: () => number;
  readonly #onWrong: NonNullable<AccessOptions['onWrong']>;
  readonly #guesses: Guesses;
  readonly #usage: UsageLog;
  readonly #sessions = new Map<string, Session>();
  /** Passwords that were right, by a key that is of no use elsewhere, with what was kept of them then. */
  readonly #verified = new Map<string, string>();
  readonly #key = randomBytes(32);
  readonly #hostToken = newSecret();
  #setupToken: string | undefined;
  #hashing = 0;
  readonly #waiting: (() => void)[] = [];

  constructor({ authentication, directory, now, onWrong = () => {} }: AccessOptions) {
    this.#onWrong = onWrong;
    this.authentication = authentication;
    this.#directory = directory;
    this.#now = now;
    this.#guesses = new Guesses(now);
    this.#usage = new UsageLog(now);
  }

  /** For the worker hosts of this kernel, as long as it runs. */
  get hostToken(): string {
    return this.#hostToken;
  }

  /** For who has started a system that has no administrator: another one with each start, and of no use once there is one. */
  setupToken(): string | undefined {
    if (this.authentication === 'none' || this.#directory.hasAdministrator()) return undefined;
    this.#setupToken ??= newSecret();
    return this.#setupToken;
  }

  async password(name: string, password: string, address: string): Promise<Proved | Denied> {
    const kept = this.#directory.user(name)?.password ?? null;
    const digest = createHmac('sha256', this.#key)
      .update(JSON.stringify([name, password]))
      .digest('base64');
    if (kept === null || this.#verified.get(digest) !== kept) {
      const ms = this.#guesses.waitMs(name, address);
      if (ms > 0) return { denied: 'wait', ms };
      this.#guesses.count(name, address);
      const right = await this.#inTurn(() => isPassword(password, kept));
      if (right === undefined) return { denied: 'wait', ms: 1_000 };
      if (!right) {
        this.#onWrong(this.#directory.user(name)?.name ?? null, address);
        return { denied: 'wrong' };
      }
      this.#guesses.forgive(name, address);
      if (kept !== null) remember(this.#verified, digest, kept, MOST_VERIFIED);
    }
    const caller = this.#directory.callerOf(name);
    return caller === undefined ? { denied: 'wrong' } : { caller, proof: 'password', label: null };
  }

  /** The next attempt for this name is looked at, however often somebody has guessed at its password. */
  forgetGuesses(name: string): void {
    this.#guesses.forget(name);
  }

  token(secret: string): Proved | Denied {
    const hash = hashOf(secret);
    if (hash === hashOf(this.#hostToken)) return { caller: this.#host(), proof: 'kernel', label: null };
    if (this.#setupToken !== undefined && hash === hashOf(this.#setupToken)) return this.#setup();
    const token = this.#directory.token(hash);
    if (token === undefined || (token.expiresAt !== null && token.expiresAt <= this.#now())) return { denied: 'wrong' };
    const caller = this.#directory.callerOf(token.user, token.roles);
    return caller === undefined ? { denied: 'wrong' } : { caller, proof: 'token', label: token.label };
  }

  /** Gives the secret of a new session of somebody who has proved himself with his password. */
  openSession({ caller }: Proved): { readonly secret: string; readonly until: number } {
    const secret = newSecret();
    const until = this.#now() + SESSION_MS;
    const password = this.#directory.user(caller.id)?.password ?? null;
    remember(this.#sessions, hashOf(secret), { user: caller.id, until, password }, MOST_SESSIONS);
    return { secret, until };
  }

  session(secret: string): Proved | Denied {
    const hash = hashOf(secret);
    const session = this.#sessions.get(hash);
    if (session === undefined) return { denied: 'wrong' };
    const { user, until, password } = session;
    const caller = this.#directory.callerOf(user);
    if (until <= this.#now() || caller === undefined || this.#directory.user(user)?.password !== password) {
      this.#sessions.delete(hash);
      return { denied: 'wrong' };
    }
    return { caller, proof: 'session', label: null };
  }

  endSession(secret: string): void {
    this.#sessions.delete(hashOf(secret));
  }

  /** `action` as the gate calls it. */
  note(
    { caller, proof, label }: Pick<Proved, 'proof' | 'label'> & { readonly caller: Usage['subject'] },
    address: string,
    action: string,
  ): void {
    this.#usage.note(caller, proof, label, address, action);
  }

  /** Newest first. */
  usage(): readonly Usage[] {
    return this.#usage.rows();
  }

  #host(): Caller {
    const permissions = this.#directory.permissionsOf(['worker']);
    return { kind: 'worker', id: 'procos-workers', roles: ['worker'], groups: [], permissions };
  }

  #setup(): Proved | Denied {
    if (this.#directory.hasAdministrator()) {
      this.#setupToken = undefined;
      return { denied: 'wrong' };
    }
    const permissions = new Set(['administerUsers', 'read'] as const);
    return {
      caller: { kind: 'user', id: SETUP, roles: [], groups: [], permissions },
      proof: 'token',
      label: 'first start',
    };
  }

  /** undefined: too many wait already. */
  async #inTurn<R>(work: () => Promise<R>): Promise<R | undefined> {
    if (this.#hashing >= HASHED_AT_ONCE) {
      if (this.#waiting.length >= MOST_WAITING) return undefined;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else this.#hashing += 1;
    try {
      return await work();
    } finally {
      // The place goes on to who waits longest.
      const next = this.#waiting.shift();
      if (next === undefined) this.#hashing -= 1;
      else next();
    }
  }
}

/** The one that was set first is forgotten where there are too many. */
function remember<V>(map: Map<string, V>, key: string, value: V, most: number): void {
  map.delete(key);
  map.set(key, value);
  for (const first of map.keys()) {
    if (map.size <= most) break;
    map.delete(first);
  }
}
