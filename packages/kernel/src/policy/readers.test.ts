/** Which models hide their instances is looked up when there are new ones, not with every request. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Capabilities } from '@procos/bpmn';
import type { EngineEvent, LogRecord } from '@procos/engine';
import type { Query, TableName } from '@procos/store';
import type { Caller } from '../identity/caller.ts';
import type { ProcessEngine } from '../process-engine.ts';
import { Readers } from './readers.ts';
import { SeenEngine } from './seen-engine.ts';

const WORKER: Caller = { kind: 'user', id: 'w', roles: ['worker'], groups: [], permissions: new Set(['work']) };
const CLOSED: Capabilities = { access: [[{ role: 'manager', may: ['read'] }]] };

function system() {
  const models: { readonly id: number; readonly capabilities: Capabilities | undefined }[] = [];
  const asked: TableName[] = [];
  let told = (_records: readonly LogRecord[]): void => {};
  const engine = {
    find(table: TableName, { where = [] }: Query<never> = {}) {
      asked.push(table);
      const [after] = where as readonly { readonly value: number }[];
      return table === 'definitions' ? models.filter(({ id }) => id > (after?.value ?? 0)) : [];
    },
    model: (wanted: number) => models.find(({ id }) => id === wanted),
    onCommitted(listener: typeof told) {
      told = listener;
      return () => {};
    },
  } as unknown as ProcessEngine;
  const commit = (type: EngineEvent['type']): void => told([{ events: [{ type }] } as unknown as LogRecord]);
  const deploy = (id: number, capabilities?: Capabilities): void => {
    models.push({ id, capabilities });
    commit('processDefined');
  };
  return { readers: new Readers(() => engine), engine, asked, commit, deploy };
}

test('requests of somebody who has proved his name ask for definitions once, until one is deployed', () => {
  const { readers, engine, asked, commit, deploy } = system();
  deploy(1);
  assert.equal(readers.engineFor(WORKER), engine);
  const first = asked.length;
  for (let request = 0; request < 3; request += 1) {
    commit('externalTaskLocked');
    assert.equal(readers.engineFor(WORKER), engine);
  }
  assert.equal(asked.length, first);
  deploy(2, CLOSED);
  assert.ok(readers.engineFor(WORKER) instanceof SeenEngine);
  assert.equal(asked.length, first + 1);
});
