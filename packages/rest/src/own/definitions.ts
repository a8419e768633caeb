/** `/api/definitions`: what can be started, one version with its live counts, its XML, and the check without deploying. */
import type { DefinitionView } from '@procos/kernel';
import type { CheckReport, DefinitionDetail, DefinitionList, DefinitionRow } from '@procos/protocol';
import type { Call, Raw } from '../call.ts';
import { parseId } from '../ids.ts';
import { xmlFile } from '../resources.ts';
import { isObject } from '../safe-json.ts';
import { ApiRefusal } from './errors.ts';
import { resolveForm } from './forms.ts';
import { instant } from './instants.ts';
import { flagParameter, requiredText, wrong } from './parameters.ts';

/** Source of the deployments that ship with the system. */
const SYSTEM_SOURCE = 'system';

export function listDefinitions(call: Call): DefinitionList {
  const where = flagParameter(call, 'all') ? [] : [{ column: 'latest', op: '=', value: true } as const];
  const orderBy = [{ column: 'bpmnProcessId' }, { column: 'version', descending: true }] as const;
  return { definitions: definitionRows(call, call.engine.find('definitions', { where, orderBy })) };
}

function definitionRows({ engine }: Call, definitions: readonly DefinitionView[]): readonly DefinitionRow[] {
  const system = new Set(
    engine.find('deployments', { where: [{ column: 'source', op: '=', value: SYSTEM_SOURCE }] }).map(({ id }) => id),
  );
  return definitions.map((definition) => {
    const where = [{ column: 'definitionId', op: '=', value: definition.id }] as const;
    return {
      definitionId: String(definition.id),
      camundaId: `${definition.bpmnProcessId}:${definition.version}:${definition.id}`,
      bpmnProcessId: definition.bpmnProcessId,
      name: definition.name,
      version: definition.version,
      versionTag: definition.versionTag,
      deploymentId: String(definition.deploymentId),
      resourceName: definition.resourceName,
      deployedAt: instant(definition.deployedAt),
      system: system.has(definition.deploymentId),
      running: engine.count('processInstances', { where: [...where, { column: 'state', op: '=', value: 'active' }] }),
      incidents: engine.count('incidents', { where }),
    };
  });
}

export function definitionDetail(call: Call): DefinitionDetail {
  const { engine } = call;
  const definition = find(call);
  const [row] = definitionRows(call, [definition]);
  if (row === undefined) throw notFound(call);
  const { id, bpmnProcessId, tenantId } = definition;
  const versions = engine.find('definitions', {
    where: [
      { column: 'bpmnProcessId', op: '=', value: bpmnProcessId },
      tenantId === null ? { column: 'tenantId', op: 'isNull' } : { column: 'tenantId', op: '=', value: tenantId },
    ],
    orderBy: [{ column: 'version', descending: true }],
  });
  return {
    ...row,
    versions: versions.map((other) => ({ definitionId: String(other.id), version: other.version })),
    elements: elementCounts(call, id),
    startForm: startForm(call, definition),
  };
}

function elementCounts({ engine }: Call, definitionId: number): DefinitionDetail['elements'] {
  const where = [{ column: 'definitionId', op: '=', value: definitionId }] as const;
  const counts = new Map<string, { active: number; incidents: number }>();
  const countOf = (elementId: string): { active: number; incidents: number } => {
    const count = counts.get(elementId) ?? { active: 0, incidents: 0 };
    counts.set(elementId, count);
    return count;
  };
  for (const element of engine.find('elementInstances', { where: [...where, { column: 'endedAt', op: 'isNull' }] })) {
    if (element.id !== element.processInstanceId) countOf(element.elementId).active += 1;
  }
  for (const incident of engine.find('incidents', { where })) countOf(incident.elementId).incidents += 1;
  return [...counts].map(([elementId, count]) => ({ elementId, ...count }));
}

function startForm({ engine }: Call, definition: DefinitionView): DefinitionDetail['startForm'] {
  const model = engine.model(definition.id);
  for (const id of model?.startEvents ?? []) {
    const element = model?.elements[id];
    if (element?.type !== 'startEvent' || element.event.kind !== 'none' || element.form === undefined) continue;
    const { formKey, formId, formRef, embeddedForm, formFields } = element.form;
    return resolveForm(engine, {
      deploymentId: definition.deploymentId,
      formKey: formKey?.text ?? null,
      // Nothing is known yet by which an expression could be evaluated.
      formId: formId ?? formRef?.id.text ?? null,
      formBinding:
        formRef === undefined || formRef.binding === 'latest'
          ? undefined
          : { kind: formRef.binding, version: formRef.version?.text ?? null },
      embeddedForm,
      formFields,
    });
  }
  return null;
}

export function definitionXml(call: Call): Raw {
  const definition = find(call);
  const where = [{ column: 'id', op: '=', value: definition.deploymentId }] as const;
  const [deployment] = call.engine.find('deployments', { where });
  const resource = deployment?.resources.find(({ name }) => name === definition.resourceName);
  if (resource === undefined) throw notFound(call);
  return xmlFile(call, resource);
}

/** What deploying would say, without doing it. */
export function checkDefinition({ engine, body, by }: Call): Promise<CheckReport> {
  const given = body['resources'] ?? [body];
  if (!Array.isArray(given) || !given.every(isObject)) throw wrong('Member resources must be a list of files.');
  const resources = given.map((file) => ({ name: requiredText(file, 'name'), content: requiredText(file, 'content') }));
  return engine.check({ name: null, source: null, tenantId: null, resources, skipUnchanged: false }, by);
}

function find(call: Call): DefinitionView {
  const id = parseId(call.params['definitionId'] ?? '');
  const [definition] = call.engine.find('definitions', { where: [{ column: 'id', op: '=', value: id }] });
  if (definition === undefined) throw notFound(call);
  return definition;
}

function notFound({ params }: Call): ApiRefusal {
  return new ApiRefusal(
    404,
    'NOT_FOUND',
    `There is no definition ${params['definitionId']}: see /api/definitions?all=true.`,
  );
}
