/** One operation on many processes each: how far they are, newest first. */
import { Progress, Table } from '@mantine/core';
import type { BatchRow } from '@procos/protocol';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { batchesQuery, mostBatches } from '../api/queries.ts';
import { Age } from '../ui/age.tsx';
import { Answer, Empty } from '../ui/answer.tsx';
import { formatType } from '../ui/format.ts';
import { Page, Panel } from '../ui/page.tsx';
import { LinkRow } from '../ui/row-link.tsx';
import { StateBadge } from '../ui/state-badge.tsx';

export function BatchesPage() {
  const query = useQuery(batchesQuery);
  return (
    <Page title="Batches" facts={<span>One operation on many processes. Each is a process of the system itself.</span>}>
      <Answer of={query} height={300}>
        {({ batches, total }) => (
          <Panel flush testId="batches">
            {batches.length > 0 ? (
              <BatchTable batches={batches} />
            ) : (
              <Empty title="No batches yet">
                Begin one with procos batch start, or over the REST API of Camunda 7. It would be listed here.
              </Empty>
            )}
            {total > mostBatches && <p className="tab-line dim">These are the newest {mostBatches}.</p>}
          </Panel>
        )}
      </Answer>
    </Page>
  );
}

function BatchTable({ batches }: { readonly batches: readonly BatchRow[] }) {
  return (
    <Table.ScrollContainer minWidth={760} type="native">
      <Table className="table" stickyHeader>
        <Table.Thead>
          <Table.Tr>
            <Table.Th className="col-pid">PID</Table.Th>
            <Table.Th>Operation</Table.Th>
            <Table.Th className="col-state">State</Table.Th>
            <Table.Th>Done</Table.Th>
            <Table.Th>Failed</Table.Th>
            <Table.Th className="col-age">Age</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {batches.map((row) => (
            <LinkRow key={row.pid} to={addressOf(row)} testId={`batch-${row.pid}`}>
              <Table.Td className="mono">
                <Link to={addressOf(row)}>{row.pid}</Link>
              </Table.Td>
              <Table.Td className="strong">{formatType(row.operation)}</Table.Td>
              <Table.Td>
                <StateBadge state={row.state} suspended={row.suspended} />
              </Table.Td>
              <Table.Td>
                <Progress.Root size="sm" aria-hidden>
                  <Progress.Section value={share(row.done, row.total)} />
                  <Progress.Section value={share(row.failed, row.total)} color="red" />
                </Progress.Root>
                <span className="num">
                  {row.done} of {row.total}
                </span>
              </Table.Td>
              <Table.Td className="num">{row.failed || <span className="dim">0</span>}</Table.Td>
              <Table.Td>
                <Age from={row.startedAt} to={row.endedAt} />
              </Table.Td>
            </LinkRow>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

/** What has failed is named by the batch's incident. */
function addressOf({ pid, state }: BatchRow): string {
  return state === 'incident' ? `/processes/${pid}?tab=incidents` : `/processes/${pid}`;
}

function share(part: number, total: number): number {
  return total === 0 ? 0 : (100 * part) / total;
}
