/** Conditional start events: every one whose condition holds for the given variables begins an instance. */
import { mayBeBegun, refuseBegin } from '../actions/access.ts';
import { startingCondition } from '../actions/conditional-events.ts';
import { createInstance } from '../actions/instances.ts';
import type { Correlated } from '../records/commands.ts';
import type { Definition, Subscription } from '../state/entities.ts';
import { type CommandHandler, reject } from './handler.ts';

export const evaluateConditions: CommandHandler<'evaluateConditions'> = (command, turn) => {
  const { definitionId, tenantId, variables, businessKey = null } = command;
  if (definitionId !== undefined && turn.state.definitions.get(definitionId) === undefined)
    return reject('NOT_FOUND', `process definition ${definitionId} does not exist`, { definitionId });
  const started: Correlated[] = [];
  const holding: { readonly definition: Definition; readonly subscription: Subscription }[] = [];
  for (const subscription of turn.state.subscriptions.starting('condition', '')) {
    const definition = turn.state.definitions.get(subscription.definitionId);
    if (definition === undefined || definition.suspended) continue;
    if (definitionId !== undefined && definition.id !== definitionId) continue;
    if (tenantId !== undefined && subscription.tenantId !== tenantId) continue;
    if (startingCondition(turn, definition, subscription, variables)) holding.push({ definition, subscription });
  }
  const refusals = holding.map(({ definition }) => refuseBegin(turn, definition, variables));
  const [refused] = refusals;
  if (refused !== undefined && !refusals.includes(undefined)) return { ok: false, rejection: refused };
  for (const { definition, subscription } of holding) {
    if (!mayBeBegun(turn, definition, variables)) continue;
    const processInstanceId = createInstance(turn, {
      definition,
      startElementId: subscription.elementId,
      part: subscription.part,
      businessKey,
      variables,
      parent: null,
    });
    started.push({ processInstanceId, elementInstanceId: null, definitionId: definition.id, started: true });
  }
  return { ok: true, value: { started } };
};
