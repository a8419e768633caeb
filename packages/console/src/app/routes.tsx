/** Which address shows which page. The pages behind a diagram or a form are loaded when first opened. */
import type { RouteObject } from 'react-router';
import { OverviewPage } from '../overview/overview-page.tsx';
import { ProcessesPage } from '../processes/processes-page.tsx';
import { NotFoundPage } from './not-found.tsx';
import { RouteFailure } from './route-failure.tsx';
import { Shell } from './shell.tsx';

export const routes: RouteObject[] = [
  {
    element: <Shell />,
    errorElement: <RouteFailure />,
    hydrateFallbackElement: <></>,
    children: [
      {
        errorElement: <RouteFailure />,
        children: [
          { path: '/', element: <OverviewPage /> },
          { path: '/processes', element: <ProcessesPage /> },
          {
            path: '/processes/:pid',
            lazy: async () => ({ Component: (await import('../processes/process-page.tsx')).ProcessPage }),
          },
          {
            path: '/definitions',
            lazy: async () => ({ Component: (await import('../definitions/definitions-page.tsx')).DefinitionsPage }),
          },
          {
            path: '/definitions/:definitionId',
            lazy: async () => ({ Component: (await import('../definitions/definition-page.tsx')).DefinitionPage }),
          },
          {
            path: '/decisions',
            lazy: async () => ({ Component: (await import('../decisions/decisions-page.tsx')).DecisionsPage }),
          },
          {
            path: '/decisions/:decisionDefinitionId',
            lazy: async () => ({ Component: (await import('../decisions/decision-page.tsx')).DecisionPage }),
          },
          {
            path: '/tasks/:taskId?',
            lazy: async () => ({ Component: (await import('../tasks/tasks-page.tsx')).TasksPage }),
          },
          {
            path: '/incidents',
            lazy: async () => ({ Component: (await import('../incidents/incidents-page.tsx')).IncidentsPage }),
          },
          {
            path: '/batches',
            lazy: async () => ({ Component: (await import('../batches/batches-page.tsx')).BatchesPage }),
          },
          {
            path: '/workers',
            lazy: async () => ({ Component: (await import('../workers/workers-page.tsx')).WorkersPage }),
          },
          {
            path: '/limits',
            lazy: async () => ({ Component: (await import('../limits/limits-page.tsx')).LimitsPage }),
          },
          {
            path: '/events',
            lazy: async () => ({ Component: (await import('../events/events-page.tsx')).EventsPage }),
          },
          { path: '*', element: <NotFoundPage /> },
        ],
      },
    ],
  },
];
