/** Whether a feed line has all words of a filter, in any of its columns. Pure. */
import type { FeedLine } from '../api/feed.ts';

export function matchesLine(line: FeedLine, filter: string): boolean {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const { text, type, pid, bpmnProcessId, elementId, command, by } = line;
  const all = [text, type, pid, bpmnProcessId, elementId, command, by].join(' ').toLowerCase();
  return words.every((word) => all.includes(word));
}
