/** `procos.suspend`: suspends or resumes process definitions with their running instances, or the timers of elements, as was asked for. */
import type { Json } from '@procos/bpmn';
import { type Command, type CommandOf, type Outcome, type Subject, sourceOf } from '@procos/engine';
import type { Query, Tables } from '@procos/store';
import { SUSPENSION_PROCESS, type TimersOf } from '../delayed-suspension.ts';
import { type ProcessEngine, Unavailable } from '../process-engine.ts';
import { Hopeless, type SystemCall, type SystemTask } from './contract.ts';
import { starterOf } from './starter.ts';

type Suspending = CommandOf<'setSuspension'> | CommandOf<'setTimerRule'> | CommandOf<'changeTimer'>;

export interface SuspendNeeds {
  readonly engine: () => Pick<ProcessEngine, 'find'>;
  /** Why the gate refuses the command to the subject; undefined when it does not. */
  readonly refusal: (command: Command, by: Subject) => string | undefined;
  readonly submit: (command: Suspending, by: Subject) => Promise<Outcome<unknown>>;
}

/** Asking for what is so already changes nothing: a call that was interrupted simply begins again. */
export function suspend({ engine, refusal, submit }: SuspendNeeds): SystemCall {
  return {
    topic: 'procos.suspend',
    async run(task) {
      const by = starterOf(engine(), task.processInstanceId, SUSPENSION_PROCESS);
      const suspended = flag(task, 'suspended');
      const withInstances = flag(task, 'with_instances');
      const set = async (command: Suspending): Promise<void> => {
        if (task.stopping.aborted) throw new Unavailable('STOPPING', 'The kernel is stopping; this goes on later.');
        const reason = refusal(command, by);
        if (reason !== undefined) throw new Hopeless(reason);
        const outcome = await submit(command, by);
        // What has gone meanwhile needs no suspension.
        if (!outcome.ok && outcome.rejection.code !== 'NOT_FOUND') throw new Error(outcome.rejection.message);
      };
      const sources = timersOf(task);
      for (const source of sources ?? []) {
        await set({ type: 'setTimerRule', ...source, suspended });
        if (!withInstances) continue;
        for (const { id: timerId } of timersAt(engine(), source))
          await set({ type: 'changeTimer', timerId, suspended });
      }
      if (sources !== undefined) return {};
      for (const { id } of engine().find('definitions', { where: chosen(task) })) {
        await set({ type: 'setSuspension', target: { definitionId: id }, suspended });
        if (!withInstances) continue;
        const where = [
          { column: 'definitionId', op: '=', value: id },
          { column: 'state', op: '=', value: 'active' },
        ] as const;
        for (const instance of engine().find('processInstances', { where }))
          await set({ type: 'setSuspension', target: { processInstanceId: instance.id }, suspended });
      }
      return {};
    },
  };
}

function chosen(task: SystemTask): NonNullable<Query<Tables['definitions']>['where']> {
  const id = task.input('bpmn_process_id');
  if (typeof id === 'string') return [{ column: 'bpmnProcessId', op: '=', value: id }];
  const ids: Json = task.input('definition_ids');
  if (Array.isArray(ids) && ids.every((one) => Number.isSafeInteger(one)))
    return [{ column: 'id', op: 'in', value: ids as readonly number[] }];
  throw new Hopeless('The variable definition_ids of the suspension is no list of ids: cancel the suspension.');
}

/** undefined: definitions are meant. */
function timersOf(task: SystemTask): readonly TimersOf[] | undefined {
  const sources: Json = task.input('timers_of') ?? null;
  if (sources === null) return undefined;
  const known = Array.isArray(sources) ? sources.flatMap((one) => sourceIn(one) ?? []) : [];
  if (Array.isArray(sources) && known.length === sources.length) return known;
  throw new Hopeless(
    'The variable timers_of of the suspension is no list of definitionId, elementId and from: cancel the suspension.',
  );
}

function sourceIn(value: Json): TimersOf | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const { definitionId, elementId, from } = value as Readonly<Record<string, Json>>;
  const isKnown = from === 'event' || from === 'before' || from === 'after';
  if (!Number.isSafeInteger(definitionId) || typeof elementId !== 'string' || !isKnown) return undefined;
  return { definitionId: definitionId as number, elementId, from };
}

/** Of those that are set. */
function timersAt(engine: Pick<ProcessEngine, 'find'>, { definitionId, elementId, from }: TimersOf) {
  const where = [
    { column: 'definitionId', op: '=', value: definitionId },
    { column: 'elementId', op: '=', value: elementId },
  ] as const;
  return engine.find('timers', { where }).filter(({ step }) => sourceOf(step) === from);
}

function flag(task: SystemTask, name: string): boolean {
  const value = task.input(name);
  if (typeof value === 'boolean') return value;
  throw new Hopeless(`The variable ${name} of the suspension is neither true nor false: cancel the suspension.`);
}
