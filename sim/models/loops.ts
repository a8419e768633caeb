/** How an activity runs several times, and what its instances throw. */
import { CODES } from '../../packages/engine/stories/wilderness.ts';
import type { Around, Draft } from './draft.ts';
import { error, escalation, message, signal } from './events.ts';
import { condition, expression, extension, formal } from './phrases.ts';
import { type Tag, tag } from './xml.ts';

export function loopOf(draft: Draft, around: Around): Tag {
  if (draft.odds(30)) {
    const maximum = String(1 + draft.chance.below(3));
    return tag(
      'bpmn:standardLoopCharacteristics',
      { testBefore: draft.odds(50) ? 'true' : 'false', loopMaximum: maximum },
      draft.odds(70) ? formal('bpmn:loopCondition', condition(draft)) : undefined,
    );
  }
  const isSequential = draft.odds(40) ? 'true' : undefined;
  const completion = draft.odds(30) ? formal('bpmn:completionCondition', enough(draft)) : undefined;
  const behavior = around.quiet || !draft.odds(30) ? undefined : behaviorOf(draft, around);
  const collects = draft.odds(50) && !around.quiet;
  const attributes = { isSequential, ...behavior?.attributes };
  const content = behavior?.content ?? [];
  if (draft.dialect === 'camunda8') {
    const output = collects ? { outputCollection: 'results', outputElement: '=result' } : {};
    const loop = tag('zeebe:loopCharacteristics', { inputCollection: '=items', inputElement: 'item', ...output });
    return tag('bpmn:multiInstanceLoopCharacteristics', attributes, extension(loop), completion, ...content);
  }
  const collection = draft.odds(50);
  const given = collection ? { 'camunda:collection': 'items', 'camunda:elementVariable': 'item' } : {};
  const cardinality = collection ? undefined : formal('bpmn:loopCardinality', draft.one(['2', '3', '0', '${n}']));
  return tag('bpmn:multiInstanceLoopCharacteristics', { ...attributes, ...given }, cardinality, completion, ...content);
}

function enough(draft: Draft): string {
  const counter = draft.dialect === 'camunda7' ? 'nrOfCompletedInstances' : 'numberOfCompletedInstances';
  return expression(draft, `${counter} >= 1`);
}

/** Events that the instances of a loop throw. */
function behaviorOf(
  draft: Draft,
  around: Around,
): { readonly attributes: Record<string, string>; readonly content: readonly Tag[] } | undefined {
  const ranks = [5, 6, 7, 8, 9].filter((rank) => rank > around.rank);
  if (ranks.length === 0) return undefined;
  const rank = draft.one(ranks);
  const codes = CODES.filter((_, index) => index * 2 > around.rank);
  const id = draft.id('each');
  const definition = [
    () => tag('bpmn:signalEventDefinition', { id, signalRef: signal(draft, rank) }),
    () => tag('bpmn:messageEventDefinition', { id, messageRef: message(draft, rank) }),
    () => tag('bpmn:escalationEventDefinition', { id, escalationRef: escalation(draft, draft.one(codes)) }),
    () => tag('bpmn:errorEventDefinition', { id, errorRef: error(draft, draft.one(CODES)) }),
  ];
  const made = draft.one(definition.slice(0, codes.length === 0 ? 2 : 4))();
  const behavior = draft.one(['None', 'One', 'Complex']);
  if (behavior !== 'Complex') {
    draft.root(id, () => made);
    return { attributes: { behavior, [`${behavior.toLowerCase()}BehaviorEventRef`]: id }, content: [] };
  }
  const when = formal('bpmn:condition', enough(draft));
  const event = tag('bpmn:event', { id: `${id}Event` }, made);
  return {
    attributes: { behavior },
    content: [tag('bpmn:complexBehaviorDefinition', { id: `${id}When` }, when, event)],
  };
}
