/** Which of the tasks that may be handed out are handed out next. */
import type { Turn } from '../actions/turn.ts';
import type { CommandOf, TopicRequest } from '../records/commands.ts';
import type { Flow, TurnTaking } from '../records/turns.ts';
import type { ExternalTask } from '../state/entities.ts';
import type { WantedTasks } from '../state/state.ts';

export interface Chosen {
  readonly task: ExternalTask;
  readonly request: TopicRequest;
}

type Fetch = CommandOf<'fetchAndLock'>;
type Fits = (task: ExternalTask, request: TopicRequest) => boolean;

/** At most `maxTasks`. Where no order by age is asked for, definitions that have tasks of equal priority take turns. */
export function chooseTasks(command: Fetch, turn: Turn, fits: Fits): readonly Chosen[] {
  const { externalTasks } = turn.state;
  const definitions = new Set(
    command.createTimeOrder === undefined
      ? command.topics.flatMap(({ topic }) => externalTasks.definitions(topic))
      : [],
  );
  return definitions.size > 1 ? inTurn(command, turn, fits) : inOrder(command, turn, fits);
}

function inOrder({ topics, maxTasks, usePriority, createTimeOrder }: Fetch, turn: Turn, fits: Fits): readonly Chosen[] {
  const order = { byPriority: usePriority, newestFirst: createTimeOrder === 'desc' };
  const found: Chosen[] = [];
  // A topic may be asked for twice, with other filters: no task is handed out twice.
  const seen = new Set<number>();
  for (const request of topics) {
    let taken = 0;
    for (const task of turn.state.externalTasks.fetchable(request.topic, turn.now, order, wanted(request))) {
      if (taken >= maxTasks) break;
      if (seen.has(task.id) || !fits(task, request)) continue;
      seen.add(task.id);
      found.push({ task, request });
      taken += 1;
    }
  }
  if (topics.length > 1) {
    found.sort((a, b) => {
      if (order.byPriority && a.task.priority !== b.task.priority) return b.task.priority - a.task.priority;
      return order.newestFirst ? b.task.id - a.task.id : a.task.id - b.task.id;
    });
  }
  return found.slice(0, maxTasks);
}

/** The tasks of one definition, or those that somebody had and has no more, in the order in which they would go out. */
interface Source {
  readonly request: TopicRequest;
  readonly tasks: Iterator<ExternalTask>;
  head: ExternalTask;
}

function inTurn({ topics, maxTasks, usePriority }: Fetch, turn: Turn, fits: Fits): readonly Chosen[] {
  const turns = turn.turns ?? fewestFirst();
  const found: Chosen[] = [];
  const seen = new Set<number>();
  const following = (tasks: Iterator<ExternalTask>, request: TopicRequest): ExternalTask | undefined => {
    for (let next = tasks.next(); next.done !== true; next = tasks.next())
      if (!seen.has(next.value.id) && fits(next.value, request)) return next.value;
    return undefined;
  };
  const sources = new Set<Source>();
  for (const request of topics) {
    for (const tasks of sourcesOf(request, turn, usePriority)) {
      const head = following(tasks, request);
      if (head !== undefined) sources.add({ request, tasks, head });
    }
  }
  while (found.length < maxTasks && sources.size > 0) {
    const source = next([...sources], turns, usePriority);
    const { head: task, request } = source;
    if (!seen.has(task.id)) found.push({ task, request });
    seen.add(task.id);
    const head = following(source.tasks, request);
    if (head === undefined) sources.delete(source);
    else source.head = head;
  }
  return found;
}

function sourcesOf(request: TopicRequest, { state, now }: Turn, byPriority: boolean): Iterator<ExternalTask>[] {
  const { externalTasks } = state;
  const { topic, definitionIds, bpmnProcessIds } = request;
  const sieve = wanted(request);
  const definitions = externalTasks.definitions(topic).filter((id) => {
    if (definitionIds !== undefined && !definitionIds.includes(id)) return false;
    return bpmnProcessIds === undefined || bpmnProcessIds.includes(state.definitions.get(id)?.bpmnProcessId ?? '');
  });
  return [
    ...definitions.map((id) => externalTasks.freeOf(topic, id, sieve)[Symbol.iterator]()),
    externalTasks.released(topic, now, byPriority, sieve)[Symbol.iterator](),
  ];
}

/**
 * Of those with the highest priority, where that was asked for, one of the process whose turn it is; of that the oldest. Who has
 * the oldest comes first among those whose turn it could be as well: not in an order that depends on what was there before.
 */
function next(sources: readonly Source[], turns: TurnTaking, byPriority: boolean): Source {
  const highest = byPriority ? Math.max(...sources.map(({ head }) => head.priority)) : Number.NEGATIVE_INFINITY;
  const flows = new Map<string, { readonly flow: Flow; source: Source }>();
  for (const source of sources) {
    const { tenantId, bpmnProcessId, priority, id } = source.head;
    if (priority < highest) continue;
    const key = JSON.stringify([tenantId, bpmnProcessId]);
    const known = flows.get(key);
    if (known === undefined) flows.set(key, { flow: { tenantId, bpmnProcessId }, source });
    else if (id < known.source.head.id) known.source = source;
  }
  const waiting = [...flows.values()].sort((one, other) => one.source.head.id - other.source.head.id);
  const chosen = turns.next(waiting.map(({ flow }) => flow));
  return (waiting.find(({ flow }) => flow === chosen) ?? (waiting[0] as (typeof waiting)[number])).source;
}

/** Where nobody remembers: who has had the fewest turns in this command. */
function fewestFirst(): TurnTaking {
  const had = new Map<string, number>();
  const keyOf = ({ tenantId, bpmnProcessId }: Flow): string => JSON.stringify([tenantId, bpmnProcessId]);
  return {
    next(waiting) {
      const flow = waiting.reduce((one, other) =>
        (had.get(keyOf(other)) ?? 0) < (had.get(keyOf(one)) ?? 0) ? other : one,
      );
      had.set(keyOf(flow), (had.get(keyOf(flow)) ?? 0) + 1);
      return flow;
    },
  };
}

/** What the state can tell by itself, so that a backlog of other tasks is not read for each request. */
function wanted({ definitionIds, bpmnProcessIds, businessKey, tenantIds, withoutTenantId }: TopicRequest): WantedTasks {
  return {
    ...(definitionIds === undefined ? {} : { definitionId: definitionIds }),
    ...(bpmnProcessIds === undefined ? {} : { bpmnProcessId: bpmnProcessIds }),
    ...(businessKey === undefined ? {} : { businessKey: [businessKey] }),
    ...(withoutTenantId === true ? { tenantId: [null] } : tenantIds === undefined ? {} : { tenantId: tenantIds }),
  };
}
