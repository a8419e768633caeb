/** Who has worked with the system lately, from where and with what; kept in memory, newest last. */
import type { Subject } from '@procos/engine';

/** `claim`: nobody has proved the name. */
export type Proof = 'password' | 'token' | 'session' | 'kernel' | 'claim';

export interface Usage {
  readonly subject: Subject;
  readonly proof: Proof;
  /** Label of the token, where it was one. */
  readonly label: string | null;
  /** Network address of the connection. */
  readonly address: string;
  readonly since: number;
  /** What was asked last, as the gate calls it, and when. */
  action: string;
  lastAt: number;
  requests: number;
}

const MOST = 1_000;

export class UsageLog {
  readonly #now: () => number;
  readonly #rows = new Map<string, Usage>();

  constructor(now: () => number) {
    this.#now = now;
  }

  note({ kind, id }: Subject, proof: Proof, label: string | null, address: string, action: string): void {
    const key = `${kind} ${proof} ${address} ${id.length} ${id}${label === null ? '' : ` ${label}`}`;
    const at = this.#now();
    const before = this.#rows.get(key);
    if (before !== undefined) {
      before.action = action;
      before.lastAt = at;
      before.requests += 1;
      return;
    }
    this.#rows.set(key, { subject: { kind, id }, proof, label, address, since: at, action, lastAt: at, requests: 1 });
    if (this.#rows.size <= MOST) return;
    const [oldest] = [...this.#rows].sort(([, a], [, b]) => a.lastAt - b.lastAt);
    if (oldest !== undefined) this.#rows.delete(oldest[0]);
  }

  /** Newest first. */
  rows(): readonly Usage[] {
    return [...this.#rows.values()].sort((a, b) => b.lastAt - a.lastAt);
  }
}
