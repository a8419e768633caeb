// Builds ProcOS: its sources in few files without types, which are sooner read than a thousand. Libraries stay where they are. For Node 24.
import { hash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readSystemModels } from './build-models.js';
import { sourcesPlugin } from './build-plugin.js';
import { BUILT, describe, MANIFEST, ROOT, SOURCES } from './entry.js';

const root = fileURLToPath(ROOT);
const folder = fileURLToPath(BUILT);
const MODELS_MODULE = 'packages/procos/src/built-models.ts';
/** The clock of files may be behind by one tick of the operating system's. */
const began = Date.now() - 20;
/** npm's list of what is installed: another one, and imports may lead elsewhere. */
const INSTALLED = 'node_modules/.package-lock.json';

/** Throws what keeps it from being built. */
export async function make() {
  // That cutting out types is an experiment of Node's is nothing for who installs.
  process.removeAllListeners('warning');
  const { rolldown } = await import('rolldown');
  const installed = existsSync(root + INSTALLED) ? [describe(INSTALLED)] : [];
  const models = await readSystemModels(ROOT);
  const modelsFile = `models-${hash('sha256', models).slice(0, 8)}.json`;
  const replaced = new Map([
    [MODELS_MODULE, `export const BUILT_MODELS = new URL('./${modelsFile}', import.meta.url);`],
  ]);
  const used = new Map();
  const input = Object.fromEntries(Object.entries(SOURCES).map(([name, path]) => [name, root + path]));
  const plugins = [sourcesPlugin({ root, folder, entries: Object.values(SOURCES), replaced, used })];
  const bundle = await rolldown({ input, cwd: root, platform: 'node', plugins, logLevel: 'silent' });
  const { output } = await bundle.generate({
    format: 'esm',
    entryFileNames: '[name]-[hash].js',
    chunkFileNames: '[name]-[hash].js',
    sourcemap: true,
    keepNames: true,
  });
  await bundle.close();
  mkdirSync(folder, { recursive: true });
  for (const { fileName, code, source } of output) put(folder + fileName, code ?? source);
  put(folder + modelsFile, models);
  const here = `${relative(root, folder).replaceAll(sep, '/')}/`;
  const chunks = new Map(output.map((file) => [file.fileName, file]));
  const entries = Object.entries(input).map(([name, file]) => {
    const begin = output.find(({ facadeModuleId }) => facadeModuleId === file).fileName;
    const made = reachable(begin, (chunk) => {
      const { imports, dynamicImports } = chunks.get(chunk);
      return [...imports, ...dynamicImports].filter((one) => chunks.has(one));
    });
    const from = reachable(SOURCES[name], (path) => used.get(path).leadsTo);
    const files = [...made.map((chunk) => describe(here + chunk)), ...from.map((path) => used.get(path).file)];
    return [
      name,
      { begin, files: [...files, ...installed, ...(name === 'main' ? [describe(here + modelsFile)] : [])] },
    ];
  });
  const changed = [...used.values()].find(({ file }) => file.ctimeMs > began);
  if (changed !== undefined) throw new Error(`${changed.file.path} changed meanwhile: run it again`);
  publish({ entries: Object.fromEntries(entries), output: [...output.map(({ fileName }) => fileName), modelsFile] });
}

/** In order of names: in which order the bundler asks is another one each time. */
function reachable(begin, next) {
  const seen = new Set([begin]);
  for (const one of seen) for (const other of next(one)) seen.add(other);
  return [...seen].sort();
}

/** Whole or not at all, and only where it is not there yet: a system that starts may be reading it. */
function put(path, content) {
  if (existsSync(path) && readFileSync(path).equals(Buffer.from(content))) return;
  const next = `${path}.${process.pid}`;
  writeFileSync(next, content);
  renameSync(next, path);
}

/** A system that runs may still load parts of what was built before: those go with the next build. */
function publish(manifest) {
  let before = [];
  try {
    before = JSON.parse(readFileSync(MANIFEST, 'utf8')).output;
  } catch {
    // The first one.
  }
  put(fileURLToPath(MANIFEST), JSON.stringify(manifest));
  const kept = new Set([...manifest.output, ...before, 'manifest.json']);
  for (const name of readdirSync(folder)) if (!kept.has(name)) rmSync(folder + name);
}
