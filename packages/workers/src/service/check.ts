/** Topic `service_check`: looks at health URLs, within the policy for hosts; a bad one is a finding, not a failure. */
import { type Inputs, invalid, isObject, type Outputs, present, type Services } from '../handler.ts';
import { httpRequest } from '../http/http.ts';

const TIMEOUT_S = 5;
const AT_ONCE = 10;
const MOST = 200;

interface Result {
  readonly id: string;
  readonly ok: boolean;
  readonly reason: string | null;
}

/** Inputs: checks*, a list of {id, url}. Outputs: results, a list of {id, ok, reason}; all_ok. */
export async function serviceCheck(inputs: Inputs, services: Services): Promise<Outputs> {
  const checks = present(inputs, 'checks');
  if (!Array.isArray(checks) || checks.length > MOST)
    throw invalid(`Input 'checks' must be a list of at most ${MOST} objects with id and url.`);
  const results: Result[] = [];
  const queue = [...checks];
  const worker = async (): Promise<void> => {
    for (let check = queue.shift(); check !== undefined; check = queue.shift())
      results.push(await look(check, services));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return { local: { results, all_ok: results.every(({ ok }) => ok) } };
}

async function look(check: unknown, services: Services): Promise<Result> {
  if (!isObject(check) || typeof check['id'] !== 'string' || typeof check['url'] !== 'string')
    throw invalid(`Input 'checks' must hold objects with id and url.`);
  const { id, url } = check as { readonly id: string; readonly url: string };
  try {
    const { local } = await httpRequest({ url, timeout: TIMEOUT_S }, services);
    return {
      id,
      ok: local['success'] === true,
      reason: local['success'] === true ? null : `status ${local['status_code']}`,
    };
  } catch (error) {
    return { id, ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}
