/** Event definitions of every kind, and the messages, signals, errors and escalations that they name. */
import { CODES } from '../../packages/engine/stories/wilderness.ts';
import type { Draft, Scope } from './draft.ts';
import { condition, equals, expression, extension, formal, NUMBERS, work } from './phrases.ts';
import { type Tag, tag } from './xml.ts';

/** Messages and signals are named by their rank, 0 to 9. */
const RANKS = 10;

export interface Event {
  /** None for a plain event. */
  readonly definitions: readonly Tag[];
  /** The highest rank among what it names; what it causes may throw only higher ones. -1 when it names nothing. */
  readonly rank: number;
  readonly kinds: readonly string[];
}

export type Kind =
  | 'message'
  | 'timer'
  | 'signal'
  | 'conditional'
  | 'error'
  | 'escalation'
  | 'compensation'
  | 'terminate'
  | 'cancel';

const CAUGHT = ['message', 'timer', 'signal', 'conditional'] as const;
export const STARTING: readonly Kind[] = CAUGHT;
export const CATCHING: readonly Kind[] = CAUGHT;
/** At boundaries and of event sub-processes. */
export const BESIDE: readonly Kind[] = [...CAUGHT, 'error', 'escalation'];
export const THROWN: readonly Kind[] = ['message', 'signal', 'escalation', 'compensation'];
export const ENDING: readonly Kind[] = [...THROWN, 'error', 'terminate'];

/** One event, or at times several together. */
export function caught(
  scope: Scope,
  kinds: readonly Kind[],
  options: { readonly multiple?: boolean; readonly maxRank?: number } = {},
): Event {
  const { draft } = scope;
  const several = options.multiple === true && draft.odds(20);
  // A condition that waits inside what a condition begins: every change that ends the one begins the other anew.
  const possible = scope.around.quiet ? kinds.filter((kind) => kind !== 'conditional') : kinds;
  const chosen = Array.from({ length: several ? 2 + draft.chance.below(2) : 1 }, () => draft.one(possible));
  const made = chosen.map((kind) => catching(draft, kind, options.maxRank ?? RANKS - 1));
  return {
    definitions: made.map(({ definition }) => definition),
    rank: Math.max(...made.map(({ rank }) => rank)),
    kinds: chosen,
  };
}

/** What is inside a throwing event: nothing when none of these kinds can be thrown here, at times several. */
export function thrown(scope: Scope, kinds: readonly Kind[]): readonly Tag[] {
  const { draft } = scope;
  const chosen = Array.from({ length: draft.odds(15) ? 2 : 1 }, () => draft.one(kinds));
  const definitions = chosen.flatMap((kind) => throwing(scope, kind) ?? []);
  // Camunda 8 says on the event itself that a worker sends its message.
  const byWorker = draft.dialect === 'camunda8' && chosen.includes('message') && draft.odds(25);
  return [...(byWorker ? [tag('bpmn:extensionElements', {}, ...work(draft).extensions)] : []), ...definitions];
}

interface Made {
  readonly definition: Tag;
  readonly rank: number;
}

function catching(draft: Draft, kind: Kind, maxRank: number): Made {
  const rank = draft.chance.below(maxRank + 1);
  switch (kind) {
    case 'message':
      return { definition: tag('bpmn:messageEventDefinition', { messageRef: message(draft, rank) }), rank };
    case 'signal':
      return { definition: tag('bpmn:signalEventDefinition', { signalRef: signal(draft, rank) }), rank };
    case 'timer':
      return { definition: timer(draft), rank: -1 };
    case 'conditional':
      return { definition: conditional(draft), rank: -1 };
    case 'error':
      return { definition: errorCaught(draft), rank: -1 };
    case 'escalation':
      return escalationCaught(draft);
    case 'compensation':
      return { definition: tag('bpmn:compensateEventDefinition', { id: draft.id('undo') }), rank: -1 };
    default:
      return { definition: tag(`bpmn:${kind}EventDefinition`), rank: -1 };
  }
}

