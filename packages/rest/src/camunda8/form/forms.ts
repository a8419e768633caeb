/** Forms as Camunda 8 knows them: a `.form` file by its id; every deployment that brings it makes another version. */
import type { DeployedResource, Deployment, FormBinding, ProcessEngine } from '@procos/kernel';
import { isObject, JsonRefusal, parseJson } from '../../safe-json.ts';
import { fileKeyOf } from '../deployment/file-keys.ts';
import { tenantOf } from '../tenants.ts';

export interface StoredForm {
  readonly formKey: string;
  readonly formId: string;
  readonly version: number;
  readonly versionTag: string | null;
  readonly deploymentId: number;
  readonly resource: DeployedResource;
  readonly tenantId: string | null;
}

/** In the words of REST. */
export interface FormAnswer {
  readonly tenantId: string;
  readonly formId: string;
  /** JSON text. */
  readonly schema: string;
  readonly version: number;
  readonly formKey: string;
}

export function formAnswer({ tenantId, formId, resource, version, formKey }: StoredForm): FormAnswer {
  return { tenantId: tenantOf(tenantId), formId, schema: resource.content, version, formKey };
}

/** The form in the version that is meant; `deploymentId`: of what refers to it. Without `binding` the latest. */
export function findForm(
  engine: ProcessEngine,
  formId: string,
  { deploymentId, binding }: { readonly deploymentId: number; readonly binding: FormBinding | undefined },
): StoredForm | undefined {
  const [referring] = engine.find('deployments', { where: [{ column: 'id', op: '=', value: deploymentId }] });
  const versions = versionsOf(engine, formId, referring?.tenantId ?? null);
  switch (binding?.kind) {
    case undefined:
      return versions.at(-1);
    case 'deployment':
      return versions.find((form) => form.deploymentId === deploymentId);
    case 'version':
      return versions[Number(binding.version) - 1];
    case 'versionTag':
      return versions.findLast(({ versionTag }) => versionTag === binding.version);
  }
}

/** Oldest first. */
export function versionsOf(engine: ProcessEngine, formId: string, tenantId: string | null): readonly StoredForm[] {
  return engine
    .find('deployments', { where: [{ column: 'tenantId', op: '=', value: tenantId }] })
    .flatMap((deployment) => formsIn(deployment).filter((form) => form.formId === formId))
    .map((form, at) => ({ ...form, version: at + 1 }));
}

/** Version 0: not counted. */
function formsIn(deployment: Deployment): readonly StoredForm[] {
  const { id: deploymentId, tenantId, resources } = deployment;
  return resources.flatMap((resource, at) => {
    const head = formHead(resource);
    const formKey = fileKeyOf(deploymentId, at);
    return head === undefined ? [] : [{ ...head, formKey, deploymentId, resource, tenantId, version: 0 }];
  });
}

/** undefined: the file is no form with an id. */
export function formHead({ name, content }: DeployedResource): Pick<StoredForm, 'formId' | 'versionTag'> | undefined {
  if (!name.endsWith('.form')) return undefined;
  try {
    const schema = parseJson(content);
    if (!isObject(schema) || typeof schema['id'] !== 'string' || schema['id'] === '') return undefined;
    const { versionTag } = schema;
    return { formId: schema['id'], versionTag: typeof versionTag === 'string' ? versionTag : null };
  } catch (error) {
    if (error instanceof JsonRefusal) return undefined;
    throw error;
  }
}
