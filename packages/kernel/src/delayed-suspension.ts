/** Definitions, or what their timers come from, that are to be suspended or resumed at a later time: an instance of a system process waits for it. */
import type { CommandOf } from '@procos/engine';

/** The system process that waits until then. */
export const SUSPENSION_PROCESS = 'procos_system_suspension';

/** Where in the model of a definition timers are set. */
export type TimersOf = Pick<CommandOf<'setTimerRule'>, 'definitionId' | 'elementId' | 'from'>;

export interface DelayedSuspension {
  /** The definitions themselves, all versions of a process that there are then, or the timers of elements. */
  readonly of:
    | { readonly definitionIds: readonly number[] }
    | { readonly bpmnProcessId: string }
    | { readonly timersOf: readonly TimersOf[] };
  readonly suspended: boolean;
  /** Their running instances too, each by itself; of timers: those that are set already. */
  readonly withInstances: boolean;
  /** ms since the epoch. */
  readonly at: number;
}

/** Acts in the name of who submits the command. */
export function suspendLater({
  of,
  suspended,
  withInstances,
  at,
}: DelayedSuspension): CommandOf<'createProcessInstance'> {
  return {
    type: 'createProcessInstance',
    definition: { bpmnProcessId: SUSPENSION_PROCESS },
    variables: {
      definition_ids: { type: 'Json', value: 'definitionIds' in of ? of.definitionIds : null },
      bpmn_process_id: { type: 'String', value: 'bpmnProcessId' in of ? of.bpmnProcessId : null },
      timers_of: {
        type: 'Json',
        value:
          'timersOf' in of
            ? of.timersOf.map(({ definitionId, elementId, from }) => ({ definitionId, elementId, from }))
            : null,
      },
      suspended: { type: 'Boolean', value: suspended },
      with_instances: { type: 'Boolean', value: withInstances },
      execution_date: { type: 'Date', value: new Date(at).toISOString() },
    },
  };
}
