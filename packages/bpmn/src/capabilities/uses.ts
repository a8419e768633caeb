/** What a model uses as far as it says so itself: topics, script languages, called processes, hosts, paths and programs that are written out. */
import type { Capabilities, CapabilityRequest, Kind } from '@procos/protocol';
import { SCRIPT_TOPIC } from '@procos/protocol';
import type { Element, Expression, ExternalWork, ProcessModel } from '../model.ts';

export interface Use {
  readonly request: Exclude<CapabilityRequest, { readonly kind: 'access' }>;
  readonly elementId: string;
  /** Line in the deployed file, 1-based. */
  readonly line: number;
}

/** Where neither the element nor its headers say it. */
export const UNKNOWN_LANGUAGE = 'unknown';

/** In document order. What is only known at run time is judged then. */
export function usesOf(model: ProcessModel): readonly Use[] {
  const uses: Use[] = [];
  const add = (of: { readonly id: string; readonly line: number }, kind: Kind, name: string): void => {
    const known = uses.some(
      ({ request, elementId }) => request.kind === kind && request.name === name && elementId === of.id,
    );
    if (!known && name !== '') uses.push({ request: { kind, name }, elementId: of.id, line: of.line });
  };
  for (const element of Object.values(model.elements)) {
    for (const work of worksIn(element)) {
      if (work.topic.language !== 'literal') continue;
      if (work.topic.text === SCRIPT_TOPIC)
        add(element, 'scripts', work.headers?.['script_format'] ?? UNKNOWN_LANGUAGE);
      else add(element, 'tasks', work.topic.text);
    }
    for (const language of languagesIn(element)) add(element, 'scripts', language);
    if ('called' in element && element.called.processId.language === 'literal')
      add(element, 'processes', element.called.processId.text);
    for (const host of hostsIn(element)) add(element, 'hosts', host);
    for (const path of pathsIn(element)) add(element, 'paths', path);
    for (const program of programsIn(element)) add(element, 'programs', program);
  }
  for (const flow of Object.values(model.flows)) {
    const line = model.elements[flow.source]?.line ?? 0;
    for (const work of worksIn(flow.listeners ?? [])) add({ id: flow.id, line }, 'tasks', work.topic.text);
    for (const language of languagesIn(flow)) add({ id: flow.id, line }, 'scripts', language);
  }
  return uses;
}

/** For models from before there were blocks: as if they had declared what they use, and everything that only shows at run time. */
export function declaredByUse(model: ProcessModel): Capabilities {
  const anything = [{ name: '*' }];
  const tasks = usesOf(model)
    .map(({ request }) => request)
    .filter(({ kind }) => kind === 'tasks');
  return {
    tasks: [...anything, ...tasks.map(({ name }) => ({ name }))],
    scripts: anything,
    processes: anything,
    hosts: anything,
    paths: [{ name: '.' }],
    models: anything,
    secrets: anything,
    databases: anything,
    brokers: anything,
    programs: anything,
  };
}

/** Wherever an element has work for a worker: its own, that of its listeners, of its message. */
function worksIn(part: unknown): ExternalWork[] {
  return found(part, isWork) as unknown as ExternalWork[];
}

function isWork({ topic }: Record<string, unknown>): boolean {
  return isObject(topic) && typeof topic['text'] === 'string' && typeof topic['language'] === 'string';
}

/** Script tasks, and scripts as values of mappings, conditions and listeners. */
function languagesIn(part: unknown): string[] {
  const scripts = found(part, (value) => value['language'] === 'script' || isScript(value['script']));
  return scripts.map((value) => {
    const script = isScript(value['script']) ? value['script'] : value;
    return typeof script['format'] === 'string' ? script['format'] : '';
  });
}

function isScript(value: unknown): value is Record<string, unknown> {
  return isObject(value) && typeof value['source'] === 'string' && typeof value['format'] === 'string';
}

function found(
  part: unknown,
  is: (value: Record<string, unknown>) => boolean,
  into: Record<string, unknown>[] = [],
): Record<string, unknown>[] {
  if (typeof part !== 'object' || part === null) return into;
  if (isObject(part) && is(part)) into.push(part);
  for (const one of Object.values(part)) found(one, is, into);
  return into;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Of requests whose URL, or at least its beginning up to the path, is written into the model. */
function hostsIn(element: Element): string[] {
  if (!isWorkOf(element, 'http_request')) return [];
  return textsOf(element, 'url').flatMap((url) => {
    const [, scheme, host = '', port] =
      /^(https?):\/\/(\[[^\]]+\]|[^/?#:@$"{}]+)(?::(\d+))?(?:[/?#]|$)/i.exec(url) ?? [];
    if (scheme === undefined) return [];
    return `${host}:${port ?? (scheme.toLowerCase() === 'https' ? '443' : '80')}`;
  });
}

/** Of file operations whose path is written into the model to its end. */
function pathsIn(element: Element): string[] {
  if (!isWorkOf(element, 'file_operation')) return [];
  return [...textsOf(element, 'file_path'), ...textsOf(element, 'target_path')].filter(
    (path) => !/[$#]\{/.test(path) && !path.startsWith('/'),
  );
}

/** Of programs whose name is written into the model. */
function programsIn(element: Element): string[] {
  if (!isWorkOf(element, 'program_run')) return [];
  return textsOf(element, 'program').filter((name) => !/[$#]\{/.test(name));
}

function isWorkOf(element: Element, topic: string): boolean {
  return 'work' in element && element.work.topic.language === 'literal' && element.work.topic.text === topic;
}

function textsOf(element: Element, input: string): string[] {
  const header = element.properties?.[input] ?? ('work' in element ? element.work.headers?.[input] : undefined);
  const mapped = (element.inputs ?? []).flatMap(({ target, source }) =>
    target === input && source.kind === 'expression' ? literalOf(source.expression) : [],
  );
  return [...(header === undefined ? [] : [header]), ...mapped];
}

/** Templates are given as they are: their beginning may be plain. */
function literalOf({ language, text }: Expression): string[] {
  if (language === 'literal' || language === 'juel') return [text];
  const [, quoted] = /^\s*"([^"\\]*)"\s*$/.exec(text) ?? [];
  return language === 'feel' && quoted !== undefined ? [quoted] : [];
}
