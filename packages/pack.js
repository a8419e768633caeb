// Packs @procos/client and @procos/testing for other projects: compiled JavaScript and one file of types each, as tarballs in dist/packages.
// Plain JavaScript: it also runs where the development dependencies of others are not installed yet. What was decided: docs/adr/0048.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { builtinModules, findPackageJSON } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';
import { dts } from 'rolldown-plugin-dts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
/** The oldest Node that the tarballs are tried with. */
const OLDEST_NODE = 22;
const OWN = '@procos/';

/**
 * `inlined`: packages of this repository that go into the tarball, because nobody installs them by themselves. `@procos/client` is not
 * among those of the test kit: a handler throws the `BpmnError` of the client, and the kit has to know it as its own.
 * `foreign`: packages of others that go in as well, with their licences; all the rest stay dependencies.
 */
const PACKAGES = [
  { name: 'client', inlined: ['protocol'], foreign: [], programs: {} },
  {
    name: 'testing',
    inlined: ['protocol', 'bpmn', 'engine', 'store', 'kernel', 'workers'],
    // CommonJS that requires an ES module, which Jest takes for a cycle and refuses.
    foreign: ['bpmnlint', 'bpmnlint-utils', 'min-dash'],
    // Scripts run in processes of their own: this is what they start.
    programs: { 'script-child': 'packages/workers/src/script/script-child.ts' },
  },
];

/** Gives the paths of the tarballs, the client's first. `folder` is created, and what was packed into it before is replaced. */
async function packAll(folder) {
  const tarballs = [];
  for (const one of PACKAGES) tarballs.push(await pack(one, folder));
  return tarballs;
}

async function pack({ name, inlined, foreign, programs }, folder) {
  const source = join(ROOT, 'packages', name);
  const staged = join(folder, name);
  const compiled = join(staged, 'dist');
  rmSync(staged, { recursive: true, force: true });
  mkdirSync(compiled, { recursive: true });
  const inside = (id) => inlined.find((one) => id === `${OWN}${one}`);
  const ours = {
    name: 'workspace',
    resolveId(id) {
      if (/^[./]|^\w:[\\/]/.test(id) || foreign.includes(packageOf(id))) return null;
      const at = inside(id);
      return at === undefined ? { id, external: true } : join(ROOT, 'packages', at, 'src/index.ts');
    },
  };
  const index = join(source, 'src/index.ts');
  const entries = Object.entries(programs).map(([program, path]) => [program, join(ROOT, path)]);
  const code = await build(compiled, {
    input: { index, ...Object.fromEntries(entries) },
    plugins: [ours],
    transform: { target: `node${OLDEST_NODE}` },
    // No module of ours does anything by being read.
    treeshake: { moduleSideEffects: false },
  });
  await build(compiled, {
    input: { index },
    plugins: [ours, dts({ dtsOnly: true, tsconfig: false, generator: 'oxc' })],
  });

  cpSync(join(ROOT, 'LICENSE'), join(staged, 'LICENSE'));
  cpSync(join(source, 'README.md'), join(staged, 'README.md'));
  if (foreign.length > 0) writeFileSync(join(staged, 'dist/THIRD-PARTY-LICENSES.txt'), licencesOf(code));
  const dependencies = dependenciesOf(code, [name, ...inlined]);
  writeFileSync(join(staged, 'package.json'), `${JSON.stringify(manifest(source, dependencies), null, 2)}\n`);
  const packed = npm(['pack', '--json', '--pack-destination', folder], staged);
  return join(folder, fileName(JSON.parse(packed)));
}

/** `npm pack --json` tells of what it has packed as a list, or from npm 11.? on by name. */
function fileName(packed) {
  const [{ filename }] = Object.values(packed);
  return filename;
}

async function build(dir, options) {
  const bundle = await rolldown({
    platform: 'node',
    cwd: ROOT,
    logLevel: 'warn',
    checks: { pluginTimings: false },
    ...options,
  });
  const { output } = await bundle.write({
    dir,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: '[name].js',
  });
  await bundle.close();
  return output;
}

/** What the compiled code imports, in the versions that the packages of this repository ask for. */
function dependenciesOf(output, names) {
  const asked = Object.assign({}, ...names.map((name) => manifestOf(join(ROOT, 'packages', name)).dependencies));
  const files = new Set(output.map(({ fileName }) => fileName));
  const imported = output
    .flatMap((chunk) => [...(chunk.imports ?? []), ...(chunk.dynamicImports ?? [])])
    .filter((id) => !files.has(id) && !id.startsWith('node:') && !builtinModules.includes(id))
    .map(packageOf);
  return Object.fromEntries(
    [...new Set(imported)].sort().map((name) => {
      if (asked[name] === undefined)
        throw new Error(`${name} is imported, and none of ${names.join(', ')} declares it.`);
      return [name, asked[name]];
    }),
  );
}

/** The licences of what others have written and is in the compiled code. Throws where one of them has none. */
function licencesOf(output) {
  const modules = output.flatMap((chunk) => Object.keys(chunk.modules ?? {}));
  const manifests = modules
    .filter((path) => path.includes('node_modules'))
    .map((path) => findPackageJSON(pathToFileURL(path)));
  return [...new Set(manifests)].sort().map(licenceOf).join('\n\n');
}

function licenceOf(path) {
  const { name, version } = JSON.parse(readFileSync(path, 'utf8'));
  return `${name} ${version}\n\n${readFileSync(join(dirname(path), 'LICENSE'), 'utf8').trim()}\n`;
}

/** `@scope/name` or `name` of what is imported by a bare name. */
function packageOf(id) {
  return id.split('/', id.startsWith('@') ? 2 : 1).join('/');
}

function manifest(source, imported) {
  const peers = ([name]) => name.startsWith(OWN);
  const entries = Object.entries(imported);
  const peerDependencies = Object.fromEntries(entries.filter(peers));
  const { name, version, description, license, type } = manifestOf(source);
  return {
    name,
    version,
    description,
    license,
    type,
    engines: { node: `>=${OLDEST_NODE}` },
    exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' }, './package.json': './package.json' },
    // For tools that do not read `exports`.
    main: './dist/index.js',
    types: './dist/index.d.ts',
    files: ['dist'],
    sideEffects: false,
    dependencies: Object.fromEntries(entries.filter((entry) => !peers(entry))),
    // Of the client there must be one: that of the project.
    ...(Object.keys(peerDependencies).length > 0 && { peerDependencies }),
  };
}

function manifestOf(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

function npm(args, cwd) {
  // By the shell where npm is a script of it.
  return execFileSync('npm', args, { cwd, encoding: 'utf8', shell: process.platform === 'win32' });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  // What npm would pack in these folders is source that Node compiles nowhere below node_modules.
  if (process.argv[2] === '--instead') {
    console.error(
      'This folder holds the source of the package. Pack it by `npm run pack` in the root of the checkout.',
    );
    process.exit(1);
  }
  for (const tarball of await packAll(resolve(process.argv[2] ?? join(ROOT, 'dist/packages')))) console.log(tarball);
}
