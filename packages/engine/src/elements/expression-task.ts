/** Expression task: a task whose work is one expression, evaluated in place. */
import { type ExpressionTask, inferVariable } from '@procos/bpmn';
import { evaluateAndSet } from '../actions/effects.ts';
import { Fault } from '../actions/fault.ts';
import { placeResults } from '../actions/variables.ts';
import type { ElementBehavior } from './behavior.ts';

export const expressionTaskBehavior: ElementBehavior<ExpressionTask> = {
  activate(element, at) {
    const result = evaluateAndSet(at, element.expression, 'expression');
    if (result instanceof Fault) return result;
    if (element.resultVariable !== undefined)
      placeResults(at, { [element.resultVariable]: inferVariable(result.value) });
    return 'complete';
  },
};
