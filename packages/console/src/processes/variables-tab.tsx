/** The variables of an instance by scope; a live one can be changed. */
import { ActionIcon, Table } from '@mantine/core';
import type { ProcessDetail, VariableRow } from '@procos/protocol';
import { IconPencil } from '@tabler/icons-react';
import { useState } from 'react';
import { Age } from '../ui/age.tsx';
import { Empty } from '../ui/answer.tsx';
import { formatSubject } from '../ui/format.ts';
import { Value } from '../ui/value.tsx';
import { byScope } from './by-scope.ts';
import { VariableDialog } from './variable-dialog.tsx';

export function VariablesTab({ process }: { readonly process: ProcessDetail }) {
  const [edited, setEdited] = useState<VariableRow | null>(null);
  if (process.variables.length === 0) {
    return <Empty title="No variables">Give some at start, or let a worker or an output mapping write them.</Empty>;
  }
  return (
    <>
      <Table.ScrollContainer minWidth={640} type="native">
        <Table className="table variables" data-testid="variables">
          <Table.Thead>
            <Table.Tr>
              <Table.Th className="col-name">Name</Table.Th>
              <Table.Th className="col-type">Type</Table.Th>
              <Table.Th>Value</Table.Th>
              <Table.Th className="col-updated">Changed</Table.Th>
              <Table.Th className="col-action" aria-label="Change" />
            </Table.Tr>
          </Table.Thead>
          {byScope(process.variables).map(({ scopeId, elementId, rows }) => (
            <Table.Tbody key={scopeId}>
              <Table.Tr className="group-row">
                <Table.Th colSpan={5} scope="rowgroup">
                  {elementId ? (
                    <>
                      local to <span className="mono">{elementId}</span>
                    </>
                  ) : (
                    'process'
                  )}
                </Table.Th>
              </Table.Tr>
              {rows.map((row) => (
                <Table.Tr key={row.name} data-testid={`variable-${row.name}`}>
                  <Table.Td className="mono strong break">{row.name}</Table.Td>
                  <Table.Td className="dim">{row.type}</Table.Td>
                  <Table.Td>
                    <Value value={row.value} />
                  </Table.Td>
                  <Table.Td className="dim" title={`by ${formatSubject(row.updatedBy)}`}>
                    <Age from={row.updatedAt} /> ago
                  </Table.Td>
                  <Table.Td>
                    {row.live && (
                      <ActionIcon
                        variant="subtle"
                        color="gray"
                        size="sm"
                        aria-label={`Change ${row.name}`}
                        onClick={() => setEdited(row)}
                      >
                        <IconPencil size={14} />
                      </ActionIcon>
                    )}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          ))}
        </Table>
      </Table.ScrollContainer>
      {edited && <VariableDialog process={process} variable={edited} onClose={() => setEdited(null)} />}
    </>
  );
}
