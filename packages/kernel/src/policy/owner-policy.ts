/** The owner's policy at run time: kept as a deployment, and after a change the tasks that it concerns are taken back. */
import { type CapabilitySet, narrow, type Policy, policyProblems, SCRIPT_TOPIC } from '@procos/bpmn';
import {
  type CapabilityPart,
  type CommandOf,
  capabilityParts,
  type ExternalTask,
  type LogRecord,
  type Outcome,
  POLICY_DEPLOYMENT,
  POLICY_FILE,
  type Subject,
  together,
  type Undeclared,
} from '@procos/engine';
import type { Store } from '@procos/store';
import type { Hosts } from '../hosts.ts';

/** As it is kept: who made it what it is, and why. */
export interface KeptPolicy extends Policy {
  /** `kind:id`; null: nobody has ever made one. */
  readonly by: string | null;
  readonly why: string;
  /** ms since the epoch. */
  readonly at: number | null;
}

export interface OwnerPolicyOptions {
  readonly store: Pick<Store, 'state' | 'find'>;
  readonly submit: (command: CommandOf<'deploy'> | CommandOf<'applyPolicy'>, by: Subject) => Promise<Outcome<unknown>>;
  readonly undeclared: Undeclared;
}

/** Tasks of one command: others get their turn between them. */
const AT_ONCE = 500;

export class OwnerPolicy {
  readonly #options: OwnerPolicyOptions;
  /** By which tasks may have been handed out that were to be taken back, and are not: that was refused, or is under way. */
  readonly #stillHeld = new Set<Policy>();

  constructor(options: OwnerPolicyOptions) {
    this.#options = options;
  }

  get(): KeptPolicy {
    const { state } = this.#options.store;
    const deployment = state.deployments.latest(POLICY_DEPLOYMENT, null);
    const content = deployment?.resources.find(({ name }) => name === POLICY_FILE)?.content;
    if (deployment === undefined || content === undefined) return { rules: [], by: null, why: '', at: null };
    return { ...(JSON.parse(content) as Omit<KeptPolicy, 'at'>), at: deployment.deployedAt };
  }

  /** The whole policy anew. Resolves when every task that it concerns is taken back. */
  async set(value: unknown, why: string, by: Subject): Promise<Outcome<{ readonly tasks: number }>> {
    const problems = [...policyProblems(value), ...(why.trim() === '' ? ['Say why, for the audit.'] : [])];
    if (problems.length > 0) return { ok: false, rejection: { code: 'INVALID_ARGUMENT', message: problems.join(' ') } };
    const before = this.get();
    const { rules } = value as Policy;
    const content = JSON.stringify({ rules, by: `${by.kind}:${by.id}`, why });
    const outcome = await this.#options.submit(
      {
        type: 'deploy',
        name: POLICY_DEPLOYMENT,
        source: null,
        tenantId: null,
        resources: [{ name: POLICY_FILE, content }],
        definitions: [],
        skipUnchanged: false,
      },
      by,
    );
    if (!outcome.ok) return outcome;
    this.#stillHeld.add(before);
    const earlier = [...this.#stillHeld];
    const tasks = await this.#takeBack(earlier, { rules }, by, why);
    // Not reached where that was refused: who asks again, also for the same, gets it done.
    for (const policy of earlier) this.#stillHeld.delete(policy);
    return { ok: true, value: { tasks } };
  }

  /** Those that are locked first: somebody works on them. */
  async #takeBack(earlier: readonly Policy[], after: Policy, by: Subject, why: string): Promise<number> {
    // One that was locked is free in the second round.
    const taken = new Set<number>();
    for (const op of ['notNull', 'isNull'] as const) {
      for (let last = 0; ; ) {
        const tasks = this.#options.store.find('externalTasks', {
          where: [
            { column: 'workerId', op },
            { column: 'id', op: '>', value: last },
          ],
          orderBy: [{ column: 'id' }],
          limit: AT_ONCE,
        });
        const concerned = tasks.filter(
          (task) => !taken.has(task.id) && earlier.some((before) => this.#concerns(task, before, after)),
        );
        const externalTaskIds = concerned.map(({ id }) => id);
        for (const id of externalTaskIds) taken.add(id);
        if (externalTaskIds.length > 0) {
          const reason = `taken back, because the owner's policy has changed: ${why}`;
          await this.#options.submit({ type: 'applyPolicy', externalTaskIds, reason }, by);
        }
        if (tasks.length < AT_ONCE) break;
        last = tasks.at(-1)?.id ?? last;
      }
    }
    return taken.size;
  }

  /** Its set lost something that a worker of its topic may use. */
  #concerns(task: ExternalTask, before: Policy, after: Policy): boolean {
    const { state } = this.#options.store;
    const instance = state.instances.get(task.processInstanceId);
    if (instance === undefined) return false;
    const setUnder = (policy: Policy): CapabilitySet =>
      together(capabilityParts(state, instance, this.#options.undeclared, policy));
    const [then, now] = [setUnder(before), setUnder(after)];
    return (
      JSON.stringify(usable(narrow(then, now), task.topic)) !== JSON.stringify(usable(narrow(then, then), task.topic))
    );
  }

  /** All that narrows what the instance may use; undefined: it does not run. */
  partsOf(processInstanceId: number): readonly CapabilityPart[] | undefined {
    const { state } = this.#options.store;
    const instance = state.instances.get(processInstanceId);
    return instance === undefined ? undefined : capabilityParts(state, instance, this.#options.undeclared);
  }
}

/** Which other topics and processes there are, and who may start it, is nothing to who works on a task. */
function usable(set: CapabilitySet, topic: string): CapabilitySet {
  if (set === null) return null;
  const { tasks = [], processes: _1, access: _2, limits: _3, classification: _4, denied, ...rest } = set;
  const { tasks: notTasks = [], processes: _5, ...others } = denied ?? {};
  const { scripts: _6, ...withoutScripts } = rest;
  return {
    ...(topic === SCRIPT_TOPIC ? rest : withoutScripts),
    tasks: tasks.filter(({ name }) => isFor(name, topic)),
    denied: { ...others, tasks: notTasks.filter(({ name }) => isFor(name, topic)) },
  };
}

function isFor(name: string, topic: string): boolean {
  return name.endsWith('*') ? topic.startsWith(name.slice(0, -1)) : name === topic;
}

/** Hosts hear of tasks that were taken back at once, not only when they ask for a longer lock. */
export function tellHosts(hosts: Pick<Hosts, 'tell'>): (records: readonly LogRecord[]) => void {
  return (records) => {
    for (const { events } of records) {
      for (const event of events) {
        if (event.type === 'externalTaskForbidden') tell(event.externalTaskId, null, event.reason);
        else if (event.type === 'externalTaskFenced' && event.reason !== undefined)
          tell(event.externalTaskId, event.lockCount, event.reason);
      }
    }
  };

  function tell(id: number, lockCount: number | null, reason: string): void {
    hosts.tell({ type: 'revoked', taskId: String(id), lockCount, reason });
  }
}
