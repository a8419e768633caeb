/** Who called this instance, and whom it called, newest first. */
import { Button, Table } from '@mantine/core';
import type { ProcessDetail } from '@procos/protocol';
import { Link } from 'react-router';
import { Empty } from '../ui/answer.tsx';
import { LinkRow } from '../ui/row-link.tsx';
import { StateBadge } from '../ui/state-badge.tsx';
import { useTail } from '../ui/use-tail.ts';

export function FamilyTab({ process }: { readonly process: ProcessDetail }) {
  const { shown, hidden, showAll } = useTail(process.children);
  if (process.children.length === 0 && !process.parentPid) {
    return <Empty title="It stands alone">It was not called by another process and has called none.</Empty>;
  }
  return (
    <>
      {process.parentPid && (
        <p className="tab-line">
          Called by process <Link to={`/processes/${process.parentPid}`}>{process.parentPid}</Link>
        </p>
      )}
      {process.children.length > 0 && (
        <Table.ScrollContainer minWidth={480} type="native">
          <Table className="table">
            <Table.Thead>
              <Table.Tr>
                <Table.Th className="col-pid">PID</Table.Th>
                <Table.Th>Model</Table.Th>
                <Table.Th>State</Table.Th>
                <Table.Th>Called at</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {shown.toReversed().map((child) => (
                <LinkRow key={child.pid} to={`/processes/${child.pid}`} testId={`child-${child.pid}`}>
                  <Table.Td className="mono">
                    <Link to={`/processes/${child.pid}`}>{child.pid}</Link>
                  </Table.Td>
                  <Table.Td className="strong">{child.bpmnProcessId}</Table.Td>
                  <Table.Td>
                    <StateBadge state={child.state} />
                  </Table.Td>
                  <Table.Td className="mono">{child.elementId ?? '–'}</Table.Td>
                </LinkRow>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      {hidden > 0 && (
        <p className="tab-line">
          <Button variant="subtle" size="compact-xs" onClick={showAll}>
            Show {hidden} earlier
          </Button>
        </p>
      )}
    </>
  );
}
