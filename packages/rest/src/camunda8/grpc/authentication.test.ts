/** A gateway that asks everybody who he is: name and password, or an access token, in the header of each call. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type System, startSystem } from '../../testing/real-kernel.test.ts';
import { connect, refused, type Zeebe } from './testing/zeebe.test.ts';

const PASSWORD = 'correct horse battery';
const basic = (name: string, password = PASSWORD): string =>
  `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;

describe('with authentication', () => {
  let system: System;
  let setup = '';
  const clients: Zeebe[] = [];
  const as = (authorization?: string): Zeebe => {
    const client = connect(system.grpc, authorization === undefined ? {} : { authorization });
    clients.push(client);
    return client;
  };
  before(async () => {
    system = await startSystem({ authentication: 'required', authorization: () => setup, grpc: true });
    setup = `Bearer ${system.kernel.identity.access.setupToken()}`;
    await system.kernel.ready;
    const roles = ['viewer', 'worker', 'administrator'];
    const operations = roles.map((role) => ({ do: 'addUser', name: role, roles: [role], password: PASSWORD }));
    await system.post('/api/identity-changes', { operations });
    setup = basic('administrator');
    for (let turn = 0; turn < 500; turn += 1) {
      if (
        await system.get('/api/system').then(
          () => true,
          () => false,
        )
      )
        return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  });
  after(async () => {
    for (const client of clients) client.close();
    await system.stop();
  });

  it('who brings nothing is UNAUTHENTICATED, and so is who brings a wrong proof', async () => {
    await refused('UNAUTHENTICATED', /./, as().call('Topology'));
    await refused('UNAUTHENTICATED', /./, as('').call('Topology'));
    await refused('UNAUTHENTICATED', /wrong/, as('Bearer nonsense').call('Topology'));
    await refused('UNAUTHENTICATED', /wrong/, as(basic('worker', 'wrong password')).call('Topology'));
    await refused('UNAUTHENTICATED', /"Basic …" .*"Bearer …"/, as('Digest x').call('Topology'));
  });

  it('a name and its password let in, and the roles of the name decide', async () => {
    assert.equal((await as(basic('viewer')).call('Topology'))['clusterSize'], 1);
    const asked = { type: 'x', worker: 'w', timeout: 1_000, maxJobsToActivate: 1, requestTimeout: -1 };
    await refused('PERMISSION_DENIED', /./, as(basic('viewer')).all('ActivateJobs', asked));
    assert.deepEqual(await as(basic('worker')).all('ActivateJobs', asked), []);
    const retries = { jobKey: '1', retries: 1 };
    await refused('PERMISSION_DENIED', /./, as(basic('worker')).call('UpdateJobRetries', retries));
  });

  it('an access token lets in, and a stream ends when users change: who reads it is asked again', async () => {
    const asked = { type: 'x', worker: 'w', timeout: 1_000 };
    const stream = as(basic('worker')).all('StreamActivatedJobs', asked);
    // It is asked for its first jobs before users change.
    await as(basic('worker')).call('Topology');
    const ended = refused('UNAVAILABLE', /users were changed. Open it again/, stream);
    const token = { do: 'createToken', label: 'test', user: 'worker' };
    const { secrets } = await system.post<{ secrets: string[] }>('/api/identity-changes', { operations: [token] });
    const client = as(`Bearer ${secrets[0]}`);
    for (let turn = 0; turn < 500; turn += 1) {
      const isIn = await client.call('Topology').then(
        () => true,
        () => false,
      );
      if (isIn) return ended;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    assert.fail('the token was not taken');
  });
});
