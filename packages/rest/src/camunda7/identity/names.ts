/** Users and groups of the kernel as Camunda shows them: a first and a last name, groups with a name and a type. */
import type { Group, User } from '@procos/kernel';

export interface Profile {
  readonly id: string;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly email: string | null;
}

export function profileOf({ name: id, fullName, lastName: known, email }: User): Profile {
  const full = fullName?.trim() ?? '';
  if (full === '') return { id, firstName: null, lastName: null, email };
  const lastName = known !== undefined && full.endsWith(known) ? known : (full.split(/\s+/).at(-1) ?? '');
  const firstName = full.slice(0, full.length - lastName.length).trim();
  return { id, firstName: firstName || null, lastName: lastName || null, email };
}

/** What is kept of a first and a last name. */
export function fullNameOf(
  firstName: string | undefined,
  lastName: string | undefined,
): { readonly fullName: string | null; readonly lastName?: string } {
  const fullName = [firstName, lastName].filter(Boolean).join(' ').trim();
  return { fullName: fullName || null, ...(lastName === undefined ? {} : { lastName: lastName.trim() }) };
}

export function displayNameOf(user: User): string {
  return user.fullName ?? user.name;
}

export function groupOf({ name: id, title, type }: Group): {
  readonly id: string;
  readonly name: string;
  readonly type: string | null;
} {
  return { id, name: title ?? id, type: type ?? null };
}
