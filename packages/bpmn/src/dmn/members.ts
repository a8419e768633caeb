/** Names that stand behind a dot: components of types, entries of contexts, outputs of tables, columns of relations. */
import { specialName } from '../expression/feel/names.ts';
import type { DecisionModel, ItemDefinition, Logic } from './model.ts';

const known = new WeakMap<DecisionModel, readonly string[]>();

/** Those with operators or keywords in them, which only a model can tell from an expression. */
export function membersOf(model: DecisionModel): readonly string[] {
  let members = known.get(model);
  if (members === undefined) {
    const logic = [...model.decisions, ...model.knowledge].flatMap((one) =>
      one.logic === undefined ? [] : [one.logic],
    );
    const names = [...model.types.flatMap(componentsIn), ...logic.flatMap(namesIn)];
    members = [...new Set(names)].filter((name) => specialName(name) !== undefined);
    known.set(model, members);
  }
  return members;
}

function componentsIn({ components }: ItemDefinition): string[] {
  return components.flatMap((component) => [component.name, ...componentsIn(component)]);
}

function namesIn(logic: Logic): string[] {
  switch (logic.kind) {
    case 'literal':
      return [];
    case 'table':
      return logic.outputs.flatMap(({ name }) => name ?? []);
    case 'context':
      return logic.entries.flatMap(({ name, value }) => [...(name === undefined ? [] : [name]), ...namesIn(value)]);
    case 'list':
      return logic.items.flatMap(namesIn);
    case 'relation':
      return [...logic.columns, ...logic.rows.flat().flatMap(namesIn)];
    case 'function':
      return namesIn(logic.body);
    case 'invocation':
      return logic.bindings.flatMap(({ value }) => namesIn(value));
    case 'conditional':
      return [logic.test, logic.yes, logic.no].flatMap(namesIn);
    case 'filter':
      return [logic.in, logic.match].flatMap(namesIn);
    case 'iterator':
      return [logic.in, logic.body].flatMap(namesIn);
  }
}
