/** `/authorization`: what users and groups may do by their roles, in Camunda's words. Roles are changed elsewhere (docs/users.md). */
import type { Caller, Permission, Subject } from '@procos/kernel';
import type { Call, Declare } from '../../call.ts';
import { permit } from '../../gate.ts';
import { invalid, notFound, RestError } from '../errors.ts';
import { listRoutes } from '../list-routes.ts';
import * as memory from '../memory-list.ts';
import { granted, RESOURCES, type Resource } from './resources.ts';

interface Grant {
  readonly id: string;
  readonly permissions: readonly string[];
  readonly userId: string | null;
  readonly groupId: string | null;
  readonly resourceType: number;
}

const ALL_RESOURCES = '*';

const GRANTS: memory.MemorySpec<Grant> = {
  parameters: {
    id: memory.is(({ id }) => id),
    // All of them grant, for all resources of a type.
    type: memory.is(() => 1),
    userIdIn: memory.isAmong(({ userId }) => userId),
    groupIdIn: memory.isAmong(({ groupId }) => groupId),
    resourceType: memory.is(({ resourceType }) => resourceType),
    resourceId: memory.is(() => ALL_RESOURCES),
  },
  sortBy: { resourceType: ({ resourceType }) => resourceType, resourceId: () => ALL_RESOURCES },
};

export function authorizationRoutes(route: Declare): void {
  listRoutes(route, '/authorization', 'identity.read', {
    list: (call) => memory.listIn(call, grants(call), GRANTS).map(dto),
    count: (call) => memory.countIn(call, grants(call), GRANTS),
    spec: GRANTS,
  });
  route('GET', '/authorization/check', 'identity.own', check);
  route('GET', '/authorization/:id', 'identity.read', (call) => {
    const id = call.params['id'] ?? '';
    const grant = grants(call).find((one) => one.id === id);
    if (grant === undefined) throw notFound(`Authorization with id ${id} does not exist.`);
    return dto(grant);
  });
}

/** Of every user what he has by himself, of every group what its members have by it. */
function grants({ kernel }: Call): readonly Grant[] {
  const { directory } = kernel.identity;
  const of = (who: string, roles: readonly string[], named: Pick<Grant, 'userId' | 'groupId'>): Grant[] => {
    const permissions = directory.permissionsOf(roles);
    return RESOURCES.flatMap((resource) => {
      const names = granted(resource, permissions);
      if (names.length === 0) return [];
      return [{ id: `${who}:${resource.type}`, permissions: names, resourceType: resource.type, ...named }];
    });
  };
  return [
    ...directory
      .list('user')
      .filter(({ state }) => state === 'active')
      .flatMap(({ name, roles }) => of(`user:${name}`, roles, { userId: name, groupId: null })),
    ...directory
      .list('group')
      .flatMap(({ name, roles }) => of(`group:${name}`, roles, { userId: null, groupId: name })),
  ];
}

function dto(grant: Grant): Record<string, unknown> {
  return { ...grant, type: 1, resourceId: ALL_RESOURCES, removalTime: null, rootProcessInstanceId: null };
}

/** Of whoever asks, or of another user for who may see what others may. */
function check(call: Call): unknown {
  const { query, by: subject } = call;
  const text = (name: string): string => {
    const value = query[name];
    if (typeof value !== 'string' || value === '') throw invalid(`Query parameter '${name}' is missing`);
    return value;
  };
  const [permissionName, resourceName] = [text('permissionName'), text('resourceName')];
  const resource = RESOURCES.find(({ type }) => String(type) === text('resourceType'));
  if (resource === undefined) throw invalid(`There is no resource type ${text('resourceType')}`);
  const { userId, resourceId = null } = query;
  if (typeof userId === 'string' && userId !== '' && userId !== subject.id)
    permit(call.kernel, call.request, 'identity.read');
  const asked = typeof userId === 'string' && userId !== '' ? { kind: 'user' as const, id: userId } : subject;
  return { permissionName, resourceName, resourceId, authorized: isGranted(call, resource, permissionName, asked) };
}

function isGranted({ kernel, by: asker }: Call, resource: Resource, permission: string, subject: Subject): boolean {
  const { access, directory } = kernel.identity;
  const needed = permission === 'ALL' ? Object.values(resource.needs) : [resource.needs[permission]];
  if (!KNOWN.has(permission))
    throw new RestError(400, 'BadUserRequestException', `There is no permission ${permission}`);
  if (needed.some((one) => one === undefined)) return false;
  // Whoever reaches a system without authentication may do what a person may do.
  if (access.authentication === 'none' && subject === asker) return true;
  // A token may have fewer rights than its user.
  const { permissions } = 'permissions' in subject ? (subject as Caller) : directory.resolve(subject);
  return needed.every((one) => permissions.has(one as Permission));
}

const KNOWN: ReadonlySet<string> = new Set([
  ...['ALL', 'NONE', 'READ', 'UPDATE', 'CREATE', 'DELETE', 'ACCESS', 'SET'],
  ...RESOURCES.flatMap(({ needs }) => Object.keys(needs)),
]);
