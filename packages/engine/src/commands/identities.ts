/** Who may do what is changed: users, groups, roles, tokens and rules, and approvals that are used up. */
import type { Turn } from '../actions/turn.ts';
import type { IdentityKind, NewIdentity } from '../state/identities.ts';
import { type CommandHandler, DONE, type Refused, reject } from './handler.ts';

/** How long a request waits for its process, which may wait for a person. */
const KEPT_MS = 30 * 86_400_000;

export const changeIdentities: CommandHandler<'changeIdentities'> = ({ changes, approval, request }, turn) => {
  if (request !== undefined && turn.state.identities.named('request', request) === undefined)
    return reject('INVALID_STATE', `there is no request ${request} for a change of users any more: hand it in again`);
  const refused = useApproval(turn, approval);
  if (refused !== undefined) return refused;
  if (request !== undefined) remove(turn, 'request', request);
  for (const change of changes) {
    if ('set' in change) set(turn, change.set);
    else {
      const { kind, name } = change.remove;
      remove(turn, kind, name);
      if (kind !== 'user') continue;
      for (const token of turn.state.identities.ofKind('token'))
        if (token.user === name) remove(turn, 'token', token.name);
    }
  }
  return DONE;
};

export const requestIdentityChange: CommandHandler<'requestIdentityChange'> = ({ request }, turn) => {
  for (const { name, handedInAt } of turn.state.identities.ofKind('request'))
    if (handedInAt + KEPT_MS < turn.now) remove(turn, 'request', name);
  if (turn.state.identities.named('request', request.name) === undefined) set(turn, request);
  return DONE;
};

/** Refused when somebody else has used it already. */
export function useApproval(turn: Turn, name: string | undefined): Refused | undefined {
  if (name === undefined) return undefined;
  if (turn.state.identities.named('approval', name) === undefined)
    return reject('INVALID_STATE', `there is no approval ${name} any more: it was used; ask for another one`);
  remove(turn, 'approval', name);
  return undefined;
}

export function set(turn: Turn, identity: NewIdentity): void {
  const id = turn.state.identities.named(identity.kind, identity.name)?.id ?? turn.ids.next();
  turn.emit({ type: 'identitySet', identity: { ...identity, id } });
}

/** What is not there need not be removed. */
function remove(turn: Turn, kind: IdentityKind, name: string): void {
  const identity = turn.state.identities.named(kind, name);
  if (identity !== undefined) turn.emit({ type: 'identityRemoved', identityId: identity.id, kind, name });
}
