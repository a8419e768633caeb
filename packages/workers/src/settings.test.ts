/** The settings table and the removal of secrets. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readSettings, redact } from './settings.ts';

test('the environment wins over the file, the file over the fallback', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'procos-settings-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'workers.json');
  await writeFile(file, JSON.stringify({ PROCOS_SMTP_HOST: 'mail', PROCOS_SMTP_PORT: 25, PROCOS_URL: 'http://file' }));
  const settings = readSettings({ PROCOS_WORKER_SETTINGS: file, PROCOS_URL: 'http://env', PROCOS_DATA: '/d' });
  assert.equal(settings['PROCOS_URL'], 'http://env');
  assert.equal(settings['PROCOS_SMTP_HOST'], 'mail');
  assert.equal(settings['PROCOS_SMTP_PORT'], '25');
  assert.equal(settings['OLLAMA_URL'], 'http://127.0.0.1:11434');
  assert.equal(settings['PROCOS_FILES_ROOT'], '/d/files');
  assert.throws(() => readSettings({ PROCOS_WORKER_SETTINGS: join(folder, 'none.json') }), /PROCOS_WORKER_SETTINGS/);
});

test('a setting that makes no sense is named', () => {
  assert.throws(() => readSettings({ PROCOS_SMTP_PORT: 'high' }), /PROCOS_SMTP_PORT is 'high'/);
  assert.throws(() => readSettings({ PROCOS_SANDBOX: 'maybe' }), /PROCOS_SANDBOX/);
});

test('secrets are taken out of a text in plain, URL and base64 form', () => {
  const settings = readSettings({ PROCOS_SMTP_PASSWORD: 'pä ss/word', OPENAI_API_KEY: 'sk-1234' });
  const forms = [
    'pä ss/word',
    encodeURIComponent('pä ss/word'),
    Buffer.from('pä ss/word').toString('base64'),
    'sk-1234',
  ];
  for (const form of forms) assert.doesNotMatch(redact(settings, `a ${form} b`), new RegExp(form.slice(0, 4)), form);
});
