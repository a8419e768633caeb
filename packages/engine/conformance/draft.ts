/** Writes small BPMN files by hand, in the words of either dialect: what a story needs to say and no more. */
import type { Dialect } from '@procos/bpmn';

const NAMESPACES = `xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"`;
const OF: Readonly<Record<Dialect, string>> = {
  camunda7: 'xmlns:camunda="http://camunda.org/schema/1.0/bpmn"',
  camunda8:
    'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:modeler="http://camunda.org/schema/modeler/1.0" modeler:executionPlatform="Camunda Cloud" modeler:executionPlatformVersion="8.8.0"',
};
const FORMAL = 'xsi:type="bpmn:tFormalExpression"';

/** The correlation key that every Camunda 8 message of a draft has. */
export const KEY = 'k';

export interface Written {
  /** Attributes, as written. */
  readonly attributes?: string;
  /** Extension elements, as written. */
  readonly extensions?: string;
  /** Children after the extension elements: event definitions, loops, the content of a scope. */
  readonly inner?: string;
}

export class Draft {
  readonly dialect: Dialect;
  /** Messages, signals, errors and escalations that the parts name; each stands once in the file. */
  readonly #roots = new Map<string, string>();
  #flows = 0;

  constructor(dialect: Dialect) {
    this.dialect = dialect;
  }

  get isCamunda7(): boolean {
    return this.dialect === 'camunda7';
  }

  /** By dialect. */
  say(camunda7: string, camunda8: string): string {
    return this.isCamunda7 ? camunda7 : camunda8;
  }

  /** A file with one process and the roots that its content named. */
  file(content: string, id = 'p', attributes = '', extensions = ''): string {
    return this.definitions(this.process(content, id, attributes, extensions));
  }

  process(content: string, id: string, attributes = '', extensions = ''): string {
    return `<bpmn:process id="${id}" isExecutable="true" ${attributes}>${extended(extensions)}${content}</bpmn:process>`;
  }

