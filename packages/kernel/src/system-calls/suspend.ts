/** `procos.suspend`: suspends or resumes process definitions, and their running instances where that was asked for. */
import type { Json } from '@procos/bpmn';
import type { Command, CommandOf, Outcome, Subject } from '@procos/engine';
import type { Query, Tables } from '@procos/store';
import { SUSPENSION_PROCESS } from '../delayed-suspension.ts';
import { type ProcessEngine, Unavailable } from '../process-engine.ts';
import { Hopeless, type SystemCall, type SystemTask } from './contract.ts';
import { starterOf } from './starter.ts';

type Suspending = CommandOf<'setSuspension'>;

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
      const set = async (target: Suspending['target']): Promise<void> => {
        if (task.stopping.aborted) throw new Unavailable('STOPPING', 'The kernel is stopping; this goes on later.');
        const command: Suspending = { type: 'setSuspension', target, suspended };
        const reason = refusal(command, by);
        if (reason !== undefined) throw new Hopeless(reason);
        const outcome = await submit(command, by);
        // What has gone meanwhile needs no suspension.
        if (!outcome.ok && outcome.rejection.code !== 'NOT_FOUND') throw new Error(outcome.rejection.message);
      };
      for (const { id } of engine().find('definitions', { where: chosen(task) })) {
        await set({ definitionId: id });
        if (!withInstances) continue;
        const where = [
          { column: 'definitionId', op: '=', value: id },
          { column: 'state', op: '=', value: 'active' },
        ] as const;
        for (const instance of engine().find('processInstances', { where }))
          await set({ processInstanceId: instance.id });
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

function flag(task: SystemTask, name: string): boolean {
  const value = task.input(name);
  if (typeof value === 'boolean') return value;
  throw new Hopeless(`The variable ${name} of the suspension is neither true nor false: cancel the suspension.`);
}
