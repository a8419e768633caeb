/** Preloaded (`node --import`): the mutant named by PROCOS_MUTANT is planted into its module while that is loaded. */
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { MUTANTS } from './mutants.ts';

const mutant = MUTANTS.find(({ name }) => name === process.env['PROCOS_MUTANT']);
if (mutant === undefined) throw new Error(`There is no mutant "${process.env['PROCOS_MUTANT']}" in mutants.ts.`);
const { file, find, replace } = mutant;
const target = fileURLToPath(new URL(`../../${file}`, import.meta.url));

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (!url.startsWith('file:') || fileURLToPath(url) !== target) return loaded;
    const source = String(loaded.source);
    if (source.split(find).length !== 2) throw new Error(`"${find}" is not exactly once in ${file}.`);
    return { ...loaded, source: source.replace(find, () => replace) };
  },
});
