/** Element templates for Camunda Modeler, one for each topic of the built-in workers, out of the tables of docs/workers.md. */

export interface Template {
  readonly name: string;
  readonly id: string;
  readonly version: number;
  readonly description: string;
  readonly appliesTo: readonly string[];
  readonly properties: readonly Record<string, unknown>[];
}

interface Input {
  readonly name: string;
  readonly required: boolean;
  readonly meaning: string;
}

/** By topic. Scripts have none: a script task needs no more than its language and its text. */
export function templatesOf(document: string): ReadonlyMap<string, Template> {
  const sections = document.split(/^## /m);
  const shared = sections.find((section) => section.startsWith('AI topics')) ?? '';
  const templates = new Map<string, Template>();
  for (const section of sections) {
    const topic = /^`([a-z_]+)`\n/.exec(section)?.[1];
    if (topic === undefined) continue;
    const isAi = section.includes('#ai-topics-what-they-share');
    const inputs = [...inputsOf(section), ...(isAi ? inputsOf(shared) : [])];
    const outputs = [...outputsOf(section), ...(isAi ? outputsOf(shared) : [])];
    templates.set(topic, templateOf(topic, section.split('\n')[2] ?? '', unique(inputs), unique(outputs)));
  }
  return templates;
}

function templateOf(topic: string, about: string, inputs: readonly Input[], outputs: readonly Input[]): Template {
  return {
    name: `ProcOS: ${topic}`,
    id: `procos.${topic}`,
    version: 1,
    description: plain(about),
    appliesTo: ['bpmn:ServiceTask'],
    properties: [
      { type: 'Hidden', value: 'external', binding: { type: 'property', name: 'camunda:type' } },
      { type: 'Hidden', value: topic, binding: { type: 'property', name: 'camunda:topic' } },
      ...inputs.map(({ name, required, meaning }) => ({
        label: name,
        description: meaning,
        type: 'String',
        ...(required ? { constraints: { notEmpty: true } } : { optional: true }),
        binding: { type: 'camunda:inputParameter', name },
      })),
      ...outputs.map(({ name, meaning }) => ({
        label: `Variable for ${name}`,
        description: meaning,
        type: 'String',
        optional: true,
        binding: { type: 'camunda:outputParameter', source: `\${${name}}` },
      })),
    ],
  };
}

/** Rows of four columns: name, required, type, meaning. */
function inputsOf(section: string): Input[] {
  return [...section.matchAll(/^\| `(\w+)` \| (yes|no)([^|]*) \| [^|]* \| (.*) \|$/gm)].map(
    ([, name = '', required, more = '', meaning = '']) => ({
      name,
      // "yes, or `text`": another input may be given in its place.
      required: required === 'yes' && more.trim() === '',
      meaning: plain(meaning),
    }),
  );
}

/** Rows of three columns: name, type, meaning. */
function outputsOf(section: string): Input[] {
  return [...section.matchAll(/^\| `(\w+)` \| (?!yes|no)([^|]*) \| ([^|]*) \|$/gm)].map(
    ([, name = '', , meaning = '']) => ({
      name,
      required: false,
      meaning: plain(meaning),
    }),
  );
}

function unique(all: readonly Input[]): Input[] {
  return [...new Map(all.map((one) => [one.name, one])).values()];
}

function plain(text: string): string {
  return text
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll('`', '')
    .trim();
}
