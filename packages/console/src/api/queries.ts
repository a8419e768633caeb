/** The reads of `/api` as query options: one place for their keys, which the feed invalidates. */
import type {
  BatchList,
  CheckReport,
  DecisionDetail,
  DecisionList,
  DefinitionDetail,
  DefinitionList,
  EvaluationList,
  IncidentList,
  LimitsRequest,
  LogLine,
  OwnerLimits,
  ProcessDetail,
  ProcessLimits,
  ProcessList,
  ServiceList,
  SystemStatus,
  TaskDetail,
  TaskList,
  TopicList,
  WorkerList,
} from '@procos/protocol';
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { getText, request } from './http.ts';

const part = encodeURIComponent;

/** Hosts and memory change without a record, so the status is also read every 10 s. */
export const systemQuery = queryOptions({
  queryKey: ['system'],
  queryFn: ({ signal }) => request<SystemStatus>('GET', '/api/system', undefined, signal),
  refetchInterval: 10_000,
});

/** Who works and what has registered change without a record. */
export const workersQuery = queryOptions({
  queryKey: ['workers'],
  queryFn: ({ signal }) => request<WorkerList>('GET', '/api/workers', undefined, signal),
  refetchInterval: 3_000,
});

export const topicsQuery = queryOptions({
  queryKey: ['topics'],
  queryFn: ({ signal }) => request<TopicList>('GET', '/api/topics', undefined, signal),
  refetchInterval: 3_000,
});

export const servicesQuery = queryOptions({
  queryKey: ['services'],
  queryFn: ({ signal }) => request<ServiceList>('GET', '/api/services', undefined, signal),
  refetchInterval: 3_000,
});

/** What is used changes without a record of its own. */
export const limitsQuery = queryOptions({
  queryKey: ['limits'],
  queryFn: ({ signal }) => request<readonly OwnerLimits[]>('GET', '/api/limits', undefined, signal),
  refetchInterval: 3_000,
});

export const processLimitsQuery = (pid: string) =>
  queryOptions({
    queryKey: ['limits', pid],
    queryFn: ({ signal }) => request<ProcessLimits>('GET', `/api/processes/${part(pid)}/limits`, undefined, signal),
    refetchInterval: 3_000,
  });

export interface ProcessFilter {
  readonly state: 'active' | 'ended' | 'all';
  /** `bpmnProcessId`; empty for all. */
  readonly definition: string;
  readonly limit: number;
  readonly offset: number;
}

export const processesQuery = (filter: ProcessFilter) =>
  queryOptions({
    queryKey: ['processes', filter],
    queryFn: ({ signal }) => {
      const query = new URLSearchParams({
        state: filter.state,
        limit: String(filter.limit),
        offset: String(filter.offset),
      });
      if (filter.definition !== '') query.set('definition', filter.definition);
      return request<ProcessList>('GET', `/api/processes?${query}`, undefined, signal);
    },
    placeholderData: keepPreviousData,
  });

export const processQuery = (pid: string) =>
  queryOptions({
    queryKey: ['process', pid],
    queryFn: ({ signal }) => request<ProcessDetail>('GET', `/api/processes/${part(pid)}`, undefined, signal),
  });

export const definitionsQuery = queryOptions({
  queryKey: ['definitions'],
  queryFn: ({ signal }) => request<DefinitionList>('GET', '/api/definitions', undefined, signal),
});

export const definitionQuery = (definitionId: string) =>
  queryOptions({
    queryKey: ['definition', definitionId],
    queryFn: ({ signal }) =>
      request<DefinitionDetail>('GET', `/api/definitions/${part(definitionId)}`, undefined, signal),
    placeholderData: keepPreviousData,
  });

/** A deployed version never changes. */
export const xmlQuery = (definitionId: string) =>
  queryOptions({
    queryKey: ['xml', definitionId],
    queryFn: ({ signal }) => getText(`/api/definitions/${part(definitionId)}/xml`, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });

export const decisionsQuery = queryOptions({
  queryKey: ['decisions'],
  queryFn: ({ signal }) => request<DecisionList>('GET', '/api/decisions', undefined, signal),
});

export const decisionQuery = (decisionDefinitionId: string) =>
  queryOptions({
    queryKey: ['decision', decisionDefinitionId],
    queryFn: ({ signal }) =>
      request<DecisionDetail>('GET', `/api/decisions/${part(decisionDefinitionId)}`, undefined, signal),
    placeholderData: keepPreviousData,
  });

export const evaluationsQuery = (
  decisionDefinitionId: string,
  { limit, offset }: { readonly limit: number; readonly offset: number },
) =>
  queryOptions({
    queryKey: ['evaluations', decisionDefinitionId, limit, offset],
    queryFn: ({ signal }) => {
      const path = `/api/decisions/${part(decisionDefinitionId)}/evaluations?limit=${limit}&offset=${offset}`;
      return request<EvaluationList>('GET', path, undefined, signal);
    },
    placeholderData: keepPreviousData,
  });

/** As many open incidents as one look takes in, oldest first. */
export const mostIncidents = 500;

export const incidentsQuery = queryOptions({
  queryKey: ['incidents'],
  queryFn: ({ signal }) =>
    request<IncidentList>('GET', `/api/incidents?order=oldest&limit=${mostIncidents}`, undefined, signal),
});

/** As many batches as one look takes in, newest first. */
export const mostBatches = 200;

export const batchesQuery = queryOptions({
  queryKey: ['batches'],
  queryFn: ({ signal }) => request<BatchList>('GET', `/api/batches?limit=${mostBatches}`, undefined, signal),
});

export const tasksQuery = queryOptions({
  queryKey: ['tasks'],
  queryFn: ({ signal }) => request<TaskList>('GET', '/api/tasks?limit=200', undefined, signal),
});

/** Read once per visit: a form being filled in must not change under the hands. */
export const taskQuery = (taskId: string) =>
  queryOptions({
    queryKey: ['task', taskId],
    queryFn: ({ signal }) => request<TaskDetail>('GET', `/api/tasks/${part(taskId)}`, undefined, signal),
    refetchOnWindowFocus: false,
  });

export const logsQuery = queryOptions({
  queryKey: ['logs'],
  queryFn: ({ signal }) =>
    request<{ readonly lines: readonly LogLine[] }>('GET', '/api/logs?limit=300', undefined, signal),
  refetchInterval: 3_000,
});

export const checkModels = (
  resources: readonly { readonly name: string; readonly content: string }[],
): Promise<CheckReport> => request('POST', '/api/definitions/check', { resources });

export const setLimit = (body: LimitsRequest): Promise<void> => request('POST', '/api/limits', body);

export const shutdown = (): Promise<void> => request('POST', '/api/shutdown', {});
