/** `/history/process-definition/cleanable-process-instance-report`: what of each definition is over, and what has outlived its time. */
import { historyDays, type ProcessEngine } from '@procos/kernel';
import type { Call, Declare } from '../../call.ts';
import { camundaDefinitionId } from '../definitions.ts';
import { listRoutes } from '../list-routes.ts';
import * as of from '../memory-list.ts';

const DAY_MS = 86_400_000;
const PATH = '/history/process-definition/cleanable-process-instance-report';

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

export function cleanableRoutes(route: Declare): void {
  listRoutes(route, PATH, 'history.read', {
    list: (call: Call) => of.listIn(call, report(call.engine), REPORT).map(write),
    count: (call: Call) => of.countIn(call, report(call.engine), REPORT),
    spec: REPORT,
  });
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
