/** The deployed models, newest version of each: how much runs, what is stuck, what is new. */
import { Button, SegmentedControl, Table, TextInput } from '@mantine/core';
import type { DefinitionRow } from '@procos/protocol';
import { IconUpload } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { definitionsQuery } from '../api/queries.ts';
import { Age } from '../ui/age.tsx';
import { Answer, Empty } from '../ui/answer.tsx';
import { Page, Panel } from '../ui/page.tsx';
import { LinkRow } from '../ui/row-link.tsx';
import { usePickModels } from './deploy-provider.tsx';

export function DefinitionsPage() {
  const query = useQuery(definitionsQuery);
  const pick = usePickModels();
  const [search, setSearch] = useState('');
  const [whose, setWhose] = useState('all');
  return (
    <Page
      title="Models"
      facts={<span>Drop a .bpmn file anywhere to deploy it.</span>}
      actions={
        <>
          <SegmentedControl
            aria-label="Whose models"
            value={whose}
            onChange={setWhose}
            data={[
              { value: 'all', label: 'All' },
              { value: 'own', label: 'Deployed' },
              { value: 'system', label: 'System' },
            ]}
          />
          <TextInput
            aria-label="Search"
            placeholder="Search name or id"
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
            w={200}
          />
          <Button leftSection={<IconUpload size={14} />} onClick={pick} data-testid="deploy">
            Deploy
          </Button>
        </>
      }
    >
      <Answer of={query} height={400}>
        {({ definitions }) => {
          const wanted = search.trim().toLowerCase();
          const shown = definitions
            .filter((row) => whose === 'all' || row.system === (whose === 'system'))
            .filter((row) => `${row.name ?? ''} ${row.bpmnProcessId}`.toLowerCase().includes(wanted))
            .toSorted(
              (one, other) => Number(one.system) - Number(other.system) || nameOf(one).localeCompare(nameOf(other)),
            );
          return (
            <Panel flush>
              {shown.length > 0 ? (
                <DefinitionTable definitions={shown} />
              ) : (
                <Empty title={wanted ? 'No model matches' : 'No models here yet'}>
                  Drop a .bpmn file onto this page, or use the Deploy button. The examples folder has some to begin
                  with.
                </Empty>
              )}
            </Panel>
          );
        }}
      </Answer>
    </Page>
  );
}

const nameOf = (row: DefinitionRow): string => row.name ?? row.bpmnProcessId;

function DefinitionTable({ definitions }: { readonly definitions: readonly DefinitionRow[] }) {
  return (
    <Table.ScrollContainer minWidth={760} type="native">
      <Table className="table" stickyHeader>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Name</Table.Th>
            <Table.Th>Process id</Table.Th>
            <Table.Th>Version</Table.Th>
            <Table.Th>Running</Table.Th>
            <Table.Th>Incidents</Table.Th>
            <Table.Th>Deployed</Table.Th>
            <Table.Th>File</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {definitions.map((row) => (
            <LinkRow
              key={row.definitionId}
              to={`/definitions/${row.definitionId}`}
              testId={`definition-${row.bpmnProcessId}`}
            >
              <Table.Td className="cut">
                <Link to={`/definitions/${row.definitionId}`} className="strong">
                  {nameOf(row)}
                </Link>
                {row.system && <span className="chip chip-quiet">system</span>}
              </Table.Td>
              <Table.Td className="mono cut" title={row.bpmnProcessId}>
                {row.bpmnProcessId}
              </Table.Td>
              <Table.Td className="num">
                {row.version}
                {row.versionTag && <span className="dim"> {row.versionTag}</span>}
              </Table.Td>
              <Table.Td className="num">{row.running || <span className="dim">0</span>}</Table.Td>
              <Table.Td className="num">
                {row.incidents > 0 ? (
                  <span className="alarm strong">{row.incidents}</span>
                ) : (
                  <span className="dim">0</span>
                )}
              </Table.Td>
              <Table.Td>
                <Age from={row.deployedAt} /> <span className="dim">ago</span>
              </Table.Td>
              <Table.Td className="mono cut dim" title={row.resourceName}>
                {row.resourceName}
              </Table.Td>
            </LinkRow>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
