/** Places in the record log, found by halving it. */
import type { ProcessEngine } from '@procos/kernel';

/** The sequence of the last record up to an instant, or of the first one from then on; one beyond the log where there is none. */
export function placeOf(engine: ProcessEngine, at: number, which: 'last up to' | 'first from'): number {
  const first = firstWhere(engine, (record) => (which === 'last up to' ? record.at > at : record.at >= at));
  return which === 'last up to' ? first - 1 : first;
}

/** The sequence of the record that gave this identity; one beyond the log where none has. */
export function giverOf(engine: ProcessEngine, id: number): number {
  return firstWhere(engine, ({ lastId }) => lastId >= id);
}

/** What holds for a record holds for all that follow it. */
function firstWhere(
  engine: ProcessEngine,
  holds: (record: { readonly at: number; readonly lastId: number }) => boolean,
): number {
  let first = engine.firstSequence;
  let last = engine.lastSequence + 1;
  while (first < last) {
    const middle = Math.floor((first + last) / 2);
    const [record] = engine.records(middle - 1, 1);
    if (record !== undefined && !holds(record)) first = middle + 1;
    else last = middle;
  }
  return first;
}