function throwing(scope: Scope, kind: Kind): Tag | undefined {
  const { draft, around } = scope;
  const ranks = Array.from({ length: RANKS }, (_, rank) => rank).filter((rank) => rank > around.rank);
  switch (kind) {
    case 'message': {
      if (draft.dialect === 'camunda7' && draft.odds(25)) {
        const { attributes } = work(draft);
        return tag('bpmn:messageEventDefinition', attributes);
      }
      return ranks.length === 0
        ? undefined
        : tag('bpmn:messageEventDefinition', { messageRef: message(draft, draft.one(ranks)) });
    }
    case 'signal': {
      if (ranks.length === 0) return undefined;
      const given =
        draft.dialect === 'camunda7' && draft.odds(30)
          ? extension(tag('camunda:in', draft.odds(50) ? { variables: 'all' } : { source: 'n', target: 'x' }))
          : undefined;
      return tag('bpmn:signalEventDefinition', { signalRef: signal(draft, draft.one(ranks)) }, given);
    }
    case 'escalation': {
      const codes = CODES.filter((_, index) => index * 2 > around.rank);
      return codes.length === 0
        ? undefined
        : tag('bpmn:escalationEventDefinition', { escalationRef: escalation(draft, draft.one(codes)) });
    }
    case 'error':
      return tag('bpmn:errorEventDefinition', { errorRef: error(draft, draft.one(CODES)) });
    case 'compensation': {
      if (around.undoes) return undefined;
      const activities = [...around.undoable, ...scope.undoable];
      return tag('bpmn:compensateEventDefinition', {
        activityRef: activities.length > 0 && draft.odds(40) ? draft.one(activities) : undefined,
        waitForCompletion: draft.odds(25) ? 'false' : undefined,
      });
    }
    default:
      return tag(`bpmn:${kind}EventDefinition`);
  }
}

/** In Camunda 8 what waits finds its message by a key. */
export function message(draft: Draft, rank: number): string {
  const key = draft.dialect === 'camunda7' ? undefined : draft.one(['="K"', '="K"', '=key']);
  const id = key === '=key' ? `Message_m${rank}_key` : `Message_m${rank}`;
  const subscription = key === undefined ? undefined : tag('zeebe:subscription', { correlationKey: key });
  return draft.root(id, () => tag('bpmn:message', { id, name: `m${rank}` }, extension(subscription)));
}

export function signal(draft: Draft, rank: number): string {
  const id = `Signal_s${rank}`;
  return draft.root(id, () => tag('bpmn:signal', { id, name: `s${rank}` }));
}

export function error(draft: Draft, code: string): string {
  const id = `Error_${code}`;
  return draft.root(id, () => tag('bpmn:error', { id, errorCode: code }));
}

export function escalation(draft: Draft, code: string): string {
  const id = `Escalation_${code}`;
  return draft.root(id, () => tag('bpmn:escalation', { id, escalationCode: code }));
}

/** One code, or every error; what was thrown may be put into variables. */
function errorCaught(draft: Draft): Tag {
  const variables =
    draft.dialect === 'camunda7' && draft.odds(30)
      ? { 'camunda:errorCodeVariable': 'result', 'camunda:errorMessageVariable': 'way' }
      : {};
  const errorRef = draft.odds(40) ? undefined : error(draft, draft.one(CODES));
  return tag('bpmn:errorEventDefinition', { errorRef, ...variables });
}

/** Catching every escalation has the highest rank: what it causes throws nothing ranked. */
function escalationCaught(draft: Draft): Made {
  const index = draft.chance.below(CODES.length + 2);
  const code = CODES[index];
  const escalationRef = code === undefined ? undefined : escalation(draft, code);
  const variable = draft.dialect === 'camunda7' && draft.odds(30) ? { 'camunda:escalationCodeVariable': 'way' } : {};
  return {
    definition: tag('bpmn:escalationEventDefinition', { escalationRef, ...variable }),
    rank: code === undefined ? RANKS : index * 2,
  };
}

const TIMES = [
  ['timeDuration', 'PT5M'],
  ['timeDuration', 'PT30M'],
  ['timeCycle', 'R2/PT10M'],
  ['timeDate', '2026-01-01T00:20:00Z'],
] as const;

function timer(draft: Draft): Tag {
  const [name, text] = draft.one(TIMES);
  const computed = draft.odds(20);
  return tag(
    'bpmn:timerEventDefinition',
    {},
    formal(`bpmn:${name}`, computed ? expression(draft, JSON.stringify(text)) : text),
  );
}

function conditional(draft: Draft): Tag {
  const written = draft.odds(70) ? condition(draft) : equals(draft, draft.one(NUMBERS), '3');
  const narrowed = draft.odds(30);
  const events = draft.odds(50) ? 'create,update' : undefined;
  if (draft.dialect === 'camunda7')
    return tag(
      'bpmn:conditionalEventDefinition',
      narrowed ? { 'camunda:variableName': draft.one(NUMBERS), 'camunda:variableEvents': events } : {},
      formal('bpmn:condition', written),
    );
  const filter = tag('zeebe:conditionalFilter', { variableNames: draft.one(NUMBERS), variableEvents: events });
  return tag(
    'bpmn:conditionalEventDefinition',
    {},
    narrowed ? extension(filter) : undefined,
    formal('bpmn:condition', written),
  );
}
