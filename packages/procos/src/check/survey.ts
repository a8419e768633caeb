/** What a file of processes uses from outside, and what the deploy check accepts and is not as in Camunda. */
import {
  attributeOf,
  beanCalls,
  type DocumentElement,
  type ReadDocument,
  readDocument,
  SCRIPT_TOPIC,
  scan,
} from '@procos/bpmn';
import { BUILTIN_TOPICS } from '@procos/workers';
import type { Need, Note } from './contract.ts';

const BPMN = 'http://www.omg.org/spec/BPMN/20100524/MODEL';
const C7 = 'http://camunda.org/schema/1.0/bpmn';
const C8 = 'http://camunda.org/schema/zeebe/1.0';

export interface Survey {
  readonly needs: readonly Need[];
  readonly notes: readonly Note[];
  /** Ids of its executable processes. */
  readonly processes: readonly string[];
}

/** Of a file that is no sound XML: nothing, as the deploy check says so. */
export function survey(content: string): Survey {
  const { document }: ReadDocument = readDocument(content);
  if (document === undefined) return { needs: [], notes: [], processes: [] };
  const { identified, used, platform } = scan(content);
  const lines = new Map(identified.map(({ id = '', line }) => [id, line]));
  const isCamunda8 = used.has(C8) || platform === 'Camunda Cloud';
  const needs: Need[] = [];
  const notes: Note[] = [];
  const processes: string[] = [];
  for (const process of childrenOf(document.root, BPMN, 'process')) {
    if (attributeOf(process, 'isExecutable') !== 'true') continue;
    const id = attributeOf(process, 'id') ?? '';
    processes.push(id);
    new Surveyor(process, { lines, isCamunda8, needs, notes }).visit(process, id, undefined);
  }
  return { needs, notes, processes };
}

interface Sink {
  readonly lines: ReadonlyMap<string, number>;
  readonly isCamunda8: boolean;
  readonly needs: Need[];
  readonly notes: Note[];
}

/** Walks one process; what is found belongs to the nearest element around it that has an id. */
class Surveyor {
  readonly #process: DocumentElement;
  readonly #sink: Sink;

  constructor(process: DocumentElement, sink: Sink) {
    this.#process = process;
    this.#sink = sink;
  }

  visit(element: DocumentElement, around: string, parent: DocumentElement | undefined): void {
    const own = element.namespace === BPMN ? attributeOf(element, 'id') : undefined;
    // An event definition has an id of its own: the event is what people know.
    const id = own === undefined || /EventDefinition$|^conditionExpression$/.test(element.localName) ? around : own;
    if (!this.#sink.isCamunda8) this.#camunda7(element, id);
    this.#camunda8(element, id);
    if (element.namespace === BPMN) this.#bpmn(element, id, parent);
    for (const child of element.children) if (child.kind === 'element') this.visit(child, id, element);
  }

  #bpmn(element: DocumentElement, id: string, parent: DocumentElement | undefined): void {
    const called = attributeOf(element, 'calledElement');
    if (called !== undefined) this.#need('process', called, id);
    if (element.localName === 'scriptTask')
      this.#script(attributeOf(element, 'scriptFormat'), textOf(element, 'script'), id);
    if (element.localName === 'errorEventDefinition' && parent?.localName === 'endEvent') this.#uncaught(element, id);
  }

