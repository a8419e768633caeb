/** `/api/decisions`: what can be decided, its versions and its XML, and every evaluation with what it found and why. */
import {
  type DecisionDefinition,
  type DecisionInstanceView,
  redeployDecision,
  redeploymentOfDecision,
} from '@procos/kernel';
import type {
  DecisionDetail,
  DecisionEvaluation,
  DecisionList,
  DecisionRow,
  EvaluationList,
  RedeployedDecisions,
} from '@procos/protocol';
import type { Answer, Call, Raw } from '../call.ts';
import { parseId } from '../ids.ts';
import { xmlFile } from '../resources.ts';
import { handIn } from './drafts.ts';
import { ApiRefusal } from './errors.ts';
import { instant } from './instants.ts';
import { flagParameter, rangeOf } from './parameters.ts';
import { pidText } from './pids.ts';

const NEWEST_VERSION_FIRST = [{ column: 'decisionId' }, { column: 'version', descending: true }] as const;
const NEWEST_FIRST = [{ column: 'id', descending: true }] as const;

export function listDecisions(call: Call): DecisionList {
  const all = flagParameter(call, 'all');
  const seen = new Set<string>();
  const found = call.engine.find('decisions', { orderBy: NEWEST_VERSION_FIRST }).filter(({ decisionId, tenantId }) => {
    const key = `${tenantId ?? ''} ${decisionId}`;
    const newest = !seen.has(key);
    seen.add(key);
    return all || newest;
  });
  return { decisions: found.map((decision) => decisionRow(call, decision)) };
}

export function decisionDetail(call: Call): DecisionDetail {
  const decision = find(call);
  const { decisionId, tenantId } = decision;
  const versions = call.engine.find('decisions', {
    where: [
      { column: 'decisionId', op: '=', value: decisionId },
      tenantId === null ? { column: 'tenantId', op: 'isNull' } : { column: 'tenantId', op: '=', value: tenantId },
    ],
    orderBy: NEWEST_VERSION_FIRST,
  });
  return {
    ...decisionRow(call, decision),
    versions: versions.map(({ id, version }) => ({ decisionDefinitionId: String(id), version })),
  };
}

export function decisionXml(call: Call): Raw {
  const { deploymentId, resourceName } = find(call);
  const [deployment] = call.engine.find('deployments', { where: [{ column: 'id', op: '=', value: deploymentId }] });
  const resource = deployment?.resources.find(({ name }) => name === resourceName);
  if (resource === undefined) throw notFound(call);
  return xmlFile(call, resource);
}

export function listEvaluations(call: Call): EvaluationList {
  const where = evaluationsOf(find(call));
  const { rows, total } = call.engine.page('decisionInstances', { where, orderBy: NEWEST_FIRST, ...rangeOf(call, 50) });
  return { evaluations: rows.map((row) => evaluation(call, row)), total };
}

/** The file of this version handed in for the deployment process. */
export async function draftDecision(call: Call): Promise<Answer> {
  return handIn(call, redeploymentOfDecision(call.engine, find(call)));
}

/** The file of this version is deployed anew: its decisions become the latest ones. */
export async function redeployDecisionFile(call: Call): Promise<RedeployedDecisions> {
  const { engine, by } = call;
  const outcome = await redeployDecision(engine, find(call), by);
  if (!outcome.ok) {
    const problems = outcome.findings.flatMap(({ resource, problems }) =>
      problems.map(({ line, message }) => `${resource}:${line}: ${message}`),
    );
    const needed = outcome.findings.flatMap((one) => one.problems).find(({ rule }) => rule === 'approval-needed');
    if (needed !== undefined) throw new ApiRefusal(403, 'APPROVAL_NEEDED', needed.message);
    throw new ApiRefusal(409, 'INVALID_STATE', `The version cannot be deployed any more. ${problems.join(' ')}`);
  }
  const { deploymentId, decisionDefinitionIds } = outcome.value;
  const decisions = engine.find('decisions', { where: [{ column: 'id', op: 'in', value: decisionDefinitionIds }] });
  return {
    deploymentId: String(deploymentId),
    decisions: decisions.map(({ id, decisionId, version, resourceName }) => ({
      decisionDefinitionId: String(id),
      decisionId,
      version,
      resourceName,
    })),
  };
}

function decisionRow({ engine }: Call, decision: DecisionDefinition): DecisionRow {
  const where = evaluationsOf(decision);
  const [last] = engine.find('decisionInstances', { where, orderBy: NEWEST_FIRST, limit: 1 });
  return {
    decisionDefinitionId: String(decision.id),
    camundaId: `${decision.decisionId}:${decision.version}:${decision.id}`,
    decisionId: decision.decisionId,
    name: decision.name,
    version: decision.version,
    versionTag: decision.versionTag,
    deploymentId: String(decision.deploymentId),
    resourceName: decision.resourceName,
    deployedAt: instant(decision.deployedAt),
    evaluations: engine.count('decisionInstances', { where }),
    lastEvaluatedAt: last === undefined ? null : instant(last.evaluatedAt),
  };
}

/** By both: the decision id has the index. Those that another decision required are in its evaluations. */
function evaluationsOf({ id, decisionId }: DecisionDefinition) {
  return [
    { column: 'decisionId', op: '=', value: decisionId },
    { column: 'decisionDefinitionId', op: '=', value: id },
    { column: 'rootId', op: 'isNull' },
  ] as const;
}

function evaluation(call: Call, row: DecisionInstanceView): DecisionEvaluation {
  return {
    evaluationId: String(row.id),
    evaluatedAt: instant(row.evaluatedAt),
    pid: row.processInstanceId === null ? null : pidText(call, row.processInstanceId),
    elementId: row.elementId,
    result: row.value,
    // The trace is written in these words (packages/bpmn/src/dmn/trace.ts).
    decisions: row.trace as unknown as DecisionEvaluation['decisions'],
  };
}

function find(call: Call): DecisionDefinition {
  const id = parseId(call.params['decisionDefinitionId'] ?? '');
  const [decision] = call.engine.find('decisions', { where: [{ column: 'id', op: '=', value: id }] });
  if (decision === undefined) throw notFound(call);
  return decision;
}

function notFound({ params }: Call): ApiRefusal {
  const message = `There is no decision definition ${params['decisionDefinitionId']}: see /api/decisions?all=true.`;
  return new ApiRefusal(404, 'NOT_FOUND', message);
}
