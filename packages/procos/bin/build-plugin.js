// How the bundler sees the sources: as Node does. Types are cut out by Node itself, libraries stay files of their own, and a module is where its source is.
import { existsSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { dirname, relative, sep } from 'node:path';
import { describe } from './entry.js';

/**
 * A plugin for Rolldown. `root` and `folder` (of what is built) are absolute and end with a separator; `entries` are paths from
 * the root; of `replaced` the code stands in the place of a module. `used` is filled: for each file that the build depends on,
 * by its path from the root, what it is, and which files it leads to.
 */
export function sourcesPlugin({ root, folder, entries, replaced, used }) {
  const pathOf = (file) => relative(root, file).replaceAll(sep, '/');
  const fromBuilt = (file) => {
    const path = relative(folder, file).replaceAll(sep, '/');
    return path.startsWith('.') ? path : `./${path}`;
  };
  const meet = (path) => {
    if (!used.has(path)) used.set(path, { file: describe(path), leadsTo: new Set() });
    return used.get(path);
  };
  const note = (from, to) => {
    meet(from).leadsTo.add(to);
    meet(to);
  };
  for (const path of entries) meet(path);
  const find = async (context, name, importer) => {
    const found = await context.resolve(name, importer, { skipSelf: true });
    if (found == null || found.external) throw new Error(`${pathOf(importer)} imports ${name}, which is nowhere`);
    return found.id;
  };
  return {
    name: 'procos-sources',
    resolveId: {
      async handler(name, importer) {
        if (name.startsWith('node:')) return { id: name, external: true };
        if (importer === undefined) return null;
        const file = await find(this, name, importer);
        note(pathOf(importer), pathOf(file));
        if (!isLibrary(file)) return null;
        note(pathOf(file), pathOf(packageOf(file)));
        return { id: fromBuilt(file), external: 'absolute' };
      },
    },
    load: {
      filter: { id: /\.(ts|json)$/ },
      async handler(id) {
        // Text is sooner read than code that says the same.
        if (id.endsWith('.json')) return { code: `export default JSON.parse(${dataOf(id)})`, moduleType: 'js' };
        if (replaced.has(pathOf(id))) return { code: replaced.get(pathOf(id)), moduleType: 'js' };
        const code = stripTypeScriptTypes(readFileSync(id, 'utf8'));
        const places = new Map([['import.meta.url', id]]);
        for (const [text, name] of code.matchAll(/import\.meta\.resolve\('([^']+)'\)/g)) {
          const file = await find(this, name, id);
          if (!name.startsWith('.')) note(pathOf(id), pathOf(packageOf(file)));
          places.set(text, file);
        }
        const placed = code.replace(/import\.meta\.(?:url|[\w.]+(?:\([^)]*\))?)/g, (text) => {
          const file = places.get(text);
          if (file === undefined) throw new Error(`${pathOf(id)}: ${text} cannot be built`);
          return `new URL(${JSON.stringify(fromBuilt(file))}, import.meta.url).href`;
        });
        return { code: placed, moduleType: 'js' };
      },
    },
  };
}

function dataOf(file) {
  return JSON.stringify(JSON.stringify(JSON.parse(readFileSync(file, 'utf8'))));
}

/** What it exports is data: it has no state that there could be two of. */
function isLibrary(file) {
  return file.includes(`${sep}node_modules${sep}`) && !file.endsWith('.json');
}

/** Says which file of the package an import means. */
function packageOf(file) {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const path = `${folder}${sep}package.json`;
    if (existsSync(path)) return path;
    if (folder === dirname(folder)) throw new Error(`${file} is in no package`);
  }
}
