/** The engine's ports over the tables of the state. */
import type {
  Command,
  Definition,
  ExternalTask,
  IdentityKind,
  IdentityOf,
  State,
  Timer,
  WantedTasks,
} from '@procos/engine';
import type { Backend } from './backend.ts';
import { controlRows } from './controls.ts';
import { foresee } from './foresight.ts';
import { Groups } from './groups.ts';
import type { Health } from './health.ts';
import { InstanceParts } from './instance-parts.ts';
import { Releases } from './releases.ts';
import { type Cell, EVER, type Identified, type Lookup, type Sieve, type Spec } from './spec.ts';
import { type Parts, Table } from './table.ts';
import * as tables from './tables/state-tables.ts';

/** Name of the value that tells which instance is PID 1. */
export const ROOT_INSTANCE = 'rootInstanceId';
/** Name of the value that tells at which instant time stands still. */
export const CLOCK_PINNED_AT = 'clockPinnedAt';

export interface StateTables {
  readonly state: Omit<State, 'singletons'>;
  readonly all: readonly Table<never>[];
  foresee(commands: readonly Command[]): void;
}

/** `storedUpTo`: the last identity that a row on the medium can have. */
export function createStateTables(backend: Backend, health: Health, storedUpTo: number): StateTables {
  const all: Table<never>[] = [];
  function open<Row extends Identified>(spec: Spec<Row>, parts?: Parts<Row>): Table<Row> {
    const table = new Table(spec, backend.table(spec), health, storedUpTo, parts);
    all.push(table as unknown as Table<never>);
    return table;
  }
  const deployments = open(tables.deployments);
  const definitions = open(tables.definitions);
  const decisions = open(tables.decisions);
  const externalTasks = open(tables.externalTasks);
  const timers = open(tables.timers);
  const subscriptions = open(tables.subscriptions);
  const messages = open(tables.messages);
  const incidents = open(tables.incidents);
  const answers = open(tables.answers);
  const identities = open(tables.identities);
  const topicServers = open(tables.topicServers);
  const instances = open(tables.instances, new InstanceParts(backend.table(tables.instanceParts)));
  const controls = open(tables.controls);
  const notes = open(tables.notes);
  const userTasks = open(tables.userTasks);

  const freeTasks = new Groups((topic) => distinct(externalTasks, tables.definitionsOfFreeTasks, [topic]));
  const withTimers = new Groups(() => distinct(timers, tables.definitionsOfTimers, []));
  const heldTasks = new Releases(
    (topic) => externalTasks.take(1, tables.nextTaskReleased, [topic], EVER)[0]?.availableAt ?? EVER,
  );
  externalTasks.onDrop(() => freeTasks.forget());
  externalTasks.onDrop(() => heldTasks.forget());
  timers.onDrop(() => withTimers.forget());

  /** The first that was not removed. */
  function present(lookup: Lookup, values: readonly Cell[]): Definition | undefined {
    const found = definitions.first(lookup, values);
    if (found?.removed !== true) return found;
    for (const definition of definitions.select(lookup, values)) if (definition.removed !== true) return definition;
    return undefined;
  }

  const state: Omit<State, 'singletons'> = {
    deployments: Object.assign(rows(deployments), {
      latest: (name: string | null, tenantId: string | null) =>
        deployments.first(tables.deploymentsByName, [name, tenantId]),
    }),
    definitions: Object.assign(rows(definitions), {
      latest: (bpmnProcessId: string, tenantId: string | null) =>
        present(tables.definitionsByProcess, [bpmnProcessId, tenantId]),
      version: (bpmnProcessId: string, version: number, tenantId: string | null) =>
        present(tables.definitionsByVersion, [bpmnProcessId, tenantId, version]),
      versionTag: (bpmnProcessId: string, versionTag: string, tenantId: string | null) =>
        present(tables.definitionsByTag, [bpmnProcessId, tenantId, versionTag]),
      ofDeployment: (deploymentId: number) => [...definitions.select(tables.definitionsByDeployment, [deploymentId])],
    }),
    decisions: Object.assign(rows(decisions), {
      latest: (decisionId: string, tenantId: string | null) =>
        decisions.first(tables.decisionsByDecision, [decisionId, tenantId]),
      version: (decisionId: string, version: number, tenantId: string | null) =>
        decisions.first(tables.decisionsByVersion, [decisionId, tenantId, version]),
      versionTag: (decisionId: string, versionTag: string, tenantId: string | null) =>
        decisions.first(tables.decisionsByTag, [decisionId, tenantId, versionTag]),
      ofDeployment: (deploymentId: number) => [...decisions.select(tables.decisionsByDeployment, [deploymentId])],
    }),
    instances: Object.assign(rows(instances), {
      upTo: (upTo: number, limit: number) => instances.take(limit, tables.instancesUpTo, [], upTo),
    }),
    externalTasks: Object.assign(rows(externalTasks), {
      put(task: ExternalTask) {
        externalTasks.put(task);
        if (task.availableAt === 0) freeTasks.add(task.topic, task.definitionId);
        else heldTasks.add(task.topic, task.availableAt);
      },
      definitions: (topic: string) => [...freeTasks.of(topic)],
      *freeOf(topic: string, definitionId: number, wanted: WantedTasks = {}) {
        const sieve = sieveOf(wanted);
        let found = sieve.length > 0;
        for (const task of externalTasks.select(tables.freeTasksOf, [topic, definitionId], undefined, sieve)) {
          found = true;
          yield task;
        }
        if (!found) freeTasks.remove(topic, definitionId);
      },
      released(topic: string, now: number, byPriority: boolean, wanted: WantedTasks = {}) {
        if (!heldTasks.isDue(topic, now)) return [];
        const [, released] = tables.fetchableTasks[byPriority ? 'byPriority' : 'byAge'].oldest;
        return externalTasks.select(released, [topic], now, sieveOf(wanted));
      },
      nextRelease: (topic: string, after: number) =>
        externalTasks.take(1, tables.tasksReleasedAfter, [topic], after)[0]?.availableAt,
      fetchable(
        topic: string,
        now: number,
        order: { readonly byPriority: boolean; readonly newestFirst: boolean },
        wanted: WantedTasks = {},
      ) {
        const sieve = sieveOf(wanted);
        const [ofNobody, released] =
          tables.fetchableTasks[order.byPriority ? 'byPriority' : 'byAge'][order.newestFirst ? 'newest' : 'oldest'];
        const free = externalTasks.select(ofNobody, [topic], undefined, sieve);
        if (!heldTasks.isDue(topic, now)) return free;
        return merge(
          free,
          externalTasks.select(released, [topic], now, sieve),
          (left, right) =>
            (order.byPriority ? right.priority - left.priority : 0) ||
            (order.newestFirst ? right.id - left.id : left.id - right.id),
        );
      },
    }),
    userTasks: rows(userTasks),
    timers: Object.assign(rows(timers), {
      put(timer: Timer) {
        timers.put(timer);
        withTimers.add('', timer.definitionId);
      },
      definitions: () => [...withTimers.of('')],
      dueOf(definitionId: number, now: number, limit: number) {
        const due = timers.take(limit, tables.timersDueOf, [definitionId], now);
        if (due.length === 0 && timers.take(1, tables.timersDueOf, [definitionId], EVER).length === 0)
          withTimers.remove('', definitionId);
        return due;
      },
      due: (now: number, limit: number) => timers.take(limit, tables.timersDue, [], now),
      nextDueAt: remembered(timers, () => timers.take(1, tables.timersDue, [], EVER)[0]?.dueAt),
      startTimers: (definitionId: number) => [...timers.select(tables.startTimers, [definitionId])],
    }),
    subscriptions: Object.assign(rows(subscriptions), {
      byName: (kind: string, name: string) => [...subscriptions.select(tables.subscriptionsByName, [name, kind])],
      after(kind: string, name: string, after: number, limit: number) {
        const found = subscriptions.take(limit, tables.subscriptionsAfter, [name, kind], after);
        // Most of them are told next.
        instances.bring(found.flatMap(({ processInstanceId }) => processInstanceId ?? []));
        return found;
      },
      byKey: (name: string, correlationKey: string) => [
        ...subscriptions.select(tables.subscriptionsByKey, [name, correlationKey]),
      ],
      byBusinessKey: (name: string, businessKey: string) => [
        ...subscriptions.select(tables.subscriptionsByBusinessKey, [name, businessKey]),
      ],
      ofInstance: (name: string, processInstanceId: number) => [
        ...subscriptions.select(tables.subscriptionsOfInstance, [name, processInstanceId]),
      ],
      starting: (kind: string, name: string) => [
        ...subscriptions.select(tables.startSubscriptionsByName, [name, kind]),
      ],
      startSubscriptions: (definitionId: number) => [
        ...subscriptions.select(tables.startSubscriptions, [definitionId]),
      ],
    }),
    topicServers: Object.assign(rows(topicServers), {
      of: (topic: string, tenantId: string | null) => topicServers.first(tables.topicServersByTopic, [topic, tenantId]),
    }),
    messages: Object.assign(rows(messages), {
      byKey: (name: string, correlationKey: string) => [
        ...messages.select(tables.messagesByKey, [name, correlationKey]),
      ],
      expired: (now: number, limit: number) => messages.take(limit, tables.messagesExpired, [], now),
      nextExpiryAt: remembered(messages, () => messages.take(1, tables.messagesExpired, [], EVER)[0]?.expiresAt),
    }),
    incidents: Object.assign(rows(incidents), {
      ofExternalTask: (externalTaskId: number) => incidents.first(tables.incidentsOfTask, [externalTaskId]),
    }),
    answers: Object.assign(rows(answers), {
      byKey: (key: string) => answers.first(tables.answersByKey, [key]),
      expired: (now: number, limit: number) => answers.take(limit, tables.answersExpired, [], now),
    }),
    identities: Object.assign(rows(identities), {
      named: <K extends IdentityKind>(kind: K, name: string) =>
        identities.first(tables.identitiesByName, [kind, name]) as IdentityOf<K> | undefined,
      ofKind: <K extends IdentityKind>(kind: K) =>
        [...identities.select(tables.identitiesOfKind, [kind])] as unknown as readonly IdentityOf<K>[],
    }),
    notes: {
      ...rows(notes),
      get none() {
        return notes.take(1, tables.anyNote, [], EVER).length === 0;
      },
      ofInstance: (processInstanceId: number) => [...notes.select(tables.notesOfInstance, [processInstanceId])],
    },
    filters: rows(open(tables.filters)),
    controls: controlRows(rows(controls), () => controls.select(tables.allControls, [], EVER)),
  };
  const foreseeable = { instances, subscriptions, externalTasks, userTasks, timers, incidents };
  return { state, all, foresee: (commands) => foresee(commands, foreseeable) };
}

