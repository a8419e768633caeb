/** `/decision-definitions` and `/decision-requirements`: deployed decisions, and the files that they stand in. */
import { bytesOf, type DecisionDefinition, type ProcessEngine, type Scalar } from '@procos/kernel';
import type { Call, Raw } from '../../call.ts';
import { harmless } from '../../harmless.ts';
import { readResourceKey, requirementsKeyOf } from '../deployment/file-keys.ts';
import { type Requirements, requirementsOf } from '../deployment/rows.ts';
import { notFound } from '../errors.ts';
import { keyOf, readKey } from '../keys.ts';
import * as by from '../search/filter.ts';
import { byIndex } from '../search/reach.ts';
import { readSearch } from '../search/request.ts';
import { type Found, pageOf, readFilters, type SearchSpec, type Sort, sift, valuesOf } from '../search/search.ts';
import { DEFAULT_TENANT, tenantOf } from '../tenants.ts';
import { filesOf, requirementsFor } from './requirements.ts';

type Row = DecisionDefinition;

function ofFile(value: (requirements: Requirements) => Scalar): by.Values<Row> {
  return (rows, engine) => {
    const requirements = requirementsFor(engine, rows);
    return (row) => value(requirements(row));
  };
}

const nameOf = ({ name, decisionId }: Row): string => name ?? decisionId;

export const DECISION_DEFINITIONS: SearchSpec<'decisions'> = {
  table: 'decisions',
  filters: {
    decisionDefinitionKey: by.key('id'),
    decisionDefinitionId: by.text('decisionId'),
    name: by.looked<Row>(() => nameOf, by.asText),
    version: by.whole('version'),
    isLatestVersion: by.looked((_rows, engine) => {
      const latest = latestIds(engine);
      return ({ id }) => latest.has(id);
    }, by.asFlag),
    decisionRequirementsId: by.looked(
      ofFile(({ id }) => id),
      by.asText,
    ),
    decisionRequirementsKey: by.looked(
      ofFile(({ key }) => key),
      by.asText,
    ),
    decisionRequirementsName: by.looked(
      ofFile(({ name }) => name),
      by.asText,
    ),
    decisionRequirementsVersion: by.looked(
      ofFile(({ version }) => version),
      by.asWhole,
    ),
    tenantId: by.tenant('tenantId'),
  },
  sorts: {
    decisionDefinitionKey: 'id',
    decisionDefinitionId: 'decisionId',
    name: () => nameOf,
    version: 'version',
    decisionRequirementsId: ofFile(({ id }) => id),
    decisionRequirementsKey: ofFile(({ key }) => key),
    decisionRequirementsName: ofFile(({ name }) => name),
    decisionRequirementsVersion: ofFile(({ version }) => version),
    tenantId: 'tenantId',
  },
  reach: byIndex('decisions', ['decisionId']),
};

function latestIds(engine: ProcessEngine): ReadonlySet<number> {
  const latest = new Map<string, number>();
  for (const { id, decisionId, tenantId } of engine.find('decisions', { orderBy: [{ column: 'version' }] }))
    latest.set(JSON.stringify([decisionId, tenantId]), id);
  return new Set(latest.values());
}

export function writeDecisionDefinitions(engine: ProcessEngine, rows: readonly Row[]): readonly unknown[] {
  const requirements = requirementsFor(engine, rows);
  return rows.map((row) => {
    const file = requirements(row);
    return {
      decisionDefinitionKey: keyOf(row.id),
      decisionDefinitionId: row.decisionId,
      name: nameOf(row),
      version: row.version,
      decisionRequirementsId: file.id,
      decisionRequirementsKey: file.key,
      decisionRequirementsName: file.name,
      decisionRequirementsVersion: file.version,
      tenantId: tenantOf(row.tenantId),
    };
  });
}

export function findDecision({ engine, params }: Call): Row {
  const key = params['decisionDefinitionKey'];
  const id = readKey(key, 'decisionDefinitionKey');
  const [row] = engine.find('decisions', { where: [{ column: 'id', op: '=', value: id }] });
  if (row === undefined) throw notFound(`Decision Definition with key '${key}' not found`);
  return row;
}

export function fileOf({ engine }: Call, { deploymentId, resourceName }: Row): Raw {
  const [deployment] = engine.find('deployments', { where: [{ column: 'id', op: '=', value: deploymentId }] });
  const resource = deployment?.resources.find(({ name }) => name === resourceName);
  if (resource === undefined) throw notFound(`The file ${resourceName} of deployment ${deploymentId} was removed`);
  return harmless('text/xml', bytesOf(resource));
}

/** One file; its identity is that of the first decision in it. */
type RequirementsRow = Omit<Requirements, 'id'> & { readonly id: number; readonly requirementsId: string };

const REQUIREMENTS_FILTERS: Readonly<Record<string, by.Field<RequirementsRow>>> = {
  decisionRequirementsKey: by.text('key'),
  decisionRequirementsId: by.text('requirementsId'),
  decisionRequirementsName: by.text('name'),
  version: by.whole('version'),
  resourceName: by.text('resourceName'),
  tenantId: by.tenant('tenantId'),
};
const REQUIREMENTS_SORTS: Readonly<Record<string, Sort<RequirementsRow>>> = {
  decisionRequirementsKey: 'id',
  decisionRequirementsId: 'requirementsId',
  decisionRequirementsName: 'name',
  version: 'version',
  tenantId: () => (row) => row.tenantId ?? DEFAULT_TENANT,
};

export function searchRequirements({ engine, body }: Call): Found<RequirementsRow> {
  const request = readSearch(body, Object.keys(REQUIREMENTS_SORTS));
  const filters = readFilters(engine, request.filter, { filters: REQUIREMENTS_FILTERS });
  const rows = sift(filesOf(engine.find('decisions')).flatMap(rowOf), filters);
  return pageOf(rows, request, (all) => valuesOf(all, request.sort, REQUIREMENTS_SORTS, engine));
}

function rowOf(file: readonly Row[]): readonly RequirementsRow[] {
  const requirements = requirementsOf(file);
  if (requirements === undefined) return [];
  return [{ ...requirements, requirementsId: requirements.id, id: Math.min(...file.map(({ id }) => id)) }];
}

export function writeRequirements(_engine: ProcessEngine, rows: readonly RequirementsRow[]): readonly unknown[] {
  return rows.map((row) => ({
    decisionRequirementsKey: row.key,
    decisionRequirementsId: row.requirementsId,
    decisionRequirementsName: row.name,
    version: row.version,
    resourceName: row.resourceName,
    tenantId: tenantOf(row.tenantId),
  }));
}

/** The decision that the key of its file is made of. */
export function findRequirements({ engine, params }: Call): { readonly decision: Row; readonly row: RequirementsRow } {
  const text = params['decisionRequirementsKey'];
  const key = readResourceKey(text, 'decisionRequirementsKey');
  const id = key.kind === 'requirements' ? key.decisionDefinitionId : -1;
  const [decision] = engine.find('decisions', { where: [{ column: 'id', op: '=', value: id }] });
  const where = [{ column: 'deploymentId', op: '=', value: decision?.deploymentId ?? -1 }] as const;
  const file = engine
    .find('decisions', { where })
    .filter(({ resourceName }) => resourceName === decision?.resourceName);
  const [row] = rowOf(file);
  if (decision === undefined || row === undefined || row.key !== requirementsKeyOf(id))
    throw notFound(`Decision Requirements with key '${text}' not found`);
  return { decision, row };
}
