/** Which process instances a batch operation is for: those that a filter finds, all of them. */
import type { Condition, ProcessInstanceView } from '@procos/kernel';
import { SYSTEM_PROCESS_PREFIX } from '@procos/protocol';
import type { Call, JsonObject } from '../../call.ts';
import { invalid } from '../errors.ts';
import { Members } from '../members.ts';
import { PROCESS_INSTANCES } from '../search/process-instances.ts';
import { search } from '../search/search.ts';

/** Rows read at once. */
const LIMIT = 10_000;
/** One list of items, kept in a variable of the batch. */
const MOST_ITEMS = 100_000;

/** Of those that run. Instances of the system's own processes are left out, and a filter that says nothing is refused. */
export function selectInstances(
  { engine, body }: Pick<Call, 'engine' | 'body'>,
  where: readonly Condition<ProcessInstanceView>[] = [],
): readonly ProcessInstanceView[] {
  const filter = new Members(body).optionalObject('filter') ?? {};
  if (Object.values(filter).every((value) => value === null))
    throw invalid("'filter' must say which process instances are meant, but it is empty");
  // Whatever state is asked for: nothing can be done with what is over.
  const { state: _state, ...rest } = filter;
  const living = [
    ...where,
    { column: 'endedAt', op: 'isNull' },
    { column: 'state', op: '=', value: 'active' },
  ] as const;
  const found: ProcessInstanceView[] = [];
  for (let after: string | null = null; ; ) {
    const page: JsonObject = { limit: LIMIT, ...(after === null ? {} : { after }) };
    const { rows, page: info } = search(engine, { filter: rest, page }, PROCESS_INSTANCES, { where: living });
    found.push(...rows.filter(({ bpmnProcessId }) => !bpmnProcessId.startsWith(SYSTEM_PROCESS_PREFIX)));
    if (found.length > MOST_ITEMS)
      throw invalid(`'filter' finds more than ${MOST_ITEMS} process instances: narrow it, and send several batches`);
    if (rows.length < LIMIT) return found;
    after = info.endCursor;
  }
}
