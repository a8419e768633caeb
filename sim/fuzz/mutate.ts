/** Spoils a good model: bytes, XML structure, references, event definitions, expressions. */
import type { Chance } from '../random.ts';

type Mutation = (text: string, chance: Chance, others: readonly string[]) => string;

/** Mostly one mutation of one of the models, at times up to three. */
export function mutate(models: readonly string[], chance: Chance): string {
  let text = chance.pick(models) ?? '';
  for (let count = Math.max(1, chance.below(5) - 1); count > 0; count -= 1)
    text = (chance.pick(MUTATIONS) ?? flip)(text, chance, models);
  return text;
}

function flip(text: string, chance: Chance): string {
  const at = chance.below(text.length);
  return text.slice(0, at) + String.fromCharCode(32 + chance.below(95)) + text.slice(at + 1);
}

function cut(text: string, chance: Chance): string {
  const at = chance.below(text.length);
  return text.slice(0, at) + text.slice(at + chance.below(60));
}

function double(text: string, chance: Chance): string {
  const at = chance.below(text.length);
  return text.slice(0, at + chance.below(80)) + text.slice(at);
}

/** All elements without children, and pairs of tags of small ones. */
const ELEMENT = /<bpmn:(\w+)\b[^>]*(?:\/>|>[^<]*(?:<(?!bpmn:\1)[^<]*)*?<\/bpmn:\1>)/g;

function elements(text: string): readonly RegExpExecArray[] {
  return [...text.matchAll(ELEMENT)];
}

function dropElement(text: string, chance: Chance): string {
  const found = chance.pick(elements(text));
  return found === undefined ? text : text.slice(0, found.index) + text.slice(found.index + found[0].length);
}

function moveElement(text: string, chance: Chance): string {
  const found = chance.pick(elements(text));
  const target = chance.pick(elements(text));
  if (found === undefined || target === undefined) return text;
  return text.slice(0, target.index) + found[0] + text.slice(target.index);
}

/** An element of another model, with its ids. */
function transplant(text: string, chance: Chance, others: readonly string[]): string {
  const found = chance.pick(elements(chance.pick(others) ?? ''));
  const target = chance.pick(elements(text));
  if (found === undefined || target === undefined) return text;
  return text.slice(0, target.index) + found[0] + text.slice(target.index);
}

const ATTRIBUTE = /\b([\w:]+)="([^"]*)"/g;

function swapValues(text: string, chance: Chance): string {
  const all = [...text.matchAll(ATTRIBUTE)];
  const [one, other] = [chance.pick(all), chance.pick(all)];
  if (one === undefined || other === undefined) return text;
  return `${text.slice(0, one.index)}${one[1]}="${other[2]}"${text.slice(one.index + one[0].length)}`;
}

function dropAttribute(text: string, chance: Chance): string {
  const found = chance.pick([...text.matchAll(ATTRIBUTE)]);
  return found === undefined ? text : text.slice(0, found.index) + text.slice(found.index + found[0].length);
}

const WORDS: readonly string[] = [
  '',
  '0',
  '-1',
  '99999999999999999999',
  'true',
  'constructor',
  '__proto__',
  '${',
  '${1/0}',
  '${a.b.c.d}',
  '=',
  '=for i in 1..1000000000 return i',
  '=((((((((((1',
  'R/PT0S',
  'PT-1S',
  '\u0000',
  '\u{1F600}',
  'a'.repeat(5_000),
];

function setValue(text: string, chance: Chance): string {
  const found = chance.pick([...text.matchAll(ATTRIBUTE)]);
  const word = (chance.pick(WORDS) ?? '').replaceAll('"', '');
  return found === undefined
    ? text
    : `${text.slice(0, found.index)}${found[1]}="${word}"${text.slice(found.index + found[0].length)}`;
}

function setText(text: string, chance: Chance): string {
  const found = chance.pick([...text.matchAll(/>([^<>]+)</g)]);
  const word = chance.pick(WORDS) ?? '';
  return found === undefined
    ? text
    : `${text.slice(0, found.index)}>${word}<${text.slice(found.index + found[0].length)}`;
}

const TAGS: readonly string[] = [
  'task',
  'userTask',
  'subProcess',
  'transaction',
  'adHocSubProcess',
  'callActivity',
  'exclusiveGateway',
  'parallelGateway',
  'inclusiveGateway',
  'complexGateway',
  'eventBasedGateway',
  'startEvent',
  'endEvent',
  'intermediateCatchEvent',
  'intermediateThrowEvent',
  'boundaryEvent',
  'messageEventDefinition',
  'signalEventDefinition',
  'timerEventDefinition',
  'errorEventDefinition',
  'escalationEventDefinition',
  'compensateEventDefinition',
  'conditionalEventDefinition',
  'linkEventDefinition',
  'cancelEventDefinition',
  'terminateEventDefinition',
  'multiInstanceLoopCharacteristics',
  'standardLoopCharacteristics',
  'choreographyTask',
  'nonsense',
];

