/** A scope in which tokens wait at joins and nothing is left that could bring the missing ones: an incident says so, as long as it is so. */
import type { ElementInstance, ProcessInstance } from '../state/entities.ts';
import { raiseIncident } from './incidents.ts';
import { isStillToBegin, leftOverSteps, pendingSteps, single } from './pending.ts';
import type { Turn, Visit } from './turn.ts';

export function raiseDeadlocks(turn: Turn): void {
  for (const [scopeId, processInstanceId] of turn.settled.entries()) {
    const instance = turn.state.instances.get(processInstanceId);
    const self = instance?.elements.get(scopeId);
    if (instance === undefined || self === undefined) continue;
    const incidents = [...self.incidents].flatMap((id) => turn.state.incidents.get(id) ?? []);
    const known = incidents.find(({ kind }) => kind === 'deadlock');
    if (self.tokens.size === 0 && known === undefined) continue;
    const at = { turn, instance, model: turn.model(instance), self };
    const stuck = isStuck(at) ? describe(at) : undefined;
    if (known?.message === stuck?.message) continue;
    if (known !== undefined)
      turn.emit({ type: 'incidentResolved', incidentId: known.id, processInstanceId, elementInstanceId: scopeId });
    // Something else has failed there: what comes of that is not known.
    if (stuck !== undefined && incidents.every((one) => one === known))
      raiseIncident(at, { kind: 'deadlock', step: null, ...stuck });
  }
}

function isStuck(at: Visit): boolean {
  const { turn, instance, self } = at;
  if (self.tokens.size === 0 || hasLife(turn, instance, self)) return false;
  // What is to begin may bring them.
  if (isStillToBegin(at)) return false;
  // A token is on its way still: what goes on with it was left over, or waits.
  const root = instance.elements.get(instance.id);
  const waiting = root === undefined ? [] : pendingSteps({ turn, self: root }).flatMap(single);
  return ![...leftOverSteps(turn), ...waiting].some((step) => 'scopeId' in step && step.scopeId === self.id);
}

function describe({ model, self }: Visit): { readonly message: string; readonly elementId?: string } {
  const waiting = [...self.tokens.keys()].map((flowId) => model.flows[flowId]?.target ?? flowId);
  const where = [...new Set(waiting)].map((id) => `'${id}'`).join(', ');
  const message = `waits for ever at ${where}: a token is there, and nothing is left in '${self.elementId}' that could bring the others; modify the instance to move on`;
  return { message, ...(waiting[0] === undefined ? {} : { elementId: waiting[0] }) };
}

/** Event sub-processes run beside the flow: what they do never reaches a join outside. */
function hasLife(turn: Turn, instance: ProcessInstance, scope: ElementInstance): boolean {
  if (scope.children === 0) return false;
  const model = turn.model(instance);
  for (const element of instance.elements.values())
    if (element.scopeId === scope.id && model.elements[element.elementId]?.type !== 'eventSubProcess') return true;
  return false;
}
