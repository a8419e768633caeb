/** What building has read of the shipped models, so that the first start of a store need not read them again. */
import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type ReadDecisions, type ReadResult, reviveModel } from '@procos/bpmn';
import type { ReadBefore } from '@procos/kernel';
import { BUILT_MODELS } from './built-models.ts';

/** By the SHA-256 of the text. */
interface Results {
  readonly processes: Record<string, ReadResult>;
  readonly decisions: Record<string, ReadDecisions>;
}

/**
 * Gives, once for each text, what reading it without delegates has given; undefined where that is not known. `file`: the
 * results; it is read with the first question.
 */
export function modelsRead(file: URL | undefined = BUILT_MODELS): ReadBefore {
  if (file === undefined) return { processes: () => undefined, decisions: () => undefined };
  let known: Results | undefined;
  const take = <T>(resultsOf: (results: Results) => Record<string, T>, xml: string): T | undefined => {
    known ??= JSON.parse(readFileSync(file, 'utf8')) as Results;
    const results = resultsOf(known);
    const key = hash('sha256', xml);
    const result = results[key];
    delete results[key];
    return result;
  };
  return {
    processes: (xml) => {
      const read = take(({ processes }) => processes, xml);
      return read && { ...read, processes: read.processes.map(reviveModel) };
    },
    decisions: (xml) => take(({ decisions }) => decisions, xml),
  };
}
