/** Which decision is to be evaluated. */
import type { DecisionRef } from '@procos/kernel';
import type { JsonObject } from '../../call.ts';
import { invalid } from '../errors.ts';
import { Members } from '../members.ts';
import { refuseOthers } from '../search/request.ts';

/** By key, or by id: then its latest version. */
export function readDecision(body: JsonObject): DecisionRef {
  refuseOthers(body, ['decisionDefinitionKey', 'decisionDefinitionId', 'variables', 'tenantId'], '');
  const members = new Members(body);
  const key = members.optionalKey('decisionDefinitionKey');
  const id = members.optionalText('decisionDefinitionId');
  const tenantId = members.tenant();
  if (key !== undefined && id !== undefined)
    throw invalid("Either 'decisionDefinitionKey' or 'decisionDefinitionId' must be given, but both are");
  if (key !== undefined) return { decisionDefinitionId: key };
  if (id === undefined || id === '')
    throw invalid("'decisionDefinitionKey' or 'decisionDefinitionId' must be given, but neither is");
  return { decisionId: id, tenantId };
}
