/** `/message-subscriptions/search`: who waits for a message now. What was correlated is not kept beside the log. */
import type { ProcessEngine, Subscription } from '@procos/kernel';
import { dateOf } from '../dates.ts';
import { keyOf, optionalKeyOf } from '../keys.ts';
import { tenantOf } from '../tenants.ts';
import * as by from './filter.ts';
import { byIndex } from './reach.ts';
import { instancesOf } from './related.ts';
import type { SearchSpec } from './search.ts';

export const MESSAGE_SUBSCRIPTIONS: SearchSpec<'subscriptions'> = {
  table: 'subscriptions',
  filters: {
    messageSubscriptionKey: by.key('id'),
    processDefinitionKey: by.key('definitionId'),
    processDefinitionId: by.text('bpmnProcessId'),
    processInstanceKey: by.key('processInstanceId'),
    elementId: by.text('elementId'),
    elementInstanceKey: by.key('elementInstanceId'),
    messageSubscriptionState: by.fixedWord('CREATED', ['CORRELATED', 'CREATED', 'DELETED', 'MIGRATED']),
    lastUpdatedDate: by.instant('createdAt'),
    messageName: by.text('name'),
    correlationKey: by.text('correlationKey'),
    tenantId: by.tenant('tenantId'),
  },
  sorts: {
    messageSubscriptionKey: 'id',
    processDefinitionId: 'bpmnProcessId',
    processInstanceKey: 'processInstanceId',
    elementId: 'elementId',
    elementInstanceKey: 'elementInstanceId',
    messageSubscriptionState: 'kind',
    lastUpdatedDate: 'id',
    messageName: 'name',
    correlationKey: 'correlationKey',
    tenantId: 'tenantId',
  },
  reach: byIndex('subscriptions', ['processInstanceId', 'name'], { unordered: ['name'] }),
};

export const OF_MESSAGES = [{ column: 'kind', op: '=', value: 'message' }] as const;

export function writeMessageSubscriptions(engine: ProcessEngine, rows: readonly Subscription[]): readonly unknown[] {
  const instanceOf = instancesOf(engine, rows);
  return rows.map((row) => ({
    messageSubscriptionKey: keyOf(row.id),
    processDefinitionKey: keyOf(row.definitionId),
    processDefinitionId: row.bpmnProcessId,
    processInstanceKey: optionalKeyOf(row.processInstanceId),
    rootProcessInstanceKey: optionalKeyOf(instanceOf(row.processInstanceId)?.rootId ?? row.processInstanceId),
    elementId: row.elementId,
    elementInstanceKey: optionalKeyOf(row.elementInstanceId),
    messageSubscriptionState: 'CREATED',
    lastUpdatedDate: dateOf(row.createdAt),
    messageName: row.name,
    correlationKey: row.correlationKey,
    tenantId: tenantOf(row.tenantId),
  }));
}
