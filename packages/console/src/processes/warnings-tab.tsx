/** What did not fail in one instance, and somebody should know: expressions that were null because something was wrong. */
import type { ProcessDetail } from '@procos/protocol';
import { Age } from '../ui/age.tsx';
import { Empty } from '../ui/answer.tsx';

export function WarningsTab({ process }: { readonly process: ProcessDetail }) {
  if (process.warnings.length === 0)
    return <Empty title="No warnings">What is null because something is wrong would be listed here.</Empty>;
  const names = new Map(process.elements.map((row) => [row.elementId, row.elementName]));
  return (
    <ul className="incidents warnings" data-testid="warnings">
      {process.warnings.map((warning, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: warnings have no id, and one may come twice at one instant
        <li key={index} className="incident">
          <div className="incident-text">
            <div className="facts">
              <span className="strong" title={warning.elementId}>
                {names.get(warning.elementId) ?? warning.elementId}
              </span>
              <span className="dim">
                <Age from={warning.at} /> ago
              </span>
            </div>
            <pre className="message">{warning.message}</pre>
          </div>
        </li>
      ))}
    </ul>
  );
}
