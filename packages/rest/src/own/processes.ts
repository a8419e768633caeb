/** `/api/processes`: instances as processes, and everything about one. */

import type {
  Condition,
  ElementInstanceView,
  ProcessEngine,
  ProcessInstanceView,
  VariableView,
  WarningView,
} from '@procos/kernel';
import { asLargeValue } from '@procos/kernel';
import type { ProcessDetail, ProcessList, ProcessRow, VariableRow, WarningRow } from '@procos/protocol';
import type { Call } from '../call.ts';
import { incidentRows, recoversOf } from './incidents.ts';
import { instant, optionalInstant } from './instants.ts';
import { rangeOf, textParameter, wrong } from './parameters.ts';
import { noProcess, pidOf, pidText } from './pids.ts';
import { stateOf } from './states.ts';
import { waitPoints } from './wait-points.ts';

/** Visits, children and incidents of an instance that are shown at most: PID 1 gathers more than anybody reads. */
const SHOWN = 1_000;
const NEWEST_FIRST = [{ column: 'id', descending: true }] as const;

type InstanceCondition = Condition<ProcessInstanceView>;
const ACTIVE: InstanceCondition = { column: 'state', op: '=', value: 'active' };
const RUNNING: InstanceCondition = { column: 'endedAt', op: 'isNull' };
const IN_INCIDENT: readonly InstanceCondition[] = [ACTIVE, { column: 'incidents', op: '>', value: 0 }];

export function listProcesses(call: Call): ProcessList {
  const definition = textParameter(call, 'definition');
  const businessKey = textParameter(call, 'businessKey');
  const of: readonly InstanceCondition[] = [
    ...(definition === undefined ? [] : [{ column: 'bpmnProcessId', op: '=', value: definition } as const]),
    ...(businessKey === undefined ? [] : [{ column: 'businessKey', op: '=', value: businessKey } as const]),
  ];
  if (textParameter(call, 'state') === 'incident') {
    const where = [...of, ...IN_INCIDENT];
    const { rows, total } = call.engine.page('processInstances', { where, orderBy: NEWEST_FIRST, ...rangeOf(call) });
    return { processes: processRows(call, rows), total };
  }
  const state = stateParameter(call, 'active');
  const where = [...of, ...CONDITIONS[state]];
  const rows = call.engine.find('processInstances', { where, orderBy: NEWEST_FIRST, ...rangeOf(call) });
  return { processes: processRows(call, rows), total: totalOf(call, of, state) };
}

/** Counted in the indexes alone, since millions may have ended. */
function totalOf({ engine }: Call, of: readonly InstanceCondition[], state: StateParameter): number {
  const count = (where: readonly InstanceCondition[]): number => engine.count('processInstances', { where });
  const running = (): number => count(of.length === 0 ? [ACTIVE] : [...of, RUNNING]);
  if (state === 'active') return running();
  return state === 'ended' ? count(of) - running() : count(of);
}

/** For active ones both say the same; the first is what instances are found by, the second what those of one process are. */
type StateParameter = 'active' | 'ended' | 'all';
const CONDITIONS: Readonly<Record<StateParameter, readonly InstanceCondition[]>> = {
  active: [ACTIVE, RUNNING],
  ended: [{ column: 'endedAt', op: 'notNull' }],
  all: [],
};

/** `state`: active, ended or all. */
export function stateQuery(call: Call, byDefault: StateParameter): readonly InstanceCondition[] {
  return CONDITIONS[stateParameter(call, byDefault)];
}

function stateParameter(call: Call, byDefault: StateParameter): StateParameter {
  const state = textParameter(call, 'state') ?? byDefault;
  if (state === 'active' || state === 'ended' || state === 'all') return state;
  throw wrong(`Query parameter state is "${state}": give active, ended or all, of processes also incident.`);
}

function processRows(call: Call, rows: readonly ProcessInstanceView[]): readonly ProcessRow[] {
  const { engine } = call;
  const waits = waitPoints(
    engine,
    rows.filter((row) => row.endedAt === null).map((row) => row.id),
  );
  const ids = [...new Set(rows.map((row) => row.definitionId))];
  const definitions =
    ids.length === 0 ? [] : engine.find('definitions', { where: [{ column: 'id', op: 'in', value: ids }] });
  const names = new Map(definitions.map((definition) => [definition.id, definition.name]));
  return rows.map((row) => ({
    pid: pidText(call, row.id),
    processInstanceId: String(row.id),
    bpmnProcessId: row.bpmnProcessId,
    name: names.get(row.definitionId) ?? null,
    version: row.version,
    definitionId: String(row.definitionId),
    businessKey: row.businessKey,
    state: stateOf(row),
    suspended: row.suspended,
    waitsAt: waits.get(row.id) ?? [],
    parentPid: row.parentId === null ? null : pidText(call, row.parentId),
    startedAt: instant(row.startedAt),
    endedAt: optionalInstant(row.endedAt),
    startedBy: row.startedBy,
  }));
}

