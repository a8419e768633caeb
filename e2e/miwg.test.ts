/** The reference models of the BPMN Model Interchange Working Group: served as they came, and run where they can be run. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { elementsIn, readDocument, readProcesses, setAttribute, writeDocument } from '@procos/bpmn';
import { checkAlone, checkFiles } from '../packages/procos/src/check/check.ts';
import { filesToCheck } from '../packages/procos/src/check/files.ts';
import { heldBy, summaryOf } from '../packages/procos/src/check/summary.ts';
import { type System, startSystem } from '../packages/rest/src/testing/real-kernel.test.ts';

const MIWG = fileURLToPath(new URL('../../shared/data/miwg/', import.meta.url));
const skip = existsSync(MIWG) ? false : 'the MIWG models are not beside the project (../shared/data/miwg)';
const files = skip ? [] : readdirSync(MIWG).filter((name) => name.endsWith('.bpmn'));
const bytesOf = (file: string): Buffer<ArrayBuffer> => readFileSync(join(MIWG, file));

/** They are drawn, not meant to run: deployed, they define nothing. */
const NOT_EXECUTABLE: readonly string[] = [
  'A.1.0.bpmn',
  'A.2.0.bpmn',
  'A.2.1.bpmn',
  'A.3.0.bpmn',
  'A.4.0.bpmn',
  'A.4.1.bpmn',
  'B.1.0.bpmn',
  'B.2.0.bpmn',
  'C.2.0.bpmn',
  'C.4.0.bpmn',
  'C.5.0.bpmn',
  'C.6.0.bpmn',
  'C.7.0.bpmn',
  'C.8.0.bpmn',
];

/** What keeps a model from being deployed as it is: names of the rules of the deploy check (docs/errors.md). */
const REFUSED: Readonly<Record<string, readonly string[]>> = {
  'C.1.0.bpmn': ['missing-topic'],
  'C.1.1.bpmn': ['literal-condition', 'missing-topic'],
  'C.3.0.bpmn': ['literal-condition', 'missing-condition', 'missing-start-event'],
  'C.9.1.bpmn': ['mixed-dialects'],
};

/** What keeps it from being deployed when all its processes are set to be executable; the others run (`RUNS`). */
const REFUSED_WHEN_EXECUTABLE: Readonly<Record<string, readonly string[]>> = {
  'A.2.0.bpmn': ['missing-condition'],
  'A.2.1.bpmn': ['literal-condition', 'missing-condition'],
  'A.3.0.bpmn': ['missing-event-reference', 'missing-start-event'],
  'B.1.0.bpmn': [
    'missing-condition',
    'missing-event-reference',
    'missing-start-event',
    'missing-topic',
    'timer-definition',
  ],
  'B.2.0.bpmn': [
    'conditional-event',
    'endless-loop',
    'missing-condition',
    'missing-event-reference',
    'missing-loop-collection',
    'missing-start-event',
    'missing-topic',
    'timer-definition',
  ],
  'C.1.0.bpmn': ['missing-event-reference', 'missing-topic', 'timer-definition'],
  'C.1.1.bpmn': ['literal-condition', 'missing-topic'],
  'C.2.0.bpmn': ['missing-condition', 'missing-event-reference'],
  'C.3.0.bpmn': ['literal-condition', 'missing-condition', 'missing-start-event'],
  'C.4.0.bpmn': ['endless-loop', 'missing-condition', 'missing-event-reference', 'missing-topic'],
  'C.5.0.bpmn': ['missing-condition', 'missing-event-reference'],
  'C.6.0.bpmn': ['missing-event-reference', 'missing-topic', 'timer-definition'],
  'C.7.0.bpmn': ['missing-condition', 'missing-loop-collection', 'missing-topic'],
  'C.9.1.bpmn': ['mixed-dialects'],
};

type Values = Readonly<Record<string, unknown>>;

/** How a model is run: what it is started with, what workers (by topic) and people (by id of the user task) answer in turn. */
interface Run {
  readonly process: string;
  readonly start?: Values;
  readonly answers?: readonly (readonly [who: string, Values])[];
  /** Names of the end events that are reached, sorted. */
  readonly ends: readonly string[];
}

const EMPLOYEE = { body: { value: [{ name: 'Ada', email: 'ada@example.org' }] } };
const REQUEST = { From: '2026-01-05', To: '2026-01-09', 'Employee Badge Number': 1 };
const approval = (Approval: string) => ({ 'Vacation Approval Status': { Approval, Reason: 'too long' } });

