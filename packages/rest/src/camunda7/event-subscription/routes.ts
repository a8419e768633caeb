/** `/event-subscription`: who waits for which message or signal. */
import type { Subscription } from '@procos/kernel';
import type { Declare } from '../../call.ts';
import { formatDate } from '../dates.ts';
import * as by from '../list-query.ts';
import { listRoutes } from '../list-routes.ts';

const LIST: by.ListSpec<'subscriptions'> = {
  table: 'subscriptions',
  parameters: {
    eventSubscriptionId: by.equalsId('id'),
    eventName: by.equals('name'),
    eventType: by.equals('kind'),
    executionId: by.equalsId('elementInstanceId'),
    processInstanceId: by.equalsId('processInstanceId'),
    activityId: by.equals('elementId'),
    ...by.tenant('tenantId', 'includeEventSubscriptionsWithoutTenantId'),
  },
  sortBy: { created: 'createdAt', tenantId: 'tenantId' },
};

export function eventSubscriptionRoutes(route: Declare): void {
  listRoutes(route, '/event-subscription', 'subscription.read', {
    list: (call) => by.list(call, LIST).map(eventSubscription),
    count: (call) => by.count(call, LIST),
    spec: LIST,
  });
}

export function eventSubscription(row: Subscription): Record<string, unknown> {
  return {
    id: String(row.id),
    eventType: row.kind,
    eventName: row.name,
    executionId: row.elementInstanceId === null ? null : String(row.elementInstanceId),
    processInstanceId: row.processInstanceId === null ? null : String(row.processInstanceId),
    activityId: row.elementId,
    createdDate: formatDate(row.createdAt),
    tenantId: row.tenantId,
  };
}
