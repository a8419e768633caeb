/** Who serves what: worker hosts, every worker that was heard of, topics that processes serve, registered services. */
import { Table } from '@mantine/core';
import type { ServiceRow, TopicRow, WorkerRow } from '@procos/protocol';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { servicesQuery, systemQuery, topicsQuery, workersQuery } from '../api/queries.ts';
import { HostsPanel } from '../overview/hosts-panel.tsx';
import { Age } from '../ui/age.tsx';
import { Answer, Empty } from '../ui/answer.tsx';
import { formatCount } from '../ui/format.ts';
import { Page, Panel } from '../ui/page.tsx';
import { StateBadge } from '../ui/state-badge.tsx';

export function WorkersPage() {
  const system = useQuery(systemQuery);
  const workers = useQuery(workersQuery);
  const topics = useQuery(topicsQuery);
  const services = useQuery(servicesQuery);
  const here = workers.data?.workers.filter((worker) => !worker.gone) ?? [];
  const silent = here.filter((worker) => worker.silent).length;
  return (
    <Page
      title="Workers"
      facts={
        workers.data && (
          <>
            <span className="num">{formatCount(here.length, 'worker')}</span>
            {silent > 0 && <StateBadge state={`${silent} silent`} />}
          </>
        )
      }
    >
      <div className="stack">
        <Answer of={system} height={120}>
          {({ hosts }) => <HostsPanel hosts={hosts} />}
        </Answer>
        <Answer of={workers} height={160}>
          {(list) => <WorkersPanel workers={list.workers} />}
        </Answer>
        <Answer of={topics} height={120}>
          {(list) => <TopicsPanel topics={list.topics} />}
        </Answer>
        <Answer of={services} height={120}>
          {(list) => <ServicesPanel services={list.services} />}
        </Answer>
      </div>
    </Page>
  );
}

function WorkersPanel({ workers }: { readonly workers: readonly WorkerRow[] }) {
  return (
    <Panel title="Workers" flush testId="workers-panel">
      {workers.length === 0 ? (
        <Empty title="No worker was heard of yet">One is known from the first task that it fetches.</Empty>
      ) : (
        <Columns
          heads={['Worker', 'Kind', 'State', 'Seen', 'Holds', 'Done', 'Failed', 'Per minute', 'Topics', 'Last error']}
        >
          {workers.map((worker) => (
            <Table.Tr key={worker.workerId} data-testid={`worker-${worker.workerId}`}>
              <Table.Td className="strong" title={worker.workerId}>
                {worker.name} {worker.version}
              </Table.Td>
              <Table.Td>{worker.kind}</Table.Td>
              <Table.Td>
                <StateBadge state={worker.gone ? 'gone' : worker.silent ? 'silent' : 'active'} />
              </Table.Td>
              <Table.Td>
                <Age from={worker.seenAt} />
              </Table.Td>
              <Table.Td className="num">
                {worker.locked}
                {worker.capacity !== null && ` of ${worker.capacity}`}
              </Table.Td>
              <Table.Td className="num">{worker.completed}</Table.Td>
              <Table.Td className="num">{worker.failed}</Table.Td>
              <Table.Td className="num">{worker.perMinute}</Table.Td>
              <Table.Td>
                <Chips texts={worker.topics} />
              </Table.Td>
              <Table.Td>
                {worker.lastError && (
                  <>
                    {worker.lastError.topic}: {worker.lastError.message} (<Age from={worker.lastError.at} /> ago)
                  </>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Columns>
      )}
    </Panel>
  );
}

function TopicsPanel({ topics }: { readonly topics: readonly TopicRow[] }) {
  return (
    <Panel title="Topics that processes may serve" flush testId="topics-panel">
      {topics.length === 0 ? (
        <Empty title="No process serves a topic">One that declares procos:servesTopic would be listed here.</Empty>
      ) : (
        <Columns heads={['Topic', 'Served by', 'As', 'Declared by', 'Tasks']}>
          {topics.map((row) => (
            <Table.Tr key={`${row.topic} ${row.tenantId}`} data-testid={`topic-${row.topic}`}>
              <Table.Td className="strong">{row.topic}</Table.Td>
              <Table.Td>{row.process === null ? 'workers' : `process ${row.process}`}</Table.Td>
              <Table.Td>{row.chosen ? 'chosen' : 'declared'}</Table.Td>
              <Table.Td>
                <Chips texts={row.declaredBy} />
              </Table.Td>
              <Table.Td className="num">{row.tasks}</Table.Td>
            </Table.Tr>
          ))}
        </Columns>
      )}
    </Panel>
  );
}

function ServicesPanel({ services }: { readonly services: readonly ServiceRow[] }) {
  return (
    <Panel title="Services" flush testId="services-panel">
      {services.length === 0 ? (
        <Empty title="No service has registered">One that processes call by its name would be listed here.</Empty>
      ) : (
        <Columns heads={['Service', 'Version', 'Health', 'Breaker', 'Calls', 'Failed', 'Now', 'Endpoint', 'Tags']}>
          {services.map((row) => (
            <Table.Tr key={row.id} data-testid={`service-${row.id}`}>
              <Table.Td className="strong" title={row.id}>
                {row.name}
              </Table.Td>
              <Table.Td>{row.version ?? '–'}</Table.Td>
              <Table.Td title={row.finding ?? undefined}>
                {row.healthy === null ? '–' : <StateBadge state={row.healthy ? 'active' : 'failed'} />}
              </Table.Td>
              <Table.Td>
                <StateBadge state={row.breaker} />
              </Table.Td>
              <Table.Td className="num">{row.calls}</Table.Td>
              <Table.Td className="num">{row.failures}</Table.Td>
              <Table.Td className="num">{row.active}</Table.Td>
              <Table.Td className="mono">{row.endpoint}</Table.Td>
              <Table.Td>
                <Chips texts={row.tags} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Columns>
      )}
    </Panel>
  );
}

function Columns({ heads, children }: { readonly heads: readonly string[]; readonly children: ReactNode }) {
  return (
    <Table.ScrollContainer minWidth={760} type="native">
      <Table className="table">
        <Table.Thead>
          <Table.Tr>
            {heads.map((head) => (
              <Table.Th key={head}>{head}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>{children}</Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Chips({ texts }: { readonly texts: readonly string[] }) {
  return (
    <span className="chips">
      {texts.map((text) => (
        <code key={text} className="chip">
          {text}
        </code>
      ))}
    </span>
  );
}
