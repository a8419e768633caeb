/** The published Python SDK of Camunda 8 (camunda-orchestration-sdk 9, that of Camunda 8.9), unmodified, against the real engine. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { job, payment, zeebe } from '../../packages/rest/src/testing/camunda8.test.ts';
import { startSystem } from '../../packages/rest/src/testing/real-kernel.test.ts';
import { until } from '../running-procos.ts';
import { CATCH, MENU, STUCK } from './camunda8-models.ts';
import { installed, Program, skipWithout, sourceOf } from './foreign.ts';

const LEAVE = zeebe(
  'leave',
  `<bpmn:startEvent id="s" />
   <bpmn:userTask id="approve" name="Approve"><bpmn:extensionElements><zeebe:userTask />
     <zeebe:assignmentDefinition candidateGroups="bosses" /><zeebe:taskSchedule dueDate="=due" />
     <zeebe:priorityDefinition priority="70" />
   </bpmn:extensionElements></bpmn:userTask><bpmn:endEvent id="e" />`,
  ['s->approve', 'approve->e'],
);
const workFor = (id: string, type: string): string =>
  zeebe(id, `<bpmn:startEvent id="s" />${job('t', type)}<bpmn:endEvent id="e" />`, ['s->t', 't->e']);
const FILES = {
  'apart.bpmn': workFor('apart', 'isolated'),
  'ask.form': JSON.stringify({ id: 'ask', type: 'default', components: [] }),
  'blocked.bpmn': workFor('blocked', 'blocking'),
  'broken.bpmn': '<x/>',
  'catch.bpmn': CATCH,
  'leave.bpmn': LEAVE,
  'menu.dmn': MENU,
  'order.bpmn': payment('order'),
  'stuck.bpmn': STUCK,
  'worked.bpmn': payment('worked').replace('type="pay"', 'type="work"'),
};
/** `unread`: the SDK's own model of the operation has no such answer, or wants what Camunda 8.9 does not have; `more`: it has no member for that. */
const SEEN = [
  'topology 1 8.9.0 leader healthy',
  'status None',
  'me <default>',
  'deployed apart:1 blocked:1 catch:1 leave:1 order:1 stuck:1 worked:1 dish Menu ask <default>',
  'again [1, 1, 1, 1, 1, 1, 1]',
  'refused deploy BadRequestError 400 INVALID_ARGUMENT',
  'definition Process stuck stuck.bpmn 1 False',
  "awaited [('deep', {'yes': True}), ('list', [1, 'two']), ('nothing', None), ('text', 'Grüße')] ['colour:blue', 'py'] COMPLETED",
  'tagged [True]',
  'cancelled TERMINATED',
  'refused cancel NotFoundError 404 NOT_FOUND',
  'refused create UnexpectedStatus 404 NOT_FOUND unread',
  'refused await GatewayTimeoutError 504 DEADLINE_EXCEEDED',
  'refused get NotFoundError 404 NOT_FOUND',
  "job pay t order:1 {'method': 'card'} 3 [('list', [1, 'two']), ('n', 1), ('ratio', 0.5)] BPMN_ELEMENT UNSPECIFIED python True True",
  'once more 1 test True',
  "thrown ['eDeclined'] COMPLETED",
  'refused complete NotFoundError 404 NOT_FOUND',
  'refused fail NotFoundError 404 NOT_FOUND',
  'refused throw NotFoundError 404 NOT_FOUND',
  'refused update NotFoundError 404 NOT_FOUND',
  'refused activate BadRequestError 400 INVALID_ARGUMENT',
  'incident JOB_NO_RETRIES no t ACTIVE True',
  'resolved RESOLVED',
  'incident EXTRACT_VALUE_ERROR x None',
  'mended COMPLETED',
  'refused resolve NotFoundError 404 NOT_FOUND',
  "unread message subscription 'messageSubscriptionType'",
  "waiting [('catch', 1)]",
  'published <default>',
  'refused publish UnexpectedStatus 409 ALREADY_EXISTS unread',
  'broadcast <default>',
  "caught COMPLETED [('loud', 'true'), ('sum', '5')]",
  'correlated True',
  'refused correlate NotFoundError 404 NOT_FOUND',
  'caught COMPLETED',
  "tasks [['2031-01-05T08:00:00+00:00', '2031-01-04T08:00:00+00:00'], ['2031-01-03T08:00:00+00:00', '2031-01-02T08:00:00+00:00'], ['2031-01-01T08:00:00+00:00']]",
  "task Approve approve ['bosses'] 70 None Process leave",
  'assigned ada',
  'refused assign ConflictError 409 INVALID_STATE',
  'completed COMPLETED True COMPLETED',
  'refused complete task ConflictError 409 INVALID_STATE',
  'refused get task NotFoundError 404 NOT_FOUND',
  'decided "Salad" salad "Salad" None',
  'decision Dish 1 Menu',
  'evaluation EVALUATED "Salad" DECISION_TABLE None',
  'refused evaluate NotFoundError 404 NOT_FOUND',
  'instances [[4, 3], [2, 1], [0]]',
  'back [[2, 3], [0, 1]] of 5',
  'by value [3]',
  "definitions [['catch', 'leave'], ['order']]",
  "elements [('t', 'SERVICE_TASK', 'ACTIVE'), ('s', 'START_EVENT', 'COMPLETED')]",
  "variables [[('n', '0'), ('c', '2'), ('b', '1')], [('a', '0')]]",
  'jobs [[0, 1, 2], [3, 4]] pay 3',
  "incidents [['EXTRACT_VALUE_ERROR', 'EXTRACT_VALUE_ERROR'], ['EXTRACT_VALUE_ERROR']]",
  'refused search BadRequestError 400 INVALID_ARGUMENT',
  "worked off ['COMPLETED', 'COMPLETED', 'COMPLETED', 'COMPLETED', 'COMPLETED']",
  `worked early [3] ['e'] ['"early by py-worker"'] COMPLETED`,
  `worked plain [3] ['e'] ['"plain by py-worker"'] COMPLETED`,
  `worked retried [3, 2] ['e'] ['"retried by py-worker"'] COMPLETED`,
  `worked fell [3, 2, 1] ['e'] ['"fell by py-worker"'] COMPLETED`,
  "worked declined [3] ['eDeclined'] [] COMPLETED",
  `blocking [0, 2, 4, 6, 8, 10, 12] 3 at once {'["n"]'}`,
  "isolated ['true']",
  "more ['ProcessDefinitionResult.state']",
  'done',
];
const PASSWORD = 'correct horse battery';
const NAME = 'camunda8-python';

