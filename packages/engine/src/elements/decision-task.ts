/** Business rule task that evaluates a DMN decision in place. */
import { type DecisionTask, inferVariable, mapResult } from '@procos/bpmn';
import { decide, modelOf } from '../actions/decisions.ts';
import { Fault } from '../actions/fault.ts';
import type { Visit } from '../actions/turn.ts';
import { refuseLargeValue } from '../actions/value-limits.ts';
import {
  evaluateInteger,
  evaluateText,
  lookup,
  placeResults,
  setLocal,
  visibleVariables,
} from '../actions/variables.ts';
import type { DecisionDefinition } from '../state/entities.ts';
import type { ElementBehavior } from './behavior.ts';

/** Under this name Camunda 7 shows the result to listeners and output mappings. */
const CAMUNDA_RESULT = 'decisionResult';

export const decisionTaskBehavior: ElementBehavior<DecisionTask> = {
  activate(element, at) {
    const decision = calledDecision(element, at);
    if (decision instanceof Fault) return decision;
    const outcome = decide(
      at.turn,
      decision,
      {
        lookup: (name) => lookup(at.instance, at.self, name)?.value,
        names: () => visibleVariables(at.instance, at.self).keys(),
      },
      at,
    );
    const what = `decision '${decision.decisionId}' of '${element.id}'`;
    if (!outcome.ok) return new Fault('decision', `${what}: ${outcome.message}`);
    const { map, resultVariable } = element.decision;
    const mapped = mapResult(modelOf(decision), decision.decisionId, outcome, map);
    if (!mapped.ok) return new Fault('decision', `${what}: ${mapped.message}`);
    const result = inferVariable(mapped.value);
    const refused = refuseLargeValue(at, mapped.value, `${what}: the result`);
    if (refused !== undefined) return refused;
    if (at.model.dialect === 'camunda7') setLocal(at, { [CAMUNDA_RESULT]: result });
    if (resultVariable !== undefined) placeResults(at, { [resultVariable]: result });
    return 'complete';
  },
};

function calledDecision({ decision, id }: DecisionTask, at: Visit): DecisionDefinition | Fault {
  const { decisions } = at.turn.state;
  const tenant = decision.tenantId === undefined ? undefined : evaluateText(at, decision.tenantId, 'decision tenant');
  if (tenant instanceof Fault) return tenant;
  const tenantId = tenant === undefined ? at.instance.tenantId : tenant.text;
  const called = evaluateText(at, decision.decisionId, 'called decision');
  if (called instanceof Fault) return called;
  const name = called.text ?? '';
  let found: DecisionDefinition | undefined;
  let which = 'latest version';
  if (decision.binding === 'deployment') {
    which = 'version of the same deployment';
    const { deploymentId } = at.turn.definition(at.instance);
    found = decisions.ofDeployment(deploymentId).find((one) => one.decisionId === name);
  } else if (decision.binding === 'version' && decision.version !== undefined) {
    const version = evaluateInteger(at, decision.version, 'decision version');
    if (version instanceof Fault) return version;
    which = `version ${version.number}`;
    found = decisions.version(name, version.number, tenantId);
  } else if (decision.binding === 'versionTag') {
    const tag = evaluateText(at, decision.versionTag, 'decision version tag');
    if (tag instanceof Fault) return tag;
    which = `version tag '${tag.text}'`;
    found = decisions.versionTag(name, tag.text ?? '', tenantId);
  } else {
    found = at.turn.latestDecision(name, tenantId);
    if (tenant === undefined) found ??= at.turn.latestDecision(name, null);
  }
  return (
    found ??
    new Fault('decision', `'${id}' calls decision '${name}' (${which}), which is not deployed: deploy it and retry`)
  );
}
