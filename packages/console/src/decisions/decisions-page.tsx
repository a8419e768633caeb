/** The deployed decisions, newest version of each: how often they were asked, and when last. */
import { Button, Table, TextInput } from '@mantine/core';
import type { DecisionRow } from '@procos/protocol';
import { IconUpload } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { decisionsQuery } from '../api/queries.ts';
import { usePickModels } from '../definitions/deploy-provider.tsx';
import { Age } from '../ui/age.tsx';
import { Answer, Empty } from '../ui/answer.tsx';
import { Page, Panel } from '../ui/page.tsx';
import { LinkRow } from '../ui/row-link.tsx';

export function DecisionsPage() {
  const query = useQuery(decisionsQuery);
  const pick = usePickModels();
  const [search, setSearch] = useState('');
  return (
    <Page
      title="Decisions"
      facts={<span>Drop a .dmn file anywhere to deploy it.</span>}
      actions={
        <>
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
        {({ decisions }) => {
          const wanted = search.trim().toLowerCase();
          const shown = decisions
            .filter((row) => `${row.name ?? ''} ${row.decisionId}`.toLowerCase().includes(wanted))
            .toSorted((one, other) => nameOf(one).localeCompare(nameOf(other)));
          return (
            <Panel flush>
              {shown.length > 0 ? (
                <DecisionTable decisions={shown} />
              ) : (
                <Empty title={wanted ? 'No decision matches' : 'No decisions here yet'}>
                  Drop a .dmn file onto this page, or use the Deploy button. A business rule task asks a decision by its
                  id.
                </Empty>
              )}
            </Panel>
          );
        }}
      </Answer>
    </Page>
  );
}

const nameOf = (row: DecisionRow): string => row.name ?? row.decisionId;

function DecisionTable({ decisions }: { readonly decisions: readonly DecisionRow[] }) {
  return (
    <Table.ScrollContainer minWidth={760} type="native">
      <Table className="table" stickyHeader>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Name</Table.Th>
            <Table.Th>Decision id</Table.Th>
            <Table.Th>Version</Table.Th>
            <Table.Th>Evaluations</Table.Th>
            <Table.Th>Last</Table.Th>
            <Table.Th>Deployed</Table.Th>
            <Table.Th>File</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {decisions.map((row) => (
            <LinkRow
              key={row.decisionDefinitionId}
              to={`/decisions/${row.decisionDefinitionId}`}
              testId={`decision-${row.decisionId}`}
            >
              <Table.Td className="cut">
                <Link to={`/decisions/${row.decisionDefinitionId}`} className="strong">
                  {nameOf(row)}
                </Link>
              </Table.Td>
              <Table.Td className="mono cut" title={row.decisionId}>
                {row.decisionId}
              </Table.Td>
              <Table.Td className="num">
                {row.version}
                {row.versionTag && <span className="dim"> {row.versionTag}</span>}
              </Table.Td>
              <Table.Td className="num">{row.evaluations || <span className="dim">0</span>}</Table.Td>
              <Table.Td>
                {row.lastEvaluatedAt ? (
                  <>
                    <Age from={row.lastEvaluatedAt} /> <span className="dim">ago</span>
                  </>
                ) : (
                  <span className="dim">never</span>
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
