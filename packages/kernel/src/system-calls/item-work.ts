/** Works through a list, each item one command of its own and done once: in windows, so that what waits beside it goes on. */
import type { CommandOf, Outcome, ReplyOf, Subject } from '@procos/engine';
import type { ItemPlan } from '../batch/plan-item.ts';
import type { Clock } from '../clock.ts';
import { messageOf } from '../log.ts';
import { Unavailable } from '../process-engine.ts';
import { Postponed, type SystemTask } from './contract.ts';

export interface ItemWorkNeeds {
  readonly clock: Clock;
  readonly submit: (command: CommandOf<'workOnItem'>, by: Subject) => Promise<Outcome<ReplyOf<'workOnItem'>>>;
}

export interface ItemWork {
  readonly items: readonly number[];
  readonly by: Subject;
  readonly plan: (item: number) => ItemPlan;
  /** For the audit. */
  readonly why?: string;
}

export interface FailedItem {
  readonly item: number;
  readonly reason: string;
}

/** Items on their way at once: they share a commit, and whoever else asks something waits for no more than these. */
const WINDOW = 16;
const PAUSE_MS = 100;

export class ItemWorker {
  readonly #needs: ItemWorkNeeds;
  /** One window at a time, whoever it is of. */
  #line: Promise<unknown> = Promise.resolve();

  constructor(needs: ItemWorkNeeds) {
    this.#needs = needs;
  }

  /** Goes on where the task stands; gives those that could not be done, also from before. */
  async workThrough(task: SystemTask, work: ItemWork): Promise<readonly FailedItem[]> {
    const { items } = work;
    const failures: FailedItem[] = (task.progress?.failed ?? []).map(({ item, reason }) => ({
      item: items[item] ?? item,
      reason,
    }));
    let next = task.progress?.next ?? 0;
    while (next < items.length) {
      if (task.stopping.aborted) throw new Unavailable('STOPPING', 'The kernel is stopping; this goes on later.');
      const from = next;
      const outcomes = await this.#inLine(() => this.#window(task, work, from));
      for (const failure of outcomes) {
        if (failure !== null) failures.push({ item: items[next] ?? next, reason: failure });
        next += 1;
      }
      if (outcomes.length === 0) await new Promise<void>((resolve) => this.#needs.clock.after(PAUSE_MS, resolve));
    }
    return failures;
  }

  #inLine<R>(work: () => Promise<R>): Promise<R> {
    const mine = this.#line.then(work);
    this.#line = mine.catch(() => {});
    return mine;
  }

  /** The items from `from`, as many as go at once: for each that was come past why it failed, or null. None: try again. */
  async #window(
    task: SystemTask,
    { items, by, plan, why }: ItemWork,
    from: number,
  ): Promise<readonly (string | null)[]> {
    const note = why === undefined ? {} : { why };
    const work = (item: number, planned: ItemPlan) =>
      this.#needs.submit({ type: 'workOnItem', ...task.holder, item, ...planned, ...note }, by);
    const plans = items.slice(from, from + WINDOW).map(plan);
    const answers = await Promise.allSettled(plans.map((planned, index) => work(from + index, planned)));
    const outcomes: (string | null)[] = [];
    for (const answer of answers) {
      if (answer.status === 'fulfilled' && answer.value.ok) {
        outcomes.push(answer.value.value.failure);
        continue;
      }
      // What stopped at one item kept back those after it, since items come in order.
      if (outcomes.length > 0) break;
      if (answer.status === 'fulfilled') throw new Postponed(messageIn(answer.value));
      if (answer.reason instanceof Unavailable && answer.reason.passes) break;
      // The engine itself failed at it, and has undone it; should it be the store that failed, then so does this.
      const failure = messageOf(answer.reason);
      await work(from, { failure });
      return [failure];
    }
    return outcomes;
  }
}

/** The task was suspended, or it is gone, or somebody else's by now. */
function messageIn(answer: Outcome<unknown>): string {
  return answer.ok ? '' : answer.rejection.message;
}