export function processDetail(call: Call): ProcessDetail {
  const { engine, params } = call;
  const pid = params['pid'] ?? '';
  const id = pidOf(call, pid);
  const found = engine.find('processInstances', { where: [{ column: 'id', op: '=', value: id }] });
  const [instance] = found;
  const [row] = processRows(call, found);
  if (instance === undefined || row === undefined) {
    throw noProcess(pid);
  }
  const where = [{ column: 'processInstanceId', op: '=', value: id }] as const;
  const elements = visitsOf(engine, id);
  const owners = new Map(elements.map((element) => [element.id, element.elementId]));
  const children = engine.find('processInstances', {
    where: [{ column: 'parentId', op: '=', value: id }],
    orderBy: NEWEST_FIRST,
    limit: SHOWN,
  });
  const incidents = engine.find('incidentHistory', { where, orderBy: NEWEST_FIRST, limit: SHOWN });
  return {
    ...row,
    reason: instance.reason,
    elements: elements.map((element) => ({
      elementInstanceId: String(element.id),
      elementId: element.elementId,
      elementName: element.elementName,
      elementType: element.elementType,
      scopeId: element.scopeId === null ? null : String(element.scopeId),
      outcome: element.outcome,
      startedAt: instant(element.startedAt),
      endedAt: optionalInstant(element.endedAt),
      calledPid: element.calledInstanceId === null ? null : pidText(call, element.calledInstanceId),
    })),
    variables: engine.find('variables', { where }).map((variable) => variableRow(variable, owners)),
    incidents: incidents.map(incidentRows(call, incidents)),
    recovers: recoversOf(engine, instance),
    warnings: engine.find('warnings', { where, orderBy: NEWEST_FIRST, limit: SHOWN }).map(warningRow),
    children: children.map((child) => ({
      pid: String(child.id),
      bpmnProcessId: child.bpmnProcessId,
      state: stateOf(child),
      elementId: child.parentElementInstanceId === null ? null : (owners.get(child.parentElementInstanceId) ?? null),
    })),
  };
}

/** The newest visits and all that have not ended, oldest first. */
function visitsOf(engine: ProcessEngine, processInstanceId: number): readonly ElementInstanceView[] {
  const mine = { column: 'processInstanceId', op: '=', value: processInstanceId } as const;
  const newest = engine.find('elementInstances', { where: [mine], orderBy: NEWEST_FIRST, limit: SHOWN });
  const alive = engine.find('elementInstances', { where: [mine, { column: 'endedAt', op: 'isNull' }] });
  const visits = new Map([...newest, ...alive].map((visit) => [visit.id, visit]));
  return [...visits.values()].sort((a, b) => a.sequence - b.sequence || a.id - b.id);
}

/** The content of files is at `…/data`: a row shows their name, or what is known of a large one. */
function variableRow(variable: VariableView, owners: ReadonlyMap<number, string>): VariableRow {
  const isLarge = asLargeValue(variable.value) !== undefined;
  const binary = variable.type === 'File' || variable.type === 'Bytes';
  return {
    name: variable.name,
    scopeId: String(variable.scopeId),
    elementId: owners.get(variable.scopeId) ?? null,
    type: variable.type,
    value: binary && !isLarge ? (variable.info?.filename ?? null) : variable.value,
    updatedAt: instant(variable.updatedAt),
    updatedBy: variable.updatedBy,
    live: variable.live,
  };
}

function warningRow({ elementId, elementInstanceId, message, at }: WarningView): WarningRow {
  return { elementId, elementInstanceId: String(elementInstanceId), message, at: instant(at) };
}

/** It and all that it has called and that still run, callers first. */
export function family(engine: ProcessEngine, first: ProcessInstanceView): readonly ProcessInstanceView[] {
  const found = [first];
  for (let above = [first.id]; above.length > 0; ) {
    const called = engine.find('processInstances', {
      where: [
        { column: 'parentId', op: 'in', value: above },
        { column: 'state', op: '=', value: 'active' },
      ],
    });
    found.push(...called);
    above = called.map(({ id }) => id);
  }
  return found;
}
