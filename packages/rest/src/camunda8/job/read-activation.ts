/** What who wants jobs asks for. */
import type { Members } from '../members.ts';
import { readTenant } from '../tenants.ts';
import type { Activation } from './activate.ts';

export function readActivation(members: Members): Activation {
  const fetchVariables = members.optionalTexts('fetchVariable');
  const tenantIds = members.optionalTexts('tenantIds');
  const all = members.optionalOneOf('tenantFilter', ['PROVIDED', 'ASSIGNED']) === 'ASSIGNED';
  return {
    type: members.text('type'),
    worker: members.optionalText('worker') ?? '',
    timeoutMs: members.whole('timeout', { least: 1 }),
    maxJobs: members.whole('maxJobsToActivate', { least: 1 }),
    fetchVariables: fetchVariables?.length === 0 ? undefined : fetchVariables,
    tenantIds: all ? undefined : tenantIds?.length ? tenantIds.map((id) => readTenant(id, 'tenantIds')) : [null],
  };
}
