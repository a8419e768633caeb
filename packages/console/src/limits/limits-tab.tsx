/** What holds for one process, the least of each limit, and how much of it is used; a narrower one can be set for it alone. */
import { Button, Table } from '@mantine/core';
import type { ProcessDetail, ProcessLimit } from '@procos/protocol';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { processLimitsQuery } from '../api/queries.ts';
import { Answer } from '../ui/answer.tsx';
import { LimitDialog } from './limit-dialog.tsx';
import { LimitHeads, LimitRow } from './limit-rows.tsx';

export function LimitsTab({ process }: { readonly process: ProcessDetail }) {
  const query = useQuery(processLimitsQuery(process.pid));
  const [edited, setEdited] = useState<ProcessLimit | 'new' | null>(null);
  // PID 1 is the system itself, and what has ended uses nothing any more.
  const live = (process.state === 'active' || process.state === 'incident') && process.pid !== '1';
  return (
    <Answer of={query} height={160}>
      {({ limits, nice }) => (
        <>
          <div className="tab-line facts">
            <span>
              nice <span className="num">{nice}</span>
            </span>
            {live && (
              <Button
                variant="default"
                size="xs"
                leftSection={<IconPlus size={14} />}
                onClick={() => setEdited('new')}
                data-testid="add-limit"
              >
                Set a limit
              </Button>
            )}
          </div>
          <Table.ScrollContainer minWidth={760} type="native">
            <Table className="table" data-testid="process-limits">
              <LimitHeads />
              <Table.Tbody>
                {limits.map((limit) => (
                  <LimitRow
                    key={limit.limit}
                    of={limit}
                    onChange={live && limit.from === 'instance' ? () => setEdited(limit) : null}
                  />
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
          {edited && (
            <LimitDialog
              target={{ pid: process.pid }}
              {...(edited === 'new' ? {} : { known: edited, own: true })}
              onClose={() => setEdited(null)}
            />
          )}
        </>
      )}
    </Answer>
  );
}
