/** Random BPMN models: every supported element in every position, both dialects, built in blocks so that most can end. */
import type { Dialect } from '@procos/bpmn';
import type { Chance } from '../random.ts';
import { DECISION } from './decision.ts';
import { type Around, Draft, Scope } from './draft.ts';
import { fill } from './flow.ts';
import { print, type Tag, tag } from './xml.ts';

export interface GeneratedModel {
  /** File name, `random.bpmn`. */
  readonly name: string;
  readonly dialect: Dialect;
  /** The file as a tree; `xml` is what it prints. */
  readonly tree: Tag;
  readonly xml: string;
  /** Ids of its processes; an earlier one may call a later one. */
  readonly processIds: readonly string[];
  /** DMN file with the decision that business rule tasks of the model evaluate: deploy it with the model. */
  readonly decision: { readonly name: string; readonly xml: string };
}

/** What the processes of a file are called, and from which rank on they throw. */
const PROCESSES = [
  { id: 'first', rank: 0 },
  { id: 'second', rank: 3 },
  { id: 'third', rank: 6 },
] as const;

/** The same chance gives the same model. `size`: about how many elements at most. */
export function generateModel(chance: Chance, size = 10 + chance.below(50)): GeneratedModel {
  const dialect: Dialect = chance.below(2) === 0 ? 'camunda7' : 'camunda8';
  const draft = new Draft(chance, dialect, size, fill);
  const processes = PROCESSES.slice(0, 1 + chance.below(PROCESSES.length));
  // The last ones first: what is called exists, and the budget of the caller is what they have left.
  const drawn = processes.toReversed().map((process) => {
    draft.budget = Math.ceil(size / processes.length);
    return processTag(draft, process, processes.slice(processes.indexOf(process) + 1));
  });
  const tree = definitions(draft, [...drawn.reverse(), ...draft.roots.values()]);
  return {
    name: 'random.bpmn',
    dialect,
    tree,
    xml: print(tree),
    processIds: processes.map(({ id }) => id),
    decision: DECISION,
  };
}

function processTag(draft: Draft, { id, rank }: (typeof PROCESSES)[number], callable: Around['callable']): Tag {
  const scope = new Scope(draft, {
    depth: 0,
    rank,
    quiet: false,
    undoes: false,
    cancelable: false,
    callable,
    undoable: [],
    kind: 'process',
  });
  fill(scope, id);
  return tag('bpmn:process', { id, isExecutable: 'true' }, ...scope.content());
}

const NAMESPACES = {
  'xmlns:bpmn': 'http://www.omg.org/spec/BPMN/20100524/MODEL',
  'xmlns:xsi': 'http://www.w3.org/2001/XMLSchema-instance',
};

function definitions({ dialect }: Draft, content: readonly Tag[]): Tag {
  const own =
    dialect === 'camunda7'
      ? { 'xmlns:camunda': 'http://camunda.org/schema/1.0/bpmn' }
      : {
          'xmlns:zeebe': 'http://camunda.org/schema/zeebe/1.0',
          'xmlns:modeler': 'http://camunda.org/schema/modeler/1.0',
          'modeler:executionPlatform': 'Camunda Cloud',
          'modeler:executionPlatformVersion': '8.8.0',
        };
  const attributes = { ...NAMESPACES, ...own, id: 'definitions', targetNamespace: 'http://procos.dev/random' };
  return tag('bpmn:definitions', attributes, ...content);
}
