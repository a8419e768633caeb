/** Whether the live connection stands: a dot and a word. */
import { useFeed } from '../api/live.tsx';

const words = { connecting: 'connecting', open: 'live', lost: 'connection lost' } as const;

export function Connection() {
  const { status } = useFeed();
  return (
    <span className="connection" data-status={status} data-testid="connection" role="status">
      {words[status]}
    </span>
  );
}
