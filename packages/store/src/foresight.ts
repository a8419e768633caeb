/** What the commands of a batch are going to ask for one by one: read together before they run. */
import type { Command, ExternalTask, Incident, ProcessInstance, Subscription, Timer, UserTask } from '@procos/engine';
import type { Cell, Lookup } from './spec.ts';
import type { Table } from './table.ts';
import { subscriptionsByBusinessKey, subscriptionsByKey, subscriptionsOfInstance } from './tables/state-tables.ts';

export interface Foreseeable {
  readonly instances: Table<ProcessInstance>;
  readonly subscriptions: Table<Subscription>;
  readonly externalTasks: Table<ExternalTask>;
  readonly userTasks: Table<UserTask>;
  readonly timers: Table<Timer>;
  readonly incidents: Table<Incident>;
}

/** What begins has nothing on the medium yet. */
const ASKS_FOR_NOTHING: ReadonlySet<Command['type']> = new Set(['createProcessInstance']);

/** A hint: what is not foreseen is read when it is asked for. */
export function foresee(all: readonly Command[], tables: Foreseeable): void {
  const commands = all.filter(({ type }) => !ASKS_FOR_NOTHING.has(type));
  // What one command asks for is read once in any case.
  if (commands.length < 2) return;
  const owners = new Set(idsIn(commands, 'processInstanceId'));
  const { externalTasks, userTasks, timers, incidents } = tables;
  const own = (found: Iterable<{ readonly processInstanceId: number | null }>): void => {
    for (const { processInstanceId } of found) if (processInstanceId !== null) owners.add(processInstanceId);
  };
  own(externalTasks.brought(idsIn(commands, 'externalTaskId')));
  own(userTasks.brought(idsIn(commands, 'userTaskId')));
  own(timers.brought(idsIn(commands, 'timerId')));
  own(incidents.brought(idsIn(commands, 'incidentId')));
  own(receivers(commands, tables.subscriptions));
  tables.instances.bring(owners);
}

function idsIn(
  commands: readonly Command[],
  field: 'processInstanceId' | 'externalTaskId' | 'userTaskId' | 'timerId' | 'incidentId',
): readonly number[] {
  const ids: number[] = [];
  for (const command of commands) {
    const id: unknown = Reflect.get(command, field);
    if (typeof id === 'number') ids.push(id);
  }
  return ids;
}

/** Who waits for the messages among them, as the engine looks for them. */
function* receivers(commands: readonly Command[], subscriptions: Table<Subscription>): Generator<Subscription> {
  const asked = new Map<Lookup, Map<string, Set<Cell>>>();
  const ask = (lookup: Lookup, name: string, value: Cell): void => {
    const names = asked.get(lookup) ?? new Map<string, Set<Cell>>();
    const values = names.get(name) ?? new Set<Cell>();
    asked.set(lookup, names.set(name, values.add(value)));
  };
  for (const command of commands) {
    if (command.type === 'publishMessage' && command.correlationKey !== '') {
      ask(subscriptionsByKey, command.name, command.correlationKey);
      ask(subscriptionsByBusinessKey, command.name, command.correlationKey);
    } else if (command.type === 'correlateMessage') {
      const { name, processInstanceId, businessKey } = command;
      if (processInstanceId !== undefined) ask(subscriptionsOfInstance, name, processInstanceId);
      else if (businessKey !== undefined) ask(subscriptionsByBusinessKey, name, businessKey);
    }
  }
  for (const [lookup, names] of asked)
    for (const [name, values] of names) yield* subscriptions.bringFound(lookup, [name], values);
}
