/** What a deployment would change: which topics, system calls and processes the new models use, and the versions before did not. */
import type { ProcessModel } from '@procos/bpmn';
import { SYSTEM_TOPIC_PREFIX, SYSTEM_WORKER_TOPICS } from '../policy/decide.ts';

export interface Difference {
  readonly process: string;
  /** The latest version now; null: the process is new. */
  readonly version: number | null;
  readonly topics: Change;
  readonly system_calls: Change;
  /** Processes that are called, or the expressions that name them. */
  readonly calls: Change;
}
interface Change {
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

export function differenceOf(
  model: ProcessModel,
  before: { readonly model: ProcessModel; readonly version: number } | undefined,
): Difference {
  const [now, then] = [usesOf(model), usesOf(before?.model)];
  return {
    process: model.bpmnProcessId,
    version: before?.version ?? null,
    topics: change(now.topics, then.topics),
    system_calls: change(now.systemCalls, then.systemCalls),
    calls: change(now.calls, then.calls),
  };
}

/** One line per process, for a person. */
export function summaryOf(differences: readonly Difference[]): string {
  return differences
    .map(({ process, version, topics, system_calls, calls }) => {
      const what = [
        ...words('uses the system call', system_calls.added),
        ...words('uses the topic', topics.added),
        ...words('calls', calls.added),
        ...words('no longer uses the system call', system_calls.removed),
        ...words('no longer uses the topic', topics.removed),
        ...words('no longer calls', calls.removed),
      ];
      const head = version === null ? `${process} is new` : `${process} replaces version ${version}`;
      return what.length === 0 ? `${head} and uses what it used before.` : `${head}: ${what.join('; ')}.`;
    })
    .join('\n');
}

function words(what: string, names: readonly string[]): string[] {
  return names.map((name) => `${what} ${name}`);
}

function usesOf(model: ProcessModel | undefined) {
  const uses = { topics: new Set<string>(), systemCalls: new Set<string>(), calls: new Set<string>() };
  for (const element of Object.values(model?.elements ?? {})) {
    if ('called' in element) uses.calls.add(element.called.processId.text);
    if (!('work' in element)) continue;
    const topic = element.work.topic.text;
    const isCall = topic.startsWith(SYSTEM_TOPIC_PREFIX) && !SYSTEM_WORKER_TOPICS.has(topic);
    (isCall ? uses.systemCalls : uses.topics).add(topic);
  }
  return uses;
}

function change(now: ReadonlySet<string>, then: ReadonlySet<string>): Change {
  const without = (one: ReadonlySet<string>, other: ReadonlySet<string>) => [...one].filter((name) => !other.has(name));
  return { added: without(now, then).sort(), removed: without(then, now).sort() };
}
