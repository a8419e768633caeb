/** `GET /process-instance/{id}/activity-instances`: what is active, as a tree. */
import type { ElementInstanceView, ProcessEngine, ProcessInstanceView } from '@procos/kernel';
import { activeElements } from '../../scopes.ts';
import { activityTypeOf } from '../activity-type.ts';

interface ActivityInstance {
  readonly id: string;
  readonly parentActivityInstanceId: string | null;
  readonly activityId: string;
  readonly activityName: string | null;
  readonly name: string | null;
  readonly activityType: string;
  readonly processInstanceId: string;
  readonly processDefinitionId: string;
  readonly childActivityInstances: readonly ActivityInstance[];
  readonly childTransitionInstances: readonly never[];
  readonly executionIds: readonly string[];
  readonly incidentIds: readonly string[];
  readonly incidents: readonly { readonly id: string; readonly activityId: string }[];
}

export function activityInstances(engine: ProcessEngine, instance: ProcessInstanceView): ActivityInstance {
  const active = activeElements(engine, instance.id).filter((element) => element.id !== instance.id);
  const children = Map.groupBy(active, (element) => element.scopeId ?? instance.id);
  const open = engine.find('incidents', { where: [{ column: 'processInstanceId', op: '=', value: instance.id }] });
  const incidents = Map.groupBy(open, (incident) => incident.elementInstanceId);
  const processDefinitionId = `${instance.bpmnProcessId}:${instance.version}:${instance.definitionId}`;

  function node(id: number, parent: number | null, names: Names): ActivityInstance {
    const own = (incidents.get(id) ?? []).map((row) => ({ id: String(row.id), activityId: row.elementId }));
    return {
      id: String(id),
      parentActivityInstanceId: parent === null ? null : String(parent),
      ...names,
      processInstanceId: String(instance.id),
      processDefinitionId,
      childActivityInstances: (children.get(id) ?? []).map((child) => node(child.id, id, namesOf(engine, child))),
      childTransitionInstances: [],
      executionIds: [String(id)],
      incidentIds: own.map((incident) => incident.id),
      incidents: own,
    };
  }

  const [definition] = engine.find('definitions', { where: [{ column: 'id', op: '=', value: instance.definitionId }] });
  const name = definition?.name ?? null;
  const root = { activityId: instance.bpmnProcessId, activityName: name, name, activityType: 'processDefinition' };
  return node(instance.id, null, root);
}

type Names = Pick<ActivityInstance, 'activityId' | 'activityName' | 'name' | 'activityType'>;

function namesOf(engine: ProcessEngine, element: ElementInstanceView): Names {
  const activityType = activityTypeOf(engine, element);
  const activityId =
    activityType === 'multiInstanceBody' ? `${element.elementId}#multiInstanceBody` : element.elementId;
  return { activityId, activityName: element.elementName, name: element.elementName, activityType };
}
