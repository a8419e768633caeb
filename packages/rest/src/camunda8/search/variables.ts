/** `/variables/search`: the last value of each variable, also of scopes that have ended. */
import { asLargeValue, BlobDamaged, type LargeValue, type ProcessEngine, type VariableView } from '@procos/kernel';
import type { Call } from '../../call.ts';
import { toVariable } from '../../scopes.ts';
import { invalid, notFound } from '../errors.ts';
import { keyOf, readKey } from '../keys.ts';
import { tenantOf } from '../tenants.ts';
import { writeVariable } from '../variables.ts';
import * as by from './filter.ts';
import { byIndex, inside } from './reach.ts';
import { instancesOf, tenantsOf } from './related.ts';
import type { SearchSpec } from './search.ts';

type Row = VariableView;

/** Characters of a value's JSON text that a search shows, where it is not asked for all. */
const MOST_SHOWN = 8_191;
/** Characters of all values of one page. */
const MOST_WRITTEN = 2 ** 25;

const texts: by.Values<Row> = (_rows, engine) => (row) => shownText(engine, row);

export const VARIABLES: SearchSpec<'variables'> = {
  table: 'variables',
  filters: {
    variableKey: by.key('id'),
    name: by.text('name'),
    value: by.looked(texts, by.asText),
    scopeKey: by.key('scopeId'),
    processInstanceKey: by.key('processInstanceId'),
    tenantId: by.looked<Row>(tenantsOf, by.asText),
    isTruncated: by.looked((_rows, engine) => (row) => isLong(row, shownText(engine, row)), by.asFlag),
  },
  sorts: {
    variableKey: 'id',
    name: 'name',
    value: texts,
    scopeKey: 'scopeId',
    processInstanceKey: 'processInstanceId',
    tenantId: tenantsOf,
  },
  reach: inside<'variables'>({
    // No member asks for what lives alone.
    isOfLiving: () => false,
    shared: { processInstanceId: 'id' },
    living: byIndex('variables', ['processInstanceId']),
  }),
};

/** As Camunda 8 keeps it: JSON text. */
function valueText(engine: ProcessEngine, row: Row): string {
  return JSON.stringify(writeVariable(toVariable(row), engine.largeValues));
}

/** What filters see and sorts go by, as in Camunda 8: of a value that is kept out of line only the beginning is read. */
export function shownText(engine: ProcessEngine, row: Row): string {
  const large = outOfLine(row);
  if (large === undefined) return valueText(engine, row);
  const { largeValues } = engine;
  if (largeValues.find(large.blob) === undefined) return valueText(engine, row);
  try {
    const beginning = Buffer.concat([...largeValues.read(large.blob, 0, MOST_SHOWN)]).toString('utf8');
    return row.type === 'String' ? JSON.stringify(beginning).slice(0, -1) : beginning;
  } catch (error) {
    if (error instanceof BlobDamaged) return JSON.stringify(row.value);
    throw error;
  }
}

/** Files and bytes are shown as what names them. */
function outOfLine({ type, value }: Row): LargeValue | undefined {
  return type === 'Bytes' || type === 'File' ? undefined : asLargeValue(value);
}

function isLong(row: Row, text: string): boolean {
  return text.length > MOST_SHOWN || outOfLine(row) !== undefined;
}

/** `truncateValues` of the query string. */
export function isTruncating({ query }: Pick<Call, 'query'>): boolean {
  const asked = query['truncateValues'] ?? 'true';
  if (asked !== 'true' && asked !== 'false')
    throw invalid(`Query parameter 'truncateValues' must be true or false, but is ${JSON.stringify(asked)}`);
  return asked === 'true';
}

export function writeVariables(engine: ProcessEngine, rows: readonly Row[], truncate: boolean): readonly unknown[] {
  const write = writer(engine, rows);
  let written = 0;
  return rows.map((row) => {
    const value = truncate ? shownText(engine, row) : valueText(engine, row);
    const isTruncated = truncate && isLong(row, value);
    written += value.length;
    if (written > MOST_WRITTEN)
      throw invalid(`The values of this page have more than ${MOST_WRITTEN} characters: ask for fewer by 'page.limit'`);
    return { ...write(row), value: isTruncated ? value.slice(0, MOST_SHOWN) : value, isTruncated };
  });
}

function writer(engine: ProcessEngine, rows: readonly Row[]): (row: Row) => Record<string, unknown> {
  const instanceOf = instancesOf(engine, rows);
  return (row) => {
    const instance = instanceOf(row.processInstanceId);
    return {
      variableKey: keyOf(row.id),
      name: row.name,
      scopeKey: keyOf(row.scopeId),
      processInstanceKey: keyOf(row.processInstanceId),
      rootProcessInstanceKey: keyOf(instance?.rootId ?? row.processInstanceId),
      tenantId: tenantOf(instance?.tenantId ?? null),
    };
  };
}

export function getVariable({ engine, params }: Call): unknown {
  const id = readKey(params['variableKey'], 'variableKey');
  const [row] = engine.find('variables', { where: [{ column: 'id', op: '=', value: id }] });
  if (row === undefined) throw notFound(`Variable with key '${params['variableKey']}' not found`);
  return { ...writer(engine, [row])(row), value: valueText(engine, row) };
}