const VACATION: readonly Run[] = [
  {
    process: 'VacationRequestProcess',
    start: REQUEST,
    answers: [
      ['http', EMPLOYEE],
      ['DMN', approval('Approved')],
      ['emailService', {}],
      ['update', {}],
    ],
    ends: ['Vacation Approved Automatically'],
  },
  {
    process: 'VacationRequestProcess',
    start: REQUEST,
    answers: [
      ['http', EMPLOYEE],
      ['DMN', approval('Refused')],
      ['emailService', {}],
    ],
    ends: ['Vacation Refused Automatically'],
  },
  {
    process: 'VacationRequestProcess',
    start: REQUEST,
    answers: [
      ['http', EMPLOYEE],
      ['DMN', approval('Manual Validation Required')],
      ['_79523269-7444-4b01-90e9-e23957a9d020', { 'Vacation Approval': 'Approved' }],
      ['emailService', {}],
      ['update', {}],
    ],
    ends: ['Vacation Approved by Manager'],
  },
];

const APPLICANT = { applicant: { name: 'Ada', age: 36, email: 'ada@example.org' }, corporation: 'Camunbankia' };
const KEYS = { documentReferenceId: 'D-1', fraudSuspectedId: 'F-1' };
const CUSTOMER: Values = { ...APPLICANT, ...KEYS, applicationNumber: 'A-1', product: 'account', approved: true };

/** In the order of deployment: C.9.0 calls C.9.2. */
const RUNS: Readonly<Record<string, readonly Run[]>> = {
  'A.1.0.bpmn': [{ process: 'WFP-6-', ends: ['End Event'] }],
  'A.4.0.bpmn': [
    { process: 'WFP-6-1', ends: ['End Event 1'] },
    { process: 'WFP-6-2', ends: ['End Event 2', 'End Event 3', 'End Event 4', 'End Event 5'] },
  ],
  'A.4.1.bpmn': [
    { process: 'sid-34746A54-1D7D-46CA-B219-0C4CEAE51170', ends: ['End Event 1'] },
    {
      process: 'sid-54D696FD-DEDC-45F3-99DB-1404DA433FC4',
      ends: ['End Event 2', 'End Event 3', 'End Event 4', 'End Event 5'],
    },
  ],
  'C.8.0.bpmn': VACATION,
  'C.8.1.bpmn': VACATION,
  'C.9.2.bpmn': [
    {
      process: 'ManualCheck',
      start: { ...CUSTOMER, risks: ['young'] },
      answers: [['UserTask_DecideOnApplication', { approved: true }]],
      ends: ['Manually Decided'],
    },
  ],
  'C.9.0.bpmn': [
    {
      process: 'customer_onboarding_en',
      start: { ...CUSTOMER, level: 'yellow' },
      answers: [
        ['calculateScore', { score: 50 }],
        ['UserTask_DecideOnApplication', { approved: true }],
        ['issuePolicy', {}],
        ['io.camunda:sendgrid:1', {}],
      ],
      ends: ['Application\n issued'],
    },
    {
      process: 'customer_onboarding_en',
      start: { ...CUSTOMER, level: 'red' },
      answers: [
        ['calculateScore', { score: 1 }],
        ['rejectPolicy', {}],
        ['io.camunda:sendgrid:1', {}],
      ],
      ends: ['Application \nrejected'],
    },
  ],
};

/** The decision that C.9.0 asks; it does not belong to the suite. */
const RISK_CHECK = `<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="risk" name="risk" namespace="urn:risk">
  <decision id="risk_check" name="Risk check">
    <literalExpression id="e"><text>{ riskLevel: [level], risk: ["young"] }</text></literalExpression>
  </decision>
</definitions>`;

/** What keeps a file from being deployed: names of rules. */
async function refusals(xml: string): Promise<readonly string[]> {
  const { problems } = await readProcesses(xml);
  return [...new Set(problems.filter(({ severity }) => severity === 'error').map(({ rule }) => rule))].sort();
}

function executable(xml: string): string {
  const { document } = readDocument(xml);
  assert.ok(document !== undefined);
  for (const element of elementsIn(document.root)) {
    if (element.localName === 'process') setAttribute(element, 'isExecutable', 'true');
  }
  return writeDocument(document);
}

function typed(values: Values) {
  const entries = Object.entries(values).map(([name, value]) => {
    const isObject = typeof value === 'object';
    return [name, isObject ? { value: JSON.stringify(value), type: 'Json' } : { value }] as const;
  });
  return Object.fromEntries(entries);
}

