/** How limits and those they are for are named on the screen. Pure. */
import type { LimitsRequest, OwnerLimits, ProcessLimit } from '@procos/protocol';
import { formatType } from '../ui/format.ts';

/** For whom: a running process, a definition, one version of it, or a tenant. */
export type LimitTarget = Pick<LimitsRequest, 'pid' | 'bpmnProcessId' | 'version' | 'tenantId'>;

export function targetOf({ bpmnProcessId, version, tenantId }: OwnerLimits): LimitTarget {
  return {
    ...(bpmnProcessId !== null && { bpmnProcessId }),
    ...(version !== null && { version }),
    ...(tenantId !== null && { tenantId }),
  };
}

export function nameOfTarget({ pid, bpmnProcessId, version, tenantId }: LimitTarget): string {
  if (pid !== undefined) return `process ${pid}`;
  if (bpmnProcessId === undefined) return `tenant ${tenantId}`;
  const which = version === undefined ? 'all versions' : `version ${version}`;
  return `${bpmnProcessId}, ${which}${tenantId === undefined ? '' : ` of tenant ${tenantId}`}`;
}

/** `startsPerMinute` → `starts per minute`. */
export function nameOfLimit(limit: string): string {
  return formatType(limit).replace(/^ai /, 'AI ');
}

/** How much of it is used, percent; undefined where that is not counted. */
export function shareUsed({ value, used }: ProcessLimit): number | undefined {
  if (used === undefined) return undefined;
  return value === 0 ? 100 : Math.min(100, (100 * used) / value);
}
