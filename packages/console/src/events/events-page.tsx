/** What happens, as it happens: the record feed, and the kernel's own log. */
import { Button, SegmentedControl, TextInput } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useSearchParams } from 'react-router';
import { useFeed } from '../api/live.tsx';
import { systemQuery } from '../api/queries.ts';
import { Empty } from '../ui/answer.tsx';
import { Page, Panel } from '../ui/page.tsx';
import { FeedLineRow } from './feed-line.tsx';
import { KernelLog } from './kernel-log.tsx';
import { matchesLine } from './matches-line.ts';

export function EventsPage() {
  const [params, setParams] = useSearchParams();
  const view = params.get('view') === 'log' ? 'log' : 'records';
  const [filter, setFilter] = useState(params.get('filter') ?? '');
  const { lines } = useFeed();
  const rootId = useQuery(systemQuery).data?.root?.processInstanceId;
  const [held, setHeld] = useState<typeof lines | null>(null);
  const source = held ?? lines;
  const shown = useMemo(() => source.filter((line) => matchesLine(line, filter)).reverse(), [source, filter]);
  const waiting = held ? lines.filter((line) => line.sequence > (held.at(-1)?.sequence ?? 0)).length : 0;
  return (
    <Page
      title="Events"
      actions={
        <>
          <SegmentedControl
            aria-label="What is shown"
            value={view}
            onChange={(value) => setParams(value === 'log' ? { view: 'log' } : {})}
            data={[
              { value: 'records', label: 'Records' },
              { value: 'log', label: 'Kernel log' },
            ]}
          />
          <TextInput
            aria-label="Filter"
            placeholder="Filter by text, pid, type, element"
            value={filter}
            onChange={(event) => setFilter(event.currentTarget.value)}
            w={240}
          />
          {view === 'records' && (
            <Button
              variant="default"
              w={130}
              leftSection={held ? <IconPlayerPlay size={14} /> : <IconPlayerPause size={14} />}
              onClick={() => setHeld(held ? null : lines)}
              data-testid="pause"
            >
              {held ? `Go on${waiting > 0 ? ` (${waiting})` : ''}` : 'Pause'}
            </Button>
          )}
        </>
      }
    >
      {view === 'log' ? (
        <KernelLog filter={filter} />
      ) : (
        <Panel flush testId="event-log">
          {shown.length === 0 ? (
            <Empty title={filter ? 'No event matches the filter' : 'No events yet'}>
              {filter ? 'The last thousand events are searched.' : 'Start a process and watch it run here.'}
            </Empty>
          ) : (
            <ol className="feed feed-full">
              {shown.map((line) => (
                <FeedLineRow key={line.id} line={line} rootId={rootId} full />
              ))}
            </ol>
          )}
        </Panel>
      )}
    </Page>
  );
}
