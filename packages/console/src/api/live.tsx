/** Ties the feed to the query cache: what a record touches is read again, once, by the pages that show it. */
import type { FeedRecord, ProcessDetail } from '@procos/protocol';
import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from 'react';
import { Feed, type FeedState } from './feed.ts';

const FeedContext = createContext<Feed | null>(null);

export function LiveProvider({ children }: { readonly children: ReactNode }) {
  const client = useQueryClient();
  const [feed] = useState(() => new Feed((records) => invalidate(client, records)));
  useEffect(() => {
    void feed.connect();
    return () => feed.close();
  }, [feed]);
  return <FeedContext value={feed}>{children}</FeedContext>;
}

export function useFeed(): FeedState {
  const feed = useContext(FeedContext);
  if (!feed) throw new Error('useFeed needs a LiveProvider above it');
  return useSyncExternalStore(feed.subscribe, feed.snapshot);
}

const lists = new Set([
  'system',
  'processes',
  'definitions',
  'definition',
  'decisions',
  'decision',
  'evaluations',
  'tasks',
  'incidents',
  'batches',
]);

function invalidate(client: QueryClient, records: readonly FeedRecord[] | 'all'): void {
  if (records === 'all') {
    void client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'task' && queryKey[0] !== 'xml' });
    return;
  }
  const events = records.flatMap((record) => record.events);
  const pids = new Set(events.flatMap((event) => event.pid ?? []));
  // Some events name only what they change (an incident, a task): they may be about any instance.
  const anyone = events.some((event) => event.pid === undefined && event.definitionId === undefined);
  void client.invalidateQueries({
    predicate: ({ queryKey: [kind, id], state }) => {
      if (kind !== 'process') return lists.has(kind as string);
      const detail = state.data as ProcessDetail | undefined;
      return anyone || !detail || pids.has(id as string) || pids.has(detail.pid) || pids.has(detail.processInstanceId);
    },
  });
}
