/** Which address shows which page. The pages behind a diagram or a form are loaded when first opened. */
import { CONSOLE_PAGES, type ConsolePage } from '@procos/protocol';
import type { RouteObject } from 'react-router';
import { OverviewPage } from '../overview/overview-page.tsx';
import { ProcessesPage } from '../processes/processes-page.tsx';
import { NotFoundPage } from './not-found.tsx';
import { RouteFailure } from './route-failure.tsx';
import { Shell } from './shell.tsx';

type Page = Pick<RouteObject, 'element' | 'lazy'>;

const pages: Readonly<Record<ConsolePage, Page>> = {
  '/': { element: <OverviewPage /> },
  '/processes': { element: <ProcessesPage /> },
  '/processes/:pid': { lazy: async () => ({ Component: (await import('../processes/process-page.tsx')).ProcessPage }) },
  '/definitions': {
    lazy: async () => ({ Component: (await import('../definitions/definitions-page.tsx')).DefinitionsPage }),
  },
  '/definitions/:definitionId': {
    lazy: async () => ({ Component: (await import('../definitions/definition-page.tsx')).DefinitionPage }),
  },
  '/decisions': { lazy: async () => ({ Component: (await import('../decisions/decisions-page.tsx')).DecisionsPage }) },
  '/decisions/:decisionDefinitionId': {
    lazy: async () => ({ Component: (await import('../decisions/decision-page.tsx')).DecisionPage }),
  },
  '/tasks/:taskId?': { lazy: async () => ({ Component: (await import('../tasks/tasks-page.tsx')).TasksPage }) },
  '/incidents': { lazy: async () => ({ Component: (await import('../incidents/incidents-page.tsx')).IncidentsPage }) },
  '/batches': { lazy: async () => ({ Component: (await import('../batches/batches-page.tsx')).BatchesPage }) },
  '/workers': { lazy: async () => ({ Component: (await import('../workers/workers-page.tsx')).WorkersPage }) },
  '/limits': { lazy: async () => ({ Component: (await import('../limits/limits-page.tsx')).LimitsPage }) },
  '/events': { lazy: async () => ({ Component: (await import('../events/events-page.tsx')).EventsPage }) },
};

export const routes: RouteObject[] = [
  {
    element: <Shell />,
    errorElement: <RouteFailure />,
    hydrateFallbackElement: <></>,
    children: [
      {
        errorElement: <RouteFailure />,
        children: [
          ...CONSOLE_PAGES.map((path): RouteObject => ({ path, ...pages[path] })),
          { path: '*', element: <NotFoundPage /> },
        ],
      },
    ],
  },
];
