/** Which processes of the system a model may call like any other, and which only when it names them. */
import type { CapabilitySet } from './contract.ts';
import { matches } from './grants.ts';

/** Ids of the processes of the system begin with this; no other process has such an id. */
export const SYSTEM_PROCESS_PREFIX = 'procos_system_';

/** The part of system/lib that is for everybody: it does nothing that its caller could not do without it, or acts in the name of who started it. */
const LIBRARY: ReadonlySet<string> = new Set(
  [
    'disk_space',
    'file_copy',
    'file_create',
    'file_delete',
    'file_move',
    'file_read',
    'file_update',
    'folder_create',
    'folder_list',
    'folder_remove',
    'network_request',
    'process_monitor',
    'process_start',
    'program_run',
    'system_info',
  ].map((name) => `${SYSTEM_PROCESS_PREFIX}${name}`),
);

export function isSystemProcess(bpmnProcessId: string): boolean {
  return bpmnProcessId.startsWith(SYSTEM_PROCESS_PREFIX);
}

/** Of the name of a process, or of a pattern of a grant: it is for processes of the system that only operators may run. */
export function isOperators(name: string): boolean {
  return isSystemProcess(name) && !LIBRARY.has(name);
}

/** Whether the set names the process as one of the system: no block does not, and neither does `*`. */
export function namesSystemProcess(set: CapabilitySet, bpmnProcessId: string): boolean {
  return (set?.processes ?? []).some((grant) => isOperators(grant.name) && matches('processes', grant, bpmnProcessId));
}
