/** Input and output mappings, extension properties and task headers of both dialects. */
import type { Mapping, MappingSource } from '../model.ts';
import { dataInputs, dataOutputs } from './data.ts';
import { child, children, eventDefinitions, extension, extensions, flag, type Node, text } from './moddle.ts';
import type { Reading } from './reading.ts';
import { record } from './revive.ts';
import { camundaScript } from './scripts.ts';

export interface Mappings {
  readonly inputs?: readonly Mapping[];
  readonly outputs?: readonly Mapping[];
}

/** `camunda:inputOutput` or `zeebe:ioMapping` of an element; empty lists are left out. */
export function mappings(reading: Reading, node: Node): Mappings {
  const written =
    reading.dialect === 'camunda7'
      ? withConnector(reading, node)
      : zeebeMappings(reading, extension(node, 'zeebe:IoMapping'));
  const inputs = written[0].length > 0 ? written[0] : dataInputs(reading, node);
  const outputs = written[1].length > 0 ? written[1] : dataOutputs(reading, node);
  return { ...(inputs.length > 0 ? { inputs } : {}), ...(outputs.length > 0 ? { outputs } : {}) };
}

/** What a connector takes comes after the inputs of its element, what it gives before the outputs. */
function withConnector(reading: Reading, node: Node): [Mapping[], Mapping[]] {
  const [inputs, outputs] = camundaMappings(reading, extension(node, 'camunda:InputOutput'));
  for (const holder of [node, ...eventDefinitions(node)]) {
    const connector = extension(holder, 'camunda:Connector');
    const [taken, given] = camundaMappings(reading, child(connector, 'inputOutput'));
    inputs.push(...taken);
    outputs.unshift(...given);
  }
  return [inputs, outputs];
}

function camundaMappings(reading: Reading, inputOutput: Node | undefined): [Mapping[], Mapping[]] {
  const read = (parameter: Node): Mapping => ({
    target: text(parameter, 'name') ?? '',
    source: camundaSource(reading, parameter),
  });
  return [children(inputOutput, 'inputParameters').map(read), children(inputOutput, 'outputParameters').map(read)];
}

/** The value of a parameter, list item or map entry. Camunda 7 gives an empty one the value null. */
function camundaSource(reading: Reading, holder: Node): MappingSource {
  return camundaValue(reading, child(holder, 'definition') ?? holder);
}

function camundaValue(reading: Reading, node: Node): MappingSource {
  if (node.$type === 'camunda:List') {
    return { kind: 'list', items: children(node, 'items').map((item) => camundaValue(reading, item)) };
  }
  if (node.$type === 'camunda:Map') {
    const entries = children(node, 'entries').map((entry) => ({
      key: text(entry, 'key') ?? '',
      value: camundaSource(reading, entry),
    }));
    return { kind: 'map', entries };
  }
  if (node.$type === 'camunda:Script') return { kind: 'expression', expression: camundaScript(reading, node) };
  const written = text(node, 'value') ?? `\${null}`;
  return { kind: 'expression', expression: reading.expression(node, written) };
}

function zeebeMappings(reading: Reading, ioMapping: Node | undefined): [Mapping[], Mapping[]] {
  const read = (parameter: Node): Mapping => ({
    target: text(parameter, 'target') ?? '',
    source: { kind: 'expression', expression: reading.expression(parameter, text(parameter, 'source') ?? '=null') },
  });
  return [children(ioMapping, 'inputParameters').map(read), children(ioMapping, 'outputParameters').map(read)];
}

/** What `camunda:in` / `camunda:out` (of a call activity or a thrown signal) pass along. */
export interface Passed {
  readonly all: boolean;
  /** All, but only those of one scope. */
  readonly local: boolean;
  readonly mappings: readonly Mapping[];
  readonly businessKey?: string;
}

/** All `camunda:in` or `camunda:out` of an element; `local` counts where it passes all. */
export function passed(reading: Reading, node: Node, type: 'camunda:In' | 'camunda:Out'): Passed {
  const found = extensions(node).filter((candidate) => candidate.$type === type);
  const businessKey = found.map((one) => text(one, 'businessKey')).find((key) => key !== undefined);
  const list: Mapping[] = [];
  for (const one of found) {
    const expression = text(one, 'sourceExpression');
    const source = text(one, 'source');
    const target = text(one, 'target');
    if (expression !== undefined && target !== undefined) {
      list.push({ target, source: { kind: 'expression', expression: reading.expression(one, expression) } });
    } else if (source !== undefined && target !== undefined) {
      // FEEL, because there an absent variable is null, as it is when Camunda 7 passes one along.
      list.push({ target, source: { kind: 'expression', expression: { language: 'feel', text: source } } });
    }
  }
  const everything = found.filter((one) => text(one, 'variables') === 'all');
  const all = everything.length > 0;
  const local = all && everything.every((one) => flag(one, 'local') === true);
  return { all, local, mappings: list, ...(businessKey === undefined ? {} : { businessKey }) };
}

/** Extension properties by name; undefined when there are none. */
export function properties(node: Node): Readonly<Record<string, string>> | undefined {
  const camunda = children(extension(node, 'camunda:Properties'), 'values');
  const zeebe = children(extension(node, 'zeebe:Properties'), 'properties');
  return pairs([...camunda, ...zeebe], 'name');
}

/** What a worker is told besides the variables: task headers, in Camunda 7 the extension properties. */
export function headers(reading: Reading, node: Node): Readonly<Record<string, string>> | undefined {
  if (reading.dialect === 'camunda7') return properties(node);
  return taskHeaders(extension(node, 'zeebe:TaskHeaders'));
}

/** `zeebe:taskHeaders` by name, the later win; undefined when there are none. */
export function taskHeaders(...holders: readonly (Node | undefined)[]): Readonly<Record<string, string>> | undefined {
  return pairs(
    holders.flatMap((holder) => children(holder, 'values')),
    'key',
  );
}

function pairs(nodes: readonly Node[], keyName: string): Readonly<Record<string, string>> | undefined {
  const found = record<string>({});
  for (const node of nodes) {
    const key = text(node, keyName);
    if (key !== undefined) found[key] = text(node, 'value') ?? '';
  }
  return Object.keys(found).length > 0 ? found : undefined;
}
