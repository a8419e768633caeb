/** The frame around all pages: navigation with live counts, connection, colour scheme, and the place to drop models. */
import { AppShell, Burger } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import {
  type Icon,
  IconActivity,
  IconAlertTriangle,
  IconChecklist,
  IconGauge,
  IconListDetails,
  IconRadar2,
  IconSchema,
  IconServer,
  IconStack2,
  IconTable,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { NavLink, Outlet, useLocation } from 'react-router';
import { systemQuery } from '../api/queries.ts';
import { DeployProvider } from '../definitions/deploy-provider.tsx';
import { Connection } from './connection.tsx';
import { SchemeToggle } from './scheme-toggle.tsx';
import { Who } from './who.tsx';
import { Wordmark } from './wordmark.tsx';

interface Entry {
  readonly to: string;
  readonly label: string;
  readonly icon: Icon;
  readonly count?: number | undefined;
  readonly alarming?: boolean;
}

export function Shell() {
  const [opened, { toggle, close }] = useDisclosure();
  const { pathname } = useLocation();
  const { data: system } = useQuery(systemQuery);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the open menu closes when the address changes
  useEffect(close, [pathname]);
  const entries: readonly Entry[] = [
    { to: '/', label: 'Overview', icon: IconRadar2 },
    { to: '/processes', label: 'Processes', icon: IconListDetails, count: system?.counts.running },
    { to: '/definitions', label: 'Models', icon: IconSchema, count: system?.counts.definitions },
    { to: '/decisions', label: 'Decisions', icon: IconTable },
    { to: '/tasks', label: 'Tasks', icon: IconChecklist, count: system?.counts.userTasks },
    { to: '/incidents', label: 'Incidents', icon: IconAlertTriangle, count: system?.counts.incidents, alarming: true },
    { to: '/batches', label: 'Batches', icon: IconStack2 },
    { to: '/workers', label: 'Workers', icon: IconServer },
    { to: '/limits', label: 'Limits', icon: IconGauge },
    { to: '/events', label: 'Events', icon: IconActivity },
  ];
  return (
    <AppShell
      layout="alt"
      padding={0}
      header={{ height: { base: 48, sm: 0 } }}
      navbar={{ width: 200, breakpoint: 'sm', collapsed: { mobile: !opened } }}
      transitionDuration={120}
    >
      <AppShell.Header hiddenFrom="sm" className="topbar">
        <Burger opened={opened} onClick={toggle} size="sm" aria-label="Navigation" />
        <Wordmark />
      </AppShell.Header>
      <AppShell.Navbar className="sidebar">
        <div className="sidebar-head">
          <Burger opened={opened} onClick={toggle} size="sm" hiddenFrom="sm" aria-label="Close navigation" />
          <NavLink to="/" className="wordmark-link" aria-label="ProcOS, overview">
            <Wordmark />
          </NavLink>
        </div>
        <nav aria-label="Pages" className="nav">
          {entries.map((entry) => (
            <NavLink key={entry.to} to={entry.to} end={entry.to === '/'} className="nav-link">
              <entry.icon size={17} stroke={1.6} aria-hidden />
              <span className="nav-label">{entry.label}</span>
              {entry.count ? (
                <span
                  className={entry.alarming ? 'nav-count alarming' : 'nav-count'}
                  data-testid={`count-${entry.label}`}
                >
                  {entry.count}
                </span>
              ) : null}
            </NavLink>
          ))}
        </nav>
        <footer className="sidebar-foot">
          <Who />
          <Connection />
          <SchemeToggle />
          {system && <span className="dim version">version {system.version}</span>}
        </footer>
      </AppShell.Navbar>
      <AppShell.Main>
        <DeployProvider>
          <Outlet />
        </DeployProvider>
      </AppShell.Main>
    </AppShell>
  );
}
