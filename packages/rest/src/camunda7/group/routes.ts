/** `/group`: groups and who is in them. What a group permits is given to it by its roles, which Camunda does not know. */
import type { Group } from '@procos/kernel';
import type { Call, Declare } from '../../call.ts';
import { optionalText } from '../body.ts';
import { invalid, notFound, RestError } from '../errors.ts';
import { change, mayChange } from '../identity/change.ts';
import { groupOf } from '../identity/names.ts';
import { maySeeAll } from '../identity/sight.ts';
import { textOf } from '../list-query.ts';
import { listRoutes } from '../list-routes.ts';
import * as memory from '../memory-list.ts';

/** Who is a member says the user, not the group. Without a request: the words alone. */
function groupsFor(call?: Call): memory.MemorySpec<Group> {
  return {
    parameters: {
      id: memory.is(({ name }) => name),
      idIn: memory.isAmong(({ name }) => name),
      name: memory.is((group) => groupOf(group).name),
      nameLike: memory.isLike((group) => groupOf(group).name),
      type: memory.is((group) => groupOf(group).type),
      member: (parameter) => {
        const groups = call?.kernel.identity.directory.user(textOf(parameter))?.groups ?? [];
        return ({ name }) => groups.includes(name);
      },
      memberOfTenant: memory.none(),
    },
    sortBy: { id: ({ name }) => name, name: (group) => groupOf(group).name, type: ({ type }) => type ?? null },
  };
}

export function groupRoutes(route: Declare): void {
  listRoutes(route, '/group', 'identity.own', {
    list: (call) => memory.listIn(call, seen(call), groupsFor(call)).map(groupOf),
    count: (call) => memory.countIn(call, seen(call), groupsFor(call)),
    spec: groupsFor(),
    posts: 'list and count',
  });
  route('POST', '/group/create', 'identity.request', (call) => {
    mayChange(call);
    const name = optionalText(call.body, 'id');
    if (name === undefined || name === '') throw invalid('The group needs an id');
    if (known(call, name) !== undefined)
      throw new RestError(500, 'ProcessEngineException', `There is a group ${name} already: change that one`);
    return change(call, [{ do: 'setGroup', name, ...shown(call), roles: [] }]);
  });
  route('GET', '/group/:id', 'identity.own', (call) => groupOf(find(call)));
  route('PUT', '/group/:id', 'identity.request', (call) => {
    const { name, roles } = find(call);
    return change(call, [{ do: 'setGroup', name, ...shown(call), roles }]);
  });
  route('DELETE', '/group/:id', 'identity.request', (call) =>
    change(call, [{ do: 'removeGroup', name: find(call).name }]),
  );
  route('PUT', '/group/:id/members/:userId', 'identity.request', (call) => setMember(call, true));
  route('DELETE', '/group/:id/members/:userId', 'identity.request', (call) => setMember(call, false));
}

function shown({ body }: Call): { readonly title?: string; readonly type?: string } {
  const [title, type] = [optionalText(body, 'name'), optionalText(body, 'type')];
  return { ...(title === undefined ? {} : { title }), ...(type === undefined ? {} : { type }) };
}

/** Whoever may not see all sees his own. */
function seen(call: Call): readonly Group[] {
  const { directory } = call.kernel.identity;
  const all = directory.list('group');
  if (maySeeAll(call)) return all;
  const own = directory.user(call.by.id)?.groups ?? [];
  return all.filter(({ name }) => own.includes(name));
}

function known(call: Call, id: string): Group | undefined {
  return call.kernel.identity.directory.list('group').find(({ name }) => name === id);
}

function find(call: Call): Group {
  const id = call.params['id'] ?? '';
  const group = seen(call).find(({ name }) => name === id);
  if (group === undefined) throw notFound(`Group with id ${id} does not exist`);
  return group;
}

function setMember(call: Call, member: boolean): ReturnType<typeof change> | undefined {
  mayChange(call);
  const { id = '', userId = '' } = call.params;
  const failed = (message: string) => new RestError(500, 'ProcessEngineException', message);
  const user = call.kernel.identity.directory.user(userId);
  if (user === undefined) throw failed(`No user found with id '${userId}'.`);
  if (known(call, id) === undefined) throw failed(`No group found with id '${id}'.`);
  if (user.groups.includes(id) === member) return undefined;
  const groups = member ? [...user.groups, id] : user.groups.filter((name) => name !== id);
  return change(call, [{ do: 'changeUser', name: userId, groups }]);
}