function sieveOf(wanted: WantedTasks): Sieve {
  return Object.entries(wanted).map(([column, among]) => ({ column, among }));
}

/** Definitions that the look-up finds rows of, the greatest id first: one search for each. */
function* distinct<Row extends Identified & { readonly definitionId: number }>(
  table: Table<Row>,
  lookup: Lookup,
  values: readonly Cell[],
): Generator<number> {
  for (let upTo = EVER; ; ) {
    const [row] = table.take(1, lookup, values, upTo);
    if (row === undefined) return;
    yield row.definitionId;
    upTo = row.definitionId - 1;
  }
}

/** Asked after every commit: what it gave is given again until the table changes. */
function remembered<Row extends Identified, T>(table: Table<Row>, ask: () => T): () => T {
  let revision: number | undefined;
  let answer: T;
  return () => {
    if (revision !== table.revision) {
      answer = ask();
      revision = table.revision;
    }
    return answer;
  };
}

/** The part that every port has. */
function rows<Row extends Identified>(table: Table<Row>) {
  return {
    get: (id: number): Row | undefined => table.get(id),
    put: (row: Row): void => table.put(row),
    delete: (id: number): void => table.delete(id),
  };
}

function* merge<T>(left: Iterator<T>, right: Iterator<T>, compare: (left: T, right: T) => number): Generator<T> {
  let a = left.next();
  let b = right.next();
  while (!a.done && !b.done) {
    if (compare(a.value, b.value) <= 0) {
      yield a.value;
      a = left.next();
    } else {
      yield b.value;
      b = right.next();
    }
  }
  for (; !a.done; a = left.next()) yield a.value;
  for (; !b.done; b = right.next()) yield b.value;
}
