/** What owners allow definitions and tenants, how much of it is used; set, changed and taken away here. */
import { Button, Table } from '@mantine/core';
import type { OwnerLimits, ProcessLimit } from '@procos/protocol';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { limitsQuery } from '../api/queries.ts';
import { Answer, Empty } from '../ui/answer.tsx';
import { Page, Panel } from '../ui/page.tsx';
import { LimitDialog } from './limit-dialog.tsx';
import { LimitHeads, LimitRow } from './limit-rows.tsx';
import { nameOfTarget, targetOf } from './words.ts';

export function LimitsPage() {
  const query = useQuery(limitsQuery);
  const [adding, setAdding] = useState(false);
  const [changed, setChanged] = useState<{ of: OwnerLimits; limit: ProcessLimit } | null>(null);
  return (
    <Page
      title="Limits"
      facts={<span>Of models and tenants. Those of one process are on its page.</span>}
      actions={
        <Button leftSection={<IconPlus size={14} />} onClick={() => setAdding(true)} data-testid="add-limit">
          Set a limit
        </Button>
      }
    >
      <Answer of={query} height={300}>
        {(all) => {
          const shown = all.filter(({ limits, nice }) => limits.length > 0 || nice !== null);
          return (
            <Panel flush testId="limits">
              {shown.length === 0 ? (
                <Empty title="No limits are set">
                  What holds for every process by the settings of the kernel is on the page of each process.
                </Empty>
              ) : (
                <Table.ScrollContainer minWidth={760} type="native">
                  <Table className="table" stickyHeader>
                    <LimitHeads />
                    {shown.map((one) => (
                      <OfTarget
                        key={JSON.stringify(targetOf(one))}
                        of={one}
                        onChange={(limit) => setChanged({ of: one, limit })}
                      />
                    ))}
                  </Table>
                </Table.ScrollContainer>
              )}
            </Panel>
          );
        }}
      </Answer>
      {adding && <LimitDialog onClose={() => setAdding(false)} />}
      {changed && (
        <LimitDialog target={targetOf(changed.of)} known={changed.limit} own onClose={() => setChanged(null)} />
      )}
    </Page>
  );
}

function OfTarget(props: { readonly of: OwnerLimits; readonly onChange: (limit: ProcessLimit) => void }) {
  const { of: one, onChange } = props;
  const name = nameOfTarget(targetOf(one));
  return (
    <Table.Tbody data-testid={`limits-${name}`}>
      <Table.Tr className="group-row">
        <Table.Th colSpan={7} scope="rowgroup">
          {name} {one.nice !== null && <span className="chip chip-quiet">nice {one.nice}</span>}
        </Table.Th>
      </Table.Tr>
      {one.limits.map((limit) => (
        <LimitRow key={limit.limit} of={limit} onChange={() => onChange(limit)} />
      ))}
    </Table.Tbody>
  );
}