describe('the MIWG reference models', { skip }, () => {
  let system: System;
  before(async () => {
    system = await startSystem();
  });
  after(() => system.stop());

  async function post(files: Readonly<Record<string, Buffer<ArrayBuffer> | string>>) {
    const form = new FormData();
    for (const [name, content] of Object.entries(files)) form.append(name, new Blob([content]), name);
    const response = await fetch(`${system.url}/engine-rest/deployment/create`, { method: 'POST', body: form });
    const { id, deployedProcessDefinitions, message } = (await response.json()) as Deployed;
    return { status: response.status, id, definitions: Object.values(deployedProcessDefinitions ?? {}), message };
  }

  const get = async (path: string): Promise<Buffer> => (await system.app.inject(path)).rawPayload;

  async function served(deploymentId: string): Promise<Buffer> {
    const [resource] = await system.get<{ id: string }[]>(`/engine-rest/deployment/${deploymentId}/resources`);
    return get(`/engine-rest/deployment/${deploymentId}/resources/${resource?.id}/data`);
  }

  it('stand in procos check as they are deployed', async () => {
    const found = filesToCheck({ workingDirectory: MIWG }, files);
    const checked = await checkFiles(checkAlone({}), found);
    const refused = checked.filter(({ verdict }) => verdict === 'refused').map(({ path }) => path);
    assert.deepEqual(refused.sort(), Object.keys(REFUSED).sort());
    const summary = summaryOf(checked, heldBy(found));
    assert.equal(summary.runs + summary.otherwise + summary.refused, files.length);
    assert.ok(summary.reasons.some(({ rule }) => rule === 'missing-topic'));
  });

  it('are all there', () => {
    assert.equal(files.length, 21);
  });

  describe('are served byte for byte', () => {
    for (const file of files) {
      it(
        REFUSED[file] === undefined ? `${file}, as resource and as definition` : `${file}, as a resource`,
        async () => {
          const bytes = bytesOf(file);
          const deployed = await post({ [REFUSED[file] === undefined ? file : `${file}.txt`]: bytes });
          assert.equal(deployed.status, 200, deployed.message);
          assert.ok((await served(deployed.id)).equals(bytes));
          for (const { id } of deployed.definitions) {
            assert.ok((await get(`/api/definitions/${id.split(':').at(-1)}/xml`)).equals(bytes));
            const { bpmn20Xml } = await system.get<{ bpmn20Xml: string }>(`/engine-rest/process-definition/${id}/xml`);
            assert.ok(Buffer.from(bpmn20Xml).equals(bytes));
          }
          assert.equal(
            deployed.definitions.length,
            REFUSED[file] === undefined && !NOT_EXECUTABLE.includes(file) ? 1 : 0,
          );
        },
      );
    }
  });

  describe('written in another way', () => {
    const text = () => bytesOf('C.9.2.bpmn').toString();
    const variants: Readonly<Record<string, () => Buffer<ArrayBuffer>>> = {
      'with a byte order mark': () => Buffer.from(`\uFEFF${text()}`),
      'with line ends of Windows': () => Buffer.from(text().replaceAll('\n', '\r\n')),
      'with characters of every plane': () =>
        Buffer.from(text().replace('name="Manual Check"', 'name="Prüfung 検査 😀"')),
      'in UTF-16': () => Buffer.from(`\uFEFF${text().replace('"UTF-8"', '"UTF-16"')}`, 'utf16le'),
      'in UTF-16, the other way round': () => Buffer.from(`\uFEFF${text()}`, 'utf16le').swap16(),
      'in ISO-8859-1': () =>
        Buffer.from(
          text().replace('encoding="UTF-8"', 'encoding="ISO-8859-1"').replace('"Manual Check"', '"Prüfung"'),
          'latin1',
        ),
      'with ISO-8859-1 declared and nothing but ASCII inside': () =>
        Buffer.from(text().replace('encoding="UTF-8"', 'encoding="ISO-8859-1"')),
    };
    for (const [how, bytes] of Object.entries(variants)) {
      it(`${how}, a file comes back byte for byte`, async () => {
        const deployed = await post({ 'model.bpmn': bytes() });
        assert.equal(deployed.status, 200, deployed.message);
        assert.ok((await served(deployed.id)).equals(bytes()));
      });
    }
    it('a file that is not in the encoding it declares is refused, not spoiled', async () => {
      const latin = Buffer.from(text().replace('Manual Check', 'Prüfung'), 'latin1');
      const unknown = Buffer.from(text().replace('encoding="UTF-8"', 'encoding="klingon"'));
      for (const bytes of [latin, unknown]) {
        const { status, message } = await post({ 'model.bpmn': bytes });
        assert.equal(status, 400);
        assert.match(message, /model\.bpmn/);
      }
    });
    it('in another encoding its names are read, and its text is given in UTF-8 to who asks for it', async () => {
      const latin = text().replace('encoding="UTF-8"', 'encoding="ISO-8859-1"').replace('"Manual Check"', '"Prüfung"');
      const { definitions } = await post({ 'model.bpmn': Buffer.from(latin, 'latin1') });
      const id = definitions[0]?.id ?? '';
      const { bpmn20Xml } = await system.get<{ bpmn20Xml: string }>(`/engine-rest/process-definition/${id}/xml`);
      assert.match(bpmn20Xml, /"Prüfung"/);
      const url = `/api/definitions/${id.split(':').at(-1)}/xml`;
      const asText = await system.app.inject({ url, headers: { accept: 'text/plain' } });
      assert.match(asText.payload, /"Prüfung"/);
    });
    it('a file that nobody reads may be anything', async () => {
      const picture = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0xff, 0xfe]);
      const deployed = await post({ 'picture.png': picture });
      assert.equal(deployed.status, 200, deployed.message);
      assert.ok((await served(deployed.id)).equals(picture));
    });
  });

  describe('are deployed or refused with these reasons', () => {
    for (const file of files) {
      const reasons = REFUSED[file] ?? [];
      it(`${file}: ${reasons.join(', ') || 'deployed'}`, async () => {
        assert.deepEqual(await refusals(bytesOf(file).toString()), reasons);
        assert.equal((await post({ [file]: bytesOf(file) })).status, reasons.length === 0 ? 200 : 400);
      });
      const others = REFUSED_WHEN_EXECUTABLE[file] ?? [];
      it(`${file} made executable: ${others.join(', ') || 'deployed'}`, async () => {
        assert.deepEqual(await refusals(executable(bytesOf(file).toString())), others);
      });
    }
    it('what deploys is run', () => {
      const runnable = files.filter((file) => REFUSED_WHEN_EXECUTABLE[file] === undefined);
      assert.deepEqual(Object.keys(RUNS).sort(), runnable.sort());
    });
  });

  describe('run to their ends', () => {
    for (const [file, runs] of Object.entries(RUNS)) {
      for (const run of runs) {
        it(`${file}: ${run.ends.join(', ').replaceAll(/\s+/g, ' ')}`, async () => {
          const content = NOT_EXECUTABLE.includes(file) ? executable(bytesOf(file).toString()) : bytesOf(file);
          const deployed = await post({ [file]: content, 'risk.dmn': RISK_CHECK });
          assert.equal(deployed.status, 200, deployed.message);
          const definition = deployed.definitions.find(({ key }) => key === run.process);
          assert.deepEqual(await ran(definition?.id ?? '', run), { state: 'COMPLETED', ends: run.ends, incidents: [] });
        });
      }
    }
  });

  async function ran(definitionId: string, { start = {}, answers = [] }: Run) {
    const started = `/engine-rest/process-definition/${encodeURIComponent(definitionId)}/start`;
    const { id } = await system.post<{ id: string }>(started, { variables: typed(start) });
    for (const [who, values] of answers) await answer(who, values);
    const [instance] = await system.get<{ state: string }[]>(
      `/engine-rest/history/process-instance?processInstanceId=${id}`,
    );
    const reached = await system.get<{ activityType: string; activityName: string }[]>(
      `/engine-rest/history/activity-instance?processInstanceId=${id}&finished=true`,
    );
    const ends = reached.filter(({ activityType }) => /EndEvent$/.test(activityType));
    const incidents = await system.get<{ incidentMessage: string }[]>(`/engine-rest/incident?processInstanceId=${id}`);
    return {
      state: instance?.state,
      ends: ends.map(({ activityName }) => activityName).sort(),
      incidents: incidents.map(({ incidentMessage }) => incidentMessage),
    };
  }

  async function answer(who: string, values: Values): Promise<void> {
    const variables = typed(values);
    const [task] = await system.get<{ id: string }[]>(`/engine-rest/task?taskDefinitionKey=${who}`);
    if (task !== undefined) return system.post(`/engine-rest/task/${task.id}/complete`, { variables });
    const [work] = await system.post<{ id: string }[]>('/engine-rest/external-task/fetchAndLock', {
      workerId: 'test',
      maxTasks: 1,
      topics: [{ topicName: who, lockDuration: 60_000 }],
    });
    const incidents = await system.get<{ incidentMessage: string }[]>('/engine-rest/incident');
    assert.ok(
      work !== undefined,
      `nothing waits for ${who}; ${incidents.map(({ incidentMessage }) => incidentMessage)}`,
    );
    return system.post(`/engine-rest/external-task/${work.id}/complete`, { workerId: 'test', variables });
  }
});

interface Deployed {
  readonly id: string;
  readonly message: string;
  readonly deployedProcessDefinitions: Readonly<Record<string, { readonly id: string; readonly key: string }>> | null;
}
