/** Files that were deployed beside a model: its forms and its diagram. A browser never runs what is in them. */
import { bytesOf, type DeployedResource, type FormBinding, type ProcessEngine } from '@procos/kernel';
import type { Raw } from '../call.ts';
import { findForm } from '../camunda8/form/forms.ts';
import { harmless } from '../harmless.ts';
import { invalid, notFound } from './errors.ts';

export interface FormReference {
  readonly deploymentId: number;
  readonly formKey: string | null;
  readonly formId: string | null;
  readonly formBinding: FormBinding | undefined;
}

/** HTML or form-js, as it was deployed. */
export function deployedForm(engine: ProcessEngine, reference: FormReference): Raw {
  const { deploymentId, formKey, formId, formBinding: binding } = reference;
  if (formId !== null) {
    const form = findForm(engine, formId, { deploymentId, binding });
    if (form === undefined) throw notFound(`No deployed form with the id '${formId}' was found`);
    return file(form.resource);
  }
  if (formKey === null) throw notFound('No deployed form exists: there is no form key');
  const [, name] = /^(?:embedded:|camunda-forms:)?deployment:(.+)$/.exec(formKey) ?? [];
  if (name === undefined) throw invalid(`The form key '${formKey}' does not reference a deployed form.`);
  const resource = resourcesOf(engine, deploymentId).find((one) => one.name === name);
  if (resource === undefined)
    throw notFound(`The form with the resource name '${name}' cannot be found in deployment with id ${deploymentId}`);
  return file(resource);
}

/** undefined: no picture of it was deployed. */
export function diagramOf(
  engine: ProcessEngine,
  { deploymentId, resourceName }: { readonly deploymentId: number; readonly resourceName: string },
  key: string,
): Raw | undefined {
  const base = resourceName.replace(/\.(?:bpmn20\.xml|bpmn|dmn11\.xml|dmn)$/, '');
  const resources = resourcesOf(engine, deploymentId);
  for (const extension of Object.keys(PICTURES)) {
    const names = [`${base}.${key}.${extension}`, `${base}.${extension}`];
    const resource = names.flatMap((name) => resources.find((one) => one.name === name) ?? [])[0];
    if (resource !== undefined) return file(resource);
  }
  return undefined;
}

const PICTURES: Readonly<Record<string, string>> = {
  svg: 'image/svg+xml',
  png: 'image/png',
  jpg: 'image/jpeg',
  gif: 'image/gif',
};

function resourcesOf(engine: ProcessEngine, deploymentId: number): readonly DeployedResource[] {
  const [deployment] = engine.find('deployments', { where: [{ column: 'id', op: '=', value: deploymentId }] });
  return deployment?.resources ?? [];
}

function file(resource: DeployedResource): Raw {
  const extension = resource.name.slice(resource.name.lastIndexOf('.') + 1).toLowerCase();
  const types: Readonly<Record<string, string>> = { ...PICTURES, form: 'application/json', json: 'application/json' };
  return harmless(types[extension] ?? 'application/xhtml+xml', bytesOf(resource));
}
