/** The console in a real browser, against a real system: what a person sees follows what the system does, without a reload. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { type Browser, type BrowserContext, chromium, type Locator, type Page } from 'playwright-core';
import { ROOT, Running, until } from './running-procos.ts';

const CHROMIUM = '/usr/bin/chromium';
const APPROVAL = ['document_approval.bpmn', 'decide_document.form', 'document.form'].map((name) =>
  join(ROOT, 'examples/document_approval', name),
);
const ORDER = 'examples/order_fulfilment/order_fulfilment.bpmn';

const absent = absence();
const skip = process.env['PROCOS_REQUIRE_ALL'] === '1' ? false : (absent ?? false);

describe('console', { skip }, () => {
  let folder = '';
  let system: Running;
  let browser: Browser;
  let context: BrowserContext;
  /** What no page of the console may cause: errors, and requests to anyone else. */
  const faults: string[] = [];

  before(async () => {
    assert.equal(absent, undefined);
    folder = mkdtempSync(join(tmpdir(), 'procos-console-'));
    system = await (await Running.start({ data: join(folder, 'data') })).ready();
    const quiet = ['quic', 'background-networking', 'component-update', 'sync'].map((what) => `--disable-${what}`);
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ['--no-sandbox', '--disable-gpu', '--no-first-run', ...quiet],
    });
    context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: 'light' });
    context.setDefaultTimeout(30_000);
    context.on('request', (request) => {
      if (!/^(data|blob):/.test(request.url()) && new URL(request.url()).origin !== system.url)
        faults.push(`request to ${request.url()}`);
    });
  });
  after(async () => {
    await browser?.close();
    await system?.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  afterEach(async () => {
    for (const page of context?.pages() ?? []) await page.close();
  });

  /** A page of the console that is connected. Console errors that match `expected` are no fault. */
  async function open(path: string, expected?: RegExp): Promise<Page> {
    const page = await context.newPage();
    page.on('pageerror', (error) => faults.push(`${path}: ${error.stack}`));
    page.on('console', (message) => {
      if (message.type() === 'error' && !expected?.test(message.text())) faults.push(`${path}: ${message.text()}`);
    });
    await page.goto(`${system.url}${path}`);
    await page.locator('[data-testid=connection][data-status=open]').waitFor();
    return page;
  }

  async function startApproval(
    variables: Readonly<Record<string, unknown>> = {},
  ): Promise<{ id: string; pid: string }> {
    await system.client.deploy({
      name: 'approval',
      skipUnchanged: true,
      resources: APPROVAL.map((path) => ({ name: path.split('/').at(-1) ?? '', content: readFileSync(path, 'utf8') })),
    });
    const start = {
      bpmnProcessId: 'document_approval',
      variables: { title: 'Budget', text: 'Ten lamps.', ...variables },
    };
    const { id } = await system.client.start(start);
    const { pid } = await system.client.process(id);
    return { id, pid };
  }

  async function taskOf(pid: string, elementId: string): Promise<string> {
    let taskId = '';
    await until(`process ${pid} has a task at ${elementId}`, async () => {
      const { tasks } = await system.client.tasks({ limit: 100 });
      taskId = tasks.find((task) => task.pid === pid && task.elementId === elementId)?.taskId ?? '';
      return taskId !== '';
    });
    return taskId;
  }

  test('the overview shows that the system is ready and that the token of PID 1 stands where it waits', async () => {
    const page = await open('/');
    await page.locator('[data-testid=state][data-state=ready]').waitFor();
    const waitsAt = (await system.client.system()).root?.waitsAt ?? [];
    assert.ok(waitsAt.length > 0);
    const root = page.getByTestId('root-panel');
    for (const { elementId } of waitsAt) await root.getByTestId(`token-${elementId}`).waitFor();
    await root.getByText('procos_system_orchestrator').waitFor();
    await page.getByTestId('host-workers').waitFor();
  });

  test('the workers page shows who serves what: hosts, workers, processes and services', async () => {
    await system.client.registerService({ id: 'chat-1', name: 'chat', endpoint: 'http://127.0.0.1:9/', tags: ['eu'] });
    await system.client.deploy({
      name: 'served',
      resources: [
        { name: 'a.bpmn', content: readFileSync(join(ROOT, 'examples/word_count/count_words.bpmn'), 'utf8') },
      ],
    });
    const page = await open('/workers');
    await page.getByTestId('host-workers').waitFor();
    await page.getByTestId('workers-panel').getByText('built-in workers').waitFor();
    await page.getByTestId('topic-count_words').getByText('process count_words').waitFor();
    await page.getByTestId('service-chat-1').getByText('closed').waitFor();
  });

  test('limits of a model, a tenant and one process are set, seen with what is used, and taken away', async () => {
    const { pid } = await startApproval();
    const page = await open('/limits');
    await page.getByText('No limits are set').waitFor();
    const choose = async (label: string, option: string): Promise<void> => {
      await page.getByRole('combobox', { name: label }).click();
      await page.getByRole('option', { name: option, exact: true }).click();
    };
    await page.getByTestId('add-limit').click();
    await choose('Model', 'document_approval');
    await choose('Limit', 'instances');
    await page.getByLabel('At most').fill('many');
    await page.getByText('Expected a number such as 100 or 64k.').waitFor();
    assert.ok(await page.getByTestId('save-limit').isDisabled());
    await page.getByLabel('At most').fill('40');
    await page.getByLabel('Reason').fill('budget of May');
    await page.getByTestId('save-limit').click();
    const row = page.getByTestId('limits-document_approval, all versions').getByTestId('limit-instances');
    await row.getByText('budget of May').waitFor();
    const { running } = (await system.client.definitions()).definitions.find(
      ({ bpmnProcessId }) => bpmnProcessId === 'document_approval',
    ) ?? { running: -1 };
    await row.getByRole('cell', { name: String(running), exact: true }).waitFor();

    await page.getByTestId('add-limit').click();
    await page.getByText('A tenant', { exact: true }).click();
    await page.getByRole('textbox', { name: 'Tenant' }).fill('acme');
    await choose('Limit', 'time');
    await page.getByLabel('At most').fill('2h');
    await page.getByLabel('Reason').fill('small plan');
    await page.getByTestId('save-limit').click();
    await page.getByTestId('limits-tenant acme').getByText('2h').waitFor();

    await page.goto(`${system.url}/processes/${pid}?tab=limits`);
    await page.getByTestId('process-limits').getByTestId('limit-laps').getByText('settings').waitFor();
    await page.getByTestId('add-limit').click();
    await choose('Limit', 'steps');
    await page.getByLabel('At most').fill('5000');
    await page.getByLabel('Reason').fill('this one is suspect');
    await page.getByTestId('save-limit').click();
    const steps = page.getByTestId('process-limits').getByTestId('limit-steps');
    await steps.getByText('this one is suspect').waitFor();
    await steps.getByLabel('Change steps').click();
    await page.getByLabel('Reason').fill('it was none');
    await page.getByTestId('remove-limit').click();
    await steps.waitFor({ state: 'detached' });

    await page.goto(`${system.url}/limits`);
    await row.getByLabel('Change instances').click();
    await page.getByLabel('Reason').fill('May is over');
    await page.getByTestId('remove-limit').click();
    await row.waitFor({ state: 'detached' });
    assert.deepEqual(
      (await system.client.limits()).flatMap(({ limits }) => limits.map(({ limit, value }) => [limit, value])),
      [['time', 7_200_000]],
    );
  });

  test('a refused model shows every problem with its line and cannot be deployed', async () => {
    const page = await open('/definitions');
    await page
      .getByTestId('deploy-input')
      .setInputFiles(join(ROOT, 'packages/bpmn/fixtures/refused/dangling-flows.bpmn'));
    const errors = page.locator('[data-testid=finding][data-severity=error]');
    await errors.first().waitFor();
    const text = (await errors.allTextContents()).join('\n');
    for (const line of [10, 11, 12]) assert.match(text, new RegExp(`line ${line}\\D.*dangling-flow`));
    assert.equal(await page.getByTestId('deploy-confirm').count(), 0);
  });

  test('a good model and its forms are deployed with the file picker, and shown', async () => {
    const page = await open('/definitions');
    await page.getByTestId('deploy-input').setInputFiles(APPROVAL);
    await page.getByTestId('deploy-confirm').click();
    await page.waitForURL(/\/definitions\/\d+$/);
    await drawn(page);
    await shape(page, 'decide').waitFor();
    const { definitions } = await system.client.definitions();
    assert.ok(definitions.some(({ bpmnProcessId }) => bpmnProcessId === 'document_approval'));
  });

  test('a model dropped anywhere is deployed; started with variables, it runs to its end before the eyes', async () => {
    const page = await open('/');
    await drop(page, 'order_fulfilment.bpmn', readFileSync(join(ROOT, ORDER), 'utf8'));
    await page.getByTestId('deploy-confirm').click();
    await page.waitForURL(/\/definitions\/\d+$/);
    await page.getByTestId('start').click();
    await page.getByLabel('Business key').fill('A-17');
    await page.getByLabel('Name of variable 1').fill('order');
    await page.getByRole('combobox', { name: 'Type of variable 1' }).click();
    await page.getByRole('option', { name: 'Json' }).click();
    await page.getByLabel('Value of variable 1').fill('{"order_id":"A-17","item":"Lamp","quantity":2}');
    await page.getByTestId('start-confirm').click();
    await page.waitForURL(/\/processes\/\d+$/);
    await page.locator('[data-testid=state][data-state=completed]').waitFor();
    await shape(page, 'fulfilled', 'mark-done').waitFor();
    await page.getByTestId('variable-order').getByText('"A-17"').waitFor();
    await page.getByTestId('variable-invoice').getByText('orders/A-17/invoice.txt').waitFor();
  });

  test('a start form starts with what was entered', async () => {
    await startApproval();
    const page = await open('/definitions');
    await page.getByTestId('definition-document_approval').click();
    await page.getByTestId('start').click();
    const form = page.getByTestId('form-js');
    await form.getByLabel('Title').fill('Travel');
    await form.getByLabel('Text').fill('By train.');
    await page.getByTestId('start-confirm').click();
    await page.waitForURL(/\/processes\/\d+$/);
    await page.getByTestId('token-decide').waitFor();
    await page.getByTestId('variable-title').getByText('"Travel"').waitFor();
  });

  test('the token moves without a reload when the task is completed elsewhere, and leaves its trail', async () => {
    const { pid } = await startApproval();
    const taskId = await taskOf(pid, 'decide');
    const page = await open(`/processes/${pid}`);
    await page.getByTestId('token-decide').waitFor();
    await shape(page, 'decide', 'mark-active').waitFor();
    assert.equal(await page.getByTestId('token-revise').count(), 0);
    let loads = 0;
    page.on('load', () => {
      loads += 1;
    });

    await system.client.completeTask(taskId, { approved: false, comment: 'Nine will do.' });

    await page.getByTestId('token-revise').waitFor();
    await page.getByTestId('token-decide').waitFor({ state: 'detached' });
    await shape(page, 'decide', 'mark-done').waitFor();
    await page.getByTestId('variable-comment').getByText('"Nine will do."').waitFor();
    assert.equal(loads, 0);
  });

  test('a user task is claimed and completed with its form', async () => {
    const { pid, id } = await startApproval({ title: 'New office' });
    const taskId = await taskOf(pid, 'decide');
    const page = await open('/tasks');
    await page.getByTestId(`task-${taskId}`).click();
    await page.getByTestId('claim-task').click();
    await page.getByTestId('task').getByText('claimed by operator').waitFor();
    const form = page.getByTestId('form-js');
    assert.equal(await form.getByLabel('Title').inputValue(), 'New office');
    await form.getByLabel('I approve this document').check();
    await form.getByLabel('Comment for the author').fill('Well done.');
    await page.getByTestId('complete-task').click();
    await page.getByTestId(`task-${taskId}`).waitFor({ state: 'detached' });
    await until('the process ends', async () => (await system.client.process(id)).state === 'completed');
    const { variables } = await system.client.process(id);
    assert.equal(variables.find(({ name }) => name === 'approved')?.value, true);
    assert.equal(variables.find(({ name }) => name === 'comment')?.value, 'Well done.');
  });

  test('an incident appears by itself, is listed for all processes, and goes away when it is retried', async () => {
    const { pid, id } = await startApproval();
    const taskId = await taskOf(pid, 'decide');
    const page = await open(`/processes/${pid}`);
    await page.getByTestId('token-decide').waitFor();

    await system.client.completeTask(taskId);

    await page.getByTestId('incident-approved_gateway').waitFor();
    await shape(page, 'approved_gateway', 'mark-incident').waitFor();
    await page.getByTestId('count-Incidents').waitFor();
    await page.locator('[data-testid=state][data-state=incident]').waitFor();
    const list = await open('/incidents');
    await list.getByTestId('incidents').getByTestId(`incident-${pid}`).getByText('approved').first().waitFor();
    await list.close();

    await system.client.setVariables(id, { approved: true });
    await page.getByRole('tab', { name: 'Incidents' }).click();
    await page.getByTestId('incident-row-approved_gateway').getByTestId('retry-approved_gateway').click();
    await page.locator('[data-testid=state][data-state=completed]').waitFor();
    await page.getByTestId('incident-approved_gateway').waitFor({ state: 'detached' });
    await shape(page, 'filed', 'mark-done').waitFor();
  });

  test('a batch is listed with how far it is, and leads to its process', async () => {
    const { pid } = await startApproval();
    await taskOf(pid, 'decide');
    const page = await open('/batches');
    await page.getByTestId('batches').waitFor();
    const suspended = await system.client.startBatch('suspend', 'document_approval');
    const row = page.getByTestId(`batch-${suspended.pid}`);
    await row.locator('[data-state=completed]').waitFor();
    await row.getByText(`${suspended.total} of ${suspended.total}`).waitFor();
    await system.client.startBatch('resume', 'document_approval');
    await row.getByRole('link').click();
    await page
      .getByTestId('token-finished')
      .or(shape(page, 'finished', 'mark-done'))
      .first()
      .waitFor();
  });

  test('variables can be changed, and the history shows every visit with its outcome', async () => {
    const { pid, id } = await startApproval();
    await taskOf(pid, 'decide');
    const page = await open(`/processes/${pid}`);
    const title = page.getByTestId('variable-title');
    await title.getByLabel('Change title').click();
    await page.getByRole('dialog').getByLabel('Value').fill('Budget of May');
    await page.getByTestId('save-variable').click();
    await title.getByText('"Budget of May"').waitFor();
    assert.equal((await system.client.variables(id))['title'], 'Budget of May');

    await page.getByRole('tab', { name: 'History' }).click();
    const history = page.getByTestId('history');
    for (const elementId of ['start', 'to_decide'])
      await history.locator(`[data-testid=visit-${elementId}][data-outcome=completed]`).waitFor();
    await history.locator('[data-testid=visit-decide][data-outcome=active]').waitFor();
  });

  test('a decision is deployed, and every evaluation appears with its inputs, the rules that counted and its warnings', async () => {
    const page = await open('/decisions');
    await page.getByTestId('deploy-input').setInputFiles(join(ROOT, 'packages/engine/fixtures/dish.dmn'));
    await page.getByTestId('deploy-confirm').click();
    await page.getByTestId('decision-dish').click();
    await page.waitForURL(/\/decisions\/\d+$/);
    await page.getByText('Version 1 was not asked yet').waitFor();
    const evaluate = async (variables: Readonly<Record<string, unknown>>): Promise<void> => {
      const response = await fetch(`${system.url}/engine-rest/decision-definition/key/dish/evaluate`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          variables: Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, { value }])),
        }),
      });
      assert.equal(response.status, 200, await response.text());
    };

    await evaluate({ temperature: 3, guests: 4 });
    const newest = page.getByTestId('evaluations').locator('summary').first();
    await newest.getByText('Spareribs').click();
    const dish = page.getByTestId('evaluated-dish').first();
    await dish.getByText('"winter"').waitFor();
    await dish.getByTestId('rule-1').getByText('Spareribs').waitFor();
    await page.getByTestId('evaluated-season').first().getByText('"winter"').waitFor();

    await evaluate({ temperature: 'cold', guests: 4 });
    await newest.getByText(/\d warnings?/).waitFor();
    await newest.click();
    await page.getByTestId('evaluations').locator('details').first().getByTestId('warning').first().waitFor();
  });

  test('after kill -9 and a new start the open page connects again by itself and goes on', async () => {
    const { pid } = await startApproval();
    const taskId = await taskOf(pid, 'decide');
    const page = await open(`/processes/${pid}`, /net::ERR_/);
    await page.getByTestId('token-decide').waitFor();
    const { port } = new URL(system.url);
    await system.kill('SIGKILL');
    await page.locator('[data-testid=connection][data-status=lost]').waitFor();
    await page.getByTestId('token-decide').waitFor();

    system = await (await Running.start({ data: join(folder, 'data'), args: ['--port', port] })).ready();
    await page.locator('[data-testid=connection][data-status=open]').waitFor();
    await system.client.completeTask(taskId, { approved: true });
    await page.locator('[data-testid=state][data-state=completed]').waitFor();
    await shape(page, 'filed', 'mark-done').waitFor();
  });

  test('the marks of bpmn.io are on diagrams and forms, visible and not covered, in light and dark', async () => {
    const { pid } = await startApproval();
    const taskId = await taskOf(pid, 'decide');
    const page = await open(`/processes/${pid}`);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await uncovered(page.locator('.bjs-powered-by'));
    }
    await page.goto(`${system.url}/tasks/${taskId}`);
    await uncovered(page.locator('.fjs-powered-by'));
  });

  test('nothing of this wrote an error to the browser console, threw, or asked another server', () => {
    assert.deepEqual(faults, []);
  });
});

