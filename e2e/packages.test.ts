/** `@procos/client` and `@procos/testing` as another project has them: packed, installed outside of this checkout, compiled against strictly, run. What docs/client.md, docs/migration.md and the packages' own pages show is what is run. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { copyFileSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { ROOT, Running, until } from './running-procos.ts';

const NPM = ['--offline', '--ignore-scripts', '--no-audit', '--no-fund', '--install-links=false'];
const TRACE = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

const MODEL = (id: string, task: string): string => `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="d" targetNamespace="t">
  <bpmn:error id="unknown" name="Unknown" errorCode="UNKNOWN_CUSTOMER" />
  <bpmn:process id="${id}" isExecutable="true" camunda:historyTimeToLive="P1D">
    <bpmn:startEvent id="start" /><bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="work" />
    ${task}<bpmn:sequenceFlow id="f2" sourceRef="work" targetRef="done" />
    <bpmn:endEvent id="done" />
  </bpmn:process>
</bpmn:definitions>`;
const ORDER = MODEL('order', '<bpmn:serviceTask id="work" camunda:type="external" camunda:topic="charge" />');
const SCORING = MODEL(
  'scoring',
  `<bpmn:serviceTask id="work" camunda:class="com.acme.bank.ScoringDelegate">
    <bpmn:extensionElements><camunda:field name="bureau" stringValue="schufa" /></bpmn:extensionElements>
  </bpmn:serviceTask>
  <bpmn:boundaryEvent id="caught" attachedToRef="work"><bpmn:errorEventDefinition id="e" errorRef="unknown" /></bpmn:boundaryEvent>
  <bpmn:sequenceFlow id="f3" sourceRef="caught" targetRef="refused" /><bpmn:endEvent id="refused" />`,
);
const SCRIPT = MODEL(
  'doubling',
  '<bpmn:scriptTask id="work" scriptFormat="javascript" camunda:resultVariable="twice"><bpmn:script>n * 2</bpmn:script></bpmn:scriptTask>',
);
/** The same handlers as in production, by the other package: an error of `@procos/client` has to be known to the kit. */
const KIT = `
import { BpmnError } from '@procos/client';
import { createTestEngine } from '@procos/testing';

test('a script runs in the process that comes with the package', async () => {
  const engine = await createTestEngine({ resources: [{ name: 'doubling.bpmn', content: ${JSON.stringify(SCRIPT)} }] });
  const doubling = await engine.start('doubling', { variables: { n: 21 } });
  doubling.assertEnded('done').assertVariables({ twice: 42 });
  engine.close();
});
test('a business error of the client is one for the kit', async () => {
  const engine = await createTestEngine({ resources: ['claim.bpmn'] });
  engine.worker('contract-lookup', () => { throw new BpmnError('NO_CONTRACT'); });
  (await engine.start('claim', { variables: { contract: 'none', amount: 1 } })).assertEnded('not_insured');
});`;

/** The code blocks of a page in one language, as they stand there. */
function blocks(path: string, language: string): string[] {
  const page = readFileSync(join(ROOT, path), 'utf8');
  const found = [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))];
  return found.map((match) => match[1] ?? '');
}

