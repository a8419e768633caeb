/** A worker host has gone: the message that starts the process which starts it again. */
import { inferVariable } from '@procos/bpmn';
import { BOOT } from './boot.ts';
import type { HostExit, Hosts } from './hosts.ts';
import type { CommandLoop } from './loop.ts';

/** Starts `procos_system_worker_supervision`. */
const HOST_EXITED = 'procos.worker_host.exited';

/** Null when a process takes care of it, otherwise why none does. */
export async function reportHostExit(
  { loop, hosts }: { readonly loop: Pick<CommandLoop, 'submit'>; readonly hosts: Pick<Hosts, 'leave'> },
  exit: HostExit,
): Promise<string | null> {
  const { host, quickFailures, backOff, reason } = exit;
  const values = { host, quick_failures: quickFailures, back_off: backOff, reason };
  const variables = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, inferVariable(value)]));
  const outcome = await loop.submit({ type: 'correlateMessage', name: HOST_EXITED, variables, all: false }, BOOT);
  if (outcome.ok) return null;
  hosts.leave(host);
  return `No process takes care of worker host ${host}: ${outcome.rejection.message}`;
}
