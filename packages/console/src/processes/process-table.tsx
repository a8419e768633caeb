/** Instances, one a row: pid, name, state, where it waits, business key, age, parent. */
import { Table } from '@mantine/core';
import type { ProcessRow } from '@procos/protocol';
import { Link } from 'react-router';
import { Age } from '../ui/age.tsx';
import { LinkRow } from '../ui/row-link.tsx';
import { StateBadge } from '../ui/state-badge.tsx';
import { Where } from '../ui/where.tsx';

export function ProcessTable({ processes }: { readonly processes: readonly ProcessRow[] }) {
  return (
    <Table.ScrollContainer minWidth={820} type="native">
      <Table className="table" stickyHeader>
        <Table.Thead>
          <Table.Tr>
            <Table.Th className="col-pid">PID</Table.Th>
            <Table.Th>Name</Table.Th>
            <Table.Th className="col-state">State</Table.Th>
            <Table.Th>Where it waits</Table.Th>
            <Table.Th>Business key</Table.Th>
            <Table.Th className="col-age">Age</Table.Th>
            <Table.Th className="col-pid">Parent</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {processes.map((row) => (
            <LinkRow key={row.processInstanceId} to={`/processes/${row.pid}`} testId={`process-${row.pid}`}>
              <Table.Td className="mono">
                <Link to={`/processes/${row.pid}`}>{row.pid}</Link>
              </Table.Td>
              <Table.Td className="cut" title={`${row.bpmnProcessId}, version ${row.version}`}>
                <span className="strong">{row.name ?? row.bpmnProcessId}</span>{' '}
                <span className="dim">v{row.version}</span>
              </Table.Td>
              <Table.Td>
                <StateBadge state={row.state} suspended={row.suspended} />
              </Table.Td>
              <Table.Td>
                <Where points={row.waitsAt} />
              </Table.Td>
              <Table.Td className="cut mono" title={row.businessKey ?? undefined}>
                {row.businessKey ?? <span className="dim">–</span>}
              </Table.Td>
              <Table.Td>
                <Age from={row.startedAt} to={row.endedAt} />
              </Table.Td>
              <Table.Td className="mono">
                {row.parentPid ? (
                  <Link to={`/processes/${row.parentPid}`}>{row.parentPid}</Link>
                ) : (
                  <span className="dim">–</span>
                )}
              </Table.Td>
            </LinkRow>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
