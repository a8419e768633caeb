/** `GET /engine-rest/openapi.json`: the routes that are served, as OpenAPI 3.0. */
import type { Declare, Method } from '../../call.ts';
import type { RouteAbout } from './about.ts';

interface Described {
  readonly method: Method;
  readonly path: string;
  readonly action: string;
  readonly about: RouteAbout;
}

type Schema = Readonly<Record<string, unknown>>;

/** Declares routes as they come, and remembers them. */
export class FaceDescription {
  readonly #routes: Described[] = [];

  declareOn(route: Declare): Declare {
    return (method, path, action, handler, about) => {
      this.#routes.push({ method, path, action, about: (about ?? {}) as RouteAbout });
      route(method, path, action, handler);
    };
  }

  document(version: string): Schema {
    const paths: Record<string, Record<string, Schema>> = {};
    for (const route of this.#routes) {
      const path = route.path.replaceAll(/:(\w+)/g, '{$1}');
      paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) };
    }
    return {
      openapi: '3.0.3',
      info: {
        title: 'ProcOS: Camunda 7 face',
        version,
        description:
          'What is served of the REST API of Camunda 7.24. What differs says docs/compatibility.md; what is not served answers 501.',
        license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
      },
      servers: [{ url: '/engine-rest' }],
      // Without authentication nothing is asked for.
      security: [{}, { basic: [] }, { token: [] }],
      paths,
      components: { schemas: SCHEMAS, securitySchemes: SECURITY },
    };
  }
}

const SECURITY: Schema = {
  basic: { type: 'http', scheme: 'basic' },
  token: { type: 'http', scheme: 'bearer', description: 'An access token (docs/users.md).' },
};

const text: Schema = { type: 'string', nullable: true };
const SCHEMAS: Schema = {
  Count: { type: 'object', required: ['count'], properties: { count: { type: 'integer', minimum: 0 } } },
  Error: {
    type: 'object',
    description: 'A refusal. `code` is null where no engine was asked.',
    required: ['type', 'message', 'code'],
    properties: { type: { type: 'string' }, message: text, code: { type: 'integer', nullable: true } },
  },
  Order: {
    type: 'object',
    required: ['sortBy', 'sortOrder'],
    properties: {
      sortBy: { type: 'string' },
      sortOrder: { type: 'string', enum: ['asc', 'desc'] },
      parameters: { type: 'object', description: 'To sort by a variable: its name (`variable`) and `type`.' },
    },
  },
};

function operation(route: Described): Schema {
  const { method, path, action, about } = route;
  const body = requestBody(route);
  return {
    operationId: operationId(method, path),
    summary: summary(route),
    'x-action': action,
    tags: [path.split('/')[1] ?? ''],
    parameters: [...pathParameters(path), ...queryParameters(route)],
    ...(body === undefined ? {} : { requestBody: body }),
    responses: {
      ...answers(method, about),
      default: {
        description: 'Refused: the message says what, where and what to do.',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
      },
    },
  };
}

/** `getTaskIdVariables`. */
function operationId(method: Method, path: string): string {
  const words = path.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  return method.toLowerCase() + words.map((word) => word[0]?.toUpperCase() + word.slice(1)).join('');
}

/** From what the gate is asked: `userTask.setVariables` on `/task/:id/variables`. */
function summary({ path, action, about }: Described): string {
  const [subject = '', verb = ''] = action.split('.');
  const what = words(path.split('/').findLast((part) => part !== '' && !part.startsWith(':')) ?? subject);
  if (about.answers === 'list') return `The rows of ${path} that the parameters ask for, all of which must hold.`;
  if (about.answers === 'count') return `How many rows of ${path.replace(/\/count$/, '')} the parameters ask for.`;
  return `${capital(words(verb))} (${words(subject)}): ${what}.`;
}

function words(name: string): string {
  return name
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .replaceAll('-', ' ')
    .toLowerCase();
}

function capital(phrase: string): string {
  return phrase.charAt(0).toUpperCase() + phrase.slice(1);
}

function pathParameters(path: string): Schema[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
}

function queryParameters({ method, about: { query = [], sortBy, answers } }: Described): Schema[] {
  const named = method === 'POST' && answers !== undefined ? [] : query.map((name) => parameter(name));
  if (answers !== 'list') return named;
  const page = [parameter('firstResult', WHOLE), parameter('maxResults', WHOLE)];
  if (method === 'POST') return page;
  return [
    ...named,
    parameter('sortBy', { type: 'string', enum: sortBy ?? [] }),
    parameter('sortOrder', { type: 'string', enum: ['asc', 'desc'] }),
    ...page,
  ];
}

const WHOLE: Schema = { type: 'integer', minimum: 0 };

function parameter(name: string, schema: Schema = { type: 'string' }): Schema {
  return { name, in: 'query', required: false, schema };
}

function requestBody({ method, path, about: { query = [], sortBy, answers } }: Described): Schema | undefined {
  if (method === 'GET' || method === 'DELETE') return undefined;
  if (/\/(data|create)$/.test(path) && /^\/(deployment\/create|.*\/data|.*\/attachment\/create)$/.test(path))
    return { required: true, content: { 'multipart/form-data': { schema: { type: 'object' } } } };
  const order = { type: 'array', items: { $ref: '#/components/schemas/Order' } };
  const members = {
    ...Object.fromEntries(query.map((name) => [name, {}])),
    ...(sortBy === undefined ? {} : { sorting: order }),
  };
  const known = answers === undefined ? {} : { properties: members };
  return { required: false, content: { 'application/json': { schema: { type: 'object', ...known } } } };
}

function answers(method: Method, { answers: kind }: RouteAbout): Schema {
  const json = (schema: Schema) => ({ description: 'Done.', content: { 'application/json': { schema } } });
  switch (kind) {
    case 'list':
      return { 200: json({ type: 'array', items: { type: 'object' } }) };
    case 'count':
      return { 200: json({ $ref: '#/components/schemas/Count' }) };
    case 'bytes':
      return {
        200: { description: 'The content.', content: { '*/*': { schema: { type: 'string', format: 'binary' } } } },
      };
    case 'text':
      return {
        200: { description: 'Text.', content: { 'text/plain': { schema: { type: 'string' } } } },
        204: { description: 'There is none.' },
      };
    default:
      return method === 'DELETE'
        ? { 204: { description: 'Done.' } }
        : { 200: json({}), ...(method === 'GET' ? {} : { 204: { description: 'Done; there is nothing to say.' } }) };
  }
}
