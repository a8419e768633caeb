/** One version of a model: its diagram with live counts, its running processes, and the button to start it. */
import { Button, Select } from '@mantine/core';
import type { DefinitionDetail } from '@procos/protocol';
import { IconPlayerPlay } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import { definitionQuery, processesQuery } from '../api/queries.ts';
import { Diagram } from '../diagram/diagram.tsx';
import { marksOfDefinition } from '../diagram/marks.ts';
import { ProcessTable } from '../processes/process-table.tsx';
import { Age } from '../ui/age.tsx';
import { Answer, Empty } from '../ui/answer.tsx';
import { formatCount } from '../ui/format.ts';
import { Page, Panel } from '../ui/page.tsx';
import { StartDialog } from './start-dialog.tsx';

export function DefinitionPage() {
  const { definitionId = '' } = useParams();
  const query = useQuery(definitionQuery(definitionId));
  const navigate = useNavigate();
  const [starting, setStarting] = useState(false);
  const definition = query.data;
  const name = definition?.name ?? definition?.bpmnProcessId ?? 'Model';
  return (
    <Page
      title={name}
      above={<Link to="/definitions">Models</Link>}
      facts={definition && <DefinitionFacts definition={definition} />}
      actions={
        definition && (
          <>
            <Select
              aria-label="Version"
              data={definition.versions
                .toSorted((one, other) => other.version - one.version)
                .map((each) => ({ value: each.definitionId, label: `Version ${each.version}` }))}
              value={definition.definitionId}
              allowDeselect={false}
              onChange={(id) => id && navigate(`/definitions/${id}`)}
              w={130}
            />
            <Button leftSection={<IconPlayerPlay size={14} />} onClick={() => setStarting(true)} data-testid="start">
              Start
            </Button>
          </>
        )
      }
    >
      <Answer of={query} height={420}>
        {(detail) => (
          <>
            <DefinitionDiagram definition={detail} />
            <Instances definition={detail} />
            {starting && <StartDialog definition={detail} onClose={() => setStarting(false)} />}
          </>
        )}
      </Answer>
    </Page>
  );
}

function DefinitionFacts({ definition }: { readonly definition: DefinitionDetail }) {
  return (
    <>
      <span className="mono">{definition.bpmnProcessId}</span>
      {definition.system && <span className="chip chip-quiet">system</span>}
      <span className="num">{definition.running} running</span>
      {definition.incidents > 0 && <span className="alarm num">{formatCount(definition.incidents, 'incident')}</span>}
      <span>
        deployed <Age from={definition.deployedAt} /> ago
      </span>
      {definition.versionTag && <span>tag {definition.versionTag}</span>}
      <a href={`/api/definitions/${definition.definitionId}/xml`} download={definition.resourceName}>
        {definition.resourceName}
      </a>
    </>
  );
}

function DefinitionDiagram({ definition }: { readonly definition: DefinitionDetail }) {
  const marks = useMemo(() => marksOfDefinition(definition), [definition]);
  return (
    <div className="panel diagram-large">
      <Diagram
        definitionId={definition.definitionId}
        marks={marks}
        label={`Diagram of ${definition.name ?? definition.bpmnProcessId}`}
      />
    </div>
  );
}

function Instances({ definition }: { readonly definition: DefinitionDetail }) {
  const list = useQuery(
    processesQuery({ state: 'active', definition: definition.bpmnProcessId, limit: 100, offset: 0 }),
  );
  return (
    <Panel
      title="Running processes"
      aside={
        <Link to={`/processes?state=all&definition=${encodeURIComponent(definition.bpmnProcessId)}`}>
          All of this model
        </Link>
      }
      flush
    >
      <Answer of={list} height={120}>
        {({ processes }) => {
          const own = processes.filter((row) => row.definitionId === definition.definitionId);
          if (own.length > 0) return <ProcessTable processes={own} />;
          return (
            <Empty title={`Nothing runs on version ${definition.version}`}>
              Start one, and watch its token move in the diagram.
            </Empty>
          );
        }}
      </Answer>
    </Panel>
  );
}
