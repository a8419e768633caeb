/** Listeners of both dialects, asynchronous continuations and retry cycles. */
import type { AsyncContinuation, ExecutionListener, Expression, ListenerAction, TaskListener } from '../model.ts';
import { delegateWork } from './delegates.ts';
import { DEFAULT_RETRIES, singleEvent } from './events.ts';
import { taskHeaders } from './mappings.ts';
import { child, children, extension, extensions, flag, type Node, text } from './moddle.ts';
import { attribute, defined, literal, type Reading } from './reading.ts';
import { camundaScript, scriptBelow } from './scripts.ts';

const TASK_EVENTS: Readonly<Record<string, TaskListener['event']>> = {
  create: 'create',
  assignment: 'assignment',
  update: 'update',
  complete: 'complete',
  delete: 'cancel',
  timeout: 'timeout',
  creating: 'create',
  assigning: 'assignment',
  updating: 'update',
  completing: 'complete',
  canceling: 'cancel',
};

export interface Accompanied {
  readonly listeners?: readonly ExecutionListener[];
  readonly async?: AsyncContinuation;
  readonly retryCycle?: Expression;
  readonly jobPriority?: Expression;
}

export function accompanied(reading: Reading, node: Node): Accompanied {
  const listeners = executionListeners(reading, node).flatMap(({ event, action }) =>
    event === 'take' ? [] : [{ event, action }],
  );
  const [cycle] = [node, child(node, 'loopCharacteristics')].flatMap(
    (holder) => extension(holder, 'camunda:FailedJobRetryTimeCycle') ?? [],
  );
  const retryCycle = text(cycle, 'body');
  return defined({
    listeners: listeners.length > 0 ? listeners : undefined,
    async: continuation(node),
    retryCycle: retryCycle === undefined ? undefined : reading.expression(node, retryCycle),
    jobPriority:
      attribute(reading, node, 'camunda:jobPriority') ?? attribute(reading, reading.process, 'camunda:jobPriority'),
  });
}

/** Of an element, or of its loop: then it is meant for every single instance. */
export function continuation(node: Node): AsyncContinuation | undefined {
  const before = flag(node, 'camunda:asyncBefore') === true || flag(node, 'camunda:async') === true;
  const after = flag(node, 'camunda:asyncAfter') === true;
  return before || after ? { before, after } : undefined;
}

/** `take` listeners of a sequence flow. */
export function takeListeners(reading: Reading, flow: Node): readonly ListenerAction[] | undefined {
  const found = executionListeners(reading, flow).map(({ action }) => action);
  return found.length > 0 ? found : undefined;
}

export function taskListeners(reading: Reading, node: Node): readonly TaskListener[] | undefined {
  const camunda = extensions(node)
    .filter((one) => one.$type === 'camunda:TaskListener')
    .map((one) => ({
      named: text(one, 'event') ?? '',
      action: camundaAction(reading, node, one),
      timer: listenerTimer(reading, node, one),
    }));
  const zeebe = children(extension(node, 'zeebe:TaskListeners'), 'listeners').map((one) => ({
    named: text(one, 'eventType') ?? '',
    action: zeebeAction(reading, one, extension(node, 'zeebe:TaskHeaders')),
    timer: undefined,
  }));
  const found = [...camunda, ...zeebe].flatMap(({ named, action, timer }) => {
    const event = TASK_EVENTS[named];
    return event === undefined ? [] : [{ event, action, ...defined({ timer }) }];
  });
  return found.length > 0 ? found : undefined;
}

function listenerTimer(reading: Reading, node: Node, listener: Node): TaskListener['timer'] | undefined {
  const [definition] = children(listener, 'eventDefinitions');
  const event = singleEvent(reading, node, definition);
  return event.kind === 'timer' ? { kind: event.timer, value: event.value } : undefined;
}

function executionListeners(
  reading: Reading,
  node: Node,
): readonly { readonly event: 'start' | 'end' | 'take'; readonly action: ListenerAction }[] {
  const camunda = extensions(node)
    .filter((one) => one.$type === 'camunda:ExecutionListener')
    .map((one) => ({ event: eventName(text(one, 'event') ?? 'take'), action: camundaAction(reading, node, one) }));
  const zeebe = children(extension(node, 'zeebe:ExecutionListeners'), 'listeners').map((one) => ({
    event: eventName(text(one, 'eventType')),
    action: zeebeAction(reading, one, extension(node, 'zeebe:TaskHeaders')),
  }));
  return [...camunda, ...zeebe];
}

function eventName(name: string | undefined): 'start' | 'end' | 'take' {
  return name === 'end' || name === 'take' ? name : 'start';
}

function camundaAction(reading: Reading, node: Node, listener: Node): ListenerAction {
  const script = scriptBelow(listener);
  if (script !== undefined) return { kind: 'expression', expression: camundaScript(reading, script) };
  const work = delegateWork(reading, listener);
  if (work !== undefined) return { kind: 'work', work };
  return { kind: 'expression', expression: reading.expression(node, text(listener, 'expression') ?? '') };
}

/** The worker of a listener is told the headers of the element as well; those of the listener win. */
function zeebeAction(reading: Reading, listener: Node, elementHeaders?: Node): ListenerAction {
  return {
    kind: 'work',
    work: {
      topic: attribute(reading, listener, 'type') ?? literal(''),
      retries: attribute(reading, listener, 'retries') ?? literal(DEFAULT_RETRIES),
      ...defined({ headers: taskHeaders(elementHeaders, child(listener, 'headers')) }),
    },
  };
}
