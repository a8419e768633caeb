/** A bundle on the command line: a folder is packed and signed, and installed by procos_system_install. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ROOT, Running } from './running-procos.ts';

describe('bundles', () => {
  let folder = '';
  let system: Running;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'procos-bundles-'));
    cpSync(join(ROOT, 'examples', 'secure_data'), at('parcel'), { recursive: true });
    system = await (await Running.start({ data: at('data') })).ready();
  });
  after(async () => {
    await system?.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  const at = (name: string): string => join(folder, name);
  async function pack(name: string): Promise<void> {
    const packed = await system.procos('pack', at('parcel'), '-o', at(name), '--key', at('ada.key'));
    assert.equal(packed.code, 0, packed.err);
  }

  test('a folder is packed, signed, read without a system, and the same again', async () => {
    const made = await system.procos('key', 'create', at('ada.key'));
    assert.equal(made.code, 0, made.err);
    assert.equal(statSync(at('ada.key')).mode & 0o777, 0o600);
    assert.equal((await system.procos('key', 'create', at('ada.key'))).code, 2, 'no key is written over');
    await pack('one.bundle');
    await pack('again.bundle');
    assert.deepEqual(readFileSync(at('again.bundle')), readFileSync(at('one.bundle')));
    const id = /^key ([0-9a-f]{64})$/m.exec(made.out)?.[1] ?? '';
    const verified = await system.procos('pack', '--verify', at('one.bundle'));
    assert.ok(verified.out.includes(id), verified.out);
    assert.match(verified.out, /^process\s+secure_data\w*\s+declares /m);
    assert.equal((await system.procos('install', '--dry-run', at('one.bundle'))).out, verified.out);
    assert.equal(
      (await system.client.definitions()).definitions.some(({ bpmnProcessId }) =>
        bpmnProcessId.startsWith('secure_data'),
      ),
      false,
    );
  });

  test('an unknown key is refused; a trusted one installs, and a newer version shows what more it declares', async () => {
    const refused = await system.procos('install', at('one.bundle'));
    assert.equal(refused.code, 1);
    assert.match(refused.err, /which nobody here trusts/);
    mkdirSync(at('data/trusted-keys'));
    cpSync(at('ada.key.pub'), at('data/trusted-keys/ada.pub'));
    assert.match((await system.procos('key', 'list', '--data', at('data'))).out, /^ada +[0-9a-f]{64}$/m);
    const installed = await system.procos('install', at('one.bundle'));
    assert.equal(installed.code, 0, installed.err);
    assert.match(installed.out, /^secure_data\w* is new: /m);
    assert.match(installed.out, /^installed {2}parcel 1, signed by ada$/m);

    const path = at('parcel/secure_data.bpmn');
    const model = readFileSync(path, 'utf8');
    const more = model.replace(
      '<procos:allowedTasks>',
      '<procos:allowedTasks>\n          <procos:task topic="carrier_pigeon" />',
    );
    assert.notEqual(more, model);
    writeFileSync(path, more);
    await pack('two.bundle');
    const newer = await system.procos('install', at('two.bundle'));
    assert.equal(newer.code, 0, newer.err);
    assert.match(newer.out, /replaces version 1: declares tasks carrier_pigeon/);
  });

  test('the rules of policy that it proposes hold only when a person adopts them', async () => {
    const proposal = {
      rules: [{ process: 'secure_data*', deny: { hosts: [{ name: '*.example' }] }, why: 'none needed' }],
    };
    writeFileSync(at('parcel/procos-policy.json'), JSON.stringify(proposal));
    await pack('three.bundle');
    const installed = await system.procos('install', at('three.bundle'));
    assert.equal(installed.code, 0, installed.err);
    const rule = 'secure_data* may not use hosts:*.example: none needed';
    assert.ok(installed.out.includes(`proposes a rule of policy, which does not hold by this: ${rule}`), installed.out);
    const shown = await system.procos('policy', 'adopt', at('three.bundle'));
    assert.ok(shown.out.includes(`+  ${rule}`), shown.out);
    assert.deepEqual((await system.client.policy()).rules, []);
    const adopted = await system.procos('policy', 'adopt', at('three.bundle'), '--why', 'agreed');
    assert.equal(adopted.code, 0, adopted.err);
    assert.deepEqual((await system.client.policy()).rules, proposal.rules);
    const again = await system.procos('policy', 'adopt', at('three.bundle'), '--why', 'agreed');
    assert.match(again.err, /proposes no rule that does not hold already/);
    const wrong = await system.procos('policy', 'set', at('ada.key.pub'), '--why', 'by mistake');
    assert.match(wrong.err, /is no JSON/);
    assert.deepEqual((await system.client.policy()).rules, proposal.rules);
  });

  test('a bundle that was changed on its way is refused here, and by the system, too', async () => {
    const changed = readFileSync(at('two.bundle'), 'utf8').replace('carrier_pigeon', 'carrier_falcon');
    writeFileSync(at('bad.bundle'), changed);
    const refused = await system.procos('install', '--json', at('bad.bundle'));
    assert.equal(refused.code, 1);
    assert.match(refused.out + refused.err, /BUNDLE_SIGNATURE/);
    const { draftId } = await system.client.draft({
      name: 'bad',
      source: 'procos install',
      resources: [{ name: 'bad.bundle', content: Buffer.from(changed) }],
      skipUnchanged: true,
    });
    const ran = await system.procos('run', 'procos_system_install', '--var', `bundle=${draftId}`);
    assert.match(ran.out, /code +BUNDLE_SIGNATURE/);
  });
});
