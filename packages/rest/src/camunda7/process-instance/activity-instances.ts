/** `GET /process-instance/{id}/activity-instances`: what is active, as a tree. */
import type { ElementInstanceView, ProcessEngine, ProcessInstanceView, Step } from '@procos/kernel';
import { activeElements } from '../../scopes.ts';
import { activityTypeOf } from '../activity-type.ts';

interface Common {
  readonly id: string;
  readonly parentActivityInstanceId: string | null;
  readonly activityId: string;
  readonly activityName: string | null;
  readonly activityType: string;
  readonly processInstanceId: string;
  readonly processDefinitionId: string;
  readonly incidentIds: readonly string[];
  readonly incidents: readonly { readonly id: string; readonly activityId: string }[];
}

interface ActivityInstance extends Common {
  readonly name: string | null;
  readonly childActivityInstances: readonly ActivityInstance[];
  readonly childTransitionInstances: readonly TransitionInstance[];
  readonly executionIds: readonly string[];
}

/** It stands before an activity or after it: its asynchronous continuation is still to come, or has failed. */
interface TransitionInstance extends Common {
  readonly executionId: string;
}

export function activityInstances(engine: ProcessEngine, instance: ProcessInstanceView): ActivityInstance {
  const active = activeElements(engine, instance.id).filter((element) => element.id !== instance.id);
  const children = Map.groupBy(active, (element) => element.scopeId ?? instance.id);
  const open = engine.find('incidents', { where: [{ column: 'processInstanceId', op: '=', value: instance.id }] });
  const incidents = Map.groupBy(open, (incident) => incident.elementInstanceId);
  const transitions = inTransition(engine, instance, open);
  const processDefinitionId = `${instance.bpmnProcessId}:${instance.version}:${instance.definitionId}`;

  function common(id: number, parent: number | null, names: Names): Common {
    const own = (incidents.get(id) ?? []).map((row) => ({ id: String(row.id), activityId: row.elementId }));
    return {
      id: String(id),
      parentActivityInstanceId: parent === null ? null : String(parent),
      ...names,
      processInstanceId: String(instance.id),
      processDefinitionId,
      incidentIds: own.map((incident) => incident.id),
      incidents: own,
    };
  }

  function node(id: number, parent: number | null, names: Names): ActivityInstance {
    const [between = [], inside = []] = partition(children.get(id) ?? [], (child) => transitions.has(child.id));
    return {
      ...common(id, parent, names),
      name: names.activityName,
      childActivityInstances: inside.map((child) => node(child.id, id, namesOf(engine, child))),
      childTransitionInstances: between.map((child) => ({
        ...common(child.id, id, namesOf(engine, child)),
        executionId: String(child.id),
      })),
      executionIds: [String(id)],
    };
  }

  const [definition] = engine.find('definitions', { where: [{ column: 'id', op: '=', value: instance.definitionId }] });
  const name = definition?.name ?? null;
  const root = { activityId: instance.bpmnProcessId, activityName: name, activityType: 'processDefinition' };
  return node(instance.id, null, root);
}

function partition<T>(items: readonly T[], isFirst: (item: T) => boolean): [T[], T[]] {
  return [items.filter(isFirst), items.filter((item) => !isFirst(item))];
}

/** Element instances whose asynchronous continuation has not been carried out. */
function inTransition(
  engine: ProcessEngine,
  { id }: ProcessInstanceView,
  open: readonly { readonly step: Step | null }[],
): ReadonlySet<number> {
  const timers = engine.find('timers', { where: [{ column: 'processInstanceId', op: '=', value: id }] });
  const steps = [...timers, ...open].flatMap(({ step }) => step ?? []);
  return new Set(
    steps.flatMap((step) =>
      (step.kind === 'activate' || step.kind === 'complete') && step.asyncDone === true ? [step.elementInstanceId] : [],
    ),
  );
}

type Names = Pick<ActivityInstance, 'activityId' | 'activityName' | 'activityType'>;

function namesOf(engine: ProcessEngine, element: ElementInstanceView): Names {
  const activityType = activityTypeOf(engine, element);
  const activityId =
    activityType === 'multiInstanceBody' ? `${element.elementId}#multiInstanceBody` : element.elementId;
  return { activityId, activityName: element.elementName, activityType };
}
