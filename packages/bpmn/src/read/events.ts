/** Translates event definitions and the external work that throwing events may have. */
import type { EventDefinition, Expression, ExternalWork, SingleEvent, TimerKind } from '../model.ts';
import { delegateWork } from './delegates.ts';
import { headers, passed } from './mappings.ts';
import { body, child, eventDefinitions, extension, flag, type Node, text } from './moddle.ts';
import { attribute, defined, literal, type Reading } from './reading.ts';

/** The attempts that Camunda 8 gives a job whose task definition names none. */
export const DEFAULT_RETRIES = '3';

export const TIMER_KINDS: readonly (readonly [attribute: string, kind: TimerKind])[] = [
  ['timeDate', 'date'],
  ['timeDuration', 'duration'],
  ['timeCycle', 'cycle'],
];

/** What an event waits for or does; several definitions make a multiple event. */
export function eventOf(reading: Reading, node: Node): EventDefinition {
  const definitions = eventDefinitions(node);
  const [first] = definitions;
  if (definitions.length <= 1) return singleEvent(reading, node, first);
  const parallel = flag(node, 'parallelMultiple') === true;
  return { kind: 'multiple', parallel, events: definitions.map((one) => singleEvent(reading, node, one)) };
}

/** `node`: the event that has the definition. */
export function singleEvent(reading: Reading, node: Node, definition: Node | undefined): SingleEvent {
  switch (definition?.$type) {
    case 'bpmn:MessageEventDefinition':
      return messageEvent(reading, node, definition);
    case 'bpmn:TimerEventDefinition':
      return timerEvent(reading, definition);
    case 'bpmn:SignalEventDefinition':
      return signalEvent(reading, definition);
    case 'bpmn:ErrorEventDefinition':
      return errorEvent(reading, definition);
    case 'bpmn:TerminateEventDefinition':
      return { kind: 'terminate' };
    case 'bpmn:EscalationEventDefinition':
      return {
        kind: 'escalation',
        ...defined({
          code: attribute(reading, child(definition, 'escalationRef'), 'escalationCode'),
          codeVariable: text(definition, 'camunda:escalationCodeVariable'),
        }),
      };
    case 'bpmn:CompensateEventDefinition':
      return {
        kind: 'compensation',
        waitForCompletion: flag(definition, 'waitForCompletion') ?? true,
        ...defined({ activityId: child(definition, 'activityRef')?.id }),
      };
    case 'bpmn:ConditionalEventDefinition':
      return conditionalEvent(reading, node, definition);
    case 'bpmn:LinkEventDefinition':
      return { kind: 'link', name: text(definition, 'name') ?? '' };
    case 'bpmn:CancelEventDefinition':
      return { kind: 'cancel' };
    default:
      return { kind: 'none' };
  }
}

/** A message by its reference; `holder` is the event definition or a receive task. */
export function messageEvent(reading: Reading, event: Node, holder: Node): SingleEvent {
  const message = child(holder, 'messageRef');
  const throws = event.$type === 'bpmn:EndEvent' || event.$type === 'bpmn:IntermediateThrowEvent';
  const work = throws ? externalWork(reading, event, holder) : undefined;
  return {
    kind: 'message',
    name: attribute(reading, message, 'name') ?? literal(event.id ?? ''),
    ...defined({
      correlationKey: attribute(reading, extension(message, 'zeebe:Subscription'), 'correlationKey'),
      work,
    }),
  };
}

const VARIABLE_EVENTS = ['create', 'update', 'delete'] as const;

function conditionalEvent(reading: Reading, node: Node, definition: Node): SingleEvent {
  const filter = extension(node, 'zeebe:ConditionalFilter') ?? extension(definition, 'zeebe:ConditionalFilter');
  const names = (text(definition, 'camunda:variableName') ?? text(filter, 'variableNames') ?? '')
    .split(',')
    .map((name) => name.trim());
  const written = text(definition, 'camunda:variableEvents') ?? text(filter, 'variableEvents') ?? '';
  const events = VARIABLE_EVENTS.filter((name) => written.split(',').some((one) => one.trim() === name));
  return {
    kind: 'conditional',
    condition: reading.condition(definition, body(definition, 'condition') ?? ''),
    ...defined({
      // Several names: every change is looked at.
      variableName: names.length === 1 && names[0] !== '' ? names[0] : undefined,
      variableEvents: events.length > 0 ? events : undefined,
    }),
  };
}

function timerEvent(reading: Reading, definition: Node): SingleEvent {
  for (const [name, timer] of TIMER_KINDS) {
    const value = body(definition, name);
    if (value !== undefined) return { kind: 'timer', timer, value: reading.expression(definition, value) };
  }
  return { kind: 'timer', timer: 'duration', value: literal('') };
}

function signalEvent(reading: Reading, definition: Node): SingleEvent {
  const name = attribute(reading, child(definition, 'signalRef'), 'name') ?? literal('');
  const given = passed(reading, definition, 'camunda:In');
  return {
    kind: 'signal',
    name,
    ...(given.mappings.length > 0 ? { in: given.mappings } : {}),
    ...(given.all ? { inAll: true } : {}),
    ...(flag(definition, 'camunda:async') === true ? { async: true as const } : {}),
  };
}

function errorEvent(reading: Reading, definition: Node): SingleEvent {
  const error = child(definition, 'errorRef');
  return {
    kind: 'error',
    ...defined({
      code: attribute(reading, error, 'errorCode'),
      message: attribute(reading, error, 'camunda:errorMessage'),
      codeVariable: text(definition, 'camunda:errorCodeVariable'),
      messageVariable: text(definition, 'camunda:errorMessageVariable'),
    }),
  };
}

/**
 * The external work of a task or a throwing event; undefined when it has none. `holder` carries `camunda:type` and
 * `camunda:topic`: the task itself or the message event definition.
 */
export function externalWork(reading: Reading, node: Node, holder: Node = node): ExternalWork | undefined {
  return reading.dialect === 'camunda7' ? camundaWork(reading, node, holder) : zeebeWork(reading, node);
}

function camundaWork(reading: Reading, node: Node, holder: Node): ExternalWork | undefined {
  const delegate = delegateWork(reading, holder);
  if (delegate !== undefined) return delegate;
  const topic = attribute(reading, holder, 'camunda:topic');
  if (topic === undefined || text(holder, 'camunda:type') !== 'external') return undefined;
  const priority =
    attribute(reading, holder, 'camunda:taskPriority') ?? attribute(reading, reading.process, 'camunda:taskPriority');
  return { topic, ...defined({ priority, headers: headers(reading, node) }) };
}

function zeebeWork(reading: Reading, node: Node): ExternalWork | undefined {
  const definition = extension(node, 'zeebe:TaskDefinition');
  const topic = attribute(reading, definition, 'type');
  if (topic === undefined) return undefined;
  const retries = attribute(reading, definition, 'retries') ?? literal(DEFAULT_RETRIES);
  return { topic, retries, ...defined({ priority: jobPriority(reading, node), headers: headers(reading, node) }) };
}

/** Of the element, else of its process (Camunda 8). */
export function jobPriority(reading: Reading, node: Node): Expression | undefined {
  const of = (holder: Node) => attribute(reading, extension(holder, 'zeebe:JobPriorityDefinition'), 'priority');
  return of(node) ?? of(reading.process);
}
