/** Providers and routes: look, cache, live feed, pages. */
import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createBrowserRouter } from 'react-router';
import { RouterProvider } from 'react-router/dom';
import { ApiFailure } from '../api/http.ts';
import { LiveProvider } from '../api/live.tsx';
import { SessionProvider } from '../api/session.tsx';
import { routes } from './routes.tsx';
import { theme } from './theme.ts';

const router = createBrowserRouter(routes);

const client = new QueryClient({
  defaultOptions: {
    queries: {
      // What the server refuses it will refuse again; only an unanswered request is worth another try.
      retry: (count, error) => count < 2 && error instanceof ApiFailure && error.status === 0,
    },
  },
});

export function App() {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <QueryClientProvider client={client}>
        <SessionProvider>
          <LiveProvider>
            <Notifications position="bottom-right" limit={4} />
            <RouterProvider router={router} />
          </LiveProvider>
        </SessionProvider>
      </QueryClientProvider>
    </MantineProvider>
  );
}
