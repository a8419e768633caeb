/** Java classes, delegate expressions and connectors that the operator has mapped to topics. */
import type { ExternalWork } from '../model.ts';
import { children, extension, extensions, type Node, text } from './moddle.ts';
import { defined, literal, type Reading } from './reading.ts';
import { record } from './revive.ts';

/** The class (`com.x.Y`) or delegate expression (`${bean}`) that the node names. */
export function delegateName(node: Node): string | undefined {
  return text(node, 'camunda:class') ?? text(node, 'camunda:delegateExpression') ?? listenerName(node);
}

/** The connector (`http-connector`) of the node, where it has one. */
export function connectorName(node: Node): string | undefined {
  return text(extension(node, 'camunda:Connector'), 'connectorId');
}

function listenerName(node: Node): string | undefined {
  const isListener = node.$type === 'camunda:ExecutionListener' || node.$type === 'camunda:TaskListener';
  return isListener ? (text(node, 'class') ?? text(node, 'delegateExpression')) : undefined;
}

/** An external task in its place; undefined when nothing is mapped. Injected fields become headers. */
export function delegateWork(reading: Reading, holder: Node): ExternalWork | undefined {
  const name = delegateName(holder) ?? connectorName(holder);
  const topic = name === undefined ? undefined : reading.delegates[name];
  if (topic === undefined) return undefined;
  const fields = record<string>({});
  const injected = extensions(holder).filter((one) => one.$type === 'camunda:Field');
  for (const field of [...injected, ...children(holder, 'fields')]) {
    const key = text(field, 'name');
    if (key !== undefined)
      fields[key] = text(field, 'stringValue') ?? text(field, 'string') ?? text(field, 'expression') ?? '';
  }
  return { topic: literal(topic), ...defined({ headers: Object.keys(fields).length > 0 ? fields : undefined }) };
}
