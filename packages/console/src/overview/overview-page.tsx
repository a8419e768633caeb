/** The system at a glance: PID 1 and where it waits, what runs, the worker hosts, what just happened. */
import { IconPower } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from 'react-router';
import { shutdown, systemQuery } from '../api/queries.ts';
import { Age } from '../ui/age.tsx';
import { Answer } from '../ui/answer.tsx';
import { ConfirmButton } from '../ui/confirm.tsx';
import { formatBytes } from '../ui/format.ts';
import { Note } from '../ui/note.tsx';
import { Page } from '../ui/page.tsx';
import { sayDone } from '../ui/say.ts';
import { StateBadge } from '../ui/state-badge.tsx';
import { HostsPanel } from './hosts-panel.tsx';
import { RecentPanel } from './recent-panel.tsx';
import { RootPanel } from './root-panel.tsx';

export function OverviewPage() {
  const system = useQuery(systemQuery);
  const client = useQueryClient();
  return (
    <Page
      title="Overview"
      facts={
        system.data && (
          <>
            <StateBadge state={system.data.phase} />
            {system.data.safe && <span className="alarm">safe run</span>}
            <span>
              up <Age from={system.data.startedAt} />
            </span>
            <span>{formatBytes(system.data.residentBytes)} memory</span>
            <span title={system.data.store.path ?? undefined}>
              {system.data.store.kind} store, {formatBytes(system.data.store.sizeBytes)}
            </span>
            <span className="num">record {system.data.store.lastSequence}</span>
          </>
        )
      }
      actions={
        <ConfirmButton
          label="Shut down"
          icon={<IconPower size={14} />}
          question="Shut the system down?"
          confirmLabel="Shut down"
          testId="shutdown"
          onConfirm={shutdown}
          onDone={() => {
            sayDone('PID 1 received the shutdown signal.');
            void client.invalidateQueries({ queryKey: ['system'] });
          }}
        >
          No new work is taken, the workers finish what they hold, the store is closed. What waits goes on at the next
          start.
        </ConfirmButton>
      }
    >
      <Answer of={system} height={400}>
        {({ phase, safe, root, counts, hosts }) => (
          <>
            {phase === 'stopping' && (
              <Note title="The system is shutting down">Workers finish what they hold; then the server ends.</Note>
            )}
            {safe && (
              <Note title="Safe run" testId="safe-run">
                The system goes by the versions of its processes that were shipped. Roll back what is broken (procos
                rollback), then start it as usual.
              </Note>
            )}
            <div className="tiles">
              <Tile to="/processes" label="Running" value={counts.running} />
              <Tile to="/incidents" label="Incidents" value={counts.incidents} alarming={counts.incidents > 0} />
              <Tile to="/tasks" label="User tasks" value={counts.userTasks} />
              <Tile to="/processes" label="Work for workers" value={counts.externalTasks} />
              <Tile to="/definitions" label="Models" value={counts.definitions} />
            </div>
            <div className="split">
              <div className="stack">
                <RootPanel root={root} />
                <HostsPanel hosts={hosts} />
              </div>
              <RecentPanel rootId={root?.processInstanceId} />
            </div>
          </>
        )}
      </Answer>
    </Page>
  );
}

function Tile(props: {
  readonly to: string;
  readonly label: string;
  readonly value: number;
  readonly alarming?: boolean;
}) {
  return (
    <Link to={props.to} className={props.alarming ? 'tile alarming' : 'tile'} data-testid={`tile-${props.label}`}>
      <span className="tile-value num">{props.value}</span>
      <span className="tile-label">{props.label}</span>
    </Link>
  );
}
