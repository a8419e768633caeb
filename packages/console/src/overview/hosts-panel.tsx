/** The processes of the operating system in which workers run. */
import { Table } from '@mantine/core';
import type { WorkerHostStatus } from '@procos/protocol';
import { Age } from '../ui/age.tsx';
import { Empty } from '../ui/answer.tsx';
import { Panel } from '../ui/page.tsx';
import { StateBadge } from '../ui/state-badge.tsx';

export function HostsPanel({ hosts }: { readonly hosts: readonly WorkerHostStatus[] }) {
  return (
    <Panel title="Worker hosts" flush testId="hosts-panel">
      {hosts.length === 0 ? (
        <Empty title="No worker host runs">PID 1 starts them while it boots.</Empty>
      ) : (
        <Table.ScrollContainer minWidth={420} type="native">
          <Table className="table">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Host</Table.Th>
                <Table.Th>State</Table.Th>
                <Table.Th>OS pid</Table.Th>
                <Table.Th>Up</Table.Th>
                <Table.Th>Restarts</Table.Th>
                <Table.Th>Topics</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {hosts.map((host) => (
                <Table.Tr key={host.name} data-testid={`host-${host.name}`}>
                  <Table.Td className="strong">{host.name}</Table.Td>
                  <Table.Td>
                    <StateBadge state={host.silent ? 'silent' : host.state} />
                  </Table.Td>
                  <Table.Td className="mono">{host.osPid ?? '–'}</Table.Td>
                  <Table.Td>{host.startedAt && host.osPid ? <Age from={host.startedAt} /> : '–'}</Table.Td>
                  <Table.Td className="num">{host.restarts}</Table.Td>
                  <Table.Td>
                    <span className="chips">
                      {host.topics.map((topic) => (
                        <code key={topic} className="chip">
                          {topic}
                        </code>
                      ))}
                    </span>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Panel>
  );
}
