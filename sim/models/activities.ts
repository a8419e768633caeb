/** Activities with all that sits on them: mappings, listeners, loops, boundary events, compensation handlers. */
import { CODES } from '../../packages/engine/stories/wilderness.ts';
import { dataOf } from './data.ts';
import { Scope } from './draft.ts';
import { BESIDE, caught, type Event, error } from './events.ts';
import { loopOf } from './loops.ts';
import { continuation, equals, extension, formal, listeners, mappings, work } from './phrases.ts';
import { type Body, callActivity, inPlace, receiveTask, ruleTask, scriptTask, userTask, waitingTask } from './tasks.ts';
import { type Tag, tag } from './xml.ts';

export interface Wanted {
  /** Waits for somebody outside, whatever else. */
  readonly waits?: boolean;
  /** Nothing sits on it. */
  readonly bare?: boolean;
  /** Undoes another one: no flow, no boundary events. */
  readonly handler?: boolean;
}

/** Draws an activity with everything around it; gives its id. Paths of boundary events join behind it or end. */
export function activity(scope: Scope, wanted: Wanted = {}): { readonly id: string; readonly beside: string[] } {
  const { draft, around } = scope;
  const id = draft.id('a');
  const plain = wanted.waits === true;
  const drawn = plain ? waitingTask(draft) : body(scope, id, wanted);
  const later = plain ? { attributes: {}, extensions: [] } : continuation(draft);
  const told = plain || !draft.odds(15) ? [] : listeners(draft, around.quiet);
  const mapped = plain || !draft.odds(30) ? undefined : mappings(draft, around.quiet);
  const data = mapped === undefined && !plain && !around.quiet && draft.odds(6) ? dataOf(scope, id) : [];
  const loop = plain || !draft.odds(18) ? undefined : loopOf(draft, around);
  scope.add(
    tag(
      drawn.name,
      { id, ...drawn.attributes, ...later.attributes, isForCompensation: wanted.handler ? 'true' : undefined },
      extension(...(drawn.extensions ?? []), mapped, ...told, ...later.extensions),
      ...data,
      loop,
      ...(drawn.content ?? []),
    ),
  );
  if (wanted.handler === true) return { id, beside: [] };
  const beside = wanted.bare === true || plain ? [] : boundaryEvents(scope, id, drawn.cancels === true);
  if (!around.undoes && !plain && draft.odds(14)) undoableBy(scope, id);
  return { id, beside };
}

function body(scope: Scope, id: string, wanted: Wanted): Body {
  const { draft, around } = scope;
  const room = draft.budget > 4 && around.depth < 4;
  if (room && draft.odds(22)) return subProcess(scope, id, wanted);
  if (draft.odds(8) && !around.quiet && around.callable.length > 0) return callActivity(draft, around);
  switch (draft.chance.below(12)) {
    case 0:
      return { name: 'bpmn:task' };
    case 1:
      return { name: 'bpmn:manualTask' };
    case 2:
      return userTask(draft);
    case 3:
      return wanted.handler === true ? waitingTask(draft) : receiveTask(draft);
    case 4:
      return scriptTask(draft, around.quiet);
    case 5:
      return ruleTask(draft, around.quiet);
    case 6:
      return inPlace(draft, around.quiet);
    default: {
      const { attributes, extensions } = work(draft);
      const mapped =
        draft.dialect === 'camunda7' && draft.odds(15)
          ? tag('camunda:errorEventDefinition', {
              errorRef: error(draft, draft.one(CODES)),
              expression: '${result == "cancel"}',
            })
          : undefined;
      const name = draft.one(['bpmn:serviceTask', 'bpmn:serviceTask', 'bpmn:sendTask', 'bpmn:businessRuleTask']);
      return { name, attributes, extensions: [...extensions, name === 'bpmn:serviceTask' ? mapped : undefined] };
    }
  }
}

const SUB_PROCESSES = ['subProcess', 'subProcess', 'transaction', 'adHocSubProcess'] as const;

