/** `/user`: who there is. Changes are made by the process of the system that makes all of them. */
import { hashPassword, PASSWORD_LENGTH, type User } from '@procos/kernel';
import type { Answer, Call, Declare, JsonObject } from '../../call.ts';
import { optionalObject, optionalText } from '../body.ts';
import { invalid, notFound, RestError, unsupported } from '../errors.ts';
import { change } from '../identity/change.ts';
import { fullNameOf, profileOf } from '../identity/names.ts';
import { maySee, maySeeAll } from '../identity/sight.ts';
import { textOf } from '../list-query.ts';
import { listRoutes } from '../list-routes.ts';
import * as memory from '../memory-list.ts';

const USERS: memory.MemorySpec<User> = {
  parameters: {
    id: memory.is(({ name }) => name),
    idIn: memory.isAmong(({ name }) => name),
    firstName: memory.is((user) => profileOf(user).firstName),
    firstNameLike: memory.isLike((user) => profileOf(user).firstName),
    lastName: memory.is((user) => profileOf(user).lastName),
    lastNameLike: memory.isLike((user) => profileOf(user).lastName),
    email: memory.is(({ email }) => email),
    emailLike: memory.isLike(({ email }) => email),
    memberOfGroup: (parameter) => {
      const group = textOf(parameter);
      return ({ groups }) => groups.includes(group);
    },
    memberOfTenant: memory.none(),
    potentialStarter: () => {
      throw unsupported("Query parameter 'potentialStarter'");
    },
  },
  sortBy: {
    userId: ({ name }) => name,
    firstName: (user) => profileOf(user).firstName,
    lastName: (user) => profileOf(user).lastName,
    email: ({ email }) => email,
  },
};

export function userRoutes(route: Declare): void {
  listRoutes(route, '/user', 'identity.own', {
    list: (call) => memory.listIn(call, seen(call), USERS).map(profileOf),
    count: (call) => memory.countIn(call, seen(call), USERS),
    spec: USERS,
  });
  route('GET', '/user/:id/profile', 'identity.own', (call) => profileOf(find(call)));
  route('POST', '/user/create', 'identity.request', create);
  route('PUT', '/user/:id/profile', 'identity.request', async (call) => {
    const { name } = find(call);
    const { body } = call;
    const email = optionalText(body, 'email') ?? null;
    const names = fullNameOf(optionalText(body, 'firstName'), optionalText(body, 'lastName'));
    return change(call, [{ do: 'changeUser', name, ...names, email }]);
  });
  route('PUT', '/user/:id/credentials', 'identity.request', setPassword);
  route('POST', '/user/:id/unlock', 'identity.change', (call) => {
    call.kernel.identity.access.forgetGuesses(find(call).name);
  });
  route('DELETE', '/user/:id', 'identity.request', (call) =>
    change(call, [{ do: 'removeUser', name: find(call).name }]),
  );
}

function seen(call: Call): readonly User[] {
  const users = call.kernel.identity.directory.list('user');
  return maySeeAll(call) ? users : users.filter(({ name }) => maySee(call, name));
}

function find(call: Call): User {
  const id = call.params['id'] ?? '';
  const user = maySee(call, id) ? call.kernel.identity.directory.user(id) : undefined;
  if (user === undefined) throw notFound(`User with id ${id} does not exist`);
  return user;
}

/** A new user has no rights: roles and groups are given to him afterwards. */
async function create(call: Call): Promise<Answer | undefined> {
  const profile: JsonObject = optionalObject(call.body, 'profile') ?? {};
  const name = optionalText(profile, 'id');
  if (name === undefined || name === '') throw invalid('The user needs an id in his profile');
  const password = optionalText(optionalObject(call.body, 'credentials') ?? {}, 'password');
  return change(call, [
    {
      do: 'addUser',
      name,
      ...fullNameOf(optionalText(profile, 'firstName'), optionalText(profile, 'lastName')),
      email: optionalText(profile, 'email') ?? null,
      roles: [],
      groups: [],
      password: password === undefined ? null : await hashed(password),
    },
  ]);
}

/** Camunda asks for the password of who asks, where he has proved himself. */
async function setPassword(call: Call): Promise<Answer | undefined> {
  const { name } = find(call);
  const { kernel, body, request, by: subject } = call;
  const own = optionalText(body, 'authenticatedUserPassword');
  if (request.proved !== null) {
    const { access } = kernel.identity;
    const found =
      own === undefined ? undefined : await access.password(subject.id, own, request.socket.remoteAddress ?? '');
    if (found === undefined || 'denied' in found)
      throw new RestError(400, 'InvalidRequestException', 'The given authenticated user password is not valid.');
  }
  const password = optionalText(body, 'password') ?? '';
  return change(call, [{ do: 'setPassword', name, password: await hashed(password) }]);
}

async function hashed(password: string): Promise<string> {
  const { least, most } = PASSWORD_LENGTH;
  if (password.length < least || password.length > most)
    throw invalid(`The password does not match the password policy: it must have ${least} to ${most} characters`);
  return hashPassword(password);
}
