/** A scope in which tokens wait at joins and nothing is left that could bring the missing ones: an incident says so. */
import type { ElementInstance, ProcessInstance } from '../state/entities.ts';
import { raiseIncident } from './incidents.ts';
import { isStillToBegin } from './pending.ts';
import type { Turn } from './turn.ts';

export function raiseDeadlocks(turn: Turn): void {
  for (const [scopeId, processInstanceId] of turn.settled) {
    const instance = turn.state.instances.get(processInstanceId);
    const scope = instance?.elements.get(scopeId);
    if (instance === undefined || scope === undefined || scope.tokens.size === 0) continue;
    if (scope.incidents.size > 0 || hasLife(turn, instance, scope)) continue;
    // What is to begin may bring them.
    if (isStillToBegin({ turn, self: scope })) continue;
    const model = turn.model(instance);
    const waiting = [...scope.tokens.keys()].map((flowId) => model.flows[flowId]?.target ?? flowId);
    const where = [...new Set(waiting)].map((id) => `'${id}'`).join(', ');
    raiseIncident(
      { turn, instance, model, self: scope },
      {
        kind: 'deadlock',
        message: `waits for ever at ${where}: a token is there, and nothing is left in '${scope.elementId}' that could bring the others; modify the instance to move on`,
        step: null,
        ...(waiting[0] === undefined ? {} : { elementId: waiting[0] }),
      },
    );
  }
}

/** Event sub-processes run beside the flow: what they do never reaches a join outside. */
function hasLife(turn: Turn, instance: ProcessInstance, scope: ElementInstance): boolean {
  if (scope.children === 0) return false;
  const model = turn.model(instance);
  for (const element of instance.elements.values())
    if (element.scopeId === scope.id && model.elements[element.elementId]?.type !== 'eventSubProcess') return true;
  return false;
}
