/** `GET /api/logs`: the newest lines of the kernel's log, or all that follow them. */
import type { KernelLogLine } from '@procos/kernel';
import type { LogLine } from '@procos/protocol';
import { type Call, TAKEN_OVER } from '../call.ts';
import { instant } from './instants.ts';
import { flagParameter, rangeOf } from './parameters.ts';
import { EventStream } from './sse.ts';

export function logs(call: Call): { readonly lines: readonly LogLine[] } | typeof TAKEN_OVER {
  const { log } = call.kernel;
  const { limit } = rangeOf(call, 200);
  if (!flagParameter(call, 'follow')) return { lines: log.recent(limit).map(logLine) };
  const stream = new EventStream(call);
  for (const line of log.recent(limit)) stream.send('log', logLine(line));
  const stop = log.follow((line) => stream.send('log', logLine(line)));
  stream.ended.addEventListener('abort', stop);
  if (stream.ended.aborted) stop();
  return TAKEN_OVER;
}

function logLine({ at, level, source, event, text, fields }: KernelLogLine): LogLine {
  return { at: instant(at), level, source, event, text, fields };
}
