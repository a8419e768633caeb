/** What was started to recover from an incident. */
import type { IncidentRow } from '@procos/protocol';
import { Link } from 'react-router';
import { StateBadge } from '../ui/state-badge.tsx';

export function RecoveryLink({ recovery }: Pick<IncidentRow, 'recovery'>) {
  if (recovery === null) return null;
  const attempt = recovery.attempt === 1 ? '' : `, attempt ${recovery.attempt}`;
  return (
    <span data-testid={`recovery-${recovery.pid}`}>
      recovery <Link to={`/processes/${recovery.pid}`}>{recovery.pid}</Link>
      {attempt} {recovery.state !== null && <StateBadge state={recovery.state} />}
    </span>
  );
}
