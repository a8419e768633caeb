/** `/history/…/delete`: history of many, as batches. */
import type { Call, Declare } from '../../call.ts';
import { asBatch } from '../batch/carry-out.ts';
import { invalid } from '../errors.ts';
import { selectedDecisions, selectedInstances } from '../selection.ts';

export function historyBatchRoutes(route: Declare): void {
  route('POST', '/history/process-instance/delete', 'history.delete', (call) => {
    const ids = selectedInstances(call, 'historicProcessInstanceIds') ?? [];
    if (ids.length === 0 && !call.repeated) throw invalid('historicProcessInstanceIds is empty');
    return asBatch(call, { type: 'removeHistory' }, ids);
  });
  route('POST', '/history/decision-instance/delete', 'history.delete', (call: Call) => {
    const ids = selectedDecisions(call);
    if (ids.length === 0 && !call.repeated) throw invalid('historicDecisionInstanceIds is empty');
    return asBatch(call, { type: 'removeDecisionHistory' }, ids);
  });
}
