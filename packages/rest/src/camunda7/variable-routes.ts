/** The five operations on variables that process instances, executions and tasks share. */
import type { Json, ProcessEngine, Rejection, Variable, Variables } from '@procos/kernel';
import { refuseTooLong, takeBytes } from '../bytes.ts';
import type { Call, Declare } from '../call.ts';
import { NO_ID } from '../ids.ts';
import { readUpload } from '../multipart.ts';
import { localVariables, type Scope, toVariable, toVariables, visibleVariables } from '../scopes.ts';
import { inlineBytes, variableOf as variableOfBytes } from '../variable-bytes.ts';
import { optionalObject, optionalTexts } from './body.ts';
import { invalid, notFound, notMultipart, RestError, refuseForbidden } from './errors.ts';
import { readVariable, readVariables, writeVariable, writeVariables } from './typed-values.ts';
import { variableData } from './variable-data.ts';

export interface VariableOwner {
  /** e.g. `/process-instance/:id/variables`. */
  readonly path: string;
  /** As Camunda calls it in messages: `process instance`, `execution`, `task`. */
  readonly name: string;
  /** Subject of the gate's actions. */
  readonly subject: string;
  /** Only the variables of the scope itself. */
  readonly local: boolean;
  readonly find: (engine: ProcessEngine, id: string) => Scope | undefined;
  /** Camunda's words for an id that names nothing. */
  readonly missing: (id: string) => string;
}

export function variableRoutes(route: Declare, owner: VariableOwner): void {
  const { path, subject, name } = owner;
  const read = `${subject}.readVariables`;
  const update = `${subject}.setVariables`;

  route('GET', path, read, (call) => {
    return writeVariables(toVariables(variablesOf(call, owner, scopeOf(call, owner))));
  });
  route('GET', `${path}/:name`, read, (call) => writeVariable(variableOf(call, owner)));
  route('GET', `${path}/:name/data`, read, (call) => {
    return variableData(call, variableOf(call, owner), call.params['name'] ?? '');
  });
  route('PUT', `${path}/:name`, update, async (call) => {
    const variableName = call.params['name'] ?? '';
    const prefix = `Cannot put ${name} variable ${variableName}`;
    const variables = { [variableName]: readPrefixed(call.body, prefix) };
    return change(call, owner, prefix, variables, []);
  });
  route('POST', `${path}/:name/data`, update, async (call) => {
    const variableName = call.params['name'] ?? '';
    const variables = { [variableName]: await uploaded(call, variableName) };
    return change(call, owner, `Cannot put ${name} variable ${variableName}`, variables, []);
  });
  route('DELETE', `${path}/:name`, update, async (call) => {
    const variableName = call.params['name'] ?? '';
    return change(call, owner, `Cannot delete ${name} variable ${variableName}`, {}, [variableName]);
  });
  route('POST', path, update, async (call) => {
    const modifications = readVariables(optionalObject(call.body, 'modifications'), 'modifications');
    const deletions = optionalTexts(call.body, 'deletions') ?? [];
    return change(call, owner, `Cannot modify variables for ${name} ${call.params['id']}`, modifications, deletions);
  });
}

function scopeOf({ engine, params }: Call, owner: VariableOwner, prefix?: string): Scope {
  const id = params['id'] ?? '';
  const scope = owner.find(engine, id);
  if (scope !== undefined) return scope;
  if (prefix === undefined) throw new RestError(500, 'NullValueException', owner.missing(id));
  throw new RestError(500, 'RestException', `${prefix}: ${owner.missing(id)}`);
}

function variablesOf({ engine }: Call, owner: VariableOwner, scope: Scope): ReturnType<typeof localVariables> {
  return owner.local ? localVariables(engine, scope) : visibleVariables(engine, scope);
}

function variableOf(call: Call, owner: VariableOwner): Variable {
  const name = call.params['name'] ?? '';
  const scope = scopeOf(call, owner, `Cannot get ${owner.name} variable ${name}`);
  const found = variablesOf(call, owner, scope).find((variable) => variable.name === name);
  if (found === undefined) throw notFound(`${owner.name} variable with name ${name} does not exist`);
  return toVariable(found);
}

function readPrefixed(body: Json, prefix: string): Variable {
  try {
    return readVariable(body);
  } catch (error) {
    if (error instanceof RestError) throw new RestError(error.status, error.type, `${prefix}: ${error.message}`);
    throw error;
  }
}

/** The engine answers a repeated request without looking. */
const NO_SCOPE: Scope = { processInstanceId: NO_ID, scopeId: NO_ID };

async function change(
  call: Call,
  owner: VariableOwner,
  prefix: string,
  variables: Variables,
  remove: readonly string[],
): Promise<undefined> {
  const scope = call.repeated ? NO_SCOPE : scopeOf(call, owner, prefix);
  const outcome = await call.engine.submit(
    { type: 'setVariables', ...scope, variables, remove, local: owner.local },
    call.by,
  );
  if (!outcome.ok) throw refusal(outcome.rejection, prefix);
  return undefined;
}

function refusal(rejection: Rejection, prefix: string): RestError {
  refuseForbidden(rejection);
  const { code, message } = rejection;
  return new RestError(code === 'INVALID_ARGUMENT' ? 400 : 500, 'RestException', `${prefix}: ${message}`);
}

/** A form with the file as `data` and its type as `valueType` (`Bytes` unless `File` is asked). */
async function uploaded(call: Call, name: string): Promise<Variable> {
  const { request, engine, kernel } = call;
  if (!request.isMultipart()) {
    throw notMultipart();
  }
  refuseTooLong(call);
  const most = inlineBytes(kernel.status().limits.variableSize);
  const { fields, file } = await readUpload(request, 'data', (content) => takeBytes(engine.largeValues, content, most));
  if (file === undefined) throw invalid(`No file named 'data' in the form for variable ${name}`);
  const type = (['Bytes', 'File'] as const).find(
    (one) => one.toLowerCase() === (fields.get('valueType') ?? 'Bytes').toLowerCase(),
  );
  if (type === undefined)
    throw invalid(`Unsupported value type '${fields.get('valueType')}' for binary data: use Bytes or File`);
  const info = type === 'File' ? { filename: file.filename ?? name, mimeType: file.mimeType } : {};
  return variableOfBytes(file.content, type, info);
}
