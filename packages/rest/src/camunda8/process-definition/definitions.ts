/** Process definitions, one at a time: what it is, its model, its start form. */
import type { DeployedResource, FormBinding, ProcessEngine, ProcessModel } from '@procos/kernel';
import { notFound } from '../errors.ts';
import { findForm, type StoredForm } from '../form/forms.ts';
import { keyOf } from '../keys.ts';
import { tenantOf } from '../tenants.ts';

/** What both the views and the engine know of a definition. */
export interface ShownDefinition {
  readonly id: number;
  readonly bpmnProcessId: string;
  readonly version: number;
  readonly versionTag: string | null;
  readonly name: string | null;
  readonly resourceName: string;
  readonly deploymentId: number;
  readonly tenantId: string | null;
}

/** In the words of REST. */
export interface ProcessDefinitionAnswer {
  readonly name: string | null;
  readonly resourceName: string;
  readonly version: number;
  readonly versionTag: string | null;
  readonly processDefinitionId: string;
  readonly tenantId: string;
  readonly processDefinitionKey: string;
  readonly hasStartForm: boolean;
  readonly state: 'ACTIVE';
}

export function findDefinition(engine: ProcessEngine, id: number, key: string): ShownDefinition {
  const [row] = engine.find('definitions', { where: [{ column: 'id', op: '=', value: id }] });
  if (row === undefined) throw notFound(`There is no process definition with key ${key}`);
  return row;
}

export function processDefinition(engine: ProcessEngine, definition: ShownDefinition): ProcessDefinitionAnswer {
  const { id, bpmnProcessId, version, versionTag, name, resourceName, tenantId } = definition;
  return {
    name,
    resourceName,
    version,
    versionTag,
    processDefinitionId: bpmnProcessId,
    tenantId: tenantOf(tenantId),
    processDefinitionKey: keyOf(id),
    hasStartForm: formReference(engine.model(id)) !== undefined,
    state: 'ACTIVE',
  };
}

/** The file that it was deployed from. */
export function fileOf(engine: ProcessEngine, { deploymentId, resourceName }: ShownDefinition): DeployedResource {
  const [deployment] = engine.find('deployments', { where: [{ column: 'id', op: '=', value: deploymentId }] });
  const resource = deployment?.resources.find(({ name }) => name === resourceName);
  if (resource === undefined) throw notFound(`The file ${resourceName} of deployment ${deploymentId} was removed`);
  return resource;
}

/** undefined: it has none, or one that was not deployed. */
export function startForm(engine: ProcessEngine, { id, deploymentId }: ShownDefinition): StoredForm | undefined {
  const reference = formReference(engine.model(id));
  return reference && findForm(engine, reference.formId, { deploymentId, binding: reference.binding });
}

interface FormReference {
  readonly formId: string;
  readonly binding: FormBinding | undefined;
}

/** What the none start event says of a form that is deployed by itself. */
function formReference(model: ProcessModel | undefined): FormReference | undefined {
  for (const id of model?.startEvents ?? []) {
    const element = model?.elements[id];
    if (element?.type !== 'startEvent' || element.event.kind !== 'none' || element.form === undefined) continue;
    const { formId, formRef } = element.form;
    const named = formId ?? formRef?.id.text;
    if (named === undefined) return undefined;
    const binding =
      formRef === undefined || formRef.binding === 'latest'
        ? undefined
        : { kind: formRef.binding, version: formRef.version?.text ?? null };
    return { formId: named, binding };
  }
  return undefined;
}
