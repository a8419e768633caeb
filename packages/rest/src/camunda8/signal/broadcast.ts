/** Signals: everybody who waits for one receives it. */
import type { Variables } from '@procos/kernel';
import type { Asked } from '../asked.ts';
import { rejected } from '../errors.ts';
import { keyOf } from '../keys.ts';
import { tenantOf } from '../tenants.ts';

export interface BroadcastSignal {
  readonly signalKey: string;
  readonly tenantId: string;
}

export async function broadcastSignal(
  { engine, by, changeId }: Asked,
  name: string,
  variables: Variables,
  tenantId: string | null,
): Promise<BroadcastSignal> {
  const outcome = await engine.submit({ type: 'broadcastSignal', name, variables, tenantId }, by);
  if (!outcome.ok) throw rejected(outcome.rejection);
  return { signalKey: keyOf(changeId()), tenantId: tenantOf(tenantId) };
}
