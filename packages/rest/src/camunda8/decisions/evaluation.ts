/** `POST /decision-definitions/evaluation`. */
import type {
  DecisionDefinition,
  DecisionInstanceView,
  DecisionRef,
  Json,
  ProcessEngine,
  Variables,
} from '@procos/kernel';
import type { Asked } from '../asked.ts';
import { notFound, rejected } from '../errors.ts';
import { keyOf } from '../keys.ts';
import { tenantOf } from '../tenants.ts';
import { instanceKeyOf } from './instances.ts';
import { requirementsFor } from './requirements.ts';
import { evaluatedInputs, matchedRules, tracedIn, typeOf } from './trace.ts';

/** In the words of REST. */
export type Evaluation = Readonly<Record<string, unknown>>;

/** Camunda's key of what has no record: an evaluation that failed leaves none. */
const NO_KEY = '-1';

export async function evaluateDecision(asked: Asked, decision: DecisionRef, variables: Variables): Promise<Evaluation> {
  const { engine, by } = asked;
  const outcome = await engine.submit({ type: 'evaluateDecision', decision, variables }, by);
  if (outcome.ok) {
    const { decisionDefinitionId, value, trace } = outcome.value;
    const found = theDecision(engine, { decisionDefinitionId });
    return write(engine, found, newest(engine, found, trace), { value, trace });
  }
  const { rejection } = outcome;
  if (rejection.code === 'NOT_FOUND')
    throw notFound(`Command 'EVALUATE' rejected with code 'NOT_FOUND': ${rejection.message}`);
  if (rejection.code !== 'INVALID_STATE') throw rejected(rejection);
  const failed = theDecision(engine, decision);
  const answer = write(engine, failed, undefined, { value: null, trace: [] });
  return { ...answer, failedDecisionDefinitionId: failed.decisionId, failureMessage: rejection.message };
}

function theDecision(engine: ProcessEngine, ref: DecisionRef): DecisionDefinition {
  const where =
    'decisionDefinitionId' in ref
      ? ([{ column: 'id', op: '=', value: ref.decisionDefinitionId }] as const)
      : ([
          { column: 'decisionId', op: '=', value: ref.decisionId },
          { column: 'tenantId', op: '=', value: ref.tenantId ?? null },
        ] as const);
  const [found] = engine.find('decisions', { where, orderBy: [{ column: 'version', descending: true }], limit: 1 });
  if (found === undefined)
    throw notFound(`Command 'EVALUATE' rejected with code 'NOT_FOUND': it was removed meanwhile`);
  return found;
}

/** Evaluations that are looked through for this one, the newest first: that it is, unless others were evaluated meanwhile. */
const LOOKED_THROUGH = [1, 100];

/** What the history keeps of it: the newest that has found the same on the same way, with those that it required. */
function newest(engine: ProcessEngine, { id, decisionId }: DecisionDefinition, trace: Json): DecisionInstanceView[] {
  const text = JSON.stringify(trace);
  for (const limit of LOOKED_THROUGH) {
    const found = engine.find('decisionInstances', {
      where: [
        { column: 'decisionId', op: '=', value: decisionId },
        { column: 'decisionDefinitionId', op: '=', value: id },
        { column: 'processInstanceId', op: 'isNull' },
        { column: 'rootId', op: 'isNull' },
      ],
      orderBy: [{ column: 'id', descending: true }],
      limit,
    });
    const root = found.find((row) => JSON.stringify(row.trace) === text);
    if (root === undefined) continue;
    return [root, ...engine.find('decisionInstances', { where: [{ column: 'rootId', op: '=', value: root.id }] })];
  }
  return [];
}

function write(
  engine: ProcessEngine,
  decision: DecisionDefinition,
  kept: readonly DecisionInstanceView[] | undefined,
  { value, trace }: { readonly value: Json; readonly trace: Json },
): Evaluation {
  const requirements = requirementsFor(engine, [decision])(decision);
  const [root] = kept ?? [];
  const key = root === undefined ? NO_KEY : keyOf(root.id);
  return {
    decisionDefinitionId: decision.decisionId,
    decisionDefinitionKey: keyOf(decision.id),
    decisionDefinitionName: decision.name ?? decision.decisionId,
    decisionDefinitionVersion: decision.version,
    decisionRequirementsId: requirements.id,
    decisionRequirementsKey: requirements.key,
    decisionEvaluationKey: key,
    decisionInstanceKey: key,
    output: JSON.stringify(value),
    failedDecisionDefinitionId: null,
    failureMessage: null,
    tenantId: tenantOf(decision.tenantId),
    evaluatedDecisions: evaluatedOnTheWay(engine, decision, kept ?? [], trace),
  };
}

/** Those of the same file; what was evaluated inside services and other files has no key of its own. */
function evaluatedOnTheWay(
  engine: ProcessEngine,
  decision: DecisionDefinition,
  kept: readonly DecisionInstanceView[],
  trace: Json,
): readonly unknown[] {
  const where = [{ column: 'deploymentId', op: '=', value: decision.deploymentId }] as const;
  const beside = engine
    .find('decisions', { where })
    .filter(({ resourceName }) => resourceName === decision.resourceName);
  const own = tracedIn(trace).filter(({ service, file }) => service === undefined && file === undefined);
  return own.flatMap((traced) => {
    const definition = beside.find(({ decisionId }) => decisionId === traced.decisionId);
    const row = kept.find(({ decisionId }) => decisionId === traced.decisionId);
    if (definition === undefined) return [];
    return [
      {
        decisionDefinitionId: definition.decisionId,
        decisionDefinitionKey: keyOf(definition.id),
        decisionDefinitionName: definition.name ?? definition.decisionId,
        decisionDefinitionVersion: definition.version,
        decisionDefinitionType: typeOf(definition),
        decisionEvaluationInstanceKey: row === undefined ? '0-0' : instanceKeyOf(row),
        output: JSON.stringify(traced.value),
        tenantId: tenantOf(definition.tenantId),
        evaluatedInputs: evaluatedInputs(traced),
        matchedRules: matchedRules(traced),
      },
    ];
  });
}
