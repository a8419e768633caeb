/** The form of the start event: where it is, and the variables that its fields begin with. */
import type { Call } from '../../call.ts';
import type { ModelElement } from '../../models.ts';
import type { ShownDefinition } from '../definitions.ts';
import { formVariables } from '../form-variables.ts';

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
  const { formKey, formId, formRef } = form ?? {};
  const key = formId ?? formRef?.id.text;
  return {
    key: formKey?.text ?? null,
    camundaFormRef:
      key === undefined
        ? null
        : { key, binding: formRef?.binding ?? 'latest', version: Number(formRef?.version?.text ?? Number.NaN) || null },
    contextPath: null,
  };
}

/** Nothing is known before the start but what the fields say. */
export function startFormVariables(call: Call, definition: ShownDefinition): unknown {
  return formVariables(call, formOf(call, definition)?.formFields ?? [], {});
}
