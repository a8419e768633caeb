/** Follows one process and what it calls, line by line, until it ends, stands in an incident or nobody wants to wait longer. */
import { type ProcosClient, ProcosError } from '@procos/client';
import type { FeedEvent, FeedRecord, IncidentEntry, RequestReply } from '@procos/protocol';
import { printable } from './text.ts';
import { EXIT, UserError } from './user-error.ts';

/** How long a system that still boots is waited for. */
export const BOOT_MS = 10_000;

export interface Follow {
  /** Sequence before the process began. */
  readonly after: number;
  readonly signal: AbortSignal;
  /** An incident does not end the following. */
  readonly keepWaiting: boolean;
  readonly onEvent: (event: FeedEvent, at: string) => void | Promise<void>;
}

export type FollowEnd = 'ended' | 'incident' | 'interrupted';

export async function followProcess(client: ProcosClient, instanceId: string, follow: Follow): Promise<FollowEnd> {
  const family = new Set([instanceId]);
  for await (const record of client.events(follow.after, follow.signal)) {
    await adoptChildren(client, record, family);
    let incident = false;
    for (const event of record.events) {
      if (event.pid === undefined || !family.has(event.pid)) continue;
      await follow.onEvent(event, record.at);
      if (event.pid === instanceId && isEnd(event)) return 'ended';
      incident ||= event.type === 'incidentRaised';
    }
    if (incident && !follow.keepWaiting) return 'incident';
  }
  return 'interrupted';
}

/** An instance that begins in a record of the family is asked for its parent. */
async function adoptChildren(client: ProcosClient, record: FeedRecord, family: Set<string>): Promise<void> {
  const concerned = record.events.some(({ pid }) => pid !== undefined && family.has(pid));
  if (!concerned) return;
  for (const { type, pid } of record.events) {
    if (type !== 'processInstanceCreated' || pid === undefined || family.has(pid)) continue;
    const { parentPid } = await client.process(pid);
    if (parentPid !== null && family.has(parentPid)) family.add(pid);
  }
}

function isEnd(event: FeedEvent): boolean {
  return event.type === 'processInstanceCompleted' || event.type === 'processInstanceEnded';
}

export interface Waiting {
  readonly businessKey: string | undefined;
  /** Sequence before it was asked for. */
  readonly after: number;
  readonly signal: AbortSignal;
  /** What to do about a PID 1 that stands still; without it that is a `UserError`. */
  readonly onHeld?: (why: string) => void;
}

/** The instance that PID 1 starts for a request it takes up later; undefined when `signal` aborts first. */
export async function startedChild(
  client: ProcosClient,
  reply: RequestReply,
  { businessKey, after, signal, onHeld = notBegun }: Waiting,
): Promise<string | undefined> {
  if (reply.pid !== null) return (await client.process(reply.pid)).processInstanceId;
  const look = async (): Promise<void> => {
    const why = await whatHolds(client);
    if (why !== undefined) onHeld(why);
  };
  await look();
  for await (const record of client.events(after, signal)) {
    if (record.events.some(({ type }) => type === 'incidentRaised')) await look();
    for (const event of record.events) {
      if (event.type !== 'processInstanceCreated' || event.definitionId !== reply.definitionId || !event.pid) continue;
      const child = await client.process(event.pid);
      if (child.parentPid === '1' && child.businessKey === (businessKey ?? null)) return child.processInstanceId;
    }
  }
  return undefined;
}

/** Until they are through PID 1 takes nothing up. */
const HOLDERS = ['procos_system_boot', 'procos_system_orchestrator'];

/** The incident for which PID 1 does not take up what it was handed. */
export async function whatHolds(client: ProcosClient): Promise<string | undefined> {
  for (const definition of HOLDERS) {
    const [incident] = await openIncidents(client, definition);
    if (incident === undefined) continue;
    const { pid, elementId, message } = incident;
    return `${definition} stands in an incident at ${elementId}: ${printable(message).replace(/\.$/, '')}. Mend that: procos inspect ${pid}.`;
  }
  return undefined;
}

async function openIncidents(client: ProcosClient, definition: string): Promise<readonly IncidentEntry[]> {
  try {
    return (await client.incidents({ definition, limit: 1 })).incidents;
  } catch (error) {
    // Who may run a process need not be allowed to see these.
    if (error instanceof ProcosError) return [];
    throw error;
  }
}

function notBegun(why: string): never {
  const message = `PID 1 has not begun it, but does so when it can within an hour: ${why}`;
  throw new UserError('NOT_BEGUN', message, EXIT.incident);
}

/** Runs `ask` again while the system says that it is only just coming up, for at most `forMs`. */
export async function onceUp<T>(ask: () => Promise<T>, forMs: number): Promise<T> {
  const until = performance.now() + forMs;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const later = error instanceof ProcosError && error.status === 503 && performance.now() < until;
      if (!later) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
