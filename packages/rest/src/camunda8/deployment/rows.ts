/** What a file of a deployment has become: one row for each thing that it defines. */
import type { DecisionDefinition, DecisionModel, DefinitionView, Deployment, ProcessEngine } from '@procos/kernel';
import { formHead, versionsOf } from '../form/forms.ts';
import { keyOf } from '../keys.ts';
import { tenantOf } from '../tenants.ts';
import { fileKeyOf, requirementsKeyOf } from './file-keys.ts';

type Row = Readonly<Record<string, string | number>>;

/** Members in the words of REST; one of them is not null. */
export interface DeployedRow {
  readonly processDefinition: Row | null;
  readonly decisionDefinition: Row | null;
  readonly decisionRequirements: Row | null;
  readonly form: Row | null;
  readonly resource: Row | null;
}

const NOTHING: DeployedRow = {
  processDefinition: null,
  decisionDefinition: null,
  decisionRequirements: null,
  form: null,
  resource: null,
};

/** Of the files of these names. */
export function rowsOf(engine: ProcessEngine, deployment: Deployment, names: ReadonlySet<string>): DeployedRow[] {
  const where = [{ column: 'deploymentId', op: '=', value: deployment.id }] as const;
  const definitions = engine.find('definitions', { where });
  const decisions = engine.find('decisions', { where });
  return deployment.resources.flatMap(({ name }, at) => {
    if (!names.has(name)) return [];
    const processes = definitions.filter(({ resourceName }) => resourceName === name);
    const decided = decisions.filter(({ resourceName }) => resourceName === name);
    if (processes.length > 0) return processes.map((one) => ({ ...NOTHING, processDefinition: processRow(one) }));
    const requirements = requirementsOf(decided);
    if (requirements === undefined) return [otherRow(engine, deployment, at)];
    return [
      ...decided.map((one) => ({ ...NOTHING, decisionDefinition: decisionRow(one, requirements) })),
      { ...NOTHING, decisionRequirements: requirementsRow(requirements) },
    ];
  });
}

function processRow(definition: DefinitionView): Row {
  const { id, bpmnProcessId, version, resourceName, tenantId } = definition;
  return {
    processDefinitionId: bpmnProcessId,
    processDefinitionVersion: version,
    resourceName,
    tenantId: tenantOf(tenantId),
    processDefinitionKey: keyOf(id),
  };
}

/** The file of some decisions. It is counted as its decisions are: each deployment makes a version. */
export interface Requirements {
  readonly key: string;
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly resourceName: string;
  readonly tenantId: string | null;
}

/** `decisions`: all of one file of one deployment; undefined where there are none. */
export function requirementsOf(decisions: readonly DecisionDefinition[]): Requirements | undefined {
  const [first] = decisions.toSorted((a, b) => a.id - b.id);
  if (first === undefined) return undefined;
  const { id, name } = first.model as unknown as DecisionModel;
  return {
    key: requirementsKeyOf(first.id),
    id,
    name,
    version: Math.max(...decisions.map(({ version }) => version)),
    resourceName: first.resourceName,
    tenantId: first.tenantId,
  };
}

function decisionRow({ id, decisionId, version, name, tenantId }: DecisionDefinition, of: Requirements): Row {
  return {
    decisionDefinitionId: decisionId,
    version,
    name: name ?? decisionId,
    tenantId: tenantOf(tenantId),
    decisionRequirementsId: of.id,
    decisionDefinitionKey: keyOf(id),
    decisionRequirementsKey: of.key,
  };
}

function requirementsRow({ key, id, name, version, resourceName, tenantId }: Requirements): Row {
  return {
    decisionRequirementsId: id,
    decisionRequirementsName: name,
    version,
    resourceName,
    tenantId: tenantOf(tenantId),
    decisionRequirementsKey: key,
  };
}

function otherRow(engine: ProcessEngine, deployment: Deployment, at: number): DeployedRow {
  const resource = deployment.resources[at] as Deployment['resources'][number];
  const key = fileKeyOf(deployment.id, at);
  const common = { resourceName: resource.name, tenantId: tenantOf(deployment.tenantId) };
  const formId = formHead(resource)?.formId;
  if (formId === undefined)
    return {
      ...NOTHING,
      resource: {
        resourceId: resource.name,
        ...common,
        version: versionOf(engine, deployment, resource.name),
        resourceKey: key,
      },
    };
  const version = versionsOf(engine, formId, deployment.tenantId).find(({ formKey }) => formKey === key)?.version ?? 1;
  return { ...NOTHING, form: { formId, ...common, version, formKey: key } };
}

/** How often a file of that name was deployed up to then. */
export function versionOf(engine: ProcessEngine, { id, tenantId }: Deployment, name: string): number {
  const upTo = engine.find('deployments', {
    where: [
      { column: 'id', op: '<=', value: id },
      { column: 'tenantId', op: '=', value: tenantId },
    ],
  });
  return upTo.filter(({ resources }) => resources.some((one) => one.name === name)).length;
}
