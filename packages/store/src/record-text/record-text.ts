/**
 * A record as the text that is kept of it, which tells its form. `{…}`: as JSON, the only form before format 14. `[1,…]`: one flat list,
 * of the form 1: last identity, command, kind and id of who asked, then the events (layouts.ts).
 */
import type { LogRecord } from '@procos/engine';
import { RecordReader } from './reader.ts';
import { isWhole, RecordWriter, sizeOf } from './writer.ts';

const FORM = 1;

type Body = Omit<LogRecord, 'sequence' | 'at'>;

export function textOf(record: LogRecord): string {
  const { at, by, command, lastId, events } = record;
  const writer = new RecordWriter(at, lastId);
  writer.list.push(FORM, lastId);
  const words = writer.word(command) && writer.word(by.kind) && writer.word(by.id);
  // What the list has no place for.
  if (!words || !isWhole(at) || !isWhole(lastId) || sizeOf(by) !== 2) {
    const body: Body = { by, command, lastId, events };
    return JSON.stringify(body);
  }
  for (const event of events) writer.event(event);
  return JSON.stringify(writer.list);
}

/** Throws for text that is no record, or one of a later form. */
export function recordFrom(sequence: number, at: number, text: string): LogRecord {
  try {
    const told: unknown = JSON.parse(text);
    if (Array.isArray(told)) return fromList(sequence, at, told);
    if (typeof told !== 'object' || told === null) throw new Error(`it is ${text}`);
    return { sequence, at, ...(told as Body) };
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw new Error(`Record ${sequence} cannot be read: ${cause}. See procos verify.`, { cause: error });
  }
}

function fromList(sequence: number, at: number, list: readonly unknown[]): LogRecord {
  const [form, lastId] = list;
  if (form !== FORM) throw new Error(`its form is ${form}, this version reads form ${FORM}`);
  const reader = new RecordReader(list, 2, at, Number(lastId));
  const command = reader.word();
  const by = { kind: reader.word(), id: reader.word() };
  const events: LogRecord['events'][number][] = [];
  while (!reader.isAtEnd) events.push(reader.event());
  return { sequence, at, by, command, lastId: Number(lastId), events };
}
