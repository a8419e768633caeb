/** Takes turns between tenants, and between the processes of one: each gets its share, and nobody waits for another one's backlog. */
import type { Flow, State, TurnTaking } from '@procos/engine';

/** How much of it somebody gets, compared with others; 1 where nobody has said. */
export interface Weights {
  tenant(tenantId: string | null): number;
  process(flow: Flow): number;
}

/** 1 at nice 0, about a quarter more for each step down, as on Linux. */
export function weightOf(nice: number): number {
  return 1.25 ** -nice;
}

/** As nice as their owners have set them. */
export function weightsOf({ controls }: Pick<State, 'controls'>): Weights {
  return {
    tenant: (tenantId) =>
      tenantId === null ? 1 : weightOf(controls.of({ kind: 'tenant', tenantId })?.nice?.value ?? 0),
    process: ({ tenantId, bpmnProcessId }) =>
      weightOf(controls.of({ kind: 'definition', tenantId, bpmnProcessId, version: null })?.nice?.value ?? 0),
  };
}

/** Passes that are remembered though nobody of that name waits. */
const MOST_PASSES = 4_096;

/**
 * Everybody has a pass that grows by 1 / weight with each turn; the smallest is next. Who is new, or comes back, begins where
 * the others are: so among n who wait each waits for at most n − 1 turns of others with the same weight, and a newcomer for
 * at most one turn of each of those that are level with it, however many turns any of them still wants.
 */
class Passes {
  readonly #passes = new Map<string, number>();
  #level = 0;

  /** The index of whose turn it is. */
  next(keys: readonly string[], weight: (index: number) => number): number {
    let chosen = 0;
    let least = Number.POSITIVE_INFINITY;
    for (const [index, key] of keys.entries()) {
      const pass = this.#passOf(key);
      if (pass < least) [chosen, least] = [index, pass];
    }
    const key = keys[chosen] ?? '';
    this.#level = Math.max(this.#level, least);
    this.#passes.set(key, least + 1 / weight(chosen));
    if (this.#passes.size > MOST_PASSES) this.#forget(new Set(keys));
    return chosen;
  }

  #passOf(key: string): number {
    return Math.max(this.#passes.get(key) ?? 0, this.#level);
  }

  /** Who does not wait has no claim from before; who is ahead waits until others have come as far. */
  #forget(waiting: ReadonlySet<string>): void {
    for (const [key, pass] of this.#passes) if (!waiting.has(key) && pass <= this.#level) this.#passes.delete(key);
  }
}

export class FairShare implements TurnTaking {
  readonly #weights: Weights;
  readonly #tenants = new Passes();
  readonly #processes = new Map<string | null, Passes>();

  constructor(weights: Weights) {
    this.#weights = weights;
  }

  next(waiting: readonly Flow[]): Flow {
    const [first] = waiting;
    if (first === undefined) throw new Error('nobody waits for a turn');
    const byTenant = Map.groupBy(waiting, ({ tenantId }) => tenantId);
    const tenants = [...byTenant.keys()];
    const keys = tenants.map((id) => id ?? '');
    const tenantId = tenants[this.#tenants.next(keys, (index) => this.#weights.tenant(tenants[index] ?? null))] ?? null;
    const flows = byTenant.get(tenantId) ?? [];
    let passes = this.#processes.get(tenantId);
    if (passes === undefined) {
      passes = new Passes();
      this.#processes.set(tenantId, passes);
    }
    const processes = flows.map(({ bpmnProcessId }) => bpmnProcessId);
    return flows[passes.next(processes, (index) => this.#weights.process(flows[index] ?? first))] ?? first;
  }
}

/** What waits, by whose it is; of each the first that came is the first that goes. */
export class FairQueue<Item> {
  readonly #share: TurnTaking;
  readonly #lines = new Map<string, { readonly flow: Flow; items: Item[]; gone: number }>();
  #size = 0;

  constructor(share: TurnTaking) {
    this.#share = share;
  }

  get size(): number {
    return this.#size;
  }

  push(flow: Flow, item: Item): void {
    const key = JSON.stringify([flow.tenantId, flow.bpmnProcessId]);
    const line = this.#lines.get(key);
    if (line === undefined) this.#lines.set(key, { flow, items: [item], gone: 0 });
    else line.items.push(item);
    this.#size += 1;
  }

  next(): Item | undefined {
    if (this.#size === 0) return undefined;
    const lines = [...this.#lines.values()];
    const flow = lines.length === 1 ? lines[0]?.flow : this.#share.next(lines.map((line) => line.flow));
    const [key, line] = [...this.#lines].find((entry) => entry[1].flow === flow) ?? [];
    if (key === undefined || line === undefined) return undefined;
    const item = line.items[line.gone];
    line.gone += 1;
    this.#size -= 1;
    if (line.gone === line.items.length) this.#lines.delete(key);
    else if (line.gone > 1_000 && line.gone * 2 > line.items.length) {
      line.items = line.items.slice(line.gone);
      line.gone = 0;
    }
    return item;
  }

  clear(): void {
    this.#lines.clear();
    this.#size = 0;
  }
}
