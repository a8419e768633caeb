/** What the judges of the Camunda 7 face share: instances started and looked at as any client of that face does it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { System } from '../../packages/rest/src/testing/real-kernel.test.ts';

export interface HistoricInstance {
  readonly id: string;
  readonly state: string;
}

/** Starts an instance of the latest version; gives its id. */
export async function start(system: System, key: string, body: object = {}, tenantId?: string): Promise<string> {
  const of = tenantId === undefined ? key : `${key}/tenant-id/${tenantId}`;
  return (await system.post<{ id: string }>(`/engine-rest/process-definition/key/${of}/start`, body)).id;
}

/** Waits until the instance has ended, 20 s at most; gives its state in the history. */
export async function ended(system: System, id: string): Promise<string> {
  for (let turn = 0; turn < 2_000; turn += 1) {
    const { state } = await system.get<HistoricInstance>(`/engine-rest/history/process-instance/${id}`);
    if (state !== 'ACTIVE') return state;
    await sleep(10);
  }
  throw new Error(`process instance ${id} is still active`);
}

/** Which element instances of a type the instance has had, by element. */
export async function visited(system: System, id: string, activityType: string): Promise<readonly string[]> {
  const path = `/engine-rest/history/activity-instance?processInstanceId=${id}&activityType=${activityType}`;
  return (await system.get<{ activityId: string }[]>(path)).map(({ activityId }) => activityId);
}

/** Variables of the history as name → [type, value], of the instance itself and of its tasks. */
export async function variablesOf(system: System, id: string): Promise<Record<string, unknown>> {
  const path = `/engine-rest/history/variable-instance?processInstanceId=${id}`;
  const rows = await system.get<{ name: string; type: string; value: unknown }[]>(path);
  return Object.fromEntries(rows.map(({ name, type, value }) => [name, [type, value]]));
}
