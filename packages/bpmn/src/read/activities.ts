/** Translates what only activities have: loops, called processes, and the many ways a task can be implemented. */
import type {
  CalledDecision,
  CalledElement,
  DecisionTask,
  ExpressionTask,
  ExternalTaskElement,
  LoopBehavior,
  LoopCharacteristics,
  Script,
  ScriptTask,
} from '../model.ts';
import { dataName, loopInput, loopOutput } from './data.ts';
import { externalWork, messageEvent, singleEvent } from './events.ts';
import { continuation } from './listeners.ts';
import { passed } from './mappings.ts';
import { body, child, children, eventDefinitions, extension, extensions, flag, type Node, text } from './moddle.ts';
import { attribute, defined, literal, type Reading } from './reading.ts';
import { isExpressionFormat, sandboxFormat, scriptExpression } from './scripts.ts';

export function loopOf(reading: Reading, node: Node): LoopCharacteristics | undefined {
  const loop = child(node, 'loopCharacteristics');
  if (loop?.$type === 'bpmn:StandardLoopCharacteristics') return standardLoop(reading, loop);
  if (loop?.$type !== 'bpmn:MultiInstanceLoopCharacteristics') return undefined;
  const dataInput = loopInput(node);
  const zeebe = extension(loop, 'zeebe:LoopCharacteristics');
  const collection = text(loop, 'camunda:collection');
  const cardinality = body(loop, 'loopCardinality');
  const completion = body(loop, 'completionCondition');
  const dataOutput = loopOutput(node);
  const outputItem = dataName(child(loop, 'outputDataItem'));
  return {
    kind: 'multiInstance',
    sequential: flag(loop, 'isSequential') ?? false,
    ...defined({
      cardinality: cardinality === undefined ? undefined : reading.expression(loop, cardinality),
      // Camunda 7 takes a mere name for the variable that holds the collection.
      collection:
        collection === undefined
          ? (attribute(reading, zeebe, 'inputCollection') ??
            (dataInput === undefined ? undefined : reading.feel(loop, dataInput)))
          : reading.expression(loop, /[$#]\{/.test(collection) ? collection : `\${${collection}}`),
      elementVariable:
        text(loop, 'camunda:elementVariable') ?? text(zeebe, 'inputElement') ?? dataName(child(loop, 'inputDataItem')),
      completionCondition: completion === undefined ? undefined : reading.condition(loop, completion),
      outputCollection: text(zeebe, 'outputCollection') ?? (outputItem === undefined ? undefined : dataOutput),
      outputElement:
        attribute(reading, zeebe, 'outputElement') ??
        (outputItem === undefined || dataOutput === undefined ? undefined : reading.feel(loop, outputItem)),
      async: continuation(loop),
      behavior: loopBehavior(reading, loop),
    }),
  };
}

function standardLoop(reading: Reading, loop: Node): LoopCharacteristics {
  const condition = body(loop, 'loopCondition');
  const maximum = text(loop, 'loopMaximum');
  return {
    kind: 'standard',
    testBefore: flag(loop, 'testBefore') ?? false,
    ...defined({
      condition: condition === undefined ? undefined : reading.condition(loop, condition),
      maximum: maximum === undefined ? undefined : reading.expression(loop, maximum),
    }),
  };
}

function loopBehavior(reading: Reading, loop: Node): LoopBehavior | undefined {
  const behavior = text(loop, 'behavior');
  if (behavior === 'None' || behavior === 'One') {
    const reference = child(loop, behavior === 'None' ? 'noneBehaviorEventRef' : 'oneBehaviorEventRef');
    if (reference === undefined) return undefined;
    return { kind: behavior === 'None' ? 'none' : 'one', event: singleEvent(reading, loop, reference) };
  }
  if (behavior !== 'Complex') return undefined;
  const when = children(loop, 'complexBehaviorDefinition').flatMap((definition) => {
    const thrown = child(definition, 'event');
    const condition = body(definition, 'condition');
    const [event] = thrown === undefined ? [] : eventDefinitions(thrown);
    if (event === undefined || condition === undefined) return [];
    return [{ condition: reading.condition(loop, condition), event: singleEvent(reading, loop, event) }];
  });
  return { kind: 'complex', when };
}

export function calledElement(reading: Reading, node: Node): CalledElement {
  return reading.dialect === 'camunda7' ? camundaCalled(reading, node) : zeebeCalled(reading, node);
}

function camundaCalled(reading: Reading, node: Node): CalledElement {
  const given = passed(reading, node, 'camunda:In');
  const returned = passed(reading, node, 'camunda:Out');
  return {
    processId: attribute(reading, node, 'calledElement') ?? literal(''),
    binding: binding(text(node, 'camunda:calledElementBinding')),
    inAll: given.all,
    in: given.mappings,
    outAll: returned.all,
    out: returned.mappings,
    ...(given.local ? { inLocal: true as const } : {}),
    ...(returned.local ? { outLocal: true as const } : {}),
    ...defined({
      version: attribute(reading, node, 'camunda:calledElementVersion'),
      versionTag: attribute(reading, node, 'camunda:calledElementVersionTag'),
      tenantId: attribute(reading, node, 'camunda:calledElementTenantId'),
      businessKey: given.businessKey === undefined ? undefined : reading.expression(node, given.businessKey),
    }),
  };
}

/** Both directions pass all variables unless the model says otherwise, as Camunda 8 documents it. */
function zeebeCalled(reading: Reading, node: Node): CalledElement {
  const called = extension(node, 'zeebe:CalledElement');
  return {
    processId:
      attribute(reading, called, 'processId') ?? attribute(reading, called, 'processIdExpression') ?? literal(''),
    binding: binding(text(called, 'bindingType')),
    inAll: (called && flag(called, 'propagateAllParentVariables')) ?? true,
    in: [],
    outAll: (called && flag(called, 'propagateAllChildVariables')) ?? true,
    out: [],
    ...defined({
      versionTag: attribute(reading, called, 'versionTag'),
      businessKey: attribute(reading, called, 'businessId'),
    }),
  };
}

function binding(value: string | undefined): CalledElement['binding'] {
  return value === 'deployment' || value === 'version' || value === 'versionTag' ? value : 'latest';
}

type Work =
  | Pick<DecisionTask, 'type' | 'decision'>
  | Pick<ExternalTaskElement, 'type' | 'work' | 'message' | 'errorMappings'>
  | Pick<ExpressionTask, 'type' | 'drawnAs' | 'expression' | 'resultVariable'>;

/** Service, send and business rule tasks: by an external worker, or as a Camunda 7 expression in place. */
export function workOf(reading: Reading, node: Node, drawnAs: ExternalTaskElement['type']): Work {
  const decision = drawnAs === 'businessRuleTask' ? calledDecision(reading, node) : undefined;
  if (decision !== undefined) return { type: 'decisionTask', decision };
  const expression = attribute(reading, node, 'camunda:expression');
  if (expression !== undefined) {
    const resultVariable = text(node, 'camunda:resultVariable');
    return { type: 'expressionTask', drawnAs, expression, ...defined({ resultVariable }) };
  }
  const mappings = extensions(node)
    .filter((found) => found.$type === 'camunda:ErrorEventDefinition')
    .map((found) => ({
      code: attribute(reading, child(found, 'errorRef'), 'errorCode') ?? literal(''),
      condition: reading.condition(node, text(found, 'expression') ?? ''),
    }));
  const implemented = externalWork(reading, node);
  const work = implemented ?? { topic: literal('') };
  if (implemented === undefined && drawnAs === 'sendTask' && child(node, 'messageRef') !== undefined)
    return { type: drawnAs, work, message: messageEvent(reading, node, node) };
  return { type: drawnAs, work, ...(mappings.length > 0 ? { errorMappings: mappings } : {}) };
}

function calledDecision(reading: Reading, node: Node): CalledDecision | undefined {
  const zeebe = extension(node, 'zeebe:CalledDecision');
  const decisionId = attribute(reading, zeebe, 'decisionId') ?? attribute(reading, node, 'camunda:decisionRef');
  if (decisionId === undefined) return undefined;
  const map = text(node, 'camunda:mapDecisionResult');
  return {
    decisionId,
    binding: binding(text(node, 'camunda:decisionRefBinding') ?? text(zeebe, 'bindingType')),
    map: zeebe !== undefined ? 'value' : isResultMapping(map) ? map : 'resultList',
    ...defined({
      version: attribute(reading, node, 'camunda:decisionRefVersion'),
      tenantId: attribute(reading, node, 'camunda:decisionRefTenantId'),
      versionTag: attribute(reading, node, 'camunda:decisionRefVersionTag') ?? attribute(reading, zeebe, 'versionTag'),
      resultVariable: text(zeebe, 'resultVariable') ?? text(node, 'camunda:resultVariable'),
    }),
  };
}

function isResultMapping(name: string | undefined): name is CalledDecision['map'] {
  return name === 'singleEntry' || name === 'singleResult' || name === 'collectEntries' || name === 'resultList';
}

type Scripted =
  | Pick<ScriptTask, 'type' | 'script' | 'resultVariable'>
  | Pick<ExpressionTask, 'type' | 'drawnAs' | 'expression' | 'resultVariable'>;

/** A FEEL or JUEL script is only an expression; the others run in the sandbox. */
export function scriptOf(reading: Reading, node: Node): Scripted {
  const zeebe = extension(node, 'zeebe:Script');
  const format = text(node, 'scriptFormat') ?? '';
  const source = text(node, 'script') ?? '';
  const resultVariable = text(zeebe, 'resultVariable') ?? text(node, 'camunda:resultVariable');
  if (zeebe !== undefined) {
    const expression = attribute(reading, zeebe, 'expression') ?? literal('');
    return { type: 'expressionTask', drawnAs: 'scriptTask', expression, ...defined({ resultVariable }) };
  }
  if (isExpressionFormat(format)) {
    const expression = scriptExpression(reading, node, format, source);
    return { type: 'expressionTask', drawnAs: 'scriptTask', expression, ...defined({ resultVariable }) };
  }
  const script: Script = { format: sandboxFormat(format) ?? format, source };
  return { type: 'scriptTask', script, ...defined({ resultVariable }) };
}
