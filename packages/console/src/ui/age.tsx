/** A live age ("3m 12s"), its instant in the tooltip; all ages on the page tick together once a second. */
import { useSyncExternalStore } from 'react';
import { formatInstant, formatSpan } from './format.ts';

const watchers = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let now = Date.now();

function subscribe(watcher: () => void): () => void {
  watchers.add(watcher);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const each of watchers) each();
  }, 1000);
  return () => {
    watchers.delete(watcher);
    if (watchers.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}

/** Since `from`; with `to` a fixed span. */
export function Age({ from, to }: { readonly from: string; readonly to?: string | null }) {
  const current = useNow();
  const end = to ? Date.parse(to) : current;
  const title = to ? `${formatInstant(from)} – ${formatInstant(to)}` : `since ${formatInstant(from)}`;
  return (
    <time dateTime={from} title={title} className="num">
      {formatSpan(end - Date.parse(from))}
    </time>
  );
}
