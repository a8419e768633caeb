/** `GET /engine-rest/openapi.json`: the routes that are served, as OpenAPI 3.0. */
import type { Method } from '../../call.ts';
import { answersOf, type OperationAnswer, shapeOf } from './answers.ts';
import type { DescribedRoute } from './description.ts';
import { answerSchemas, type Schema } from './schemas.ts';

export function documentOf(routes: readonly DescribedRoute[], version: string): Schema {
  const known = answersOf();
  const paths: Record<string, Record<string, Schema>> = {};
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}');
    const answer = known.get(shapeOf(route.method, path)) ?? {};
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route, answer) };
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
    components: { schemas: { ...answerSchemas(), ...SCHEMAS }, securitySchemes: SECURITY },
  };
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

function operation(route: DescribedRoute, answer: OperationAnswer): Schema {
  const { method, path, action } = route;
  const body = requestBody(route);
  return {
    operationId: operationId(method, path),
    summary: summary(route),
    'x-action': action,
    tags: [path.split('/')[1] ?? ''],
    parameters: [...pathParameters(path), ...queryParameters(route)],
    ...(body === undefined ? {} : { requestBody: body }),
    responses: {
      ...responses(answer),
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
function summary({ path, action, about }: DescribedRoute): string {
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

function queryParameters({ method, about: { query = [], sortBy, answers } }: DescribedRoute): Schema[] {
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

function requestBody({ method, path, about: { query = [], sortBy, answers } }: DescribedRoute): Schema | undefined {
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

function responses({ json, bytes, text: words, none, pending }: OperationAnswer): Schema {
  const of = (media: string, schema: Schema) => ({ description: 'Done.', content: { [media]: { schema } } });
  return {
    ...(json === undefined ? {} : { 200: of('application/json', json) }),
    ...(bytes === undefined ? {} : { 200: of('*/*', { type: 'string', format: 'binary' }) }),
    ...(words === undefined ? {} : { 200: of('text/plain', { type: 'string' }) }),
    ...(none === undefined ? {} : { 204: { description: 'Done; there is nothing to say.' } }),
    ...(pending === undefined
      ? {}
      : {
          202: {
            ...of('application/json', MESSAGE),
            description: 'The change waits for the approval of a second person.',
          },
        }),
  };
}

const MESSAGE: Schema = { type: 'object', required: ['message'], properties: { message: { type: 'string' } } };
