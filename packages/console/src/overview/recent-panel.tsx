/** The last lines of the live feed, newest first. */
import { Link } from 'react-router';
import { useFeed } from '../api/live.tsx';
import { FeedLineRow } from '../events/feed-line.tsx';
import { Empty } from '../ui/answer.tsx';
import { Panel } from '../ui/page.tsx';
import { newsOf } from './news.ts';

const shown = 40;

export function RecentPanel({ rootId }: { readonly rootId: string | undefined }) {
  const { lines } = useFeed();
  const recent = newsOf(lines, rootId).slice(-shown).reverse();
  return (
    <Panel title="Now" aside={<Link to="/events">All events</Link>} flush testId="recent-panel">
      {recent.length === 0 ? (
        <Empty title="Quiet so far">What the system does appears here as it happens.</Empty>
      ) : (
        <ol className="feed">
          {recent.map((line) => (
            <FeedLineRow key={line.id} line={line} rootId={rootId} />
          ))}
        </ol>
      )}
    </Panel>
  );
}
