/** Tasks of every type and calls, in either dialect. */
import type { Around, Draft } from './draft.ts';
import { message } from './events.ts';
import { work } from './phrases.ts';
import { type Tag, tag } from './xml.ts';

export interface Body {
  readonly name: string;
  readonly attributes?: Readonly<Record<string, string | undefined>>;
  readonly extensions?: readonly (Tag | undefined)[];
  readonly content?: readonly Tag[];
  /** A transaction that a cancel end event inside may cancel. */
  readonly cancels?: boolean;
}

export function waitingTask(draft: Draft): Body {
  if (draft.odds(30)) return userTask(draft);
  const { attributes, extensions } = work(draft);
  return { name: 'bpmn:serviceTask', attributes, extensions };
}

export function userTask(draft: Draft): Body {
  const assignee = draft.odds(30) ? 'ada' : undefined;
  const told = draft.odds(25);
  if (draft.dialect === 'camunda7') {
    const events = draft.some(['create', 'assignment', 'update', 'complete'], 40);
    const listener = (event: string) =>
      draft.odds(50)
        ? tag('camunda:taskListener', { event, expression: '${task.id}' })
        : tag('camunda:taskListener', { event }, tag('camunda:script', { scriptFormat: 'javascript' }, '1'));
    return {
      name: 'bpmn:userTask',
      attributes: {
        'camunda:assignee': assignee,
        'camunda:dueDate': draft.odds(15) ? '2026-01-02T00:00:00Z' : undefined,
      },
      extensions: told ? events.map(listener) : [],
    };
  }
  const events = draft.some(['creating', 'assigning', 'updating', 'completing'], 40);
  const inner = events.map((eventType) => tag('zeebe:taskListener', { eventType, type: eventType }));
  return {
    name: 'bpmn:userTask',
    extensions: [
      tag('zeebe:userTask'),
      assignee === undefined ? undefined : tag('zeebe:assignmentDefinition', { assignee }),
      told && inner.length > 0 ? tag('zeebe:taskListeners', {}, ...inner) : undefined,
    ],
  };
}

export function receiveTask(draft: Draft): Body {
  return { name: 'bpmn:receiveTask', attributes: { messageRef: message(draft, draft.chance.below(10)) } };
}

export function scriptTask(draft: Draft, quiet: boolean): Body {
  const text = (script: string) => [tag('bpmn:script', {}, script)];
  const resultVariable = quiet ? undefined : draft.one(['n', 'result', undefined]);
  if (draft.dialect === 'camunda8' && draft.odds(30))
    return { name: 'bpmn:scriptTask', extensions: work(draft).extensions };
  if (draft.dialect === 'camunda8' && draft.odds(50)) {
    const script = tag('zeebe:script', { expression: '=1 + 1', resultVariable: 'n' });
    return quiet ? { name: 'bpmn:task' } : { name: 'bpmn:scriptTask', extensions: [script] };
  }
  const result = draft.dialect === 'camunda7' ? { 'camunda:resultVariable': resultVariable } : {};
  const scriptFormat = draft.one(['javascript', 'python', 'shell', 'feel']);
  return { name: 'bpmn:scriptTask', attributes: { scriptFormat, ...result }, content: text('1 + 1') };
}

/** A decision that is evaluated in place; see decision.ts. */
export function ruleTask(draft: Draft, quiet: boolean): Body {
  const resultVariable = quiet ? undefined : draft.one(['result', 'way']);
  if (draft.dialect === 'camunda8') {
    if (resultVariable === undefined) return { name: 'bpmn:task' };
    const called = tag('zeebe:calledDecision', { decisionId: 'rate', resultVariable });
    return { name: 'bpmn:businessRuleTask', extensions: [called] };
  }
  const map = draft.one(['singleEntry', 'singleResult', 'collectEntries', 'resultList', undefined]);
  const attributes = {
    'camunda:decisionRef': 'rate',
    'camunda:mapDecisionResult': map,
    'camunda:resultVariable': resultVariable,
  };
  return { name: 'bpmn:businessRuleTask', attributes };
}

/** Evaluated in place; Camunda 8 has no such service task. */
export function inPlace(draft: Draft, quiet: boolean): Body {
  if (draft.dialect === 'camunda8') return { name: 'bpmn:task' };
  const written = draft.one(['${n + 1}', '${amount}', '${missing}', '${items}']);
  const result = quiet ? undefined : draft.one([written === '${items}' ? 'way' : 'n', 'result', undefined]);
  return {
    name: draft.one(['bpmn:serviceTask', 'bpmn:sendTask', 'bpmn:businessRuleTask']),
    attributes: { 'camunda:expression': written, 'camunda:resultVariable': result },
  };
}

export function callActivity(draft: Draft, around: Around): Body {
  const called = draft.odds(12)
    ? draft.root('global', () =>
        tag(`bpmn:${draft.one(['globalUserTask', 'globalTask', 'globalManualTask'])}`, { id: 'global' }),
      )
    : draft.one(around.callable).id;
  if (draft.dialect === 'camunda8') {
    const passes = draft.odds(50) ? {} : { propagateAllParentVariables: 'false', propagateAllChildVariables: 'false' };
    const processId = draft.odds(20) ? `="${called}"` : called;
    const bindingType = draft.odds(20) ? 'deployment' : undefined;
    return {
      name: 'bpmn:callActivity',
      extensions: [tag('zeebe:calledElement', { processId, bindingType, ...passes })],
    };
  }
  const all = draft.odds(50);
  return {
    name: 'bpmn:callActivity',
    attributes: {
      calledElement: draft.odds(20) ? `\${"${called}"}` : called,
      'camunda:calledElementBinding': draft.odds(20) ? 'deployment' : undefined,
    },
    extensions: [
      all ? tag('camunda:in', { variables: 'all' }) : tag('camunda:in', { source: 'n', target: 'n' }),
      draft.odds(30) ? tag('camunda:in', { businessKey: '${execution.processBusinessKey}' }) : undefined,
      draft.odds(30) ? tag('camunda:in', { sourceExpression: '${amount + 1}', target: 'amount' }) : undefined,
      all ? tag('camunda:out', { variables: 'all' }) : tag('camunda:out', { source: 'result', target: 'result' }),
    ],
  };
}
