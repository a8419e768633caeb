/** The console of a system that asks everybody who he is, in a real browser. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Browser, chromium } from 'playwright-core';
import { launch, ROOT, Running, until } from './running-procos.ts';

const CHROMIUM = '/usr/bin/chromium';
const PASSWORD = 'correct horse battery';

const absent = absence();
const skip = process.env['PROCOS_REQUIRE_ALL'] === '1' ? false : (absent ?? false);

describe('login', { skip }, () => {
  let folder = '';
  let system: Running;
  let browser: Browser;
  before(async () => {
    assert.equal(absent, undefined);
    folder = mkdtempSync(join(tmpdir(), 'procos-login-'));
    const data = join(folder, 'data');
    const { child, ended } = launch(['user', 'add', 'ada', '--admin', '--offline', '--data', data], {});
    child.stdin?.end(`${PASSWORD}\n`);
    assert.equal((await ended).code, 0);
    system = await Running.start({ data, args: ['--authentication', 'required'] });
    await until('PID 1 waits', async () => (await fetch(`${system.url}/health/ready`)).status === 200);
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] });
  });
  after(async () => {
    await browser?.close();
    await system?.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  test('nothing is shown before, everything after, and nothing again when logged out', {
    timeout: 120_000,
  }, async () => {
    const context = await browser.newContext();
    context.setDefaultTimeout(60_000);
    const page = await context.newPage();
    await page.goto(`${system.url}/tasks`);
    const form = page.getByRole('form', { name: 'Log in' });
    await form.waitFor();
    assert.equal(await page.getByRole('navigation').count(), 0);

    await form.getByLabel('Name').fill('ada');
    await form.getByRole('textbox', { name: 'Password' }).fill('not the password');
    await form.getByRole('button', { name: 'Log in' }).click();
    await page
      .getByRole('alert')
      .getByText(/are wrong/)
      .waitFor();

    await form.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
    await form.getByRole('button', { name: 'Log in' }).click();
    await page.getByTestId('logged-in-as').getByText('ada').waitFor();
    assert.equal(await page.getByTestId('user-name').inputValue(), 'ada');
    const [cookie] = await context.cookies();
    assert.deepEqual([cookie?.httpOnly, cookie?.sameSite], [true, 'Strict']);
    // A change, with the cookie and from the page itself.
    const changed = await page.evaluate(async () => {
      const body = JSON.stringify({ bpmnProcessId: 'procos_system_health_monitoring' });
      const headers = { 'content-type': 'application/json' };
      return (await fetch('/api/requests', { method: 'POST', headers, body })).status;
    });
    assert.equal(changed, 201);
    await page.reload();
    await page.getByTestId('logged-in-as').waitFor();

    await page.getByRole('button', { name: 'Log out' }).click();
    await form.waitFor();
    await page.reload();
    await form.waitFor();
    await context.close();
  });
});

function absence(): string | undefined {
  if (!existsSync(CHROMIUM)) return `no ${CHROMIUM} (apt-get install chromium)`;
  if (existsSync(join(ROOT, 'packages/console/dist/index.html'))) return undefined;
  return 'the console is not built (npm run build --workspace @procos/console)';
}