describe('packages for other projects', () => {
  let folder = '';
  let project = '';
  let tarballs: readonly string[] = [];
  let system: Running;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'procos-packages-'));
    project = mkdtempSync(join(folder, 'project-'));
    tarballs = run(ROOT, process.execPath, join(ROOT, 'packages/pack.js'), join(folder, 'packed')).trim().split('\n');
    install(tarballs);
    const environment = { PROCOS_DELEGATES: 'com.acme.bank.ScoringDelegate=scoring' };
    system = await (await Running.start({ data: join(folder, 'data'), environment })).ready();
    for (const [name, content] of Object.entries({ 'order.bpmn': ORDER, 'scoring.bpmn': SCORING }))
      await system.client.deploy({ name, resources: [{ name, content }] });
  });
  after(async () => {
    await system?.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  /** Gives what was printed; a failure shows all of it. */
  function run(cwd: string, program: string, ...args: string[]): string {
    const env = { ...process.env, NODE_TEST_CONTEXT: undefined, NODE_OPTIONS: undefined };
    const { status, stdout, stderr } = spawnSync(program, args, {
      cwd,
      env,
      encoding: 'utf8',
      maxBuffer: 16 * 1024 * 1024,
    });
    assert.equal(status, 0, `${program} ${args.join(' ')}\n${stdout}\n${stderr}`);
    return stdout;
  }

  /**
   * By npm, from the tarballs. No registry is asked: what they depend on are links to what this checkout has installed, in the
   * versions that the tarballs demand (npm would go to a registry for any other, and `--offline` refuses that).
   */
  function install(files: readonly string[]): void {
    const known = ['packages/bpmn/src/index.ts', 'packages/workers/src/index.ts'].map((path) =>
      pathToFileURL(join(ROOT, path)),
    );
    const demanded = files.flatMap((file) => Object.keys(packed(file).dependencies));
    const links = [...demanded, '@types/node', '@opentelemetry/api', 'vitest'].map((name) => {
      const manifest = known.map((url) => findPackageJSON(name, url)).find((path) => path !== undefined);
      assert.ok(manifest, name);
      return [name, `file:${dirname(manifest)}`] as const;
    });
    write('package.json', JSON.stringify({ type: 'module', private: true, dependencies: Object.fromEntries(links) }));
    run(project, 'npm', 'install', ...NPM, ...files);
  }

  function packed(
    tarball: string,
  ): { readonly dependencies: Readonly<Record<string, string>> } & Record<string, unknown> {
    return JSON.parse(run(folder, 'tar', '-xOf', tarball, 'package/package.json'));
  }
  function write(name: string, text: string): void {
    writeFileSync(join(project, name), text.replaceAll('http://127.0.0.1:8080', system?.url));
  }
  function compile(...files: string[]): void {
    const strict = [
      '--strict',
      '--skipLibCheck',
      'false',
      '--exactOptionalPropertyTypes',
      '--noUncheckedIndexedAccess',
    ];
    const modules = ['--module', 'nodenext', '--target', 'es2024', '--types', 'node', '--outDir', 'out'];
    run(project, process.execPath, join(ROOT, 'node_modules/typescript/bin/tsc'), ...strict, ...modules, ...files);
  }

  /** A program of the project that serves until it is told to stop; what it prints is collected. */
  function serve(...args: string[]): { readonly child: ChildProcess; readonly output: () => string } {
    let output = '';
    const child = spawn(process.execPath, args, { cwd: project, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    return { child, output: () => output };
  }
  async function ended(pid: string): Promise<Readonly<Record<string, unknown>>> {
    await until(`${pid} has ended`, async () => (await system.client.process(pid)).state === 'completed');
    const { variables, elements } = await system.client.process(pid);
    const end = elements.find(({ elementType }) => elementType === 'endEvent')?.elementId;
    return { end, ...Object.fromEntries(variables.map(({ name, value }) => [name, value])) };
  }
  const newest = async (): Promise<string> =>
    (await system.client.processes({ definition: 'order', state: 'all', limit: 1 })).processes[0]?.pid ?? '';

  test('a tarball holds compiled code, one file of types and the licence, and nothing that points into this checkout', () => {
    assert.deepEqual(
      tarballs.map((path) => basename(path)),
      ['procos-client-0.1.0.tgz', 'procos-testing-0.1.0.tgz'],
    );
    for (const tarball of tarballs) {
      const files = run(folder, 'tar', '-tf', tarball).trim().split('\n');
      for (const name of ['dist/index.js', 'dist/index.d.ts', 'LICENSE', 'README.md'])
        assert.ok(files.includes(`package/${name}`), `${name} of ${tarball}`);
      assert.deepEqual(
        files.filter(
          (name) => !/(\.js|^package\/dist\/index\.d\.ts|LICENSE|LICENSES\.txt|README\.md|package\.json)$/.test(name),
        ),
        [],
      );
      const { private: hidden, scripts, engines, ...manifest } = packed(tarball);
      assert.deepEqual([hidden, scripts, engines], [undefined, undefined, { node: '>=22' }]);
      assert.doesNotMatch(JSON.stringify(manifest), /workspace:|file:|\.\.\//);
      const compiled = globSync(`node_modules/${manifest['name']}/dist/*`, { cwd: project });
      const code = compiled.map((path) => readFileSync(join(project, path), 'utf8')).join('\n');
      assert.doesNotMatch(code, /from "@procos\/(?!client")|\.ts"/);
      assert.ok(!code.includes(ROOT));
    }
  });

  test('what docs/client.md shows compiles strictly, starts a process, serves it and leaves in order when it is told to', async () => {
    const [worker = '', trace = ''] = blocks('docs/client.md', 'ts');
    write('worker.ts', worker);
    write('trace.ts', `${trace}\nexport { client };\n`);
    write(
      'traced.ts',
      `import { propagation } from '@opentelemetry/api';
       import { client } from './trace.js';
       propagation.setGlobalPropagator({
         inject: (_context, carrier, setter) => setter.set(carrier, 'traceparent', '${TRACE}'),
         extract: (context) => context,
         fields: () => ['traceparent'],
       });
       console.log((await client.start({ bpmnProcessId: 'order', variables: { amount: 7 } })).id);`,
    );
    compile('worker.ts', 'traced.ts');
    const traced = run(project, process.execPath, 'out/traced.js').trim();
    const { child, output } = serve('out/worker.js');
    try {
      await until('it has started an order', () => /^Process instance \d+ has begun/m.test(output()));
      const pid = /instance (\d+)/.exec(output())?.[1] ?? '';
      const { end, receipt } = await ended(pid);
      assert.equal(end, 'done');
      assert.match(String(receipt), /^120 paid, receipt \d+$/);
      assert.equal((await ended(traced))['traceparent'], TRACE);
      child.kill('SIGTERM');
      await until('it has left', () => child.exitCode !== null, 10_000);
      assert.equal(child.exitCode, 0, output());
    } finally {
      child.kill('SIGKILL');
    }
  });

  test('the page of the client package shows a worker that works', async () => {
    write('readme.js', blocks('packages/client/README.md', 'js')[0] ?? '');
    const before = await newest();
    const { child, output } = serve('readme.js');
    try {
      await until('it has started an order', async () => (await newest()) !== before || child.exitCode !== null);
      assert.equal(child.exitCode, null, output());
      assert.equal((await ended(await newest()))['receipt'], 'R-1');
    } finally {
      child.kill('SIGKILL');
    }
  });

  test('the worker that docs/migration.md makes of a delegate does what the delegate did', async () => {
    write('delegate.js', blocks('docs/migration.md', 'js')[0] ?? '');
    const { child, output } = serve('delegate.js');
    try {
      const start = (customerId: string) =>
        system.client.start({ bpmnProcessId: 'scoring', variables: { customerId } });
      const [known, unknown] = [await start('4711'), await start('nobody')];
      const { end, score } = await ended(known.id);
      assert.deepEqual([end, score], ['done', 97], output());
      assert.equal((await ended(unknown.id))['end'], 'refused');
    } finally {
      child.kill('SIGKILL');
    }
  });

  test('the test kit runs under node:test, and examples and pages of it compile strictly', () => {
    for (const path of globSync('examples/testing/*.{bpmn,dmn,ts}', { cwd: ROOT }))
      copyFileSync(join(ROOT, path), join(project, basename(path)));
    write('kit.test.ts', `import { test } from 'node:test';${KIT}`);
    write('readme.test.js', blocks('packages/testing/README.md', 'js')[0] ?? '');
    compile('kit.test.ts', 'claim.test.ts', 'shipping.test.ts');
    run(project, process.execPath, '--test', '--test-isolation=none', 'kit.test.ts', 'claim.test.ts', 'readme.test.js');
  });

  test('the test kit runs under Vitest', () => {
    write('kit.vitest.ts', `import { test } from 'vitest';${KIT}`);
    const vitest = [join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', '--root', project, '--no-color'];
    write('vitest.config.js', "export default { test: { include: ['*.vitest.ts'] } };");
    assert.match(run(project, process.execPath, ...vitest), /Tests {2}2 passed/);
  });

  test('npm pack in the source folders says how it is done instead', () => {
    const { status, stderr } = spawnSync('npm', ['pack', '--dry-run'], {
      cwd: join(ROOT, 'packages/client'),
      encoding: 'utf8',
    });
    assert.notEqual(status, 0);
    assert.match(stderr, /npm run pack/);
  });
});