  definitions(content: string): string {
    const roots = [...this.#roots.values()].join('\n');
    const { dialect } = this;
    return `<?xml version="1.0" encoding="UTF-8"?>\n<bpmn:definitions ${NAMESPACES} ${OF[dialect]} id="definitions" targetNamespace="http://procos.dev/conformance">\n${content}\n${roots}\n</bpmn:definitions>\n`;
  }

  root(id: string, xml: string): void {
    this.#roots.set(id, xml);
  }

  element(tag: string, id: string, { attributes = '', extensions = '', inner = '' }: Written = {}): string {
    return `<bpmn:${tag} id="${id}" ${attributes}>${extended(extensions)}${inner}</bpmn:${tag}>\n`;
  }

  start(id = 'start', inner = '', attributes = ''): string {
    return this.element('startEvent', id, { inner, attributes });
  }

  end(id = 'end', inner = ''): string {
    return this.element('endEvent', id, { inner });
  }

  catches(id: string, inner: string, attributes = ''): string {
    return this.element('intermediateCatchEvent', id, { inner, attributes });
  }

  throws(id: string, inner = '', extensions = ''): string {
    return this.element('intermediateThrowEvent', id, { inner, extensions });
  }

  boundary(id: string, host: string, inner: string, interrupting = true, attributes = ''): string {
    const cancels = interrupting ? '' : 'cancelActivity="false"';
    return this.element('boundaryEvent', id, { inner, attributes: `attachedToRef="${host}" ${cancels} ${attributes}` });
  }

  /** A service task that a worker does; its topic is its id. */
  work(id: string, { attributes = '', extensions = '', inner = '' }: Written = {}, tag = 'serviceTask'): string {
    return this.element(tag, id, {
      attributes: this.isCamunda7 ? `camunda:type="external" camunda:topic="${id}" ${attributes}` : attributes,
      extensions: this.isCamunda7 ? extensions : `<zeebe:taskDefinition type="${id}" />${extensions}`,
      inner,
    });
  }

  /** An undefined task. */
  pass(id: string): string {
    return this.element('task', id);
  }

  sub(id: string, inner: string, attributes = ''): string {
    return this.element('subProcess', id, { inner, attributes });
  }

  /** An event sub-process that does `handled`, begun by the event `on…`. */
  eventSub(id: string, inner: string, interrupting = true, attributes = '', content = this.work('handled')): string {
    const begins = this.start(`on_${id}`, inner, `${interrupting ? '' : 'isInterrupting="false"'} ${attributes}`);
    return this.sub(
      id,
      `${begins}${content}${this.end(`end_${id}`)}${this.flows(`on_${id} > handled > end_${id}`)}`,
      'triggeredByEvent="true"',
    );
  }

  /** Sequence flows along chains: `start > a > end; late > over`. */
  flows(chains: string): string {
    return chains
      .split(';')
      .map((chain) => chain.split('>').map((id) => id.trim()))
      .flatMap((ids) => ids.slice(1).map((target, at) => this.flow(ids[at] ?? '', target)))
      .join('');
  }

  flow(source: string, target: string, condition?: string, id = `${source}_${target}`): string {
    return `<bpmn:sequenceFlow id="${id}" sourceRef="${source}" targetRef="${target}">${condition === undefined ? '' : this.formal('conditionExpression', condition)}</bpmn:sequenceFlow>\n`;
  }

  /** A second flow between the same elements. */
  again(source: string, target: string): string {
    this.#flows += 1;
    return this.flow(source, target, undefined, `${source}_${target}_${this.#flows}`);
  }

  /** `${…}` or `=…`; `feel` where the two languages differ. */
  expression(text: string, feel: string = text): string {
    return escaped(this.isCamunda7 ? `\${${text}}` : `=${feel}`);
  }

  formal(tag: string, text: string): string {
    return `<bpmn:${tag} ${FORMAL}>${text}</bpmn:${tag}>`;
  }

  /** A flow that is taken when the expression holds. */
  when(source: string, target: string, text: string, feel: string = text): string {
    return this.flow(source, target, this.expression(text, feel));
  }

  message(name: string, attributes = ''): string {
    return `<bpmn:messageEventDefinition messageRef="${this.messageRoot(name)}" ${attributes} />`;
  }

  messageRoot(name: string, key = `="${KEY}"`): string {
    const subscription = `<bpmn:extensionElements><zeebe:subscription correlationKey="${escaped(key)}" /></bpmn:extensionElements>`;
    const id = `Message_${name}`;
    this.root(id, `<bpmn:message id="${id}" name="${name}">${this.isCamunda7 ? '' : subscription}</bpmn:message>`);
    return id;
  }

  signal(name: string, extensions = ''): string {
    this.root(`Signal_${name}`, `<bpmn:signal id="Signal_${name}" name="${name}" />`);
    return `<bpmn:signalEventDefinition signalRef="Signal_${name}">${extended(extensions)}</bpmn:signalEventDefinition>`;
  }

  /** Without a code: every error. */
  error(code?: string, attributes = ''): string {
    if (code === undefined) return `<bpmn:errorEventDefinition ${attributes} />`;
    this.root(`Error_${code}`, `<bpmn:error id="Error_${code}" name="${code}" errorCode="${code}" />`);
    return `<bpmn:errorEventDefinition errorRef="Error_${code}" ${attributes} />`;
  }

  /** Without a code: every escalation. */
  escalation(code?: string, attributes = ''): string {
    if (code === undefined) return `<bpmn:escalationEventDefinition ${attributes} />`;
    this.root(
      `Escalation_${code}`,
      `<bpmn:escalation id="Escalation_${code}" name="${code}" escalationCode="${code}" />`,
    );
    return `<bpmn:escalationEventDefinition escalationRef="Escalation_${code}" ${attributes} />`;
  }

  timer(tag: 'timeDate' | 'timeDuration' | 'timeCycle', text: string): string {
    return `<bpmn:timerEventDefinition>${this.formal(tag, escaped(text))}</bpmn:timerEventDefinition>`;
  }

  conditional(text: string, feel: string = text, attributes = '', extensions = ''): string {
    return `<bpmn:conditionalEventDefinition ${attributes}>${extended(extensions)}${this.formal('condition', this.expression(text, feel))}</bpmn:conditionalEventDefinition>`;
  }

  link(name: string): string {
    return `<bpmn:linkEventDefinition name="${name}" />`;
  }

  compensation(attributes = ''): string {
    return `<bpmn:compensateEventDefinition ${attributes} />`;
  }

  cancel(): string {
    return '<bpmn:cancelEventDefinition />';
  }

  terminate(): string {
    return '<bpmn:terminateEventDefinition />';
  }

  /** Work `id` that is undone by the work `undo_id`. */
  undoable(id: string, written: Written = {}): string {
    return `${this.work(id, written)}${this.undoneBy(id, this.work(`undo_${id}`, { attributes: 'isForCompensation="true"' }))}`;
  }

  /** The compensation boundary event of `host`, its handler `undo_host` and the association between them. */
  undoneBy(host: string, handler: string): string {
    return `${handler}${this.boundary(`done_${host}`, host, this.compensation())}<bpmn:association id="assoc_${host}" associationDirection="One" sourceRef="done_${host}" targetRef="undo_${host}" />`;
  }
}

export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

function extended(extensions: string): string {
  return extensions === '' ? '' : `<bpmn:extensionElements>${extensions}</bpmn:extensionElements>`;
}
