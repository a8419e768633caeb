/** Timers say exactly one of date, duration and cycle, and fixed texts can be read. */
import { TIMER_KINDS } from '../read/events.ts';
import { toExpression } from '../read/expressions.ts';
import { body, child, children, eventDefinitions, extension, extensions, type Node, text } from '../read/moddle.ts';
import { schedule } from '../time/schedule.ts';
import { type Finding, type Subject, title } from './contract.ts';

export function* timers({ dialect, elements }: Subject): Generator<Finding> {
  for (const { node } of elements) {
    yield* retryCycle(node);
    for (const definition of [...eventDefinitions(node), ...ofListeners(node)]) {
      if (definition.$type !== 'bpmn:TimerEventDefinition') continue;
      const given = TIMER_KINDS.flatMap(([name, kind]) => {
        const written = body(definition, name);
        return written === undefined ? [] : [{ kind, expression: toExpression(dialect, written) }];
      });
      const [timer] = given;
      if (timer === undefined || given.length > 1) {
        const what = timer === undefined ? 'says not when it is due' : 'has several of date, duration and cycle';
        const message = `The timer of ${title(node)} ${what}: give it exactly one of timeDate, timeDuration and timeCycle.`;
        yield { rule: 'timer-definition', node, message };
      } else if (timer.expression.language === 'literal') {
        const read = schedule(timer.kind, timer.expression.text, 0, 'UTC', dialect);
        if (!read.ok)
          yield {
            rule: 'timer-definition',
            node,
            message: `The timer of ${title(node)}: ${read.message}; correct it.`,
          };
      }
    }
  }
}

function ofListeners(node: Node): readonly Node[] {
  return extensions(node).flatMap((found) =>
    found.$type === 'camunda:TaskListener' ? children(found, 'eventDefinitions') : [],
  );
}

/** `R3/PT10S`, or a list of durations. */
function* retryCycle(node: Node): Generator<Finding> {
  for (const holder of [node, child(node, 'loopCharacteristics')]) {
    const written = text(extension(holder, 'camunda:FailedJobRetryTimeCycle'), 'body');
    if (written === undefined || /[$#]\{/.test(written)) continue;
    const durations = /^R\d+\/(.+)$/.exec(written)?.slice(1) ?? written.split(',');
    if (durations.every((one) => schedule('duration', one.trim(), 0, 'UTC', 'camunda7').ok)) continue;
    const message = `The retry time cycle "${written}" of ${title(node)} cannot be read: write R3/PT10S, or durations such as PT10S,PT1M.`;
    yield { rule: 'timer-definition', node, message };
  }
}