function subProcess(scope: Scope, id: string, wanted: Wanted): Body {
  const { draft, around } = scope;
  const kind = draft.one(SUB_PROCESSES);
  const inner = new Scope(draft, {
    ...around,
    depth: around.depth + 1,
    kind,
    cancelable: kind === 'transaction' && wanted.bare !== true && wanted.handler !== true,
    undoable: [...around.undoable, ...scope.undoable],
  });
  draft.fill(inner, id);
  const content = inner.content();
  if (kind !== 'adHocSubProcess') return { name: `bpmn:${kind}`, content, cancels: inner.cancels };
  const ordering = draft.odds(40) ? 'Sequential' : undefined;
  const condition = draft.odds(40) ? [formal('bpmn:completionCondition', equals(draft, 'done', 'true'))] : [];
  const activities = inner.nodes
    .filter(
      ({ name, attributes }) => /ask$|Activity$|ubProcess$/.test(name) && attributes['isForCompensation'] === undefined,
    )
    .flatMap(({ attributes }) => attributes['id'] ?? [])
    .filter((one) => inner.flows.every((flow) => flow.attributes['targetRef'] !== one));
  const begins = JSON.stringify(draft.some(activities, 60));
  const collects =
    around.quiet || inner.nodes.some(beginsAgainAndAgain)
      ? {}
      : { outputCollection: 'results', outputElement: '=result' };
  const active =
    draft.dialect === 'camunda8' && draft.odds(60)
      ? tag('zeebe:adHoc', { activeElementsCollection: `=${begins}`, ...collects })
      : undefined;
  return {
    name: 'bpmn:adHocSubProcess',
    attributes: { ordering, cancelRemainingInstances: draft.odds(40) ? 'false' : undefined },
    extensions: [active],
    content: [...content, ...condition],
  };
}

/** Where such a path ends it must set no variable: the condition would be looked at again, for ever. */
function beginsAgainAndAgain({ attributes, children }: Tag): boolean {
  const conditional = (one: Tag | string) => typeof one !== 'string' && one.name === 'bpmn:conditionalEventDefinition';
  return attributes['cancelActivity'] === 'false' && children.some(conditional);
}

/** Up to two events on the border; gives the exits of their paths. */
function boundaryEvents(scope: Scope, host: string, cancels: boolean): string[] {
  const { draft } = scope;
  const exits: string[] = [];
  if (cancels) exits.push(...pathOf(scope, host, cancelEvent(), true));
  for (let count = draft.odds(18) ? 1 + draft.chance.below(2) : 0; count > 0; count -= 1) {
    const event = caught(scope, BESIDE, { multiple: true });
    const interrupting = event.kinds.includes('error') || draft.odds(55);
    exits.push(...pathOf(scope, host, event, interrupting));
  }
  return exits;
}

function cancelEvent(): Event {
  return { definitions: [tag('bpmn:cancelEventDefinition')], rank: -1, kinds: ['cancel'] };
}

function pathOf(scope: Scope, host: string, event: Event, interrupting: boolean): string[] {
  const { draft } = scope;
  const id = draft.id('on');
  const parallelMultiple = event.definitions.length > 1 && draft.odds(40) ? 'true' : undefined;
  const attributes = { id, attachedToRef: host, cancelActivity: interrupting ? undefined : 'false', parallelMultiple };
  scope.add(tag('bpmn:boundaryEvent', attributes, ...event.definitions));
  return reaction(scope, id, event, interrupting);
}

/** What follows an event beside the flow: a task at most, an end of its own or the way behind the activity. */
function reaction(scope: Scope, from: string, event: Event, interrupting: boolean): string[] {
  const { draft, around } = scope;
  const quiet = around.quiet || (!interrupting && event.kinds.includes('conditional'));
  const inner = new Scope(draft, { ...around, quiet, rank: Math.max(around.rank, event.rank) });
  let exit = from;
  if (draft.odds(50)) {
    const { id } = activity(inner, { bare: true, waits: draft.odds(50) });
    inner.connect(exit, id);
    exit = id;
  }
  scope.nodes.push(...inner.nodes);
  scope.flows.push(...inner.flows);
  scope.artifacts.push(...inner.artifacts);
  if (interrupting && draft.odds(65)) return [exit];
  // An ad-hoc sub-process has no end events: what is not led on ends where it is.
  if (around.kind === 'adHocSubProcess') return [];
  scope.connect(exit, scope.add(tag('bpmn:endEvent', { id: draft.id('end') })));
  return [];
}

/** A compensation boundary event and its handler, beside the flow. */
function undoableBy(scope: Scope, id: string): void {
  const { draft, around } = scope;
  const inner = new Scope(draft, { ...around, undoes: true });
  const handler = activity(inner, { handler: true });
  scope.nodes.push(...inner.nodes);
  const event = draft.id('undoes');
  const definition = tag('bpmn:compensateEventDefinition', { id: `${event}Event` });
  scope.add(tag('bpmn:boundaryEvent', { id: event, attachedToRef: id }, definition));
  scope.artifacts.push(
    tag('bpmn:association', {
      id: `${event}To`,
      associationDirection: 'One',
      sourceRef: event,
      targetRef: handler.id,
    }),
  );
  scope.undoable.push(id);
}
