/** `GET /api/openapi.json`: what the routes of `/api` and `/proc` say of themselves, as OpenAPI 3.1. */
import type { Call, Declare, Method } from '../../call.ts';
import { checkOf } from './check.ts';
import type { OwnDeclare, ParameterAbout, ParameterKind, RouteAbout } from './contract.ts';
import { type Schema, schemaOf, schemas } from './schemas.ts';

/** A route as it is served. */
export interface DescribedRoute {
  readonly method: Method;
  /** With the prefix of its face, parameters as `:name`. */
  readonly path: string;
  readonly action: string;
  readonly about: RouteAbout;
}

const PATH_PARAMETERS: Readonly<Record<string, string>> = {
  pid: 'Id of a process instance, or 1 for PID 1.',
  definitionId: 'Id of a version of a process.',
  decisionDefinitionId: 'Id of a version of a decision.',
  incidentId: 'Id of an incident.',
  taskId: 'Id of a user task.',
  topic: 'Name of a topic.',
  id: 'Id of a registered service, or of an external task.',
  name: 'Name of a variable, or of a large value.',
};

const SECURITY = {
  basic: { type: 'http', scheme: 'basic' },
  token: { type: 'http', scheme: 'bearer', description: 'An access token (docs/users.md).' },
  session: { type: 'apiKey', in: 'cookie', name: 'procos_session' },
} as const;

export class ApiDescription {
  readonly routes: DescribedRoute[] = [];

  /** Declares routes that are described, and checked by what they say. */
  declareOn(route: Declare, prefix: string): OwnDeclare {
    return (method, path, action, handler, about) => {
      this.routes.push({ method, path: path === '/' ? prefix : prefix + path, action, about });
      const check = checkOf(about);
      const checked = (call: Call): unknown => {
        check(call);
        return handler(call);
      };
      route(method, path, action, checked, about);
    };
  }

  document(version: string): Schema {
    const paths: Record<string, Record<string, Schema>> = {};
    for (const route of this.routes) {
      const path = route.path.replaceAll(/:(\w+)/g, '{$1}');
      paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route) };
    }
    return {
      openapi: '3.1.0',
      info: {
        title: 'ProcOS',
        version,
        description: "ProcOS's own face. What Camunda's faces have is done there: /engine-rest, /v2.",
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/' }],
      // Without authentication nothing is asked for.
      security: [{}, ...Object.keys(SECURITY).map((name) => ({ [name]: [] }))],
      paths,
      components: { schemas, securitySchemes: SECURITY },
    };
  }
}

function operationOf({ method, path, action, about }: DescribedRoute): Schema {
  const statuses = [about.status ?? (about.answer === undefined && about.media === undefined ? 204 : 200)].flat();
  return {
    operationId: operationId(method, path),
    summary: about.about,
    'x-action': action,
    parameters: [
      ...pathParameters(path),
      ...Object.entries(about.query ?? {}).map(queryParameter),
      ...keyParameter(method),
    ],
    ...(about.body === undefined ? {} : { requestBody: requestBody(about.body) }),
    responses: {
      ...Object.fromEntries(statuses.map((status) => [String(status), responseOf(about)])),
      default: {
        description: 'Refused: code (docs/errors.md) and message say what, where and what to do.',
        content: { 'application/json': { schema: schemaOf('ApiError') } },
      },
    },
  };
}

/** `getProcessesPidHoldings`. */
function operationId(method: Method, path: string): string {
  const words = path.split(/[^A-Za-z0-9]+/).filter((word) => word !== '' && word !== 'api');
  return method.toLowerCase() + words.map((word) => word[0]?.toUpperCase() + word.slice(1)).join('');
}

function pathParameters(path: string): Schema[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    description: PATH_PARAMETERS[name] ?? name,
    schema: { type: 'string' },
  }));
}

function queryParameter([name, { about, kind = 'text', required = false }]: readonly [string, ParameterAbout]): Schema {
  return { name, in: 'query', required, description: about, schema: kindSchema(kind) };
}

function kindSchema(kind: ParameterKind): Schema {
  if (typeof kind !== 'string') return { type: 'string', enum: kind };
  if (kind === 'flag') return { type: 'boolean' };
  return kind === 'whole' ? { type: 'integer', minimum: 0 } : { type: 'string' };
}

function keyParameter(method: Method): Schema[] {
  if (method === 'GET') return [];
  const description = 'The request is carried out once, however often it is sent with this key (docs/requests.md).';
  return [{ name: 'idempotency-key', in: 'header', required: false, description, schema: { type: 'string' } }];
}

function requestBody(body: NonNullable<RouteAbout['body']>): Schema {
  if (typeof body === 'string') return { required: false, content: { 'application/json': { schema: schemaOf(body) } } };
  if ('form' in body)
    return {
      description: body.form,
      required: true,
      content: { 'multipart/form-data': { schema: { type: 'object' } } },
    };
  return { description: body.bytes, required: true, content: { '*/*': {} } };
}

function responseOf({ answer, media = [] }: RouteAbout): Schema {
  const json = answer === undefined ? {} : { 'application/json': { schema: schemaOf(answer) } };
  const others = Object.fromEntries(media.map((type) => [type, {}]));
  const content = { ...json, ...others };
  return { description: 'Done.', ...(Object.keys(content).length === 0 ? {} : { content }) };
}
