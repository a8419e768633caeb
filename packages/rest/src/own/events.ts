/** `GET /api/events`: committed records, first those that were missed, then live; without gap or duplicate. */
import type { LogRecord, ProcessEngine } from '@procos/kernel';
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
  const stream = new EventStream(call, () => last.id);
  let catchingUp = true;

  function take(record: LogRecord): void {
    last = positionOf(record);
    const feed = feedRecord(call, record, pid);
    if (feed) stream.send('record', feed, last.id);
  }

  const stop = engine.onCommitted((records) => {
    if (catchingUp) return;
    for (const record of records) if (record.sequence > last.sequence) take(record);
  });
  stream.ended.addEventListener('abort', stop);
  if (stream.ended.aborted) stop();

  async function catchUp(): Promise<void> {
    while (!stream.ended.aborted) {
      const records = engine.records(last.sequence, CHUNK);
      // No await between finding nothing more and going live: no record can slip through.
      const [first] = records;
      if (first === undefined) break;
      // The retention was faster than this client.
      if (first.sequence !== last.sequence + 1) return stream.end('gone');
      for (const record of records) {
        take(record);
        await stream.drained();
      }
    }
    catchingUp = false;
    if (pid !== undefined) stream.mark(last.id);
  }
  catchUp().catch((error: unknown) => {
    call.log.error('rest_feed_failed', `A feed of events failed: ${String(error)}`);
    stream.end('failed');
  });
  return TAKEN_OVER;
}

/**
 * The record that was sent last. Its id is sequence and instant: after a restore from a backup other records have the numbers
 * of those that were lost, and whoever has seen these must not go on among the others.
 */
interface Position {
  readonly sequence: number;
  readonly id: string;
}

function positionOf({ sequence, at }: Pick<LogRecord, 'sequence' | 'at'>): Position {
  return { sequence, id: `${sequence}-${at}` };
}

/** `Last-Event-ID` of a reconnecting client wins over `after`. */
function startOf({ engine, request, query }: Call): Position {
  const text = String(request.headers['last-event-id'] ?? query['after'] ?? '');
  if (text === '') return known(engine, engine.lastSequence);
  const [, digits, at] = /^(\d{1,16})(?:-(\d{1,16}))?$/.exec(text) ?? [];
  const after = Number(digits);
  if (!Number.isSafeInteger(after)) {
    throw new ApiRefusal(
      400,
      'INVALID_ARGUMENT',
      `"${text}" is no sequence: give a whole number from 0, or the id of an event.`,
    );
  }
  const first = engine.firstSequence;
  if (after + 1 < first) {
    const text = `The log begins at record ${first}; earlier ones were removed. Read the state anew, and follow after=${first - 1}.`;
    throw new ApiRefusal(410, 'GONE', text);
  }
  const start = known(engine, after);
  if (after > engine.lastSequence || (at !== undefined && start.id !== text && after >= first)) {
    const text = `Record ${after} that you have seen is not in this log: the store was restored from a backup. Read the state anew, and follow without after.`;
    throw new ApiRefusal(410, 'GONE', text);
  }
  return start;
}

/** Of a record that is not there, as before the first one, only the number is known. */
function known(engine: ProcessEngine, sequence: number): Position {
  const [record] = sequence < engine.firstSequence ? [] : engine.records(sequence - 1, 1);
  return record?.sequence === sequence ? positionOf(record) : { sequence, id: String(sequence) };
}
