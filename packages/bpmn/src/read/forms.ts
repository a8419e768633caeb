/** User tasks and the forms of user tasks and start events. */
import type { Expression, ExternalWork, FormConstraint, FormField, UserWork } from '../model.ts';
import { jobPriority } from './events.ts';
import { taskHeaders } from './mappings.ts';
import { child, children, extension, extensions, type Node, text } from './moddle.ts';
import { attribute, defined, literal, type Reading } from './reading.ts';

export type FormWork = Pick<UserWork, 'formKey' | 'formId' | 'formRef' | 'embeddedForm' | 'formFields'>;

/** The prefix by which Camunda 8 models point to a form inside the same process. */
const EMBEDDED = 'camunda-forms:bpmn:';

export function userWork(reading: Reading, node: Node): UserWork {
  const people =
    reading.dialect === 'camunda7'
      ? {
          assignee: attribute(reading, node, 'camunda:assignee'),
          candidateUsers: attribute(reading, node, 'camunda:candidateUsers'),
          candidateGroups: attribute(reading, node, 'camunda:candidateGroups'),
          dueDate: attribute(reading, node, 'camunda:dueDate'),
          followUpDate: attribute(reading, node, 'camunda:followUpDate'),
          priority: attribute(reading, node, 'camunda:priority'),
        }
      : {
          assignee: attribute(reading, extension(node, 'zeebe:AssignmentDefinition'), 'assignee'),
          candidateUsers: attribute(reading, extension(node, 'zeebe:AssignmentDefinition'), 'candidateUsers'),
          candidateGroups: attribute(reading, extension(node, 'zeebe:AssignmentDefinition'), 'candidateGroups'),
          dueDate: attribute(reading, extension(node, 'zeebe:TaskSchedule'), 'dueDate'),
          followUpDate: attribute(reading, extension(node, 'zeebe:TaskSchedule'), 'followUpDate'),
          priority: attribute(reading, extension(node, 'zeebe:PriorityDefinition'), 'priority'),
        };
  return {
    ...defined({
      ...people,
      headers: taskHeaders(extension(node, 'zeebe:TaskHeaders')),
      job: userTaskJob(reading, node),
    }),
    ...formOf(reading, node),
  };
}

/** The type of the jobs by which workers and task lists of Camunda 8 do user tasks that are not marked as its own. */
const JOB_TYPE = 'io.camunda.zeebe:userTask';

/** Tried once, as in Camunda 8. Only Camunda's own user tasks have task listeners. */
function userTaskJob(reading: Reading, node: Node): ExternalWork | undefined {
  const isOwn = extension(node, 'zeebe:UserTask') !== undefined || extension(node, 'zeebe:TaskListeners') !== undefined;
  if (reading.dialect === 'camunda7' || isOwn) return undefined;
  const key = text(extension(node, 'zeebe:FormDefinition'), 'formKey');
  const headers = {
    ...taskHeaders(extension(node, 'zeebe:TaskHeaders')),
    ...(key?.startsWith(EMBEDDED) === true ? { 'io.camunda.zeebe:formKey': key } : {}),
  };
  return {
    topic: literal(JOB_TYPE),
    retries: literal('1'),
    ...defined({ priority: jobPriority(reading, node), headers }),
  };
}

/** The form of a user task or start event; an empty object when it has none. */
export function formOf(reading: Reading, node: Node): FormWork {
  return reading.dialect === 'camunda7' ? camundaForm(reading, node) : zeebeForm(reading, node);
}

function camundaForm(reading: Reading, node: Node): FormWork {
  const fields = children(extension(node, 'camunda:FormData'), 'fields').map((field) => formField(reading, field));
  return defined({
    formKey: attribute(reading, node, 'camunda:formKey'),
    ...formReference(
      attribute(reading, node, 'camunda:formRef'),
      text(node, 'camunda:formRefBinding'),
      attribute(reading, node, 'camunda:formRefVersion'),
    ),
    formFields: fields.length > 0 ? fields : undefined,
  });
}

const CONSTRAINTS: ReadonlySet<string> = new Set<FormConstraint['name']>([
  'required',
  'readonly',
  'min',
  'max',
  'minlength',
  'maxlength',
]);

/** Others are Java classes. */
export function isConstraint(name: string): name is FormConstraint['name'] {
  return CONSTRAINTS.has(name);
}

function constraintsOf(field: Node): readonly FormConstraint[] {
  return children(child(field, 'validation') ?? field, 'constraints').flatMap((constraint) => {
    const name = text(constraint, 'name') ?? '';
    return isConstraint(name) ? [{ name, ...defined({ config: text(constraint, 'config') }) }] : [];
  });
}

function formField(reading: Reading, field: Node): FormField {
  const values = children(field, 'values').map((value) => {
    const id = text(value, 'id') ?? '';
    return { id, name: text(value, 'name') ?? id };
  });
  const constraints = constraintsOf(field);
  return {
    id: text(field, 'id') ?? '',
    type: text(field, 'type') ?? 'string',
    ...defined({
      label: text(field, 'label'),
      defaultValue: text(field, 'defaultValue'),
      default: attribute(reading, field, 'defaultValue'),
      constraints: constraints.length > 0 ? constraints : undefined,
      values: values.length > 0 ? values : undefined,
    }),
  };
}

function zeebeForm(reading: Reading, node: Node): FormWork {
  const definition = extension(node, 'zeebe:FormDefinition');
  const key = text(definition, 'formKey');
  if (key?.startsWith(EMBEDDED)) {
    const id = key.slice(EMBEDDED.length);
    const form = extensions(reading.process).find(
      (one) => one.$type === 'zeebe:UserTaskForm' && text(one, 'id') === id,
    );
    const schema = text(form, 'body');
    return schema === undefined ? { formKey: literal(key) } : { embeddedForm: schema };
  }
  return defined({
    formKey: attribute(reading, definition, 'externalReference') ?? attribute(reading, definition, 'formKey'),
    ...formReference(
      attribute(reading, definition, 'formId'),
      text(definition, 'bindingType'),
      attribute(reading, definition, 'versionTag'),
    ),
  });
}

function formReference(
  id: Expression | undefined,
  binding: string | undefined,
  version: Expression | undefined,
): Pick<UserWork, 'formId' | 'formRef'> {
  if (id === undefined) return {};
  if (binding !== 'deployment' && binding !== 'version' && binding !== 'versionTag')
    return id.language === 'literal' ? { formId: id.text } : { formRef: { id, binding: 'latest' } };
  return { formRef: { id, binding, ...defined({ version: binding === 'deployment' ? undefined : version }) } };
}
