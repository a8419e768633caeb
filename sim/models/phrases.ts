/** Expressions and what carries them, in the words of either dialect. */
import type { Draft } from './draft.ts';
import { type Tag, tag } from './xml.ts';

/** Variables that the acts of a run set (packages/engine/stories/wilderness.ts); conditions are about these. */
export const NUMBERS = ['amount', 'x', 'n', 'count'] as const;
export const FLAGS = ['done', 'stop', 'again'] as const;
/** Holds while a loop in the flow goes on. */
export const GOES_ON = 'more';

export function formal(name: string, text: string): Tag {
  return tag(name, { 'xsi:type': 'bpmn:tFormalExpression' }, text);
}

/** Marks text of the common part of both languages as an expression. */
export function expression({ dialect }: Draft, text: string): string {
  return dialect === 'camunda7' ? `\${${text}}` : `=${text}`;
}

/** Equality is the one sign that differs. */
export function equals(draft: Draft, left: string, right: string): string {
  return expression(draft, `${left} ${draft.dialect === 'camunda7' ? '==' : '='} ${right}`);
}

/** Something that is true or false, and changes as variables do. */
export function condition(draft: Draft): string {
  const number = draft.one(NUMBERS);
  switch (draft.chance.below(6)) {
    case 0:
      return equals(draft, draft.one(FLAGS), 'true');
    case 1:
      return expression(draft, 'true');
    case 2:
      return equals(draft, number, '2');
    case 3:
      return equals(draft, 'result', '"ok"');
    case 4:
      return expression(draft, `${number} > 1 and ${number} < 12`);
    default:
      return expression(draft, `${number} > ${draft.chance.below(4)}`);
  }
}

/** Of a sequence flow; in Camunda 7 models at times a script. */
export function flowCondition(draft: Draft, text?: string): Tag {
  if (text === undefined && draft.dialect === 'camunda7' && draft.odds(4))
    return tag(
      'bpmn:conditionExpression',
      { 'xsi:type': 'bpmn:tFormalExpression', language: 'javascript' },
      'amount > 1',
    );
  return formal('bpmn:conditionExpression', text ?? condition(draft));
}

/** What a variable is set to: some are numbers everywhere, so that what is computed with them can be computed. */
function value(draft: Draft, name: string): string {
  const number = [draft.one(NUMBERS), `${draft.one(NUMBERS)} + 1`, '2'];
  const other = ['"one"', 'items', 'result'];
  return expression(draft, draft.one(['x', 'n', 'count'].includes(name) ? number : [...number, ...other]));
}

export function extension(...content: readonly (Tag | undefined)[]): Tag | undefined {
  return content.some((one) => one !== undefined) ? tag('bpmn:extensionElements', {}, ...content) : undefined;
}

/** Input and output mappings. */
export function mappings(draft: Draft, quiet: boolean): Tag | undefined {
  const inputs = draft.some(['x', 'given', 'n'], 40);
  const outputs = quiet ? [] : draft.some(['result', 'way', 'count'], 35);
  if (inputs.length + outputs.length === 0) return undefined;
  if (draft.dialect === 'camunda8') {
    const io = (name: string, source: string, target: string) => tag(`zeebe:${name}`, { source, target });
    return tag(
      'zeebe:ioMapping',
      {},
      ...inputs.map((target) => io('input', value(draft, target), target)),
      ...outputs.map((target) => io('output', value(draft, target), draft.odds(20) ? `order.${target}` : target)),
    );
  }
  return tag(
    'camunda:inputOutput',
    {},
    ...inputs.map((name) => tag('camunda:inputParameter', { name }, parameter(draft, name))),
    ...outputs.map((name) => tag('camunda:outputParameter', { name }, parameter(draft, name))),
  );
}

function parameter(draft: Draft, name: string): Tag | string {
  const script = () => tag('camunda:script', { scriptFormat: draft.one(['javascript', 'python']) }, '1 + 1');
  if (['x', 'n', 'count'].includes(name)) return draft.odds(10) ? script() : value(draft, name);
  switch (draft.chance.below(8)) {
    case 0:
      return tag('camunda:list', {}, tag('camunda:value', {}, value(draft, name)), script());
    case 1:
      return tag('camunda:map', {}, tag('camunda:entry', { key: 'k' }, value(draft, name)));
    case 2:
      return script();
    default:
      return value(draft, name);
  }
}

/** Execution listeners at the start and the end. */
export function listeners(draft: Draft, quiet: boolean): readonly Tag[] {
  const events = draft.some(['start', 'end'], 50);
  if (events.length === 0) return [];
  if (draft.dialect === 'camunda8') {
    const types = ['tell', 'note'];
    const inner = events.map((eventType) => tag('zeebe:executionListener', { eventType, type: draft.one(types) }));
    return [tag('zeebe:executionListeners', {}, ...inner)];
  }
  return events.map((event) => {
    if (draft.odds(40))
      return tag('camunda:executionListener', { event }, tag('camunda:script', { scriptFormat: 'javascript' }, '1'));
    const written = quiet ? '${execution.id}' : draft.one(SETTING);
    return tag('camunda:executionListener', { event, expression: written });
  });
}

const SETTING = [
  '${execution.id}',
  '${execution.setVariable("n", 3)}',
  '${execution.setVariableLocal("x", 1)}',
  '${missing + 1}',
] as const;

/** Listeners of a flow that is taken. */
export function takeListener(draft: Draft): Tag | undefined {
  if (draft.dialect === 'camunda8' || !draft.odds(6)) return undefined;
  const script = tag('camunda:script', { scriptFormat: 'javascript' }, '3');
  return extension(tag('camunda:executionListener', { event: 'take' }, script));
}

export const TOPICS = ['work', 'pay', 'book'] as const;

/** What makes a task or a throwing message the work of an external worker: attributes and extensions. */
export function work(draft: Draft): { readonly attributes: Record<string, string>; readonly extensions: Tag[] } {
  const topic = draft.one(TOPICS);
  if (draft.dialect === 'camunda7') {
    const priority = draft.odds(15) ? { 'camunda:taskPriority': '${n}' } : {};
    return { attributes: { 'camunda:type': 'external', 'camunda:topic': topic, ...priority }, extensions: [] };
  }
  const retries = draft.odds(30) ? { retries: draft.one(['=2', '1', '=n']) } : {};
  const headers = tag('zeebe:taskHeaders', {}, tag('zeebe:header', { key: 'currency', value: 'EUR' }));
  return {
    attributes: {},
    extensions: [tag('zeebe:taskDefinition', { type: topic, ...retries }), ...(draft.odds(15) ? [headers] : [])],
  };
}

/** Asynchronous continuations, retry cycle and job priority: Camunda 7 only. */
export function continuation(draft: Draft): {
  readonly attributes: Record<string, string>;
  readonly extensions: Tag[];
} {
  if (draft.dialect === 'camunda8') return { attributes: {}, extensions: [] };
  const attributes: Record<string, string> = {};
  if (draft.odds(8)) attributes['camunda:asyncBefore'] = 'true';
  if (draft.odds(8)) attributes['camunda:asyncAfter'] = 'true';
  if (draft.odds(5)) attributes['camunda:jobPriority'] = draft.one(['5', '${n}']);
  const cycle = draft.odds(8) ? [tag('camunda:failedJobRetryTimeCycle', {}, draft.one(['R2/PT5M', 'PT1M,PT2M']))] : [];
  return { attributes, extensions: cycle };
}
