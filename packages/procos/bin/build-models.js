// Reads the models of the system ahead: what the reader makes of a text is the same at the first start of every store.
import { hash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';

/** JSON: by the SHA-256 of a model's text, what the sources read in it, where JSON can say all of that. `root`: a URL. */
export async function readSystemModels(root) {
  const { readDecisions, readProcesses, reviveModel } = await import(new URL('packages/bpmn/src/index.ts', root).href);
  const folder = new URL('system/', root);
  const results = { processes: {}, decisions: {} };
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    const isTable = name.endsWith('.dmn');
    if (!isTable && !name.endsWith('.bpmn')) continue;
    const xml = readFileSync(new URL(name.replaceAll('\\', '/'), folder), 'utf8');
    const read = isTable ? readDecisions(xml) : await readProcesses(xml);
    const kept = JSON.parse(JSON.stringify(read));
    const revived = isTable ? kept : { ...kept, processes: kept.processes.map(reviveModel) };
    if (!isDeepStrictEqual(plain(revived), plain(read))) continue;
    results[isTable ? 'decisions' : 'processes'][hash('sha256', xml)] = kept;
  }
  return JSON.stringify(results);
}

/** Without the difference between records with and without a prototype, which a store does not keep either. */
function plain(value) {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return new Map(Object.entries(value).map(([name, member]) => [name, plain(member)]));
}
