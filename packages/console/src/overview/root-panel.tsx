/** PID 1 as it lives: its diagram with the token, and since when it waits where. */
import type { SystemStatus } from '@procos/protocol';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { Link } from 'react-router';
import { processQuery } from '../api/queries.ts';
import { Diagram } from '../diagram/diagram.tsx';
import { marksOfProcess } from '../diagram/marks.ts';
import { Age } from '../ui/age.tsx';
import { Empty } from '../ui/answer.tsx';
import { Panel } from '../ui/page.tsx';
import { Where } from '../ui/where.tsx';

export function RootPanel({ root }: { readonly root: SystemStatus['root'] }) {
  const { data: process } = useQuery({ ...processQuery('1'), enabled: root !== null });
  const marks = useMemo(() => (process ? marksOfProcess(process) : []), [process]);
  if (!root) {
    return (
      <Panel title="PID 1" testId="root-panel">
        <Empty title="PID 1 has not started yet">The kernel is still booting; this page follows by itself.</Empty>
      </Panel>
    );
  }
  const first = root.waitsAt[0];
  return (
    <Panel
      flush
      testId="root-panel"
      title={
        <Link to="/processes/1">
          PID 1 <span className="mono dim">{root.bpmnProcessId}</span>
        </Link>
      }
      aside={
        <span className="facts">
          waits at <Where points={root.waitsAt} />
          {first && <Age from={first.since} />}
        </span>
      }
    >
      <div className="diagram-small">
        {process && <Diagram definitionId={process.definitionId} marks={marks} label="Diagram of PID 1" />}
      </div>
    </Panel>
  );
}
