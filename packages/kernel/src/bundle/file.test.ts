/** The file of a bundle: the same bytes for the same content, and every part of it that somebody changes is noticed. */
import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { BUNDLE_LIMITS, readBundle, writeBundle } from './file.ts';
import { newKeyPair, readPrivateKey, trustedKeys } from './keys.ts';
import { BundleRefused } from './refusal.ts';

const KEY = newKeyPair();
const PRIVATE = createPrivateKey(KEY.privateKey);
const FILES = [
  { name: 'order.bpmn', bytes: Buffer.from('<order/>') },
  { name: 'forms/order.form', bytes: Buffer.from([0xff, 0xfe, 0x41, 0x00]) },
];
const CONTENT = {
  name: 'orders',
  version: '1.0.0',
  files: FILES,
  processes: [{ id: 'order', file: 'order.bpmn', capabilities: ['hosts api.example.com'] }],
  decisions: [],
};

const refusal = (bytes: Buffer): string => {
  try {
    readBundle(bytes);
  } catch (error) {
    if (error instanceof BundleRefused) return error.code;
    throw error;
  }
  return 'read';
};
const named = (...names: string[]) => ({
  ...CONTENT,
  files: names.map((name) => ({ name, bytes: Buffer.from('x') })),
});

describe('a bundle', () => {
  test('is the same bytes for the same content and key, whatever the order of the files', () => {
    const bytes = writeBundle(CONTENT, PRIVATE);
    assert.deepEqual(writeBundle({ ...CONTENT, files: [...FILES].reverse() }, PRIVATE), bytes);
    const { manifest, signer, files } = readBundle(bytes);
    assert.equal(signer, KEY.id);
    assert.deepEqual(files, [FILES[1], FILES[0]]);
    assert.deepEqual(manifest.processes, CONTENT.processes);
    assert.equal(readBundle(writeBundle(CONTENT)).signer, null);
  });

  test('is refused when anything in it was changed', () => {
    const text = writeBundle(CONTENT, PRIVATE).toString();
    const changed = (from: string | RegExp, to: string): string => {
      const other = text.replace(from, to);
      assert.notEqual(other, text, String(from));
      return refusal(Buffer.from(other));
    };
    const order = FILES[0]?.bytes.toString('base64') ?? '';
    assert.equal(changed('"orders"', '"ardors"'), 'BUNDLE_SIGNATURE');
    assert.equal(changed('api.example.com', 'api.example.net'), 'BUNDLE_SIGNATURE');
    assert.equal(changed(/"sha256":"[0-9a-f]{4}/, '"sha256":"0000'), 'BUNDLE_SIGNATURE');
    assert.equal(changed(order, Buffer.from('<odder/>').toString('base64')), 'BUNDLE_DAMAGED');
    assert.equal(changed(order, `${order} `), 'BUNDLE_DAMAGED');
    assert.equal(changed('{"kind":"file","name":"order.bpmn"', '{"kind":"file","name":"other.bpmn"'), 'BUNDLE_DAMAGED');
    const signature = /"signature":"([^"]+)"/.exec(text)?.[1] ?? '';
    assert.equal(changed(signature, Buffer.alloc(64).toString('base64')), 'BUNDLE_SIGNATURE');
    const other = writeBundle(CONTENT, createPrivateKey(newKeyPair().privateKey)).toString();
    const publicKey = /"publicKey":"([^"]+)"/;
    assert.equal(changed(publicKey, publicKey.exec(other)?.[0] ?? ''), 'BUNDLE_SIGNATURE');
    assert.equal(changed(publicKey, '"publicKey":"AAAA"'), 'BUNDLE_KEY');
    assert.equal(changed('"algorithm":"ed25519"', '"algorithm":"none"'), 'BUNDLE_DAMAGED');
    assert.equal(changed('"format":1', '"format":2'), 'BUNDLE_FORMAT');
    assert.equal(changed('"kind":"bundle"', '"kind":"parcel"'), 'BUNDLE_FORMAT');
    assert.equal(changed(/$/, `{"kind":"file","name":"more.bpmn","base64":""}\n`), 'BUNDLE_DAMAGED');
  });

  test('is refused wherever it was cut short', () => {
    const bytes = writeBundle(CONTENT, PRIVATE);
    for (let length = 0; length < bytes.length; length++)
      assert.notEqual(refusal(bytes.subarray(0, length)), 'read', `${length} bytes`);
  });

  test('holds no names that lead elsewhere, and none twice', () => {
    for (const name of [
      '../order.bpmn',
      'a/../../b.bpmn',
      '/etc/order.bpmn',
      'C:\\order.bpmn',
      'a\\b.bpmn',
      'a//b.bpmn',
      './a.bpmn',
      '.hidden',
      'a/',
      '',
      'a\nb.bpmn',
      'a\u0000.bpmn',
      'a.bpmn.',
      'x'.repeat(BUNDLE_LIMITS.nameLength + 1),
    ])
      assert.throws(() => writeBundle(named(name)), { code: 'BUNDLE_NAME' }, JSON.stringify(name));
    for (const twice of [
      ['a.bpmn', 'a.bpmn'],
      ['a.bpmn', 'A.bpmn'],
    ])
      assert.throws(() => writeBundle(named(...twice)), { code: 'BUNDLE_NAME', message: /twice/ });
    assert.throws(() => writeBundle({ ...CONTENT, version: '1 2' }), { code: 'BUNDLE_NAME' });
    assert.equal(readBundle(writeBundle(named('fólder/A (1).bpmn'))).files.length, 1);
  });

  test('has bounds', () => {
    assert.throws(() => writeBundle(named()), { code: 'BUNDLE_TOO_LARGE' });
    const names = Array.from({ length: BUNDLE_LIMITS.files + 1 }, (_, index) => `${index}.bpmn`);
    assert.throws(() => writeBundle(named(...names)), { code: 'BUNDLE_TOO_LARGE' });
    const large = { ...CONTENT, files: [{ name: 'a.bin', bytes: Buffer.alloc(BUNDLE_LIMITS.bytes) }] };
    assert.throws(() => writeBundle(large), { code: 'BUNDLE_TOO_LARGE' });
  });
});

describe('keys', () => {
  test('those of a folder are named by their files; a file that holds none is named', async (context) => {
    const folder = mkdtempSync(join(tmpdir(), 'procos-keys-'));
    context.after(() => rmSync(folder, { recursive: true }));
    assert.deepEqual(await trustedKeys(join(folder, 'nothing')), []);
    writeFileSync(join(folder, 'ada.pub'), KEY.publicKey);
    writeFileSync(join(folder, 'notes.txt'), 'x');
    assert.deepEqual(await trustedKeys(folder), [{ name: 'ada', id: KEY.id }]);
    writeFileSync(join(folder, 'bob.pub'), KEY.privateKey);
    await assert.rejects(trustedKeys(folder), { code: 'BUNDLE_KEY', message: /bob\.pub holds no public/ });
  });

  test('what signs must be a private Ed25519 key', () => {
    assert.equal(readPrivateKey(KEY.privateKey, 'k').type, 'private');
    assert.throws(() => readPrivateKey(KEY.publicKey, 'k'), { code: 'BUNDLE_KEY' });
  });
});
