/** `/decision-definitions`, `/decision-requirements`, `/decision-instances`. */
import type { Declare } from '../../call.ts';
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
import { readDecision } from './read-decision.ts';

export function decisionRoutes(route: Declare): void {
  const definition = '/decision-definitions/:decisionDefinitionKey';
  route('POST', '/decision-definitions/search', 'decision.read', by(DECISION_DEFINITIONS, writeDecisionDefinitions));
  route('POST', '/decision-definitions/evaluation', 'decision.evaluate', (call) =>
    evaluateDecision(call, readDecision(call.body), readVariables(call.body['variables'])),
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
