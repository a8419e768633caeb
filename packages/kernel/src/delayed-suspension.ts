/** Definitions that are to be suspended or resumed at a later time: an instance of a system process waits for it. */
import type { CommandOf } from '@procos/engine';

/** The system process that waits until then. */
export const SUSPENSION_PROCESS = 'procos_system_suspension';

export interface DelayedSuspension {
  /** The definitions themselves, or all versions of a process that there are then. */
  readonly of: { readonly definitionIds: readonly number[] } | { readonly bpmnProcessId: string };
  readonly suspended: boolean;
  /** Their running instances too, each by itself. */
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
  const all = 'bpmnProcessId' in of;
  return {
    type: 'createProcessInstance',
    definition: { bpmnProcessId: SUSPENSION_PROCESS },
    variables: {
      definition_ids: { type: 'Json', value: all ? null : of.definitionIds },
      bpmn_process_id: { type: 'String', value: all ? of.bpmnProcessId : null },
      suspended: { type: 'Boolean', value: suspended },
      with_instances: { type: 'Boolean', value: withInstances },
      execution_date: { type: 'Date', value: new Date(at).toISOString() },
    },
  };
}
