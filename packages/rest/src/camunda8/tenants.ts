/** Tenants: what is without one here belongs to the tenant `<default>` in Camunda 8. */
import type { Json } from '@procos/kernel';
import { invalid } from './errors.ts';

export const DEFAULT_TENANT = '<default>';

const TENANT = /^[A-Za-z0-9_@.+-]{1,256}$/;

export function tenantOf(tenantId: string | null): string {
  return tenantId ?? DEFAULT_TENANT;
}

/** null: the default one, also where none is named. */
export function readTenant(value: Json | undefined, name = 'tenantId'): string | null {
  if (value === undefined || value === null || value === DEFAULT_TENANT || value === '') return null;
  if (typeof value === 'string' && TENANT.test(value)) return value;
  throw invalid(
    `'${name}' must be '${DEFAULT_TENANT}' or 1 to 256 letters, digits and _ @ . + -, but is ${JSON.stringify(value)}`,
  );
}
