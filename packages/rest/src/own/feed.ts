/** A committed record as people and screens want it: which instance, which element, one readable line per event. */
import type { EngineEvent, LogRecord, ProcessEngine } from '@procos/kernel';
import type { FeedEvent, FeedRecord } from '@procos/protocol';
import type { Call } from '../call.ts';
import { feedText } from './feed-text.ts';
import { instant } from './instants.ts';
import { pidText } from './pids.ts';

/** undefined when `pid` is asked for and nothing of the record is about it. */
export function feedRecord(call: Call, record: LogRecord, pid?: number): FeedRecord | undefined {
  const events = record.events
    .map((event) => about(call, event))
    .filter((event) => pid === undefined || event.pid === String(pid));
  // Of another process, or hidden from who asks.
  if (events.length === 0) return undefined;
  const { sequence, at, by, command } = record;
  return { sequence, at: instant(at), by: `${by.kind}:${by.id}`, command, events };
}

function about(call: Call, event: EngineEvent): FeedEvent {
  const subject = subjectOf(event);
  const { processInstanceId, elementInstanceId, ...names } = subject;
  return {
    type: event.type,
    text: feedText(event, {
      element: (elementId) => nameOf(call.engine, subject, elementId),
      process: (id) => pidText(call, id),
    }),
    ...(processInstanceId === undefined ? {} : { pid: String(processInstanceId) }),
    ...(elementInstanceId === undefined ? {} : { elementInstanceId: String(elementInstanceId) }),
    ...names,
  };
}

/** Instances whose definition is remembered, per engine. */
const REMEMBERED = 10_000;
const definitionIds = new WeakMap<ProcessEngine, Map<number, number>>();

/** The name that the element is drawn with, in quotes; its id where it has none. */
function nameOf(engine: ProcessEngine, { processInstanceId, definitionId }: About, elementId: string): string {
  const definition = definitionId === undefined ? definitionOf(engine, processInstanceId) : Number(definitionId);
  const name = definition === undefined ? undefined : engine.model(definition)?.elements[elementId]?.name;
  return name === undefined ? elementId : `"${name.replace(/\s+/g, ' ')}"`;
}

function definitionOf(engine: ProcessEngine, processInstanceId: number | undefined): number | undefined {
  if (processInstanceId === undefined) return undefined;
  const known = definitionIds.get(engine) ?? new Map<number, number>();
  definitionIds.set(engine, known);
  const remembered = known.get(processInstanceId);
  if (remembered !== undefined) return remembered;
  const where = [{ column: 'id', op: '=', value: processInstanceId }] as const;
  const [instance] = engine.find('processInstances', { where });
  if (instance === undefined) return undefined;
  if (known.size >= REMEMBERED) known.clear();
  known.set(processInstanceId, instance.definitionId);
  return instance.definitionId;
}

interface About {
  readonly processInstanceId?: number;
  readonly elementInstanceId?: number;
  readonly bpmnProcessId?: string;
  readonly definitionId?: string;
  readonly elementId?: string;
}

interface Loose {
  readonly processInstanceId?: number | null;
  readonly elementInstanceId?: number | null;
  readonly bpmnProcessId?: string | null;
  readonly definitionId?: number | null;
  readonly elementId?: string | null;
  readonly id?: number;
}

function subjectOf(event: EngineEvent): About {
  if (event.type === 'processDefined') {
    const { id, bpmnProcessId } = event.definition;
    return { bpmnProcessId, definitionId: String(id) };
  }
  const source: Loose = { ...event, ...entityOf(event) } as Loose;
  return {
    ...(typeof source.processInstanceId === 'number' ? { processInstanceId: source.processInstanceId } : {}),
    ...(typeof source.elementInstanceId === 'number' ? { elementInstanceId: source.elementInstanceId } : {}),
    ...(typeof source.bpmnProcessId === 'string' ? { bpmnProcessId: source.bpmnProcessId } : {}),
    ...(typeof source.definitionId === 'number' ? { definitionId: String(source.definitionId) } : {}),
    ...(typeof source.elementId === 'string' ? { elementId: source.elementId } : {}),
  };
}

/** Events that create something carry it whole. */
function entityOf(event: EngineEvent): Loose {
  switch (event.type) {
    case 'externalTaskCreated':
    case 'userTaskCreated':
      return event.task;
    case 'timerScheduled':
      return event.timer;
    case 'subscriptionOpened':
      return event.subscription;
    case 'incidentRaised':
      return event.incident;
    default:
      return {};
  }
}
