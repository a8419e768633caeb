/** `/element-instances/{key}`; what is searched for lies in `search`. */
import type { Call, Declare } from '../../call.ts';
import { readKey } from '../keys.ts';
import { Members } from '../members.ts';
import { readVariables } from '../variables.ts';
import { activateAdHoc, setVariables } from './operations.ts';

export function elementInstanceRoutes(route: Declare): void {
  route('PUT', '/element-instances/:elementInstanceKey/variables', 'processInstance.setVariables', (call) => {
    const members = new Members(call.body);
    if (!members.has('variables')) throw members.wrong('variables', 'an object of names and values');
    const variables = readVariables(members.raw('variables'));
    const local = members.optionalFlag('local') ?? false;
    return setVariables(call, keyIn(call, 'elementInstanceKey'), { variables, local });
  });
  route(
    'POST',
    '/element-instances/ad-hoc-activities/:adHocSubProcessInstanceKey/activation',
    'processInstance.update',
    (call) => {
      const members = new Members(call.body);
      const elements = members.list('elements').map((one) => ({
        elementId: one.text('elementId'),
        variables: readVariables(one.raw('variables'), one.where('variables')),
      }));
      if (elements.length === 0) throw members.wrong('elements', 'a list with at least one element');
      const cancelRemaining = members.optionalFlag('cancelRemainingInstances') ?? false;
      return activateAdHoc(call, keyIn(call, 'adHocSubProcessInstanceKey'), { elements, cancelRemaining });
    },
  );
}

function keyIn({ params }: Call, name: string): number {
  return readKey(params[name], name);
}
