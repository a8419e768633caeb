/** `/decision-definitions`, `/decision-requirements`, `/decision-instances`. */
import type { DecisionRef } from '@procos/kernel';
import type { Call, Declare } from '../../call.ts';
import { invalid } from '../errors.ts';
import { Members } from '../members.ts';
import { refuseOthers } from '../search/request.ts';
import { answer, by } from '../search/routes.ts';
import { readVariables } from '../variables.ts';
import {
  DECISION_DEFINITIONS,
  fileOf,
  findDecision,
  findRequirements,
  searchRequirements,
  writeDecisionDefinitions,
  writeRequirements,
} from './definitions.ts';
import { evaluateDecision } from './evaluation.ts';
import { DECISION_INSTANCES, getDecisionInstance, writeDecisionInstances } from './instances.ts';

export function decisionRoutes(route: Declare): void {
  const definition = '/decision-definitions/:decisionDefinitionKey';
  route('POST', '/decision-definitions/search', 'decision.read', by(DECISION_DEFINITIONS, writeDecisionDefinitions));
  route('POST', '/decision-definitions/evaluation', 'decision.evaluate', (call) =>
    evaluateDecision(call, readDecision(call), readVariables(call.body['variables'])),
  );
  route('GET', definition, 'decision.read', (call) => {
    return writeDecisionDefinitions(call.engine, [findDecision(call)])[0];
  });
  route('GET', `${definition}/xml`, 'decision.read', (call) => fileOf(call, findDecision(call)));
  const requirements = '/decision-requirements/:decisionRequirementsKey';
  route('POST', '/decision-requirements/search', 'decision.read', (call) =>
    answer(call, searchRequirements(call), writeRequirements),
  );
  route(
    'GET',
    requirements,
    'decision.read',
    (call) => writeRequirements(call.engine, [findRequirements(call).row])[0],
  );
  route('GET', `${requirements}/xml`, 'decision.read', (call) => fileOf(call, findRequirements(call).decision));
  route('POST', '/decision-instances/search', 'decision.read', by(DECISION_INSTANCES, writeDecisionInstances));
  route('GET', '/decision-instances/:decisionEvaluationInstanceKey', 'decision.read', getDecisionInstance);
}

/** By key, or by id: then its latest version. */
function readDecision({ body }: Call): DecisionRef {
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
