/** `/api/definitions`: what can be started, one version with its live counts, its XML, and the check without deploying. */
import { type DefinitionView, redeploy, redeployment } from '@procos/kernel';
import type { CheckReport, DefinitionDetail, DefinitionList, DefinitionRow, RedeployReply } from '@procos/protocol';
import type { Answer, Call, Raw } from '../call.ts';
import { parseId } from '../ids.ts';
import { xmlFile } from '../resources.ts';
import { isObject } from '../safe-json.ts';
import { handIn } from './drafts.ts';
import { ApiRefusal } from './errors.ts';
import { resolveForm } from './forms.ts';
import { instant } from './instants.ts';
import { flagParameter, requiredText, wrong } from './parameters.ts';

/** Source of the deployments that ship with the system. */
const SYSTEM_SOURCE = 'system';

/** Of what has not ended: what a partial index says, too. */
const STILL = { column: 'endedAt', op: 'isNull' } as const;

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
      running: engine.count('processInstances', { where: [...where, STILL] }),
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

/** Counted by an index for each element of the model, since a million instances may wait at one. */
function elementCounts({ engine }: Call, definitionId: number): DefinitionDetail['elements'] {
  return Object.keys(engine.model(definitionId)?.elements ?? {}).flatMap((elementId) => {
    const where = [
      { column: 'definitionId', op: '=', value: definitionId },
      { column: 'elementId', op: '=', value: elementId },
    ] as const;
    const active = engine.count('elementInstances', { where: [...where, STILL] });
    const incidents = engine.count('incidents', { where });
    return active + incidents === 0 ? [] : { elementId, active, incidents };
  });
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

/** The version handed in for the deployment process. */
export async function draftDefinition(call: Call): Promise<Answer> {
  return handIn(call, redeployment(call.engine, find(call)));
}

/** The version becomes the latest one again, under a number of its own. */
export async function redeployDefinition(call: Call): Promise<RedeployReply> {
  const { engine, by } = call;
  const outcome = await redeploy(engine, find(call), by);
  if (!outcome.ok) {
    const problems = outcome.findings.flatMap(({ resource, problems }) =>
      problems.map(({ line, message }) => `${resource}:${line}: ${message}`),
    );
    const needed = outcome.findings.flatMap((one) => one.problems).find(({ rule }) => rule === 'approval-needed');
    if (needed !== undefined) throw new ApiRefusal(403, 'APPROVAL_NEEDED', needed.message);
    throw new ApiRefusal(409, 'INVALID_STATE', `The version cannot be deployed any more. ${problems.join(' ')}`);
  }
  const { deploymentId, definitionIds } = outcome.value;
  const definitions = engine.find('definitions', { where: [{ column: 'id', op: 'in', value: definitionIds }] });
  return {
    deploymentId: String(deploymentId),
    definitions: definitions.map(({ id, bpmnProcessId, version, resourceName }) => ({
      definitionId: String(id),
      bpmnProcessId,
      version,
      resourceName,
    })),
  };
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
