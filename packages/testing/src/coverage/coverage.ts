/** Path coverage: which elements, sequence flows and rules the tests have passed, counted from what the engine records. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DecisionModel, EmbeddedEngine, Json, LogRecord, ProcessModel } from '@procos/kernel';
import { type CoverageReport, type CoveredModel, mergeReports, percentOf, percentText, reportText } from './report.ts';

type Parts = Map<
  string,
  { -readonly [key in keyof CoveredModel['parts'][number]]: CoveredModel['parts'][number][key] }
>;

interface Model extends Omit<CoveredModel, 'parts'> {
  readonly parts: Parts;
}

/** Files of stand-ins for called processes, which are not under test. */
export const MOCK_SUFFIX = '.mock.bpmn';

/** Collects over all engines that it is given to; `coverage` is what they use unless told otherwise. */
export class Coverage {
  readonly #models = new Map<string, Model>();

  /** Forgets everything. */
  reset(): void {
    this.#models.clear();
  }

  report(): CoverageReport {
    const models = [...this.#models.values()].map((model) => ({ ...model, parts: [...model.parts.values()] }));
    return mergeReports([{ models }]);
  }

  /** For people: what was missed, with its line. */
  text(): string {
    return reportText(this.report());
  }

  /** Writes the report as JSON; folders are made. Several are put together by `mergeReports`. */
  write(file: string): void {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${JSON.stringify(this.report(), null, 2)}\n`);
  }

  /** Passed parts of all parts, 0 to 100, of everything or of one process or decision. Throws when that was never deployed. */
  percent(id?: string): number {
    return percentOf(...this.#chosen(id));
  }

  /** Throws an `AssertionError` that lists what was missed when less than `percent` was passed. */
  assertAtLeast(percent: number, id?: string): void {
    const models = this.#chosen(id);
    const reached = percentOf(...models);
    if (reached >= percent) return;
    const message = `Path coverage is ${percentText(reached)}, wanted are at least ${percent} %.\n${reportText({ models })}`;
    throw new assert.AssertionError({ message, actual: reached, expected: percent, operator: '>=' });
  }

  #chosen(id: string | undefined): readonly CoveredModel[] {
    const { models } = this.report();
    const chosen = id === undefined ? models : models.filter((model) => model.id === id);
    assert.ok(
      id === undefined || chosen.length > 0,
      `Nothing with the id '${id}' was deployed; there are: ${models.map((model) => model.id).join(', ') || 'none'}.`,
    );
    return chosen;
  }

  /** Counts from now on what the engine does. */
  follow(engine: EmbeddedEngine): void {
    const definitions = new Map<number, number>();
    engine.onCommitted((records) => this.#count(records, engine, definitions));
  }

  /** `definitions`: which one each process instance follows. */
  #count(records: readonly LogRecord[], engine: EmbeddedEngine, definitions: Map<number, number>): void {
    for (const event of records.flatMap((record) => record.events)) {
      switch (event.type) {
        case 'processDefined': {
          const { model, resourceName, checksum, bpmnProcessId } = event.definition;
          this.#add({ kind: 'process', id: bpmnProcessId, resource: resourceName, checksum }, processParts(model));
          break;
        }
        case 'decisionDefined': {
          const { model, resourceName, checksum } = event.decision;
          for (const decision of (model as unknown as DecisionModel).decisions)
            this.#add({ kind: 'decision', id: decision.id, resource: resourceName, checksum }, decisionParts(decision));
          break;
        }
        case 'processInstanceCreated':
        case 'processInstanceMigrated':
          definitions.set(event.processInstanceId, event.definitionId);
          break;
        case 'elementActivated':
          this.#pass(engine, definitions.get(event.processInstanceId), event.elementId);
          break;
        case 'elementCompleted':
          for (const flowId of event.takenFlows) this.#pass(engine, definitions.get(event.processInstanceId), flowId);
          break;
        case 'tokenPlaced':
          this.#pass(engine, definitions.get(event.processInstanceId), event.flowId);
          break;
        case 'decisionEvaluated':
          this.#decided(engine, event.decisionDefinitionId, event.trace);
          break;
      }
    }
  }

  #pass(engine: EmbeddedEngine, definitionId: number | undefined, partId: string): void {
    const definition = definitionId === undefined ? undefined : engine.definition(definitionId);
    if (definition === undefined) return;
    const { bpmnProcessId: id, resourceName: resource, checksum } = definition;
    const part = this.#models.get(keyOf({ kind: 'process', id, resource, checksum }))?.parts.get(partId);
    if (part !== undefined) part.passed += 1;
  }

  #decided(engine: EmbeddedEngine, decisionDefinitionId: number, trace: Json): void {
    const [row] = engine.find('decisions', { where: [{ column: 'id', op: '=', value: decisionDefinitionId }] });
    if (row === undefined) return;
    const { resourceName: resource, checksum } = row;
    for (const { decisionId: id, rules = [], file } of trace as unknown as readonly Traced[]) {
      // Of an imported file: it is counted where its own decisions are asked for.
      if (file !== undefined) continue;
      const parts = this.#models.get(keyOf({ kind: 'decision', id, resource, checksum }))?.parts;
      for (const { index } of rules) {
        const part = parts?.get(String(index));
        if (part !== undefined) part.passed += 1;
      }
    }
  }

  #add(about: Omit<Model, 'parts'>, parts: Parts): void {
    const key = keyOf(about);
    if (about.resource.endsWith(MOCK_SUFFIX)) return;
    // A decision without a table has nothing to be passed.
    if (parts.size > 0 && !this.#models.has(key)) this.#models.set(key, { ...about, parts });
  }
}

interface Traced {
  readonly decisionId: string;
  readonly rules?: readonly { readonly index: number }[];
  readonly file?: string;
}

function keyOf({ kind, id, resource, checksum }: Omit<Model, 'parts'>): string {
  return JSON.stringify([kind, id, resource, checksum]);
}

function processParts({ bpmnProcessId, elements, flows }: ProcessModel): Parts {
  const parts: Parts = new Map();
  for (const element of Object.values(elements)) {
    const { id, type, name, line } = element;
    // A compensation boundary event is a mark at its activity: nothing ever passes it.
    const isMark = element.type === 'boundaryEvent' && element.event.kind === 'compensation';
    if (id === bpmnProcessId || isMark) continue;
    parts.set(id, { kind: 'element', id, label: name === undefined ? type : `${type} "${name}"`, line, passed: 0 });
  }
  for (const { id, source, target, name } of Object.values(flows)) {
    const label = `${source} -> ${target}${name === undefined ? '' : ` "${name}"`}`;
    parts.set(id, { kind: 'flow', id, label, line: elements[source]?.line ?? 0, passed: 0 });
  }
  return parts;
}

function decisionParts({ line, logic }: DecisionModel['decisions'][number]): Parts {
  const parts: Parts = new Map();
  if (logic?.kind !== 'table') return parts;
  for (const [at, rule] of logic.rules.entries()) {
    const index = String(at + 1);
    parts.set(index, { kind: 'rule', id: rule.id || index, label: `rule ${index}`, line, passed: 0 });
  }
  return parts;
}

/** What all engines of this process collect into: of one test file, as test runners start a process or a context for each. */
export const coverage: Coverage = new Coverage();
