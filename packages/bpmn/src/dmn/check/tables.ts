/** Decision tables: hit policy, aggregation, columns and cells (DMN 1.5, 8.2 and 8.3). */
import type { Problem } from '../../model.ts';
import { childOf, childrenOf, type XmlNode } from '../xml.ts';
import { problemAt } from './problem.ts';

const HIT_POLICIES: readonly string[] = ['UNIQUE', 'FIRST', 'PRIORITY', 'ANY', 'COLLECT', 'RULE ORDER', 'OUTPUT ORDER'];
const AGGREGATIONS: readonly string[] = ['SUM', 'COUNT', 'MIN', 'MAX'];

/** `owner`: the id of the decision or knowledge model that the table belongs to. */
export function* checkTable(table: XmlNode, owner: string | undefined): Generator<Problem> {
  const id = table.attributes['id'] ?? owner;
  yield* hitPolicy(table, id);
  yield* outputs(table, id);
  yield* cells(table, id);
}

function* hitPolicy(table: XmlNode, id: string | undefined): Generator<Problem> {
  const policy = table.attributes['hitPolicy'] ?? 'UNIQUE';
  const { aggregation } = table.attributes;
  const columns = childrenOf(table, 'output');
  if (!HIT_POLICIES.includes(policy)) {
    const message = `The hit policy ${policy} is not known: use one of ${HIT_POLICIES.join(', ')}.`;
    yield problemAt(table, { rule: 'hit-policy', message }, id);
  }
  if (
    (policy === 'PRIORITY' || policy === 'OUTPUT ORDER') &&
    !columns.some((one) => allowedValues(one) !== undefined)
  ) {
    const message = `The hit policy ${policy} orders by the allowed values of the outputs, and none has any: list them in the order of their priority.`;
    yield problemAt(table, { rule: 'hit-policy', message }, id);
  }
  if (aggregation === undefined) return;
  if (!AGGREGATIONS.includes(aggregation)) {
    const message = `The aggregation ${aggregation} is not known: use one of ${AGGREGATIONS.join(', ')}.`;
    yield problemAt(table, { rule: 'hit-policy', message }, id);
  } else if (policy !== 'COLLECT') {
    const message = `The aggregation ${aggregation} has no effect with the hit policy ${policy}: use COLLECT or remove it.`;
    yield problemAt(table, { rule: 'setting-without-effect', message, severity: 'warning' }, id);
  } else if (columns.length > 1 && aggregation !== 'COUNT') {
    const message = `The aggregation ${aggregation} takes one output, and the table has ${columns.length}: make it a table for each, or remove the aggregation.`;
    yield problemAt(table, { rule: 'hit-policy', message }, id);
  }
}

function* outputs(table: XmlNode, id: string | undefined): Generator<Problem> {
  const columns = childrenOf(table, 'output');
  if (columns.length === 0)
    yield problemAt(table, { rule: 'decision-table', message: 'A table has no output: give it one.' }, id);
  if (columns.length < 2) return;
  const names = new Set<string>();
  for (const [index, column] of columns.entries()) {
    const name = column.attributes['name'] ?? '';
    if (name === '') {
      const message = `Output ${index + 1} of ${columns.length} has no name: the result is a context, so give each output one.`;
      yield problemAt(column, { rule: 'decision-table', message }, column.attributes['id'] ?? id);
    } else if (names.has(name)) {
      const message = `Two outputs of a table are named "${name}": rename one.`;
      yield problemAt(column, { rule: 'duplicate-name', message }, column.attributes['id'] ?? id);
    }
    names.add(name);
  }
}

function* cells(table: XmlNode, id: string | undefined): Generator<Problem> {
  const [inputs, outputs] = [childrenOf(table, 'input').length, childrenOf(table, 'output').length];
  for (const [index, row] of childrenOf(table, 'rule').entries()) {
    const [tests, results] = [childrenOf(row, 'inputEntry').length, childrenOf(row, 'outputEntry').length];
    if (tests === inputs && results === outputs) continue;
    const message = `Rule ${index + 1} has ${tests} input and ${results} output entries, its table ${inputs} inputs and ${outputs} outputs: make them equal.`;
    yield problemAt(row, { rule: 'decision-table', message }, row.attributes['id'] ?? id);
  }
}

function allowedValues(output: XmlNode): string | undefined {
  const text = childOf(childOf(output, 'outputValues'), 'text')?.text.trim();
  return text === '' ? undefined : text;
}
