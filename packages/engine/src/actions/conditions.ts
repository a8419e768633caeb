/** Which outgoing flows a token takes. */
import type { Element, Json, SequenceFlow } from '@procos/bpmn';
import { Fault } from './fault.ts';
import type { Visit } from './turn.ts';
import { isTrue } from './variables.ts';

/** Flows in document order whose condition holds (or that have none), the default flow left out. */
export function trueFlows(
  at: Visit,
  element: Element,
  defaultFlow: string | undefined,
  atMost: number,
  extra?: Readonly<Record<string, Json>>,
): readonly string[] | Fault {
  const taken: string[] = [];
  for (const flowId of element.outgoing) {
    if (flowId === defaultFlow) continue;
    const flow = at.model.flows[flowId];
    const holds = flow === undefined ? false : conditionHolds(at, flow, extra);
    if (holds instanceof Fault) return holds;
    if (holds) taken.push(flowId);
    if (taken.length === atMost) break;
  }
  return taken;
}

/** As `trueFlows`, falling back on the default flow; a fault when no flow can be taken. */
export function chooseFlows(
  at: Visit,
  element: Element,
  defaultFlow: string | undefined,
  atMost: number,
  extra?: Readonly<Record<string, Json>>,
): readonly string[] | Fault {
  const taken = trueFlows(at, element, defaultFlow, atMost, extra);
  if (taken instanceof Fault || taken.length > 0) return taken;
  if (defaultFlow !== undefined) return [defaultFlow];
  return new Fault(
    'noOutgoingFlow',
    `no outgoing sequence flow of '${element.id}' can be taken: no condition holds and there is no default flow`,
  );
}

function conditionHolds(at: Visit, flow: SequenceFlow, extra?: Readonly<Record<string, Json>>): boolean | Fault {
  if (flow.condition === undefined) return true;
  return isTrue(at, flow.condition, `condition of sequence flow '${flow.id}' leaving`, extra);
}
