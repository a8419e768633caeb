/** `GET /api/events`: committed records, first those that were missed, then live; without gap or duplicate. */
import type { LogRecord } from '@procos/kernel';
import { type Call, TAKEN_OVER } from '../call.ts';
import { ApiRefusal } from './errors.ts';
import { feedRecord } from './feed.ts';
import { pidOf } from './pids.ts';
import { EventStream } from './sse.ts';

/** Records read from the log at once while catching up. */
const CHUNK = 100;

export function events(call: Call): typeof TAKEN_OVER {
  const { engine } = call;
  let last = startOf(call);
  const asked = call.query['pid'];
  const pid = asked === undefined ? undefined : pidOf(call, String(asked));
  const stream = new EventStream(call);
  let catchingUp = true;

  function take(record: LogRecord): void {
    last = record.sequence;
    const feed = feedRecord(call, record, pid);
    if (feed) stream.send('record', feed, record.sequence);
  }

  const stop = engine.onCommitted((records) => {
    if (catchingUp) return;
    for (const record of records) if (record.sequence > last) take(record);
  });
  stream.ended.addEventListener('abort', stop);
  if (stream.ended.aborted) stop();

  async function catchUp(): Promise<void> {
    while (!stream.ended.aborted) {
      const records = engine.records(last, CHUNK);
      // No await between finding nothing more and going live: no record can slip through.
      if (records.length === 0) break;
      for (const record of records) {
        take(record);
        await stream.drained();
      }
    }
    catchingUp = false;
    if (pid !== undefined) stream.mark(last);
  }
  catchUp().catch((error: unknown) => {
    call.log.error('rest_feed_failed', `A feed of events failed: ${String(error)}`);
    stream.end();
  });
  return TAKEN_OVER;
}

/** `Last-Event-ID` of a reconnecting client wins over `after`. */
function startOf({ engine, request, query }: Call): number {
  const text = request.headers['last-event-id'] ?? query['after'];
  if (text === undefined || text === '') return engine.lastSequence;
  const after = Number(text);
  if (!Number.isSafeInteger(after) || after < 0) {
    throw new ApiRefusal(400, 'INVALID_ARGUMENT', `"${String(text)}" is no sequence: give a whole number from 0.`);
  }
  const first = engine.firstSequence;
  if (after + 1 < first) {
    const text = `The log begins at record ${first}; earlier ones were removed. Read the state anew, and follow after=${first - 1}.`;
    throw new ApiRefusal(410, 'GONE', text);
  }
  return after;
}
