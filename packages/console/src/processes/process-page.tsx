/** One instance: its diagram with live tokens, its variables, history, incidents and relatives. */
import { Tabs } from '@mantine/core';
import type { ProcessDetail } from '@procos/protocol';
import { IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { Link, useParams, useSearchParams } from 'react-router';
import { cancelProcess } from '../api/camunda.ts';
import { processQuery } from '../api/queries.ts';
import { Diagram } from '../diagram/diagram.tsx';
import { marksOfProcess } from '../diagram/marks.ts';
import { LimitsTab } from '../limits/limits-tab.tsx';
import { Age } from '../ui/age.tsx';
import { Answer } from '../ui/answer.tsx';
import { ConfirmButton } from '../ui/confirm.tsx';
import { formatSubject } from '../ui/format.ts';
import { Page } from '../ui/page.tsx';
import { sayDone } from '../ui/say.ts';
import { StateBadge } from '../ui/state-badge.tsx';
import { Where } from '../ui/where.tsx';
import { FamilyTab } from './family-tab.tsx';
import { HistoryTab } from './history-tab.tsx';
import { IncidentsTab } from './incidents-tab.tsx';
import { VariablesTab } from './variables-tab.tsx';
import { WarningsTab } from './warnings-tab.tsx';

/** Of the incidents that a recovery is for. */
const MOST_NAMED = 3;

export function ProcessPage() {
  const { pid = '' } = useParams();
  const query = useQuery(processQuery(pid));
  const process = query.data;
  const name = process?.name ?? process?.bpmnProcessId ?? 'Process';
  const running = process?.state === 'active' || process?.state === 'incident';
  return (
    <Page
      title={`${name} ${pid}`}
      above={<Link to="/processes">Processes</Link>}
      heading={
        <>
          {name} <span className="mono dim">{pid}</span>
        </>
      }
      facts={process && <ProcessFacts process={process} />}
      actions={
        process &&
        running &&
        process.pid !== '1' && (
          <ConfirmButton
            label="Cancel"
            icon={<IconX size={14} />}
            question={`Cancel process ${process.pid}?`}
            confirmLabel="Cancel the process"
            testId="cancel-process"
            onConfirm={() => cancelProcess(process.processInstanceId)}
            onDone={() => sayDone(`Process ${process.pid} is canceled.`)}
          >
            It ends where it stands, with all it has called. Its history stays.
          </ConfirmButton>
        )
      }
    >
      <Answer of={query} height={420}>
        {(detail) => <ProcessBody process={detail} />}
      </Answer>
    </Page>
  );
}

function ProcessFacts({ process }: { readonly process: ProcessDetail }) {
  return (
    <>
      <StateBadge state={process.state} suspended={process.suspended} />
      {process.waitsAt.length > 0 && (
        <span>
          waits at <Where points={process.waitsAt} />
        </span>
      )}
      <span>
        {process.endedAt ? 'ran' : 'running'} <Age from={process.startedAt} to={process.endedAt} />
      </span>
      {process.businessKey && (
        <span>
          key <span className="mono">{process.businessKey}</span>
        </span>
      )}
      <Link to={`/definitions/${process.definitionId}`}>
        {process.bpmnProcessId} v{process.version}
      </Link>
      {process.parentPid && (
        <span>
          called by <Link to={`/processes/${process.parentPid}`}>{process.parentPid}</Link>
        </span>
      )}
      {process.recovers.slice(0, MOST_NAMED).map(({ incidentId, pid }) => (
        <span key={incidentId} data-testid={`recovers-${incidentId}`}>
          recovers incident {incidentId} of <Link to={`/processes/${pid}?tab=incidents`}>{pid}</Link>
        </span>
      ))}
      {process.recovers.length > MOST_NAMED && <span>and {process.recovers.length - MOST_NAMED} more</span>}
      <span className="dim">started by {formatSubject(process.startedBy)}</span>
      {process.reason && <span className="dim">ended: {process.reason}</span>}
    </>
  );
}

const tabs = ['variables', 'history', 'incidents', 'warnings', 'family', 'limits'] as const;

function ProcessBody({ process }: { readonly process: ProcessDetail }) {
  const [params, setParams] = useSearchParams();
  const [selected, setSelected] = useState<string | null>(null);
  const marks = useMemo(() => marksOfProcess(process), [process]);
  const open = process.incidents.filter((incident) => incident.state === 'open').length;
  const tab = tabs.find((name) => name === params.get('tab')) ?? (open > 0 ? 'incidents' : 'variables');
  return (
    <>
      <div className="panel diagram-large">
        <Diagram
          definitionId={process.definitionId}
          marks={marks}
          label={`Diagram of process ${process.pid}`}
          selected={selected}
          onSelect={setSelected}
        />
      </div>
      <Tabs
        className="panel"
        value={tab}
        keepMounted={false}
        onChange={(value) => setParams(value ? { tab: value } : {}, { replace: true })}
      >
        <Tabs.List>
          <Tabs.Tab value="variables">
            Variables <Count of={process.variables.length} />
          </Tabs.Tab>
          <Tabs.Tab value="history">
            History <Count of={process.elements.length} />
          </Tabs.Tab>
          <Tabs.Tab value="incidents">
            Incidents <Count of={open} alarming />
          </Tabs.Tab>
          <Tabs.Tab value="warnings">
            Warnings <Count of={process.warnings.length} />
          </Tabs.Tab>
          <Tabs.Tab value="family">
            Called processes <Count of={process.children.length} />
          </Tabs.Tab>
          <Tabs.Tab value="limits">Limits</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="variables">
          <VariablesTab process={process} />
        </Tabs.Panel>
        <Tabs.Panel value="history">
          <HistoryTab process={process} selected={selected} onSelect={setSelected} />
        </Tabs.Panel>
        <Tabs.Panel value="incidents">
          <IncidentsTab process={process} />
        </Tabs.Panel>
        <Tabs.Panel value="warnings">
          <WarningsTab process={process} />
        </Tabs.Panel>
        <Tabs.Panel value="family">
          <FamilyTab process={process} />
        </Tabs.Panel>
        <Tabs.Panel value="limits">
          <LimitsTab process={process} />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}

function Count({ of, alarming = false }: { readonly of: number; readonly alarming?: boolean }) {
  if (of === 0) return null;
  return <span className={alarming ? 'tab-count alarming' : 'tab-count'}>{of}</span>;
}
