/** Who sits before the screen: asked once, and again when the server wants to know. */
import type { SessionReply } from '@procos/protocol';
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect } from 'react';
import { LoginPage } from '../app/login-page.tsx';
import { Failure } from '../ui/answer.tsx';
import { request, UNAUTHENTICATED } from './http.ts';

const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: ({ signal }) => request<SessionReply>('GET', '/api/session', undefined, signal),
  staleTime: Number.POSITIVE_INFINITY,
});

const SessionContext = createContext<SessionReply['user']>(null);

/** Shows the login instead of everything else while the system wants a name and has none. */
export function SessionProvider({ children }: { readonly children: ReactNode }) {
  const client = useQueryClient();
  const { data, error, refetch } = useQuery(sessionQuery);
  useEffect(() => {
    const forget = (): void => void refetch();
    window.addEventListener(UNAUTHENTICATED, forget);
    return () => window.removeEventListener(UNAUTHENTICATED, forget);
  }, [refetch]);
  if (error) return <Failure error={error} retry={() => void refetch()} />;
  if (data === undefined) return null;
  if (data.authentication === 'required' && data.user === null)
    return (
      <LoginPage
        onLogin={(session) => {
          // Nothing that another person has seen stays on the screen.
          client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' });
          client.setQueryData(sessionQuery.queryKey, session);
        }}
      />
    );
  return <SessionContext value={data.user}>{children}</SessionContext>;
}

/** null: the system asks nobody. */
export function useUser(): SessionReply['user'] {
  return useContext(SessionContext);
}

export function useLogOut() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => request<undefined>('DELETE', '/api/session'),
    onSettled: () => client.invalidateQueries({ queryKey: sessionQuery.queryKey }),
  });
}
