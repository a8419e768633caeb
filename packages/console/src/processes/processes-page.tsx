/** All instances as a table of processes: filtered by state and model, searched by text, ages ticking. */
import { Pagination, SegmentedControl, Select, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import { definitionsQuery, type ProcessFilter, processesQuery } from '../api/queries.ts';
import { Answer, Empty } from '../ui/answer.tsx';
import { Page, Panel } from '../ui/page.tsx';
import { matchesProcess } from './matches-process.ts';
import { ProcessTable } from './process-table.tsx';

const pageSize = 100;
const states = ['active', 'ended', 'all'] as const;

export function ProcessesPage() {
  const [params, setParams] = useSearchParams();
  const state = states.find((name) => name === params.get('state')) ?? 'active';
  const definition = params.get('definition') ?? '';
  const page = Math.max(1, Number(params.get('page')) || 1);
  const [search, setSearch] = useState('');
  const filter: ProcessFilter = { state, definition, limit: pageSize, offset: (page - 1) * pageSize };
  const list = useQuery(processesQuery(filter));
  const definitions = useQuery(definitionsQuery);
  const names = [...new Set(definitions.data?.definitions.map((each) => each.bpmnProcessId))].sort();
  const change = (name: string, value: string): void => {
    const next = new URLSearchParams(params);
    next.delete('page');
    if (value === '') next.delete(name);
    else next.set(name, value);
    setParams(next, { replace: true });
  };
  return (
    <Page
      title="Processes"
      facts={list.data && <span className="num">{list.data.total} in this view</span>}
      actions={
        <>
          <SegmentedControl
            aria-label="State"
            value={state}
            onChange={(value) => change('state', value === 'active' ? '' : value)}
            data={[
              { value: 'active', label: 'Running' },
              { value: 'ended', label: 'Ended' },
              { value: 'all', label: 'All' },
            ]}
          />
          <Select
            aria-label="Model"
            placeholder="All models"
            searchable
            clearable
            value={definition || null}
            onChange={(value) => change('definition', value ?? '')}
            data={definition && !names.includes(definition) ? [definition, ...names] : names}
            w={220}
          />
          <TextInput
            aria-label="Search"
            placeholder="Search pid, name, key, place"
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
            w={220}
          />
        </>
      }
    >
      <Answer of={list} height={400}>
        {({ processes, total }) => {
          const shown = processes
            .filter((row) => matchesProcess(row, search))
            .sort((one, other) => Number(other.pid === '1') - Number(one.pid === '1'));
          return (
            <>
              <Panel flush>
                {shown.length > 0 ? (
                  <ProcessTable processes={shown} />
                ) : search ? (
                  <Empty title={`Nothing matches “${search}”`}>
                    {total > pageSize ? 'Only this page of the list is searched.' : 'Try another word or state.'}
                  </Empty>
                ) : (
                  <Empty title={state === 'ended' ? 'Nothing has ended yet' : 'Nothing runs here'}>
                    Start a process from one of the <Link to="/definitions">models</Link>, or drop a .bpmn file onto
                    this page.
                  </Empty>
                )}
              </Panel>
              {total > pageSize && (
                <Pagination
                  size="sm"
                  value={page}
                  total={Math.ceil(total / pageSize)}
                  onChange={(value) => {
                    const next = new URLSearchParams(params);
                    next.set('page', String(value));
                    setParams(next);
                  }}
                />
              )}
            </>
          );
        }}
      </Answer>
    </Page>
  );
}
