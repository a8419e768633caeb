/** Who is logged in, and the way out. */
import { ActionIcon } from '@mantine/core';
import { IconLogout } from '@tabler/icons-react';
import { useLogOut, useUser } from '../api/session.tsx';

export function Who() {
  const user = useUser();
  const logOut = useLogOut();
  if (user === null) return null;
  return (
    <span className="who" title={`Roles: ${user.roles.join(', ') || 'none'}`}>
      <span data-testid="logged-in-as">{user.name}</span>
      <ActionIcon
        variant="subtle"
        size="sm"
        aria-label="Log out"
        loading={logOut.isPending}
        onClick={() => logOut.mutate()}
      >
        <IconLogout size={15} aria-hidden />
      </ActionIcon>
    </span>
  );
}
