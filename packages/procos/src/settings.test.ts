/** Settings: precedence, refusals that name their source, and docs/settings.md as the table in code. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { DEFAULT_LIMITS } from '@procos/kernel';
import { UserError } from './cli/user-error.ts';
import type { Setting } from './setting.ts';
import { KERNEL_SETTINGS, readSettings, SETTINGS, type SettingSources } from './settings.ts';
import { WORKER_SETTINGS } from './worker-settings.ts';

describe('settings', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'procos-settings-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  const read = (sources: Partial<SettingSources> = {}): ReturnType<typeof readSettings> =>
    readSettings({ flags: {}, environment: {}, workingDirectory: folder, ...sources });

  function withFile<T>(content: string, work: () => T): T {
    writeFileSync(join(folder, 'procos.json'), content);
    try {
      return work();
    } finally {
      rmSync(join(folder, 'procos.json'));
    }
  }

  function refused(message: RegExp, work: () => unknown): void {
    assert.throws(work, (error) => {
      assert.ok(error instanceof UserError);
      assert.match(error.message, message);
      assert.equal(error.message.includes('\n'), false, 'one line');
      assert.equal(error.exitCode, 2);
      return true;
    });
  }

  test('a log file is rotated at 10 MB or after a day, and 14 are kept, unless told otherwise', () => {
    const name = 'logs/procos.log';
    assert.deepEqual(read({ environment: { PROCOS_LOG_FILE: name } }).logFile, {
      path: join(folder, name),
      maxBytes: 10_485_760,
      maxAgeMs: 86_400_000,
      keep: 14,
    });
  });

  test('without anything given the defaults hold', () => {
    const settings = read();
    assert.deepEqual(settings, {
      port: 8080,
      grpc: { port: 26_500, required: false },
      host: '127.0.0.1',
      authentication: 'none',
      data: join(folder, 'procos-data'),
      log: 'info',
      logFile: undefined,
      zone: undefined,
      pinnableClock: false,
      delegates: Object.create(null),
      bundles: { trustedKeys: join(folder, 'procos-data', 'trusted-keys'), unknown: 'refuse' },
      limits: DEFAULT_LIMITS,
      retention: { historyDays: null, logDays: null },
      largeValues: { mostBytes: 104_857_600, keptMs: 86_400_000 },
      undeclared: 'open',
      workers: {},
      warnings: [],
    });
  });

  test('limits are whole numbers above 0', () => {
    assert.equal(read({ flags: { 'limit-laps': '50' } }).limits.laps, 50);
    refused(/^--limit-laps is "0"; it must be a whole number from 1/, () => read({ flags: { 'limit-laps': '0' } }));
  });

  test('topics for Java classes and beans are a list, and a wrong entry is named', () => {
    const { delegates } = read({ environment: { PROCOS_DELEGATES: 'com.example.Charge=charge, ${mailBean}=mail' } });
    assert.deepEqual({ ...delegates }, { 'com.example.Charge': 'charge', '${mailBean}': 'mail' });
    refused(/^PROCOS_DELEGATES in the environment is "com\.example\.Charge"; it must be a list/, () =>
      read({ environment: { PROCOS_DELEGATES: 'com.example.Charge' } }),
    );
  });

  test('what a process without a block may use is open in development on this machine, else closed', () => {
    assert.equal(read().undeclared, 'open');
    assert.equal(read({ environment: { NODE_ENV: 'production' } }).undeclared, 'closed');
    assert.equal(read({ environment: { NODE_ENV: 'production', PROCOS_UNDECLARED: 'open' } }).undeclared, 'open');
    assert.equal(read({ flags: { undeclared: 'closed' } }).undeclared, 'closed');
    refused(/^--undeclared is "half"; it must be open or closed/, () => read({ flags: { undeclared: 'half' } }));
  });

  test('a flag beats the environment, the environment beats the file, the file beats the default', () => {
    withFile('{"port": 1, "log": "warn", "data": "from-file"}', () => {
      const environment = { PROCOS_PORT: '2', PROCOS_LOG: 'error' };
      const { port, log, data } = read({ environment, flags: { port: '3' } });
      assert.deepEqual({ port, log, data }, { port: 3, log: 'error', data: join(folder, 'from-file') });
    });
  });

  test('an empty variable of the environment counts as not given', () => {
    assert.equal(read({ environment: { PROCOS_PORT: '' } }).port, 8080);
  });

  test('a bad value is refused with the place it comes from', () => {
    refused(/^--port is "80a"; it must be a number from 0 to 65535\.$/, () => read({ flags: { port: '80a' } }));
    refused(/^PROCOS_LOG in the environment is "loud"/, () => read({ environment: { PROCOS_LOG: 'loud' } }));
    withFile('{"zone": "Mars"}', () => refused(/^"zone" in .*procos\.json is "Mars"/, () => read()));
    refused(/^--data is ""/, () => read({ flags: { data: '' } }));
  });

  test('an unknown key of the file is refused, an unknown PROCOS_ variable is warned of', () => {
    withFile('{"prot": 1}', () => refused(/"prot" in .*procos\.json is not a setting/, () => read()));
    assert.match(read({ environment: { PROCOS_PROT: '1' } }).warnings[0] ?? '', /^PROCOS_PROT in the environment/);
  });

  test('a file that is no JSON object is refused, and so is a --config file that is not there', () => {
    withFile('[]', () => refused(/must hold one JSON object/, () => read()));
    withFile('{', () => refused(/cannot be read/, () => read()));
    refused(/nowhere\.json cannot be read: there is no such file/, () => read({ configFile: 'nowhere.json' }));
  });

  test('an address beyond loopback is refused while there is no authentication', () => {
    for (const host of ['0.0.0.0', '::', '192.168.1.5', 'example.org']) {
      refused(/must be a loopback address/, () => read({ flags: { host } }));
    }
    for (const host of ['0.0.0.0', '::', 'example.org']) {
      const settings = read({ flags: { host }, environment: { PROCOS_AUTHENTICATION: 'required' } });
      assert.deepEqual([settings.host, settings.authentication], [host, 'required']);
    }
    refused(/it must be none or required/, () => read({ flags: { authentication: 'perhaps' } }));
    for (const host of ['127.0.0.1', '127.8.8.8', '::1', 'localhost'])
      assert.equal(read({ flags: { host } }).host, host);
  });

  test('settings of the workers are handed on by their variable, from wherever they come', () => {
    withFile('{"smtp-host": "mail.example.org", "http-public": false}', () => {
      const { workers } = read({ environment: { PROCOS_SMTP_PORT: '25' }, flags: { 'smtp-secure': 'none' } });
      assert.deepEqual(workers, {
        PROCOS_SMTP_HOST: 'mail.example.org',
        PROCOS_HTTP_PUBLIC: 'false',
        PROCOS_SMTP_PORT: '25',
        PROCOS_SMTP_SECURE: 'none',
      });
    });
  });

  test('no two settings share a name or a variable', () => {
    for (const key of ['name', 'variable'] as const) {
      assert.equal(new Set(SETTINGS.map((setting) => setting[key])).size, SETTINGS.length);
    }
  });

  test('docs/settings.md holds exactly these settings', () => {
    const path = new URL('../../../docs/settings.md', import.meta.url);
    const rows = readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('| `'));
    assert.deepEqual(rows, [...KERNEL_SETTINGS, ...WORKER_SETTINGS].map(row));
  });
});

/** One line of the table; what to write into docs/settings.md when the test above fails. */
function row({ name, variable, fallback, about, secret }: Setting): string {
  const flag = secret ? '–' : `\`--${name}\``;
  const shown = fallback === undefined ? 'unset' : `\`${fallback}\``;
  return `| \`${name}\` | ${flag} | \`${variable}\` | ${shown} | ${about} |`;
}
