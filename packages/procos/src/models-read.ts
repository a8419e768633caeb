/** What building has read of the shipped models, so that the first start of a store need not read them again. */
import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type ReadResult, reviveModel } from '@procos/bpmn';
import { BUILT_MODELS } from './built-models.ts';

/**
 * Gives, once for each text, what `readProcesses` has made of it without delegates; undefined where that is not known. `file`:
 * results by the SHA-256 of the text; it is read with the first question.
 */
export function modelsRead(file: URL | undefined = BUILT_MODELS): (xml: string) => ReadResult | undefined {
  if (file === undefined) return () => undefined;
  let known: Map<string, ReadResult> | undefined;
  return (xml) => {
    known ??= resultsIn(file);
    const key = hash('sha256', xml);
    const result = known.get(key);
    known.delete(key);
    return result;
  };
}

function resultsIn(file: URL): Map<string, ReadResult> {
  const results = JSON.parse(readFileSync(file, 'utf8')) as Record<string, ReadResult>;
  return new Map(
    Object.entries(results).map(([key, { processes, problems }]) => [
      key,
      { processes: processes.map(reviveModel), problems },
    ]),
  );
}
