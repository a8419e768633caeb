/** Signals of the operating system: one Ctrl-C counts once, and the kernel also hears of the end of its launcher. */
import type { RunningKernel } from '@procos/kernel';

/** One Ctrl-C arrives several times: from the terminal, and passed on by the launcher and by npm. */
const SAME_INTERRUPT_MS = 1_000;

type Clock = () => number;
const monotonic: Clock = () => performance.now();

/** Calls `heard` for every Ctrl-C; returns how to stop listening. */
export function onInterrupt(heard: () => void, now: Clock = monotonic): () => void {
  let last = Number.NEGATIVE_INFINITY;
  const listener = (): void => {
    if (now() - last < SAME_INTERRUPT_MS) return;
    last = now();
    heard();
  };
  process.on('SIGINT', listener);
  return () => process.off('SIGINT', listener);
}

/** Passes everything that asks for the end on to the kernel; returns how to stop. */
export function passSignals(kernel: Pick<RunningKernel, 'handleSignal'>, now: Clock = monotonic): () => void {
  const ignoreInterrupts = onInterrupt(() => kernel.handleSignal('SIGINT'), now);
  const terminate = (): void => kernel.handleSignal('SIGTERM');
  const events = ['SIGTERM', 'SIGHUP', 'disconnect'] as const;
  for (const event of events) process.on(event, terminate);
  // The launcher went away while the kernel came up: nobody will say so again. Later, as if it were said now.
  if (process.connected === false) queueMicrotask(terminate);
  // Listening for the end of the launcher must not keep the process alive.
  process.channel?.unref();
  return () => {
    ignoreInterrupts();
    for (const event of events) process.off(event, terminate);
  };
}
