/** `OPTIONS`: what whoever asks may do with a resource, as links. What is not served, or he may not, is not among them. */
import type { Call, Declare, Method } from '../call.ts';
import { may } from '../gate.ts';
import { parseId } from '../ids.ts';
import { maySee } from './identity/sight.ts';
import { linkTo } from './links.ts';

/** One operation on the resource: under which name, by which method, where (after the path of the resource), and who may. */
export interface Offer {
  readonly rel: string;
  readonly method: Method;
  readonly at: string;
  readonly if: (call: Call) => boolean;
}

const to =
  (action: string) =>
  (call: Call): boolean =>
    may(call, action);

const offer = (rel: string, method: Method, at: string, condition: Offer['if']): Offer => {
  return { rel, method, at, if: condition };
};

const list = (reads: Offer['if'], creates?: Offer['if']): readonly Offer[] => [
  offer('list', 'GET', '', reads),
  offer('count', 'GET', '/count', reads),
  ...(creates === undefined ? [] : [offer('create', 'POST', '/create', creates)]),
];

const anybody = to('identity.own');
const administers = to('identity.change');
const readsGrants = to('identity.read');
const readsTasks = to('userTask.read');
const ownUser = (call: Call): boolean => maySee(call, call.params['id'] ?? '');

/** Filters of others are changed by who may do more. */
function changesFilter(call: Call): boolean {
  const where = [{ column: 'id', op: '=', value: parseId(call.params['id'] ?? '') }] as const;
  const [filter] = call.engine.find('filters', { where });
  if (filter === undefined || !may(call, 'filter.change')) return false;
  return filter.owner === null || filter.owner === call.by.id || may(call, 'filter.changeOthers');
}

/** By the path of the resource: the action that one needs to ask, and what is told. Of tenants nothing can be done. */
export const RESOURCES: Readonly<Record<string, readonly [action: string, offers: readonly Offer[]]>> = {
  '/authorization': ['identity.own', list(readsGrants)],
  '/authorization/:id': ['identity.own', [offer('self', 'GET', '', readsGrants)]],
  '/filter': ['filter.read', list(to('filter.read'), to('filter.change'))],
  '/filter/:id': [
    'filter.read',
    [
      offer('self', 'GET', '', to('filter.read')),
      ...(['singleResult', 'list', 'count'] as const).flatMap((what) =>
        (['GET', 'POST'] as const).map((method) => offer(what, method, `/${what}`, readsTasks)),
      ),
      offer('update', 'PUT', '', changesFilter),
      offer('delete', 'DELETE', '', changesFilter),
    ],
  ],
  '/group': ['identity.own', list(anybody, administers)],
  '/group/:id': [
    'identity.own',
    [
      offer('self', 'GET', '', anybody),
      offer('delete', 'DELETE', '', administers),
      offer('update', 'PUT', '', administers),
    ],
  ],
  '/group/:id/members': [
    'identity.own',
    [offer('delete', 'DELETE', '', administers), offer('create', 'PUT', '', administers)],
  ],
  '/tenant': ['identity.own', []],
  '/tenant/:id': ['identity.own', []],
  '/tenant/:id/group-members': ['identity.own', []],
  '/tenant/:id/user-members': ['identity.own', []],
  '/user': ['identity.own', list(anybody, administers)],
  '/user/:id': [
    'identity.own',
    [
      offer('self', 'GET', '/profile', ownUser),
      offer('delete', 'DELETE', '', administers),
      offer('update', 'PUT', '/profile', administers),
    ],
  ],
};

export function resourceOptionsRoutes(route: Declare): void {
  for (const [path, [action, offers]] of Object.entries(RESOURCES)) {
    route('OPTIONS', path, action, (call) => {
      const own = path.replaceAll(/:(\w+)/g, (_all, name: string) => encodeURIComponent(call.params[name] ?? ''));
      const allowed = offers.filter((one) => one.if(call));
      return { links: allowed.map(({ method, at, rel }) => linkTo(call, method, own + at, rel)) };
    });
  }
}
