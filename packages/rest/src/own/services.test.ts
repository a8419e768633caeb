/** Services on the real kernel: registered, chosen, their outcomes noted, removed; and what is refused. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { ChosenService, ServiceLease, ServiceList } from '@procos/protocol';
import { type System, startSystem } from '../testing/real-kernel.test.ts';

describe('services', () => {
  let system: System;
  before(async () => {
    system = await startSystem();
    await system.kernel.ready;
  });
  after(() => system.stop());

  const list = async (query = '') => (await system.get<ServiceList>(`/api/services${query}`)).services;
  const choose = (wish: object) => system.post<ChosenService>('/api/services/choose', wish);
  async function refused(path: string, payload: object, method: 'POST' | 'DELETE' = 'POST') {
    const answer = await system.app.inject({ method, url: `/api/services${path}`, payload });
    return [answer.statusCode, answer.json<{ code: string }>().code];
  }

  it('register, say that they are there, are chosen in turn, and go', async () => {
    const one = { id: 'chat-1', name: 'chat', version: '2', endpoint: 'http://10.0.0.1:9000', tags: ['eu', 'fast'] };
    const lease = await system.post<ServiceLease>('/api/services', one);
    assert.equal(lease.heartbeatMs, 30_000);
    const two = await system.post<ServiceLease>('/api/services', { name: 'chat', endpoint: 'http://10.0.0.2/v1' });
    assert.equal(two.id, 'chat@http://10.0.0.2/v1');
    assert.equal((await system.post<ServiceLease>('/api/services/chat-1/heartbeat')).id, 'chat-1');
    assert.deepEqual(
      [(await choose({ name: 'chat' })).id, (await choose({ name: 'chat' })).endpoint],
      ['chat-1', 'http://10.0.0.2/v1'],
    );
    const chosen = await choose({ name: 'chat', version: '2', tags: ['fast'], strategy: 'least_used' });
    await system.post('/api/services/chat-1/outcomes', { ok: false, call: chosen.call });
    const [row] = await list('?name=chat&tag=eu');
    assert.deepEqual(
      [row?.id, row?.calls, row?.failures, row?.active, row?.breaker, row?.healthy],
      ['chat-1', 2, 1, 1, 'closed', null],
    );
    await system.app.inject({ method: 'DELETE', url: `/api/services/${encodeURIComponent(two.id)}` });
    assert.deepEqual(
      (await list()).map(({ id }) => id),
      ['chat-1'],
    );
    for (let n = 0; n < 5; n++) await system.post('/api/services/chat-1/outcomes', { ok: false });
    assert.deepEqual(await refused('/choose', { name: 'chat' }), [503, 'NO_SERVICE']);
  });

  it('what cannot be is refused', async () => {
    assert.deepEqual(await refused('/choose', { name: 'nobody' }), [404, 'NOT_FOUND']);
    assert.deepEqual(await refused('/choose', { name: 'chat', strategy: 'best' }), [400, 'INVALID_ARGUMENT']);
    assert.deepEqual(await refused('/nobody/heartbeat', {}), [404, 'NOT_FOUND']);
    assert.deepEqual(await refused('/nobody/outcomes', { ok: true }), [404, 'NOT_FOUND']);
    assert.deepEqual(await refused('/chat-1/outcomes', {}), [400, 'INVALID_ARGUMENT']);
    assert.deepEqual(await refused('/nobody', {}, 'DELETE'), [404, 'NOT_FOUND']);
    for (const endpoint of ['', 'ftp://a', 'file:///etc/passwd', 'http://user:secret@a', 'a'])
      assert.deepEqual(await refused('', { name: 'x', endpoint }), [400, 'INVALID_ARGUMENT'], endpoint);
    const healthUrl = 'gopher://a';
    assert.deepEqual(await refused('', { name: 'x', endpoint: 'http://a', healthUrl }), [400, 'INVALID_ARGUMENT']);
    assert.deepEqual(await refused('', { name: 'x'.repeat(201), endpoint: 'http://a' }), [400, 'INVALID_ARGUMENT']);
  });
});
