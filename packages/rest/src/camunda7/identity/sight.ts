/** Who may see whom: everybody himself, and whoever may change users all of them. */
import type { Call } from '../../call.ts';

export function maySeeAll({ kernel, by, request }: Call): boolean {
  const { authentication } = kernel.identity.access;
  if (authentication === 'none') return true;
  return request.proved !== null && kernel.gate.decide({ subject: by, action: 'identity.read' }).allowed;
}

export function maySee(call: Call, user: string): boolean {
  return (call.by.kind === 'user' && call.by.id === user) || maySeeAll(call);
}
