/** Conditions and counts beside those of sequence flows: expressions, and such as the kernel can evaluate at once. */
import { TIMER_KINDS } from '../read/events.ts';
import { body, child, children, eventDefinitions, type Node } from '../read/moddle.ts';
import { conditionScript } from '../read/scripts.ts';
import { type Finding, type Subject, title } from './contract.ts';

interface Written {
  readonly holder: Node;
  readonly name: string;
  /** Is to be true or false; else a count or a time, which may be mere text. */
  readonly decides: boolean;
}

export function* conditions({ dialect, elements }: Subject): Generator<Finding> {
  for (const { node } of elements) {
    for (const { holder, name, decides } of written(node)) {
      const text = body(holder, name);
      if (text === undefined) continue;
      if (conditionScript(child(holder, name)) !== undefined) {
        const message = `The ${name} of ${title(node)} is a script, which has to run in a sandbox, and here the engine cannot wait for one: write it as an expression.`;
        yield { rule: 'script', node, message };
      } else if (decides && dialect === 'camunda7' && !/[$#]\{/.test(text)) {
        const message = `The ${name} of ${title(node)} is mere text: write it as an expression, \${…}.`;
        yield { rule: 'literal-condition', node, message };
      }
    }
  }
}

/** A script as the condition of a conditional event has its own rule. */
function* written(node: Node): Generator<Written> {
  yield { holder: node, name: 'activationCondition', decides: true };
  yield { holder: node, name: 'completionCondition', decides: true };
  const loop = child(node, 'loopCharacteristics');
  if (loop !== undefined) {
    yield { holder: loop, name: 'loopCardinality', decides: false };
    for (const name of ['loopCondition', 'completionCondition']) yield { holder: loop, name, decides: true };
    for (const holder of children(loop, 'complexBehaviorDefinition'))
      yield { holder, name: 'condition', decides: true };
  }
  for (const holder of eventDefinitions(node)) {
    for (const [name] of TIMER_KINDS) yield { holder, name, decides: false };
    if (conditionScript(child(holder, 'condition')) === undefined) yield { holder, name: 'condition', decides: true };
  }
}
