/** One line of the feed: time, process, text. */
import { memo } from 'react';
import { Link } from 'react-router';
import type { FeedLine } from '../api/feed.ts';
import { formatClock, formatInstant, formatSubject } from '../ui/format.ts';

interface FeedLineProps {
  readonly line: FeedLine;
  /** Instance id of PID 1, which is shown as 1. */
  readonly rootId: string | undefined;
  /** With all columns. */
  readonly full?: boolean;
}

export const FeedLineRow = memo(function FeedLineRow({ line, rootId, full = false }: FeedLineProps) {
  const tone = /raised|failed|rejected/i.test(line.type) ? 'error' : undefined;
  const pid = line.pid === rootId ? '1' : line.pid;
  return (
    <li className="feed-line" data-tone={tone} data-testid="feed-line">
      <time
        dateTime={line.at}
        title={`${formatInstant(line.at)} · record ${line.sequence} · ${line.command} by ${formatSubject(line.by)}`}
      >
        {formatClock(line.at)}
      </time>
      {full && <span className="feed-sequence num">{line.sequence}</span>}
      <span className="feed-pid">
        {line.pid && (
          <Link to={`/processes/${pid}`} title={line.bpmnProcessId}>
            {pid}
          </Link>
        )}
      </span>
      {full && <span className="feed-type mono">{line.type}</span>}
      <span className="feed-text">{line.text}</span>
      {full && <span className="feed-by dim">{formatSubject(line.by)}</span>}
    </li>
  );
});
