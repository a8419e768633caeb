/** Where the tokens of a scope come from, and gateways that bring several ways together. */
import type { Scope } from './draft.ts';
import { caught, STARTING } from './events.ts';
import { takeListener } from './phrases.ts';
import { type Tag, tag } from './xml.ts';

/** Where tokens come from; a process may begin in many ways. */
export function begin(scope: Scope, id: string): string {
  const { draft, around } = scope;
  const plain = () => scope.add(tag('bpmn:startEvent', { id: `${id}_start` }));
  if (around.kind !== 'process') return plain();
  const called = around.callable.length === 0 || around.rank > 0;
  const ways: string[] = [];
  if (called || draft.odds(75)) ways.push(plain());
  if (ways.length === 0 || draft.odds(40)) ways.push(otherStart(scope));
  const [only] = ways;
  return ways.length === 1 && only !== undefined ? only : merge(scope, ways);
}

/** By an event, a receive task or an event-based gateway. Its names have at most the rank of the process. */
function otherStart(scope: Scope): string {
  const { draft, around } = scope;
  const maxRank = Math.max(0, around.rank);
  const how = draft.chance.below(10);
  if (how < 6) {
    const event = caught(scope, STARTING, { multiple: true, maxRank });
    const parallelMultiple = event.definitions.length > 1 && draft.odds(50) ? 'true' : undefined;
    return scope.add(tag('bpmn:startEvent', { id: draft.id('start'), parallelMultiple }, ...event.definitions));
  }
  if (how < 8) {
    const [definition] = caught(scope, ['message'], { maxRank }).definitions;
    const messageRef = definition?.attributes['messageRef'];
    return scope.add(tag('bpmn:receiveTask', { id: draft.id('start'), instantiate: 'true', messageRef }));
  }
  const parallel = draft.odds(50);
  const eventGatewayType = parallel ? 'Parallel' : undefined;
  const gateway = scope.add(
    tag('bpmn:eventBasedGateway', { id: draft.id('start'), instantiate: 'true', eventGatewayType }),
  );
  // A timer would begin an instance again and again, and a condition never by itself.
  const events = Array.from({ length: 2 }, () => {
    const event = caught(scope, ['message', 'signal'], { maxRank });
    const caughtId = scope.add(tag('bpmn:intermediateCatchEvent', { id: draft.id('first') }, ...event.definitions));
    scope.connect(gateway, caughtId);
    return caughtId;
  });
  return join(scope, parallel ? 'parallelGateway' : 'exclusiveGateway', events);
}

export function merge(scope: Scope, from: readonly string[]): string {
  return join(scope, 'exclusiveGateway', from);
}

export function join(scope: Scope, kind: string, from: readonly string[], ...content: readonly Tag[]): string {
  const id = scope.add(tag(`bpmn:${kind}`, { id: scope.draft.id('join') }, ...content));
  for (const one of from) scope.connect(one, id, takeListener(scope.draft));
  return id;
}
