/** What of the feed is worth a glance: without bookkeeping, and without the health check of every 30 seconds. Pure. */
import type { FeedLine } from '../api/feed.ts';

/** Bookkeeping that follows from other lines; the events page has it. */
const minor = /^(elementCompleted|variables|externalTask(?!Failed)|timer|subscription|loop)/;
const alarming = /raised|failed|rejected/i;
const healthCheck = 'procos_system_health_monitoring';

/** The steps of PID 1 (`rootId`) are left out too: its diagram shows them. */
export function newsOf(lines: readonly FeedLine[], rootId: string | undefined): readonly FeedLine[] {
  const routine = new Set(lines.filter((line) => line.bpmnProcessId === healthCheck).map((line) => line.pid));
  return lines.filter(({ type, pid }) => {
    if (alarming.test(type)) return true;
    if (minor.test(type) || (type === 'elementActivated' && pid === rootId)) return false;
    return pid === undefined || !routine.has(pid);
  });
}