/** What these tests lack here, and the command that provides it. */
function absence(): string | undefined {
  if (!existsSync(CHROMIUM)) return `no ${CHROMIUM} (apt-get install chromium)`;
  if (existsSync(join(ROOT, 'packages/console/dist/index.html'))) return undefined;
  return 'the console is not built (npm run build --workspace @procos/console)';
}

function drawn(page: Page): Promise<void> {
  return page.locator('[data-testid=diagram][data-drawn=true]').waitFor();
}

/** An element of the drawn model, when it is marked so. */
function shape(page: Page, elementId: string, mark?: string): Locator {
  return page.locator(`g.djs-element${mark ? `.${mark}` : ''}[data-element-id="${elementId}"]`);
}

/** Drops one file onto the middle of the page, with the events that a browser makes of a file from the desktop. */
async function drop(page: Page, name: string, content: string): Promise<void> {
  const dataTransfer = await page.evaluateHandle(
    (file) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([file.content], file.name));
      return transfer;
    },
    { name, content },
  );
  await page.dispatchEvent('body', 'dragenter', { dataTransfer });
  await page.getByText('Drop to deploy').waitFor();
  const target = await page.evaluateHandle(() => document.elementFromPoint(innerWidth / 2, innerHeight / 2));
  await target.asElement()?.dispatchEvent('drop', { dataTransfer });
}

/** A linked mark that a person sees whole and can click. */
async function uncovered(mark: Locator): Promise<void> {
  await mark.waitFor();
  await mark.scrollIntoViewIfNeeded();
  const seen = await mark.evaluate((element) => {
    const { left, top, width, height } = element.getBoundingClientRect();
    const hits = [0.1, 0.5, 0.9].map((share) =>
      element.contains(document.elementFromPoint(left + width * share, top + height * share)),
    );
    const inside = left >= 0 && top >= 0 && left + width <= innerWidth && top + height <= innerHeight;
    return { hits, inside, visible: element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) };
  });
  assert.deepEqual(seen, { hits: [true, true, true], inside: true, visible: true });
}
