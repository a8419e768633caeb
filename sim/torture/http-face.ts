/** The few requests of Camunda 7's face that workers need, without a library that would try again by itself. */
import { setTimeout } from 'node:timers/promises';

export interface LockedTask {
  readonly id: string;
  readonly lockCount: number;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export interface Fetch {
  readonly workerId: string;
  readonly maxTasks: number;
  readonly lockMs: number;
  readonly waitMs: number;
}

export const TOPIC = 'job';

export async function fetchTasks(url: string, { workerId, maxTasks, lockMs, waitMs }: Fetch): Promise<LockedTask[]> {
  const topics = [{ topicName: TOPIC, lockDuration: lockMs }];
  const asked = { workerId, maxTasks, topics, asyncResponseTimeout: waitMs };
  const { status, body } = await post(`${url}/engine-rest/external-task/fetchAndLock`, asked);
  if (status !== 200) throw new Error(`fetchAndLock: ${status} ${JSON.stringify(body)}`);
  return body as LockedTask[];
}

export function complete(
  url: string,
  taskId: string,
  holder: object,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return post(`${url}/engine-rest/external-task/${taskId}/complete`, holder, headers);
}

/** Who is refused because there is too much to do asks again when told to: nothing was done. */
export async function post(url: string, body: object, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN);
  if ((response.status === 503 || response.status === 429) && retryAfter > 0) {
    await setTimeout(retryAfter * 1_000);
    return post(url, body, headers);
  }
  return { status: response.status, body: text === '' ? null : JSON.parse(text) };
}
