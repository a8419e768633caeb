/** Call activity: runs another process as a child instance and waits for its end. */
import { type CallActivity, inferVariable, type Json, type Variable } from '@procos/bpmn';
import { tooDeep } from '../actions/callers.ts';
import { narrowingOf, refuseOperators, refuseUndeclared } from '../actions/capabilities.ts';
import { Fault } from '../actions/fault.ts';
import { createInstance, noneStart } from '../actions/instances.ts';
import { refuseCall } from '../actions/limits.ts';
import type { Visit } from '../actions/turn.ts';
import {
  evaluateInteger,
  evaluateMappings,
  evaluateText,
  placeResults,
  setLocal,
  visibleVariables,
} from '../actions/variables.ts';
import type { Variables } from '../records/events.ts';
import type { Definition } from '../state/entities.ts';
import type { ElementBehavior } from './behavior.ts';

/** An `in` target of this name spreads a map: every entry becomes a variable of the child. */
const SPREAD_TARGET = 'procos:variables';

export const callActivityBehavior: ElementBehavior<CallActivity> = {
  activate(element, at) {
    const definition = calledDefinition(element, at);
    if (definition instanceof Fault) return definition;
    const { classification } = definition.model.capabilities ?? {};
    const refused = refuseUndeclared(at, {
      kind: 'processes',
      name: definition.bpmnProcessId,
      ...(classification === undefined ? {} : { classification }),
    });
    if (refused !== undefined) return refused;
    const operators = refuseOperators(at, definition.bpmnProcessId);
    if (operators !== undefined) return operators;
    if (definition.suspended)
      return new Fault(
        'calledElement',
        `called process '${definition.bpmnProcessId}' is suspended: resume process definition ${definition.id} and retry`,
      );
    const startElementId = noneStart(definition);
    if (startElementId === undefined) {
      return new Fault(
        'calledElement',
        `called process '${definition.bpmnProcessId}' has no none start event to begin with`,
      );
    }
    const deep = tooDeep(at, definition.bpmnProcessId);
    if (deep !== undefined) return deep;
    const variables = variablesIn(element, at);
    if (variables instanceof Fault) return variables;
    const businessKey = evaluateText(at, element.called.businessKey, 'business key');
    if (businessKey instanceof Fault) return businessKey;
    const mayNot = refuseCall(at, definition, variables);
    if (mayNot !== undefined) return mayNot;
    const narrowedBy = narrowingOf(at.turn, at.instance);
    createInstance(at.turn, {
      definition,
      startElementId,
      businessKey: businessKey.text,
      variables,
      parent: at,
      ...(narrowedBy === undefined ? {} : { narrowedBy }),
    });
    return 'wait';
  },
};

/** What the child hands back, evaluated in its root scope; a fault belongs to the child. */
export function variablesOut(element: CallActivity, caller: Visit, child: Visit): Variables | Fault {
  const mapped = evaluateMappings(child, element.called.out, 'out mapping');
  if (mapped instanceof Fault) return mapped;
  // In Camunda 8 the output mappings of the call activity see what the child hands back, also when nothing else does.
  const all = element.called.outAll || (caller.model.dialect === 'camunda8' && (element.outputs ?? []).length > 0);
  return all ? { ...Object.fromEntries(child.self.variables), ...mapped } : mapped;
}

/** Sets in the parent what the child handed back; the call activity then completes. */
export function returnToCaller(at: Visit, variables: Variables): void {
  const element = at.model.elements[at.self.elementId];
  if (element?.type === 'callActivity' && element.called.outLocal === true) {
    const mapped = new Set(element.called.out.map(({ target }) => target));
    const entries = Object.entries(variables);
    setLocal(at, Object.fromEntries(entries.filter(([name]) => !mapped.has(name))));
    placeResults(at, Object.fromEntries(entries.filter(([name]) => mapped.has(name))));
  } else placeResults(at, variables);
  at.turn.enqueue({ kind: 'complete', processInstanceId: at.instance.id, elementInstanceId: at.self.id });
}

function calledDefinition({ called, id }: CallActivity, at: Visit): Definition | Fault {
  const { definitions } = at.turn.state;
  const tenant = called.tenantId === undefined ? undefined : evaluateText(at, called.tenantId, 'called tenant');
  if (tenant instanceof Fault) return tenant;
  const tenantId = tenant === undefined ? at.instance.tenantId : tenant.text;
  const processId = evaluateText(at, called.processId, 'called element');
  if (processId instanceof Fault) return processId;
  const name = processId.text ?? '';
  let found: Definition | undefined;
  let which = 'latest version';
  if (called.binding === 'deployment') {
    which = 'version of the same deployment';
    found = definitions
      .ofDeployment(at.turn.definition(at.instance).deploymentId)
      .find((definition) => definition.bpmnProcessId === name);
  } else if (called.binding === 'version' && called.version !== undefined) {
    const version = evaluateInteger(at, called.version, 'called version');
    if (version instanceof Fault) return version;
    which = `version ${version.number}`;
    found = definitions.version(name, version.number, tenantId);
  } else if (called.binding === 'versionTag') {
    const tag = evaluateText(at, called.versionTag, 'called version tag');
    if (tag instanceof Fault) return tag;
    which = `version tag '${tag.text}'`;
    found = definitions.versionTag(name, tag.text ?? '', tenantId);
  } else {
    found = at.turn.latest(name, tenantId);
    if (tenant === undefined) found ??= at.turn.latest(name, null);
  }
  return (
    found ??
    new Fault('calledElement', `'${id}' calls process '${name}' (${which}), which is not deployed: deploy it and retry`)
  );
}

function variablesIn(element: CallActivity, at: Visit): Variables | Fault {
  const { called } = element;
  const mapped = evaluateMappings(at, called.in, 'in mapping');
  if (mapped instanceof Fault) return mapped;
  const spread = spreadMap(mapped[SPREAD_TARGET]?.value);
  delete mapped[SPREAD_TARGET];
  const local = called.inLocal === true || (!called.inAll && at.model.dialect === 'camunda8');
  const all: Variables = local
    ? Object.fromEntries(at.self.variables)
    : called.inAll
      ? Object.fromEntries(visibleVariables(at.instance, at.self))
      : {};
  return { ...all, ...spread, ...mapped };
}

function spreadMap(value: Json | undefined): Record<string, Variable> {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, inferVariable(entry)]));
}
