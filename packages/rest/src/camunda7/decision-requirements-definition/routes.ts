/** `/decision-requirements-definition`: list, one by id or key, its XML, how often its decisions were evaluated. */
import type { Call, Declare } from '../../call.ts';
import { parseId } from '../../ids.ts';
import { xmlOf } from '../decision-definition/routes.ts';
import { diagramOf } from '../deployed-files.ts';
import { notFound, RestError } from '../errors.ts';
import { listRoutes } from '../list-routes.ts';
import { countIn, listIn } from '../memory-list.ts';
import { allGraphs, decisionRequirementsDefinition, GRAPHS, type Graph } from './graphs.ts';

export function decisionRequirementsDefinitionRoutes(route: Declare): void {
  listRoutes(route, '/decision-requirements-definition', 'decision.read', {
    list: (call) => listIn(call, allGraphs(call.engine), GRAPHS).map(decisionRequirementsDefinition),
    count: (call) => countIn(call, allGraphs(call.engine), GRAPHS),
    spec: GRAPHS,
  });
  ofOne(route, '/decision-requirements-definition/:id', byId);
  ofOne(route, '/decision-requirements-definition/key/:key', byKey);
  ofOne(route, '/decision-requirements-definition/key/:key/tenant-id/:tenantId', byKey);
  route('GET', '/history/decision-requirements-definition/:id/statistics', 'history.read', statistics);
}

function ofOne(route: Declare, path: string, find: (call: Call) => Graph): void {
  route('GET', path, 'decision.read', (call) => decisionRequirementsDefinition(find(call)));
  route('GET', `${path}/diagram`, 'decision.read', (call) => {
    const graph = find(call);
    return diagramOf(call.engine, graph, graph.key);
  });
  route('GET', `${path}/xml`, 'decision.read', (call) => {
    const { id, decisions } = find(call);
    return { id, dmnXml: decisions[0] === undefined ? '' : xmlOf(call, decisions[0]) };
  });
}

function byId({ engine, params }: Call): Graph {
  const id = params['id'] ?? '';
  const found = allGraphs(engine).find((graph) => graph.id === id);
  if (found === undefined) throw notFound(`No matching decision requirements definition with id ${id}`);
  return found;
}

function byKey({ engine, params }: Call): Graph {
  const { key = '', tenantId } = params as { readonly key?: string; readonly tenantId?: string };
  const found = allGraphs(engine).find(
    (graph) => graph.latest && graph.key === key && graph.tenantId === (tenantId ?? null),
  );
  if (found !== undefined) return found;
  const tenant = tenantId === undefined ? 'no tenant-id' : `tenant-id: ${tenantId}`;
  throw new RestError(
    404,
    'RestException',
    `No matching decision requirements definition with key: ${key} and ${tenant}`,
  );
}

/** Of one evaluation of the graph, where `decisionInstanceId` names it. */
function statistics(call: Call): readonly unknown[] {
  const { engine, query } = call;
  const asked = query['decisionInstanceId'];
  const rootId = asked === undefined ? undefined : parseId(String(asked));
  return byId(call).decisions.flatMap(({ id, decisionId }) => {
    const where = [{ column: 'decisionDefinitionId', op: '=', value: id }] as const;
    const found = engine.find('decisionInstances', { where });
    const evaluations = found.filter(
      (row) => rootId === undefined || row.id === rootId || row.rootId === rootId,
    ).length;
    return evaluations === 0 ? [] : [{ decisionDefinitionKey: decisionId, evaluations }];
  });
}
