/** Hands a change of users in and waits for the process of the system that carries it out. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcosClient } from '@procos/client';
import type { IdentityChangeReply, IdentityOperationRequest, ProcessDetail } from '@procos/protocol';
import type { Shell } from './shell.ts';
import { printable } from './text.ts';
import { EXIT, UserError } from './user-error.ts';

const LOOK_MS = 30;

/** Throws `UserError` when it was refused, or when nobody wants to wait any longer. */
export async function changeUsers(
  shell: Shell,
  client: ProcosClient,
  operations: readonly IdentityOperationRequest[],
): Promise<IdentityChangeReply> {
  const reply = await client.changeIdentities(operations);
  const detail = await atItsEnd(shell, client, reply.businessKey);
  const value = (name: string): unknown =>
    detail.variables.find((variable) => variable.elementId === null && variable.name === name)?.value;
  if (value('refused') === true) throw new UserError('REFUSED', printable(String(value('reason'))), EXIT.failed);
  if (detail.state !== 'completed') throw new UserError('REFUSED', `the change was ${detail.state}.`, EXIT.failed);
  if (value('approval_required') === true && value('approved') !== true)
    throw new UserError('REFUSED', 'the second person has not approved it.', EXIT.failed);
  return reply;
}

async function atItsEnd(shell: Shell, client: ProcosClient, businessKey: string): Promise<ProcessDetail> {
  let told = false;
  while (!shell.interrupted.aborted) {
    const { processes } = await client.processes({ state: 'all', businessKey });
    const [row] = processes;
    if (row !== undefined) {
      const detail = await client.process(row.pid);
      if (detail.endedAt !== null) return detail;
      const [incident] = detail.incidents.filter(({ state }) => state === 'open');
      if (incident !== undefined) throw new UserError('REFUSED', printable(incident.message), EXIT.incident);
      const { tasks } = await client.tasks({ limit: 1000 });
      const task = tasks.find(({ pid }) => pid === row.pid);
      if (task !== undefined && !told)
        shell.note(`A second person must approve this: procos complete ${task.taskId} --var approved:=true`);
      told ||= task !== undefined;
    }
    await sleep(told ? LOOK_MS * 10 : LOOK_MS);
  }
  throw new UserError('INTERRUPTED', `not waiting any longer; the change waits: ${businessKey}`, EXIT.interrupted);
}
