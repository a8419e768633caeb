/** Runs the rules of bpmnlint that are about the flow of a process; what they find are warnings. */
import endEventRequired from 'bpmnlint/rules/end-event-required.js';
import fakeJoin from 'bpmnlint/rules/fake-join.js';
import noDisconnected from 'bpmnlint/rules/no-disconnected.js';
import noDuplicateSequenceFlows from 'bpmnlint/rules/no-duplicate-sequence-flows.js';
import noGatewayJoinFork from 'bpmnlint/rules/no-gateway-join-fork.js';
import noImplicitEnd from 'bpmnlint/rules/no-implicit-end.js';
import noImplicitSplit from 'bpmnlint/rules/no-implicit-split.js';
import noImplicitStart from 'bpmnlint/rules/no-implicit-start.js';
import superfluousGateway from 'bpmnlint/rules/superfluous-gateway.js';
import superfluousTermination from 'bpmnlint/rules/superfluous-termination.js';
import type { Problem } from '../model.ts';
import { child, eventDefinitions, flag, type Node } from '../read/moddle.ts';
import type { Position } from '../read/scan.ts';
import type { Subject } from './contract.ts';

/** Left out: rules about labels and drawing, and those that the deploy check holds itself, as errors. */
const RULES = {
  'end-event-required': endEventRequired,
  'fake-join': fakeJoin,
  'no-disconnected': noDisconnected,
  'no-duplicate-sequence-flows': noDuplicateSequenceFlows,
  'no-gateway-join-fork': noGatewayJoinFork,
  'no-implicit-end': noImplicitEnd,
  'no-implicit-split': noImplicitSplit,
  'no-implicit-start': noImplicitStart,
  'superfluous-gateway': superfluousGateway,
  'superfluous-termination': superfluousTermination,
} as const;

/**
 * Rule names carry the prefix `bpmnlint/`. The rules look at processes, sub-processes and flow elements only, so one walk over these serves
 * all of them, where bpmnlint's own linter walks the whole tree for each.
 */
export function lint(subject: Subject, positions: ReadonlyMap<string, Position>): Problem[] {
  connect(subject);
  const { processes, scopes, elements } = subject;
  const within = elements.filter(({ scope }) => scopes.includes(scope)).map(({ node }) => node);
  const looked = [...processes, ...within];
  // New for every file: some rules remember the elements that they have seen.
  return Object.entries(RULES).flatMap(([name, rule]) => {
    const { check } = rule();
    const problems: Problem[] = [];
    for (const node of looked) {
      const reporter = {
        report(id: string | undefined, message: string): void {
          if (!standsAlone(name, node)) problems.push(toProblem(name, id, message, positions));
        },
      };
      check(node, reporter);
    }
    return problems;
  });
}

function toProblem(
  rule: string,
  id: string | undefined,
  message: string,
  positions: ReadonlyMap<string, Position>,
): Problem {
  const position = id === undefined ? undefined : positions.get(id);
  return {
    severity: 'warning',
    rule: `bpmnlint/${rule}`,
    message: message.endsWith('.') ? message : `${message}.`,
    line: position?.line ?? 0,
    ...(position === undefined ? {} : { column: position.column }),
    ...(id === undefined ? {} : { elementId: id }),
  };
}

/** What these rules of bpmnlint do not know: elements that need no flow, or none on one side. */
function standsAlone(rule: string, node: Node): boolean {
  if (!['no-disconnected', 'no-implicit-start', 'no-implicit-end'].includes(rule)) return false;
  if (flag(node, 'isForCompensation') === true) return true;
  if (rule === 'no-implicit-start') return flag(node, 'instantiate') === true;
  const definitions = node.$type === 'bpmn:BoundaryEvent' ? eventDefinitions(node) : [];
  return definitions.some((definition) => definition.$type === 'bpmn:CompensateEventDefinition');
}

/** bpmnlint goes by `<incoming>` and `<outgoing>`, which files written by hand leave out; the flows tell the same. */
function connect({ elements }: Subject): void {
  for (const { node } of elements) {
    if (node.$type !== 'bpmn:SequenceFlow') continue;
    addTo(child(node, 'sourceRef')?.get('outgoing'), node);
    addTo(child(node, 'targetRef')?.get('incoming'), node);
  }
}

function addTo(flows: unknown, flow: Node): void {
  if (Array.isArray(flows) && !flows.includes(flow)) flows.push(flow);
}
