/** Whatever stands in a filter, a sort or a cursor: it is answered, or refused with a problem; it is never a fault. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Json, ProcessEngine, TableName } from '@procos/kernel';
import type { JsonObject } from '../../call.ts';
import { job, zeebe } from '../../testing/camunda8.test.ts';
import { type System, startSystem } from '../../testing/real-kernel.test.ts';
import { BATCHES } from '../batch-operations/shown.ts';
import { DECISION_DEFINITIONS } from '../decisions/definitions.ts';
import { DECISION_INSTANCES } from '../decisions/instances.ts';
import { Problem } from '../errors.ts';
import { searchUserTasks } from '../user-tasks/search.ts';
import { ELEMENT_INSTANCES } from './element-instances.ts';
import { searchIncidents } from './incidents.ts';
import { JOBS } from './jobs.ts';
import { MESSAGE_SUBSCRIPTIONS } from './message-subscriptions.ts';
import { PROCESS_DEFINITIONS } from './process-definitions.ts';
import { PROCESS_INSTANCES } from './process-instances.ts';
import { type SearchSpec, search } from './search.ts';
import { VARIABLES } from './variables.ts';

const MODEL = zeebe(
  'any',
  `<bpmn:startEvent id="Start" />${job('Work', 'work')}
   <bpmn:userTask id="Check"><bpmn:extensionElements><zeebe:userTask /></bpmn:extensionElements></bpmn:userTask>
   <bpmn:endEvent id="End" />`,
  ['Start->Work', 'Start->Check', 'Work->End', 'Check->End'],
);
const VALUES: readonly Json[] = ['a%_*?\\\\', '12', 12, true, null, ['12'], '2026-01-01T00:00:00Z'];
const OPERATORS = ['$eq', '$neq', '$exists', '$in', '$notIn', '$like', '$gt', '$gte', '$lt', '$lte', '$or', 'name'];

describe('whatever a search asks for', () => {
  let system: System;
  let engine: ProcessEngine;
  before(async () => {
    system = await startSystem();
    engine = system.kernel.engine;
    await system.deploy({ 'any.bpmn': MODEL });
    for (let at = 0; at < 3; at++)
      await system.post('/v2/process-instances', {
        processDefinitionId: 'any',
        variables: { at },
        businessId: `b${at}`,
      });
  });
  after(() => system.stop());

  /** undefined: refused. */
  const ask = (work: (body: JsonObject) => { readonly page: object }, body: object): object | undefined => {
    try {
      return work(JSON.parse(JSON.stringify(body))).page;
    } catch (error) {
      if (error instanceof Problem && error.status < 500) return undefined;
      if (error instanceof Problem && error.title === 'NOT_IMPLEMENTED') return undefined;
      throw new Error(`${JSON.stringify(body)}: ${String(error)}`, { cause: error });
    }
  };

  function searches(): readonly (readonly [
    name: string,
    fields: readonly string[],
    work: (body: JsonObject) => { readonly page: object },
  ])[] {
    const of = <T extends TableName>(spec: SearchSpec<T>) =>
      [spec.table, Object.keys(spec.filters), (body: JsonObject) => search(engine, body, spec)] as const;
    const incidents = 'incidentKey errorType state jobKey tenantId creationTime processDefinitionId'.split(' ');
    const tasks = 'userTaskKey state assignee candidateGroup priority dueDate tags localVariables name elementId'.split(
      ' ',
    );
    return [
      of(PROCESS_INSTANCES),
      of(ELEMENT_INSTANCES),
      of(VARIABLES),
      of(JOBS),
      of(PROCESS_DEFINITIONS),
      of(MESSAGE_SUBSCRIPTIONS),
      of(DECISION_DEFINITIONS),
      of(DECISION_INSTANCES),
      of(BATCHES),
      ['incidents', incidents, (body) => searchIncidents({ engine, body })],
      ['userTasks', tasks, (body) => searchUserTasks({ engine, body })],
    ];
  }

  it('every member of every filter, with every operator and any value', () => {
    let answered = 0;
    let refused = 0;
    for (const [, fields, work] of searches()) {
      for (const field of [...fields, '$or', 'nothing']) {
        for (const value of VALUES) {
          const asked = [value, ...OPERATORS.map((operator) => ({ [operator]: value })), [{ name: 'at', value }]];
          for (const one of asked) {
            if (ask(work, { filter: { [field]: one } }) === undefined) refused += 1;
            else answered += 1;
          }
        }
      }
    }
    assert.ok(answered > 2_000 && refused > 2_000, `${answered} answered, ${refused} refused`);
  });

  it('cursors that nobody was given', () => {
    const specs = [
      PROCESS_INSTANCES,
      JOBS,
      PROCESS_DEFINITIONS,
    ] as readonly unknown[] as readonly SearchSpec<'timers'>[];
    for (const spec of specs) {
      for (const field of Object.keys(spec.sorts)) {
        for (const value of VALUES) {
          const cursor = Buffer.from(JSON.stringify({ s: field, v: [value], i: 1, n: 1 })).toString('base64');
          for (const page of [{ after: cursor }, { before: cursor, limit: 1 }])
            ask((body) => search(engine, body, spec), { sort: [{ field }], page });
        }
      }
    }
    const page = { after: Buffer.from(JSON.stringify({ s: 'endDate', v: ['x'], i: 1, n: 1 })).toString('base64') };
    assert.equal(
      ask((body) => search(engine, body, PROCESS_INSTANCES), { sort: [{ field: 'endDate' }], page }),
      undefined,
    );
  });
});
