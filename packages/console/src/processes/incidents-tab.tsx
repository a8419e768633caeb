/** What went wrong in one instance, and the button to try again. */
import { Button } from '@mantine/core';
import type { ProcessDetail } from '@procos/protocol';
import { RecoveryLink } from '../incidents/recovery-link.tsx';
import { useRetry } from '../incidents/use-retry.ts';
import { Age } from '../ui/age.tsx';
import { Empty } from '../ui/answer.tsx';
import { formatType } from '../ui/format.ts';
import { StateBadge } from '../ui/state-badge.tsx';

export function IncidentsTab({ process }: { readonly process: ProcessDetail }) {
  const retry = useRetry();
  if (process.incidents.length === 0)
    return <Empty title="No incidents">Nothing needed a human in this process.</Empty>;
  const names = new Map(process.elements.map((row) => [row.elementId, row.elementName]));
  const sorted = [...process.incidents].sort(
    (one, other) => Number(other.state === 'open') - Number(one.state === 'open'),
  );
  return (
    <ul className="incidents">
      {sorted.map((incident) => (
        <li key={incident.incidentId} className="incident" data-testid={`incident-row-${incident.elementId}`}>
          <div className="incident-text">
            <div className="facts">
              <StateBadge state={incident.state} />
              <span className="strong" title={incident.elementId}>
                {names.get(incident.elementId) ?? incident.elementId}
              </span>
              <span className="dim">{formatType(incident.kind)}</span>
              <Age from={incident.createdAt} to={incident.resolvedAt} />
              <RecoveryLink recovery={incident.recovery} />
            </div>
            <pre className="message">{incident.message}</pre>
          </div>
          {incident.state === 'open' && (
            <Button
              variant="default"
              loading={retry.isPending && retry.variables === incident.incidentId}
              onClick={() => retry.mutate(incident.incidentId)}
              data-testid={`retry-${incident.elementId}`}
            >
              Retry
            </Button>
          )}
        </li>
      ))}
    </ul>
  );
}
