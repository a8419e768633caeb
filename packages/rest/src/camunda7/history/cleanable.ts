/** `/history/…/cleanable-…-report`: what of each definition is over, and what has outlived its time. */
import { historyDays, type ProcessEngine } from '@procos/kernel';
import type { Call, Declare } from '../../call.ts';
import { camundaDecisionId } from '../decision-definition/routes.ts';
import { camundaDefinitionId } from '../definitions.ts';
import { listRoutes } from '../list-routes.ts';
import * as of from '../memory-list.ts';

const DAY_MS = 86_400_000;
const PATH = '/history/process-definition/cleanable-process-instance-report';
const DECISIONS_PATH = '/history/decision-definition/cleanable-decision-instance-report';

interface Cleanable {
  readonly id: string;
  readonly key: string;
  readonly name: string | null;
  readonly version: number;
  readonly tenantId: string | null;
  /** Days; null: for good. */
  readonly days: number | null;
  readonly finished: number;
  readonly cleanable: number;
}

const REPORT: of.MemorySpec<Cleanable> = {
  parameters: {
    processDefinitionIdIn: of.isAmong(({ id }) => id),
    processDefinitionKeyIn: of.isAmong(({ key }) => key),
    compact: of.when(({ finished }) => finished > 0),
    ...of.tenant(({ tenantId }) => tenantId),
  },
  sortBy: { finished: ({ finished }) => finished },
};

const DECISIONS: of.MemorySpec<Cleanable> = {
  parameters: {
    decisionDefinitionIdIn: of.isAmong(({ id }) => id),
    decisionDefinitionKeyIn: of.isAmong(({ key }) => key),
    compact: of.when(({ finished }) => finished > 0),
    ...of.tenant(({ tenantId }) => tenantId),
  },
  sortBy: { finished: ({ finished }) => finished },
};

export function cleanableRoutes(route: Declare): void {
  listRoutes(route, PATH, 'history.read', {
    list: (call: Call) => of.listIn(call, report(call.engine), REPORT).map(write),
    count: (call: Call) => of.countIn(call, report(call.engine), REPORT),
    spec: REPORT,
  });
  listRoutes(route, DECISIONS_PATH, 'history.read', {
    list: (call: Call) => of.listIn(call, decisions(call.engine), DECISIONS).map(writeDecision),
    count: (call: Call) => of.countIn(call, decisions(call.engine), DECISIONS),
    spec: DECISIONS,
  });
}

/** A decision has no time to live of its own: what was evaluated goes with its process instance, or by the setting. */
function* decisions(engine: ProcessEngine): Generator<Cleanable> {
  for (const definition of engine.find('decisions')) {
    const own = { column: 'decisionDefinitionId', op: '=', value: definition.id } as const;
    yield {
      id: camundaDecisionId(definition),
      key: definition.decisionId,
      name: definition.name,
      version: definition.version,
      tenantId: definition.tenantId,
      days: null,
      finished: engine.count('decisionInstances', { where: [own] }),
      cleanable: 0,
    };
  }
}

function* report(engine: ProcessEngine): Generator<Cleanable> {
  for (const definition of engine.find('definitions')) {
    const days = historyDays(definition, engine.model(definition.id)) ?? null;
    const own = { column: 'definitionId', op: '=', value: definition.id } as const;
    const ended = (upTo: number) =>
      engine.count('processInstances', { where: [own, { column: 'endedAt', op: '<=', value: upTo }] });
    const now = engine.now();
    yield {
      id: camundaDefinitionId(definition),
      key: definition.bpmnProcessId,
      name: definition.name,
      version: definition.version,
      tenantId: definition.tenantId,
      days,
      finished: ended(now),
      cleanable: days === null ? 0 : ended(now - days * DAY_MS),
    };
  }
}

function write({ id, key, name, version, tenantId, days, finished, cleanable }: Cleanable): Record<string, unknown> {
  return {
    processDefinitionId: id,
    processDefinitionKey: key,
    processDefinitionName: name,
    processDefinitionVersion: version,
    historyTimeToLive: days,
    finishedProcessInstanceCount: finished,
    cleanableProcessInstanceCount: cleanable,
    tenantId,
  };
}

function writeDecision({
  id,
  key,
  name,
  version,
  tenantId,
  days,
  finished,
  cleanable,
}: Cleanable): Record<string, unknown> {
  return {
    decisionDefinitionId: id,
    decisionDefinitionKey: key,
    decisionDefinitionName: name,
    decisionDefinitionVersion: version,
    historyTimeToLive: days,
    finishedDecisionInstanceCount: finished,
    cleanableDecisionInstanceCount: cleanable,
    tenantId,
  };
}
