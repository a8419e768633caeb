// Where a program of ProcOS begins: in what was built, where that is made of exactly the sources that are there, otherwise in the sources.
import { readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const ROOT = new URL('../../../', import.meta.url);
export const BUILT = new URL('../dist/', import.meta.url);
/** Written last: names the entries, and for each the files that it consists of and those that it was made from. */
export const MANIFEST = new URL('manifest.json', BUILT);

/** Entries by name, as paths from the root. */
export const SOURCES = {
  main: 'packages/procos/src/main.ts',
  'worker-host': 'packages/workers/src/host-main.ts',
};

/** URL of the module to import. */
export function entry(name) {
  return built(name) ?? new URL(SOURCES[name], ROOT).href;
}

/** URL in what was built; undefined where nothing was, or a file is no longer what it was. */
export function built(name) {
  try {
    const { entries } = JSON.parse(readFileSync(MANIFEST, 'utf8'));
    const { begin, files } = entries[name];
    const root = fileURLToPath(ROOT);
    return files.every((file) => isSame(root + file.path, file)) ? new URL(begin, BUILT).href : undefined;
  } catch {
    // Nothing was built, or it is damaged: the sources do the same.
    return undefined;
  }
}

/**
 * Nobody can write a file and keep all four: the instant of the last change of its entry is the operating system's own. Where
 * one differs, as in a copied folder, the content decides.
 */
function isSame(path, { size, mtimeMs, ctimeMs, ino, sha256 }) {
  const now = statSync(path, { throwIfNoEntry: false });
  if (now === undefined || now.size !== size) return false;
  if (now.mtimeMs === mtimeMs && now.ctimeMs === ctimeMs && now.ino === ino) return true;
  return sha256Of(path) === sha256;
}

/** What the manifest holds of a file; `path`: from the root. */
export function describe(path) {
  const absolute = fileURLToPath(new URL(path, ROOT));
  // Before the content: who changes the file in between makes it another one.
  const { size, mtimeMs, ctimeMs, ino } = statSync(absolute);
  return { path, size, mtimeMs, ctimeMs, ino, sha256: sha256Of(absolute) };
}

function sha256Of(path) {
  // Taken only here: loading it costs more than all the looking.
  return process.getBuiltinModule('node:crypto').hash('sha256', readFileSync(path));
}
