/** `/api/blobs` and `/api/processes/{pid}/variables/{name}/data`: values of any length, as the bytes that they are. */
import type { Variable, VariableView } from '@procos/kernel';
import type { LargeValue } from '@procos/protocol';
import type { FastifyInstance } from 'fastify';
import { blobSource, bodyOf, refuseTooLong, sendBytes, type Taken, takeBytes } from '../bytes.ts';
import type { Call, TAKEN_OVER } from '../call.ts';
import { withoutScript } from '../harmless.ts';
import { digestOf, idempotencyKey } from '../idempotency.ts';
import { JsonRefusal } from '../safe-json.ts';
import { type Scope, toVariable, visibleVariables } from '../scopes.ts';
import { BYTE_TYPES, type ByteType, inlineBytes, mediaTypeOf, sourceOf, variableOf } from '../variable-bytes.ts';
import type { OwnDeclare, ParameterAbout } from './api/contract.ts';
import { ApiRefusal, rejected } from './errors.ts';
import { activeOne, runningOf } from './operations.ts';
import { textParameter, wrong } from './parameters.ts';
import { noProcess, pidOf } from './pids.ts';

const SCOPE: ParameterAbout = { about: 'An active element, or its instance; absent: the process itself.' };

/** Routes whose requests are read by the handler, in an instance of their own. */
export function valueRoutes(app: FastifyInstance, route: OwnDeclare): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  route('POST', '/blobs', 'blob.create', createBlob, {
    about: 'Takes bytes of any length, and gives their handle.',
    body: { bytes: 'The bytes.' },
    answer: 'LargeValue',
  });
  route('GET', '/blobs/:name', 'blob.read', readBlob, {
    about: 'The bytes of a large value.',
    media: ['application/octet-stream'],
    status: [200, 206],
  });
  route('GET', '/processes/:pid/variables/:name/data', 'processInstance.read', readData, {
    about: 'The content of a variable, as bytes.',
    query: { scope: SCOPE },
    media: ['*/*'],
    status: [200, 206],
  });
  route('PUT', '/processes/:pid/variables/:name/data', 'processInstance.update', putData, {
    about: 'Sets a variable to bytes of any length.',
    query: {
      type: { about: 'Default: File with a filename, else Bytes.', kind: BYTE_TYPES },
      filename: { about: 'Of a File.' },
      scope: SCOPE,
    },
    body: { bytes: 'The bytes.' },
  });
}

/** The handle that a variable may hold from then on. */
async function createBlob(call: Call): Promise<LargeValue> {
  refuseTooLong(call);
  const { name: blob, size } = await call.engine.largeValues.take(bodyOf(call.request.raw));
  return { blob, size };
}

function readBlob(call: Call): typeof TAKEN_OVER {
  const { largeValues } = call.engine;
  const name = call.params['name'] ?? '';
  const blob = largeValues.find(name);
  if (blob === undefined)
    throw missing(`There is no large value ${name}: it has no name like that, or has been removed.`);
  return sendBytes(call, blobSource(largeValues, blob), labelled('application/octet-stream', name.replace(':', '-')));
}

/** What the process, or one of its active elements (`scope`), sees under the name; of an ended one what it was at last. */
function readData(call: Call): typeof TAKEN_OVER {
  const { pid = '', name = '' } = call.params;
  const view = viewOf(call);
  if (view === undefined) throw missing(`Process ${pid} has no variable '${name}'.`);
  const variable = toVariable(view);
  const source = sourceOf(call.engine, variable);
  if (source === undefined)
    throw new ApiRefusal(409, 'INVALID_STATE', `Variable '${name}' is a ${variable.type}: it has no content of bytes.`);
  return sendBytes(call, source, labelled(mediaTypeOf(variable), variable.info?.filename ?? name));
}

function viewOf(call: Call): VariableView | undefined {
  const { engine, params } = call;
  const { pid = '', name = '' } = params;
  const processInstanceId = pidOf(call, pid);
  const [instance] = engine.find('processInstances', { where: [{ column: 'id', op: '=', value: processInstanceId }] });
  if (instance === undefined) throw noProcess(pid);
  if (instance.endedAt !== null) {
    const where = [
      { column: 'processInstanceId', op: '=', value: processInstanceId },
      { column: 'scopeId', op: '=', value: processInstanceId },
      { column: 'name', op: '=', value: name },
    ] as const;
    return engine.find('variables', { where })[0];
  }
  const scope = scopeOf(call, processInstanceId);
  return visibleVariables(engine, scope).find((variable) => variable.name === name);
}

/** `type` (default: File with `filename`, else by the media type), `filename`, `scope`, `local`. */
async function putData(call: Call): Promise<undefined> {
  const processInstanceId = runningOf(call);
  const { scopeId } = scopeOf(call, processInstanceId);
  const { name = '' } = call.params;
  const filename = textParameter(call, 'filename');
  const mimeType = call.request.headers['content-type'];
  const asked = textParameter(call, 'type') ?? (filename === undefined ? 'Bytes' : 'File');
  const type = BYTE_TYPES.find((one) => one.toLowerCase() === asked.toLowerCase());
  if (type === undefined) throw wrong(`Query parameter type is "${asked}": give one of ${BYTE_TYPES.join(', ')}.`);
  const taken = await bytesOf(call, inlineBytes(call.kernel.status().limits.variableSize));
  const info = type === 'File' ? { filename: filename ?? name, ...(mimeType === undefined ? {} : { mimeType }) } : {};
  const variables = { [name]: readable(taken, type, info) };
  const local = textParameter(call, 'scope') !== undefined;
  const outcome = await call.engine.submit(
    { type: 'setVariables', processInstanceId, scopeId, variables, remove: [], local },
    call.by,
  );
  if (!outcome.ok) throw rejected(outcome.rejection);
  return undefined;
}

function readable(taken: Taken, type: ByteType, info: Parameters<typeof variableOf>[2]): Variable {
  try {
    return variableOf(taken, type, info);
  } catch (error) {
    if (error instanceof JsonRefusal) throw error;
    throw wrong(`The body is not text in UTF-8, as a ${type} must be.`);
  }
}

async function bytesOf(call: Call, inline: number): Promise<Taken> {
  const { request, engine } = call;
  refuseTooLong(call);
  const taken = await takeBytes(engine.largeValues, request.raw, inline);
  if (idempotencyKey(request) !== undefined)
    request.bodyDigest = digestOf('inline' in taken ? taken.inline : taken.blob.name);
  return taken;
}

function scopeOf(call: Call, processInstanceId: number): Scope {
  const scope = textParameter(call, 'scope');
  const root = { processInstanceId, scopeId: processInstanceId };
  if (scope === undefined || call.repeated) return root;
  return { processInstanceId, scopeId: activeOne(call, processInstanceId, scope).id };
}

/** Never run or shown by a browser. */
function labelled(contentType: string, filename: string) {
  const safe = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(?:; charset=[\w.:-]+)?$/.test(contentType);
  const plain = filename.replaceAll(/[^\x20-\x7e]|["\\]/g, '_');
  const disposition = `attachment; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(filename)}`;
  return {
    contentType: safe ? withoutScript(contentType) : 'application/octet-stream',
    headers: { 'content-disposition': disposition },
  };
}

function missing(message: string): ApiRefusal {
  return new ApiRefusal(404, 'NOT_FOUND', message);
}
