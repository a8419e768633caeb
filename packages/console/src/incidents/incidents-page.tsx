/** Everything that needs a human, across all processes, oldest first. */
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { Link } from 'react-router';
import { incidentsQuery, mostIncidents, processesQuery } from '../api/queries.ts';
import { Age } from '../ui/age.tsx';
import { Answer, Empty } from '../ui/answer.tsx';
import { formatType } from '../ui/format.ts';
import { Page, Panel } from '../ui/page.tsx';
import { namedIncidents } from './incident-entries.ts';
import { RecoveryLink } from './recovery-link.tsx';
import { useRetry } from './use-retry.ts';

export function IncidentsPage() {
  const list = useQuery(incidentsQuery);
  // Only for the names that people gave; without it the ids are shown.
  const { data: running } = useQuery(processesQuery({ state: 'active', definition: '', limit: 1000, offset: 0 }));
  const retry = useRetry();
  const entries = useMemo(
    () => namedIncidents(list.data?.incidents ?? [], running?.processes ?? []),
    [list.data, running],
  );
  return (
    <Page title="Incidents" facts={<span>What a model or its data got wrong waits here until someone decides.</span>}>
      <Answer of={list} height={300}>
        {() => (
          <Panel flush testId="incidents">
            {entries.length === 0 && (
              <Empty title="Nothing needs a human">
                A failed step without retries left would be listed here, with a retry.
              </Empty>
            )}
            <ul className="incidents">
              {entries.map((entry) => (
                <li key={entry.incidentId} className="incident" data-testid={`incident-${entry.pid}`}>
                  <div className="incident-text">
                    <div className="facts">
                      <Link to={`/processes/${entry.pid}?tab=incidents`} className="strong">
                        {entry.processName} <span className="mono">{entry.pid}</span>
                      </Link>
                      <span className="wait wait-incident" title={entry.elementId}>
                        {entry.elementName}
                      </span>
                      <span className="dim">{formatType(entry.kind)}</span>
                      {entry.businessKey && <span className="mono">{entry.businessKey}</span>}
                      <Age from={entry.createdAt} />
                      <RecoveryLink recovery={entry.recovery} />
                    </div>
                    <pre className="message">{entry.message}</pre>
                  </div>
                  <Button
                    variant="default"
                    loading={retry.isPending && retry.variables === entry.incidentId}
                    onClick={() => retry.mutate(entry.incidentId)}
                    data-testid={`retry-${entry.pid}-${entry.elementId}`}
                  >
                    Retry
                  </Button>
                </li>
              ))}
            </ul>
            {entries.length === mostIncidents && (
              <p className="tab-line dim">These are the oldest {mostIncidents}; there may be more.</p>
            )}
          </Panel>
        )}
      </Answer>
    </Page>
  );
}
