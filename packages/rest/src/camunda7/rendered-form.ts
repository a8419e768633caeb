/** The HTML form that fields of a model come to, with the attributes by which Camunda's form library finds its variables. */
import type { Raw } from '../call.ts';
import { harmless } from '../harmless.ts';
import type { ModelElement } from '../models.ts';

type Fields = NonNullable<NonNullable<Extract<ModelElement, { readonly type: 'startEvent' }>['form']>['formFields']>;
type Field = Fields[number];

/** The key that Camunda gives to a form that is made of fields: where it is rendered. */
export function renderedAt(resource: string): string {
  return `embedded:engine://engine/:engine/${resource}/rendered-form`;
}

export function renderedForm(fields: Fields): Raw {
  const rows = fields.map(
    (field) =>
      `  <div class="form-group">\n    <label for="${escaped(field.id)}">${escaped(field.label ?? field.id)}</label>\n    ${control(field)}\n  </div>\n`,
  );
  return harmless('application/xhtml+xml', `<form name="generatedForm" role="form">\n${rows.join('')}</form>\n`);
}

/** Types of variables by types of fields; others are text. */
const TYPES: Readonly<Record<string, string>> = {
  boolean: 'Boolean',
  date: 'Date',
  double: 'Double',
  integer: 'Integer',
  long: 'Long',
};

/** Constraints that HTML has, too; others are for who takes the values. */
const BOUNDS: ReadonlySet<string> = new Set(['min', 'max', 'minlength', 'maxlength']);

function control(field: Field): string {
  const { id, type, defaultValue = '', values = [], constraints = [] } = field;
  const attributes: Record<string, string> = {
    class: 'form-control',
    id,
    name: id,
    'cam-variable-name': id,
    'cam-variable-type': TYPES[type] ?? 'String',
  };
  for (const { name, config = '' } of constraints) {
    if (name === 'required' || name === 'readonly') attributes[name] = name;
    else if (BOUNDS.has(name)) attributes[name] = config;
  }
  if (type === 'enum') {
    const options = values.map((one) => {
      const selected = one.id === defaultValue ? ' selected="selected"' : '';
      return `<option value="${escaped(one.id)}"${selected}>${escaped(one.name)}</option>`;
    });
    return `<select${written(attributes)}>${options.join('')}</select>`;
  }
  if (type === 'boolean')
    return `<input${written({ ...attributes, type: 'checkbox', ...(defaultValue === 'true' ? { checked: 'checked' } : {}) })} />`;
  return `<input${written({ ...attributes, type: 'text', value: defaultValue })} />`;
}

function written(attributes: Readonly<Record<string, string>>): string {
  return Object.entries(attributes)
    .map(([name, value]) => ` ${name}="${escaped(value)}"`)
    .join('');
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