/** Another element in its place, with what it has. */
function rename(text: string, chance: Chance): string {
  const found = chance.pick(elements(text));
  if (found === undefined) return text;
  const tag = chance.pick(TAGS) ?? 'task';
  const renamed = found[0].replace(/^<bpmn:\w+/, `<bpmn:${tag}`).replace(/<\/bpmn:\w+>$/, `</bpmn:${tag}>`);
  return text.slice(0, found.index) + renamed + text.slice(found.index + found[0].length);
}

/** The element inside sub-processes, many of them. */
function nest(text: string, chance: Chance): string {
  const found = chance.pick(elements(text));
  if (found === undefined) return text;
  const depth = chance.below(150);
  const open = Array.from({ length: depth }, (_, level) => `<bpmn:subProcess id="nest${level}">`).join('');
  const close = '</bpmn:subProcess>'.repeat(depth);
  return text.slice(0, found.index) + open + found[0] + close + text.slice(found.index + found[0].length);
}

function namespace(text: string, chance: Chance): string {
  const found = chance.pick([...text.matchAll(/xmlns:\w+="[^"]*"/g)]);
  return found === undefined ? text : text.replace(found[0], 'xmlns:other="urn:other"');
}

/** A sequence flow leads from or to another element: loops, dead ends, joins that never open. */
function retarget(text: string, chance: Chance): string {
  const flow = chance.pick([...text.matchAll(/<bpmn:sequenceFlow\b[^>]*>/g)]);
  const element = chance.pick([
    ...text.matchAll(/<bpmn:(?:\w*[tT]ask|\w*Gateway|\w*Event|subProcess|callActivity) id="([^"]+)"/g),
  ]);
  if (flow === undefined || element === undefined) return text;
  const end = chance.below(2) === 0 ? 'sourceRef' : 'targetRef';
  const changed = flow[0].replace(new RegExp(`${end}="[^"]*"`), `${end}="${element[1]}"`);
  return text.slice(0, flow.index) + changed + text.slice(flow.index + flow[0].length);
}

const GATEWAYS: readonly string[] = ['exclusiveGateway', 'parallelGateway', 'inclusiveGateway', 'complexGateway'];

/** All gateways of one kind become another kind. */
function regate(text: string, chance: Chance): string {
  const [from, to] = [chance.pick(GATEWAYS) ?? '', chance.pick(GATEWAYS) ?? ''];
  return text.replaceAll(`bpmn:${from}`, `bpmn:${to}`).replace(/ default="[^"]*"/g, '');
}

/** What interrupts does not, what runs in a row runs at once, and the other way round. */
function toggle(text: string, chance: Chance): string {
  const found = chance.pick([...text.matchAll(/="(true|false)"/g)]);
  if (found === undefined) return text.replace(/<bpmn:boundaryEvent /, '<bpmn:boundaryEvent cancelActivity="false" ');
  const other = found[1] === 'true' ? 'false' : 'true';
  return `${text.slice(0, found.index)}="${other}"${text.slice(found.index + found[0].length)}`;
}

const EXPRESSIONS: readonly string[] = [
  '${amount}',
  '${x > 1}',
  '${missing}',
  '${result}',
  '${items}',
  '${true}',
  '${n - 1}',
  'PT1M',
  'R2/PT1M',
];

function express(text: string, chance: Chance): string {
  const found = chance.pick([...text.matchAll(/>([$=][^<>]*|PT?\w+|R\d*\/\w+)</g)]);
  const word = (chance.pick(EXPRESSIONS) ?? '').replace('>', '&gt;');
  return found === undefined
    ? text
    : `${text.slice(0, found.index)}>${word}<${text.slice(found.index + found[0].length)}`;
}

const MUTATIONS: readonly Mutation[] = [
  retarget,
  retarget,
  retarget,
  retarget,
  regate,
  regate,
  toggle,
  toggle,
  express,
  express,
  flip,
  cut,
  double,
  dropElement,
  dropElement,
  moveElement,
  transplant,
  transplant,
  swapValues,
  swapValues,
  dropAttribute,
  setValue,
  setText,
  rename,
  rename,
  nest,
  namespace,
];