  #camunda7(element: DocumentElement, id: string): void {
    const read = (name: string): string | undefined => attributeOf(element, name, C7);
    const topic = read('topic');
    if (topic !== undefined && read('type') === 'external') this.#worker(topic, id);
    for (const name of ['class', 'delegateExpression']) {
      const java = read(name) ?? (element.namespace === C7 ? attributeOf(element, name) : undefined);
      if (java !== undefined) this.#need('java', java, id);
    }
    const decision = read('decisionRef');
    if (decision !== undefined) this.#need('decision', decision, id);
    const form = read('formRef');
    if (form !== undefined) this.#need('form', form, id);
    const formKey = read('formKey');
    if (formKey !== undefined) this.#formKey(formKey, id);
    if (element.namespace === C7) {
      if (element.localName === 'connectorId') this.#need('connector', textOf(element), id);
      if (element.localName === 'script') this.#script(attributeOf(element, 'scriptFormat'), textOf(element), id);
      for (const { namespace, value } of element.attributes) if (namespace === '') this.#expression(value, id);
    }
    for (const { namespace, value } of element.attributes) if (namespace === C7) this.#expression(value, id);
    const isCode = ['script', 'documentation', 'text'].includes(element.localName);
    if (!isCode) this.#expression(textOf(element), id);
  }

  #camunda8(element: DocumentElement, id: string): void {
    if (element.namespace !== C8) return;
    const read = (name: string): string | undefined => attributeOf(element, name);
    const { localName } = element;
    if (localName === 'taskDefinition' || /^(?:execution|task)Listener$/.test(localName))
      this.#worker(read('type') ?? '', id);
    if (localName === 'calledElement') this.#need('process', read('processId') ?? '', id);
    if (localName === 'calledDecision') this.#need('decision', read('decisionId') ?? '', id);
    if (localName === 'formDefinition') {
      this.#need('form', read('formId') ?? '', id);
      const external = read('externalReference') ?? read('formKey');
      // A form that the model holds itself is named so.
      if (external !== undefined && !external.startsWith('camunda-forms:bpmn:')) this.#formKey(external, id);
    }
    const value = localName === 'input' ? read('source') : localName === 'header' ? read('value') : undefined;
    if (/\{\{\s*secrets\.|\bsecrets\.\w/.test(value ?? ''))
      this.#otherwise(
        'secret',
        id,
        `${id} names a secret of Camunda's connectors, which is not put in: give it to the worker as a setting of its own.`,
      );
  }

  #worker(topic: string, id: string): void {
    if (topic === '') return;
    if (/^io\.camunda(\.\w+)*:/.test(topic)) {
      this.#need('connector', topic, id);
      this.#otherwise(
        'connector',
        id,
        `${topic} is a connector of Camunda 8, which nobody serves here: serve this job type by a worker, or use a built-in topic such as http_request.`,
      );
      return;
    }
    this.#need('worker', topic, id);
    if (topic !== SCRIPT_TOPIC && BUILTIN_TOPICS.includes(topic))
      this.#note(
        'hint',
        'built-in-topic',
        id,
        `The topic ${topic} is served by a built-in worker (docs/workers.md): rename it where a worker of yours is meant.`,
      );
  }

  #formKey(formKey: string, id: string): void {
    const [, deployed] = /^camunda-forms:deployment:(.+)$/.exec(formKey) ?? [];
    if (deployed !== undefined) this.#need('form', deployed, id);
    else
      this.#otherwise(
        'form-key',
        id,
        `The form ${formKey} is not shown by the console: it is named to whoever asks for the task. Show it in a task list of your own, or make it a form of Camunda Forms that is deployed with the model.`,
      );
  }

  #script(format: string | undefined, source: string, id: string): void {
    const language = (format ?? '').toLowerCase();
    if (language === '' || language === 'feel' || language === 'juel') return;
    this.#need('script', language, id);
    if (/\bJava\.type\b|\bPackages\.|\bimportClass\b|\bjava\.\w+\.\w/.test(source))
      this.#otherwise(
        'script-java',
        id,
        'The script uses Java, which is not there: it runs in a sandbox that has the variables and execution.getVariable and setVariable. Do this in a worker.',
      );
    if (/^python/.test(language))
      this.#otherwise(
        'script-python',
        id,
        'The script runs in Python 3, its result is the global `result` (docs/workers.md): Camunda 7 runs Jython 2 and takes the last value.',
      );
  }

  #expression(text: string, id: string): void {
    if (!/[$#]\{/.test(text)) return;
    for (const { on, method } of beanCalls(text)) {
      const what = on === undefined ? `the method ${method}` : `${on}.${method}(…)`;
      if (on !== undefined && on !== 'execution' && on !== 'task') this.#need('bean', on, id);
      this.#otherwise(
        'bean-call',
        id,
        `The expression ${shortened(text)} calls ${what}, which no value has here: it becomes an incident when it is run. Find the value in an external task before, and use its variable.`,
      );
    }
  }

  /** Only of the process itself: inside sub-processes it is caught or not by what is around, which the engine knows. */
  #uncaught(definition: DocumentElement, id: string): void {
    const isTop = childrenOf(this.#process, BPMN, 'endEvent').some((event) => attributeOf(event, 'id') === id);
    const errorRef = attributeOf(definition, 'errorRef');
    const caught = childrenOf(this.#process, BPMN, 'subProcess').some(
      (one) =>
        attributeOf(one, 'triggeredByEvent') === 'true' &&
        childrenOf(one, BPMN, 'startEvent').some((start) =>
          childrenOf(start, BPMN, 'errorEventDefinition').some((caughtBy) => {
            const ref = attributeOf(caughtBy, 'errorRef');
            return ref === undefined || ref === errorRef;
          }),
        ),
    );
    if (isTop && !caught && !this.#sink.isCamunda8)
      this.#otherwise(
        'uncaught-error',
        id,
        `The error of ${id} is caught by nobody in this process: unless a process that calls it does, it is an incident here, where Camunda 7 ends without a word.`,
      );
  }

  #need(kind: Need['kind'], name: string, id: string): void {
    const found = name.trim();
    if (found !== '') this.#sink.needs.push({ kind, name: found, elementId: id, line: this.#sink.lines.get(id) ?? 0 });
  }

  #otherwise(rule: string, id: string, message: string): void {
    this.#note('otherwise', rule, id, message);
  }

  #note(kind: Note['kind'], rule: string, id: string, message: string): void {
    const note: Note = { kind, rule: `${kind}/${rule}`, message, elementId: id, line: this.#sink.lines.get(id) ?? 0 };
    const known = this.#sink.notes.some(
      (one) => one.rule === note.rule && one.elementId === id && one.message === message,
    );
    if (!known) this.#sink.notes.push(note);
  }
}

function childrenOf(element: DocumentElement, namespace: string, localName: string): DocumentElement[] {
  return element.children.filter(
    (child): child is DocumentElement =>
      child.kind === 'element' && child.namespace === namespace && child.localName === localName,
  );
}

/** The text of the element itself, or of its child of this name. */
function textOf(element: DocumentElement, child?: string): string {
  if (child !== undefined)
    return childrenOf(element, BPMN, child)
      .map((one) => textOf(one))
      .join('');
  return element.children
    .map((one) => (one.kind === 'text' || one.kind === 'cdata' ? one.value : ''))
    .join('')
    .trim();
}

function shortened(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > 80 ? `${line.slice(0, 77)}...` : line;
}
