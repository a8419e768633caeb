/** When there is nobody to answer any more. */
import type { ProcessEngine } from '@procos/kernel';
import type { Call } from './call.ts';

/** What waits for something, by the signal of its server that closes. */
const waiting = new WeakMap<AbortSignal, Set<AbortController>>();

export interface Wait {
  /** Aborts with the server, or by `abort`. */
  readonly signal: AbortSignal;
  readonly abort: () => void;
  /** It is over: nothing is kept of it. */
  readonly end: () => void;
}

/**
 * Not by `AbortSignal.any`: the signal of the server, which lives as long as the process, would keep something of every
 * wait there ever was, and each takes longer to make.
 */
export function beginWait(closing: AbortSignal): Wait {
  const wait = new AbortController();
  const all = waiting.get(closing) ?? listen(closing);
  if (closing.aborted) wait.abort();
  else all.add(wait);
  return { signal: wait.signal, abort: () => wait.abort(), end: () => all.delete(wait) };
}

/** What ends when users change, by engine: one listener for all. */
const trusting = new WeakMap<ProcessEngine, Set<() => void>>();

/** `end` when somebody may have lost a right that he has proved: he comes again, and is asked again. Returns how to stop. */
export function onUsersChanged(engine: ProcessEngine, end: () => void): () => void {
  let all = trusting.get(engine);
  if (all === undefined) {
    const ends = new Set<() => void>();
    trusting.set(engine, ends);
    engine.onCommitted((records) => {
      if (ends.size > 0 && records.some(({ command }) => command === 'changeIdentities')) for (const one of ends) one();
    });
    all = ends;
  }
  const ends = all;
  ends.add(end);
  return () => ends.delete(end);
}

function listen(closing: AbortSignal): Set<AbortController> {
  const all = new Set<AbortController>();
  waiting.set(closing, all);
  closing.addEventListener('abort', () => {
    for (const wait of all) wait.abort();
  });
  return all;
}

/** Aborts when the client hangs up before it was answered, or the server closes. */
export function goneOrClosing({ reply: { raw }, closing }: Pick<Call, 'reply' | 'closing'>): AbortSignal {
  const wait = beginWait(closing);
  const close = (): void => {
    wait.end();
    if (!raw.writableFinished) wait.abort();
  };
  if (raw.destroyed) close();
  else raw.once('close', close);
  return wait.signal;
}
