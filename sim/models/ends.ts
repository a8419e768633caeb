/** How the flow of a scope ends: in peace, by throwing something, or by canceling its transaction. */
import type { Scope } from './draft.ts';
import { ENDING, type Kind, thrown } from './events.ts';
import { condition, flowCondition, takeListener } from './phrases.ts';
import { tag } from './xml.ts';

export function end(scope: Scope, from: string): void {
  const { draft, around } = scope;
  if (around.cancelable && draft.odds(45)) {
    canceling(scope, from);
    return;
  }
  const kinds: readonly Kind[] = around.quiet ? ['terminate'] : ENDING;
  const plain = draft.odds(55);
  const content = plain ? [] : thrown(scope, kinds);
  // Behind a choice, so that the scope may as well end in peace.
  if (content.some(({ name }) => /error/.test(name)) && draft.odds(60)) {
    const choice = scope.add(tag('bpmn:exclusiveGateway', { id: draft.id('well') }));
    scope.connect(from, choice);
    scope.connect(choice, scope.add(tag('bpmn:endEvent', { id: draft.id('end') }, ...content)), flowCondition(draft));
    const peace = scope.add(tag('bpmn:endEvent', { id: draft.id('end') }));
    scope.amend(choice, { default: scope.connect(choice, peace) });
    return;
  }
  scope.connect(from, scope.add(tag('bpmn:endEvent', { id: draft.id('end') }, ...content)), takeListener(draft));
}

/** The transaction is canceled when a condition holds. */
function canceling(scope: Scope, from: string): void {
  const { draft } = scope;
  scope.cancels = true;
  const choice = scope.add(tag('bpmn:exclusiveGateway', { id: draft.id('well') }));
  scope.connect(from, choice);
  const canceled = scope.add(tag('bpmn:endEvent', { id: draft.id('cancel') }, tag('bpmn:cancelEventDefinition')));
  scope.connect(choice, canceled, flowCondition(draft, condition(draft)));
  const well = scope.add(tag('bpmn:endEvent', { id: draft.id('end') }));
  scope.amend(choice, { default: scope.connect(choice, well) });
}