describe('camunda-orchestration-sdk', { skip: skipWithout(NAME) }, () => {
  it('deploys, starts, works, publishes, decides, searches and mends, and what is answered is read into its models', async (t) => {
    const system = await startSystem();
    t.after(() => system.stop());
    await system.kernel.ready;
    const folder = mkdtempSync(join(tmpdir(), 'procos-python-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    for (const [name, content] of Object.entries(FILES)) writeFileSync(join(folder, name), content);
    const program = python(t, 'judge.py', [system.url, folder]);
    await program.told('done');
    assert.deepEqual(program.lines, SEEN);
  });

  it('logs in with a name and its password or with an access token, and is told what it may not', async (t) => {
    let authorization = '';
    const system = await startSystem({ authentication: 'required', authorization: () => authorization });
    t.after(() => system.stop());
    authorization = `Bearer ${system.kernel.identity.access.setupToken()}`;
    await system.kernel.ready;
    const users = ['administrator', 'worker'];
    await changed(users.map((role) => ({ do: 'addUser', name: role, roles: [role], password: PASSWORD })));
    authorization = `Basic ${Buffer.from(`administrator:${PASSWORD}`).toString('base64')}`;
    const isLetIn = async () => (await system.get('/api/system')) !== undefined;
    await until('the administrator is let in', isLetIn);
    const { secrets } = await changed([{ do: 'createToken', label: 'python', user: 'worker' }]);
    const token = secrets[0] ?? '';
    const bearer = { headers: { authorization: `Bearer ${token}` } };
    await until('the token is taken', async () => (await fetch(`${system.url}/v2/topology`, bearer)).ok);
    const program = python(t, 'login.py', [system.url, 'worker', PASSWORD, token]);
    await program.told('done');
    const who = 'UnauthorizedError 401 UNAUTHORIZED';
    const unknown = `${who}, ${who}, UnexpectedStatus 401 UNAUTHORIZED`;
    assert.deepEqual(program.lines, [
      'basic: worker, 0, UnexpectedStatus 403 FORBIDDEN',
      'bearer: worker, 0, UnexpectedStatus 403 FORBIDDEN',
      `wrong: ${unknown}`,
      `forged: ${unknown}`,
      `nobody: ${unknown}`,
      'done',
    ]);

    function changed(operations: readonly object[]): Promise<{ secrets: string[] }> {
      return system.post('/api/identity-changes', { operations });
    }
  });
});

function python(t: TestContext, program: string, args: readonly string[]): Program {
  return new Program(t, installed(`${NAME}/bin/python`), ['-B', sourceOf(`${NAME}/${program}`), ...args]);
}
