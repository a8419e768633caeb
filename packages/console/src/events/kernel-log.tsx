/** The last lines that the kernel and the worker hosts logged, newest first. */
import { useQuery } from '@tanstack/react-query';
import { logsQuery } from '../api/queries.ts';
import { Answer, Empty } from '../ui/answer.tsx';
import { formatClock, formatInstant } from '../ui/format.ts';
import { Panel } from '../ui/page.tsx';

export function KernelLog({ filter }: { readonly filter: string }) {
  const logs = useQuery(logsQuery);
  const wanted = filter.toLowerCase();
  return (
    <Answer of={logs} height={400}>
      {({ lines }) => {
        const shown = lines
          .map((line, index) => ({ ...line, key: `${line.at} ${line.event} ${index}` }))
          .filter((line) => JSON.stringify(line).toLowerCase().includes(wanted))
          .reverse();
        return (
          <Panel flush testId="kernel-log">
            {shown.length === 0 && <Empty title="No log lines" />}
            <ol className="feed feed-full">
              {shown.map((line) => (
                <li key={line.key} className="feed-line" data-tone={line.level}>
                  <time dateTime={line.at} title={formatInstant(line.at)}>
                    {formatClock(line.at)}
                  </time>
                  <span className="feed-level mono">{line.level}</span>
                  <span className="feed-type mono" title={line.source}>
                    {line.event}
                  </span>
                  <span className="feed-text" title={JSON.stringify(line.fields)}>
                    {line.text}
                  </span>
                  <span className="feed-by dim">{line.source}</span>
                </li>
              ))}
            </ol>
          </Panel>
        );
      }}
    </Answer>
  );
}
