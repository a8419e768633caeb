/** `/conditionals/evaluation`: starts what a conditional start event waits for. */
import type { Declare } from '../../call.ts';
import { Members } from '../members.ts';
import { readVariables } from '../variables.ts';
import { evaluateConditions } from './evaluate.ts';

export function conditionalRoutes(route: Declare): void {
  route('POST', '/conditionals/evaluation', 'processInstance.create', (call) => {
    const members = new Members(call.body);
    return evaluateConditions(call, {
      definitionId: members.optionalKey('processDefinitionKey'),
      variables: readVariables(members.raw('variables')),
      tenantId: members.tenant(),
    });
  });
}
