/** From the form reference of a user task or start event to a form-js schema that the console can render. */
import type { Deployment, FormBinding, Json, ProcessEngine } from '@procos/kernel';
import type { TaskForm } from '@procos/protocol';
import type { ModelElement } from '../models.ts';
import { isObject, parseJson } from '../safe-json.ts';

type FormFields = NonNullable<
  NonNullable<Extract<ModelElement, { readonly type: 'startEvent' }>['form']>['formFields']
>;

export interface FormReference {
  readonly deploymentId: number;
  readonly formKey: string | null;
  readonly formId: string | null;
  /** Absent: the latest version of the form. */
  readonly formBinding: FormBinding | undefined;
  /** JSON text carried in the model. */
  readonly embeddedForm: string | undefined;
  readonly formFields: FormFields | undefined;
}

/** Deployments searched, newest first, for a form that is not in the task's own deployment. */
const DEPLOYMENTS_SEARCHED = 200;

/** null when there is no form at all; `key` when there is one that is no form-js form. */
export function resolveForm(engine: ProcessEngine, reference: FormReference): TaskForm | null {
  const { formKey, formId, embeddedForm, formFields } = reference;
  const key = formKey ?? formId;
  if (embeddedForm !== undefined) return rendered(schemaOf(embeddedForm), key);
  if (formId !== null) return rendered(deployedForm(engine, reference, formId), key);
  if (formKey !== null) return rendered(referencedForm(engine, reference.deploymentId, formKey), key);
  if (formFields !== undefined && formFields.length > 0) return rendered(generatedForm(formFields), key);
  return null;
}

function rendered(schema: Json | undefined, key: string | null): TaskForm {
  return schema === undefined ? { kind: 'key', schema: null, key } : { kind: 'form-js', schema, key };
}

function schemaOf(text: string): Json | undefined {
  try {
    const schema = parseJson(text);
    return isObject(schema) && Array.isArray(schema['components']) ? schema : undefined;
  } catch {
    return undefined;
  }
}

/** The form with this id, in the version that is meant: every deployment that brings it makes another one. */
function deployedForm(
  engine: ProcessEngine,
  { deploymentId, formBinding: binding }: FormReference,
  formId: string,
): Json | undefined {
  if (binding?.kind === 'deployment')
    return formsOf(engine.find('deployments', { where: [{ column: 'id', op: '=', value: deploymentId }] }), formId)[0];
  if (binding?.kind === 'version') {
    const all = engine.find('deployments', { orderBy: [{ column: 'id', descending: false }] });
    return formsOf(all, formId)[Number(binding.version) - 1];
  }
  const newest = engine.find('deployments', {
    orderBy: [{ column: 'id', descending: true }],
    limit: DEPLOYMENTS_SEARCHED,
  });
  const found = formsOf(newest, formId);
  return binding === undefined
    ? found[0]
    : found.find((schema) => isObject(schema) && schema['versionTag'] === binding.version);
}

/** In the order of the deployments. */
function formsOf(deployments: readonly Pick<Deployment, 'resources'>[], formId: string): readonly Json[] {
  return deployments.flatMap(({ resources }) =>
    resources.flatMap(({ name, content }) => {
      if (!name.endsWith('.form') || !content.includes(formId)) return [];
      const schema = schemaOf(content);
      return isObject(schema) && schema['id'] === formId ? [schema] : [];
    }),
  );
}

/** `embedded:deployment:x`, `camunda-forms:deployment:x.form`: a resource of the same deployment. */
function referencedForm(engine: ProcessEngine, deploymentId: number, formKey: string): Json | undefined {
  const [, resourceName] = /^(?:embedded|camunda-forms):deployment:(.+)$/.exec(formKey) ?? [];
  if (resourceName === undefined) return undefined;
  const [deployment] = engine.find('deployments', { where: [{ column: 'id', op: '=', value: deploymentId }] });
  const resource = deployment?.resources.find(({ name }) => name === resourceName);
  return resource && schemaOf(resource.content);
}

/** A form-js schema for `camunda:formData`. */
function generatedForm(fields: FormFields): Json {
  return { type: 'default', schemaVersion: 16, components: fields.map(component) };
}

/** What form-js calls the constraints. */
const VALIDATES = {
  required: 'required',
  min: 'min',
  max: 'max',
  minlength: 'minLength',
  maxlength: 'maxLength',
} as const;

function component({ id, label, type, defaultValue, values, constraints = [] }: FormFields[number]): {
  readonly [name: string]: Json;
} {
  const validate = Object.fromEntries(
    constraints.flatMap(({ name, config }) =>
      name === 'readonly' ? [] : [[VALIDATES[name], name === 'required' ? true : Number(config)]],
    ),
  );
  const common = {
    id: `Field_${id}`,
    key: id,
    label: label ?? id,
    ...(Object.keys(validate).length === 0 ? {} : { validate }),
    ...(constraints.some(({ name }) => name === 'readonly') ? { disabled: true } : {}),
  };
  switch (type) {
    case 'long':
    case 'integer':
    case 'double':
    case 'number': {
      const number = Number(defaultValue);
      const start = defaultValue === undefined || Number.isNaN(number) ? {} : { defaultValue: number };
      return { ...common, type: 'number', ...start };
    }
    case 'boolean':
      return { ...common, type: 'checkbox', defaultValue: defaultValue === 'true' };
    case 'date':
      return { ...common, type: 'datetime', subtype: 'date', dateLabel: label ?? id };
    case 'enum':
      return {
        ...common,
        type: 'select',
        values: (values ?? []).map((option) => ({ value: option.id, label: option.name })),
        ...(defaultValue === undefined ? {} : { defaultValue }),
      };
    default:
      return { ...common, type: 'textfield', ...(defaultValue === undefined ? {} : { defaultValue }) };
  }
}
