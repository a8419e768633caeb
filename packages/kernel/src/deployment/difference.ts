/** What a deployment would change: which topics, system calls and processes the new models use, and the versions before did not. */
import { type CapabilityDifference, capabilityDifference, type ProcessModel, usesOf } from '@procos/bpmn';
import { SYSTEM_TOPIC_PREFIX } from '../policy/decide.ts';

export interface Difference {
  readonly process: string;
  /** The latest version now; null: the process is new. */
  readonly version: number | null;
  readonly topics: Change;
  /** Languages; `unknown` where only the task itself will say. */
  readonly scripts: Change;
  readonly system_calls: Change;
  /** Processes that are called, or the expressions that name them. */
  readonly calls: Change;
  /** What it declares to use, compared with what the version before declared. */
  readonly capabilities: CapabilityDifference;
}
interface Change {
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

export function differenceOf(
  model: ProcessModel,
  before: { readonly model: ProcessModel; readonly version: number } | undefined,
): Difference {
  const [now, then] = [usedBy(model), usedBy(before?.model)];
  const declaredBefore = before === undefined ? undefined : (before.model.capabilities ?? null);
  return {
    process: model.bpmnProcessId,
    version: before?.version ?? null,
    topics: change(now.topics, then.topics),
    scripts: change(now.scripts, then.scripts),
    system_calls: change(now.systemCalls, then.systemCalls),
    calls: change(now.calls, then.calls),
    capabilities: capabilityDifference(declaredBefore, model.capabilities ?? null),
  };
}

/** One line per process, for a person. */
export function summaryOf(differences: readonly Difference[]): string {
  return differences
    .map(({ process, version, topics, scripts, system_calls, calls, capabilities }) => {
      const what = [
        ...words('uses the system call', system_calls.added),
        ...words('uses the topic', topics.added),
        ...words('uses scripts in', scripts.added),
        ...words('calls', calls.added),
        ...words('no longer uses the system call', system_calls.removed),
        ...words('no longer uses the topic', topics.removed),
        ...words('no longer uses scripts in', scripts.removed),
        ...words('no longer calls', calls.removed),
        ...declared(capabilities),
      ];
      const head = version === null ? `${process} is new` : `${process} replaces version ${version}`;
      return what.length === 0 ? `${head} and uses what it used before.` : `${head}: ${what.join('; ')}.`;
    })
    .join('\n');
}

function words(what: string, names: readonly string[]): string[] {
  return names.map((name) => `${what} ${name}`);
}

/** Without a block everything is said by what it uses. */
function declared({ declares, added, removed }: CapabilityDifference): string[] {
  if (!declares) return [];
  return [...words('declares', added), ...words('no longer declares', removed)];
}

function usedBy(model: ProcessModel | undefined) {
  const uses = {
    topics: new Set<string>(),
    scripts: new Set<string>(),
    systemCalls: new Set<string>(),
    calls: new Set<string>(),
  };
  if (model === undefined) return uses;
  for (const { request } of usesOf(model)) {
    if (request.kind === 'scripts') uses.scripts.add(request.name);
    if (request.kind === 'tasks')
      (request.name.startsWith(SYSTEM_TOPIC_PREFIX) ? uses.systemCalls : uses.topics).add(request.name);
  }
  for (const element of Object.values(model.elements)) {
    if ('called' in element) uses.calls.add(element.called.processId.text);
    if ('work' in element && element.work.topic.language !== 'literal') uses.topics.add(element.work.topic.text);
  }
  return uses;
}

function change(now: ReadonlySet<string>, then: ReadonlySet<string>): Change {
  const without = (one: ReadonlySet<string>, other: ReadonlySet<string>) => [...one].filter((name) => !other.has(name));
  return { added: without(now, then).sort(), removed: without(then, now).sort() };
}
