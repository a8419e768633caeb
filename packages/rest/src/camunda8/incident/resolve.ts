/** Incidents: somebody has mended the cause. */
import type { Asked } from '../asked.ts';
import { notFound, rejected } from '../errors.ts';

/**
 * What has failed is tried again. Camunda 8 has a failed job given new retries first, and its incident resolved then; here
 * new retries have resolved it, so that nothing is left to do.
 */
export async function resolveIncident({ engine, by }: Asked, key: number): Promise<void> {
  const outcome = await engine.submit({ type: 'resolveIncident', incidentId: key }, by);
  if (outcome.ok) return;
  if (outcome.rejection.code !== 'NOT_FOUND') throw rejected(outcome.rejection);
  const [past] = engine.find('incidentHistory', { where: [{ column: 'id', op: '=', value: key }] });
  if (past?.state === 'resolved' && past.kind === 'failedExternalTask') return;
  throw notFound(`There is no open incident with key ${key}`);
}
