/** The form of the start event: where it is, and the variables that its fields begin with. */
import type { Call, Raw } from '../../call.ts';
import type { ModelElement } from '../../models.ts';
import { camundaDefinitionId, type ShownDefinition } from '../definitions.ts';
import { deployedForm } from '../deployed-files.ts';
import { invalid } from '../errors.ts';
import { formVariables } from '../form-variables.ts';
import { renderedAt, renderedForm } from '../rendered-form.ts';

type StartForm = NonNullable<Extract<ModelElement, { readonly type: 'startEvent' }>['form']>;

function formOf({ engine }: Call, definition: ShownDefinition): StartForm | undefined {
  const model = engine.model(definition.id);
  for (const elementId of model?.startEvents ?? []) {
    const element = model?.elements[elementId];
    if (element?.type === 'startEvent' && element.form !== undefined) return element.form;
  }
  return undefined;
}

export function startForm(call: Call, definition: ShownDefinition): unknown {
  const form = formOf(call, definition);
  const { formKey, formId, formRef, formFields } = form ?? {};
  const key = formId ?? formRef?.id.text;
  const isGenerated = key === undefined && (formFields ?? []).length > 0;
  return {
    key: formKey?.text ?? (isGenerated ? renderedAt(`process-definition/${camundaDefinitionId(definition)}`) : null),
    camundaFormRef:
      key === undefined
        ? null
        : { key, binding: formRef?.binding ?? 'latest', version: Number(formRef?.version?.text ?? Number.NaN) || null },
    contextPath: null,
  };
}

export function deployedStartForm(call: Call, definition: ShownDefinition): Raw {
  const { formKey, formId, formRef } = formOf(call, definition) ?? {};
  const version = formRef?.version?.text ?? null;
  return deployedForm(call.engine, {
    deploymentId: definition.deploymentId,
    formKey: formKey?.text ?? null,
    formId: formId ?? formRef?.id.text ?? null,
    formBinding: formRef === undefined || formRef.binding === 'latest' ? undefined : { kind: formRef.binding, version },
  });
}

export function renderedStartForm(call: Call, definition: ShownDefinition): Raw {
  const fields = formOf(call, definition)?.formFields ?? [];
  if (fields.length === 0)
    throw invalid(
      `No matching rendered start form for process definition with the id ${camundaDefinitionId(definition)} found.`,
    );
  return renderedForm(fields);
}

/** Nothing is known before the start but what the fields say. */
export function startFormVariables(call: Call, definition: ShownDefinition): unknown {
  return formVariables(call, formOf(call, definition)?.formFields ?? [], {});
}
