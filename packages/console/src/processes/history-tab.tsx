/** The visits of elements in their order, with how long each took, as a small chart over the instance's life. */
import { Button } from '@mantine/core';
import type { ElementRow, ProcessDetail } from '@procos/protocol';
import { Link } from 'react-router';
import { useNow } from '../ui/age.tsx';
import { Empty } from '../ui/answer.tsx';
import { formatClock, formatDuration, formatInstant, formatType } from '../ui/format.ts';
import { useTail } from '../ui/use-tail.ts';
import { depthsOf } from './depths.ts';

interface HistoryProps {
  readonly process: ProcessDetail;
  readonly selected: string | null;
  readonly onSelect: (elementId: string | null) => void;
}

export function HistoryTab({ process, selected, onSelect }: HistoryProps) {
  const now = useNow();
  const tail = useTail(process.elements);
  if (process.elements.length === 0) return <Empty title="Nothing has happened yet" />;
  const from = Date.parse(process.startedAt);
  const to = Math.max(from + 1, process.endedAt ? Date.parse(process.endedAt) : now);
  const depths = depthsOf(process.elements);
  const { shown, hidden, showAll } = tail;
  return (
    <ol className="history" data-testid="history">
      {hidden > 0 && (
        <li className="earlier">
          <Button variant="subtle" size="compact-xs" onClick={showAll}>
            Show {hidden} earlier
          </Button>
        </li>
      )}
      {shown.map((row) => (
        <HistoryRow
          key={row.elementInstanceId}
          row={row}
          depth={depths.get(row.elementInstanceId) ?? 0}
          span={{ from, to, now }}
          selected={row.elementId === selected}
          onSelect={() => onSelect(row.elementId === selected ? null : row.elementId)}
        />
      ))}
    </ol>
  );
}

function HistoryRow(props: {
  readonly row: ElementRow;
  readonly depth: number;
  readonly span: { readonly from: number; readonly to: number; readonly now: number };
  readonly selected: boolean;
  readonly onSelect: () => void;
}) {
  const { row, depth, span } = props;
  const began = Date.parse(row.startedAt);
  const ended = row.endedAt ? Date.parse(row.endedAt) : Math.max(began, span.now);
  const share = (at: number): number => Math.min(100, Math.max(0, ((at - span.from) / (span.to - span.from)) * 100));
  const title = `${formatInstant(row.startedAt)} – ${row.endedAt ? formatInstant(row.endedAt) : 'now'}`;
  return (
    <li
      className="history-row"
      data-outcome={row.outcome}
      data-selected={props.selected}
      data-testid={`visit-${row.elementId}`}
    >
      <time dateTime={row.startedAt} title={title} className="num dim">
        {formatClock(row.startedAt)}
      </time>
      <button type="button" className="history-name" style={{ paddingLeft: depth * 16 }} onClick={props.onSelect}>
        <span className="history-dot" aria-label={row.outcome} role="img" />
        <span className="cut">{row.elementName ?? row.elementId}</span>
        <span className="dim cut">{formatType(row.elementType)}</span>
      </button>
      <span>{row.calledPid && <Link to={`/processes/${row.calledPid}`}>called {row.calledPid}</Link>}</span>
      <span className="history-track" title={title}>
        <span style={{ left: `min(${share(began)}%, calc(100% - 3px))`, right: `${100 - share(ended)}%` }} />
      </span>
      <span className="num history-duration">{formatDuration(ended - began)}</span>
    </li>
  );
}
