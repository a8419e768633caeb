/** The port: free, taken, or any. */
import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { UserError } from './cli/user-error.ts';
import { freePort, untilNotTaken, urlOf } from './port.ts';

test('a port that another program holds is refused in one line that says what to set', async () => {
  const holder = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
  const { port } = holder.address() as AddressInfo;
  await assert.rejects(freePort('127.0.0.1', port), (error) => {
    assert.ok(error instanceof UserError);
    assert.equal(
      error.message,
      `Port ${port} of 127.0.0.1 is used by another program. Set PROCOS_PORT to another port (0: any free one).`,
    );
    return true;
  });
  await new Promise((resolve) => holder.close(resolve));
});

test('of one that does not answer nobody says what it is', async (t) => {
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
  t.after(() => holder.close());
  const { port } = holder.address() as AddressInfo;
  await assert.rejects(freePort('127.0.0.1', port), /is used by a program that does not answer\. Set PROCOS_PORT/);
});

test('port 0 gives one that is free', async () => {
  const port = await freePort('127.0.0.1', 0);
  assert.ok(port > 0);
  assert.equal(await freePort('127.0.0.1', port), port);
});

test('an IPv6 address stands in brackets', () => {
  assert.deepEqual([urlOf('::1', 80), urlOf('localhost', 81)], ['http://[::1]:80', 'http://localhost:81']);
});

test('a port that is lost while the system comes up is replaced where any will do, a few times, and nowhere else', async () => {
  const lost = new UserError('PORT_TAKEN', 'taken', 1);
  const counting = (failures: number, error: Error = lost) => {
    let runs = 0;
    return async () => {
      runs += 1;
      if (runs <= failures) throw error;
      return runs;
    };
  };
  assert.equal(await untilNotTaken(true, counting(2)), 3);
  await assert.rejects(untilNotTaken(false, counting(1)), lost);
  await assert.rejects(untilNotTaken(true, counting(1_000)), lost);
  const other = new UserError('BOOT', 'other', 1);
  await assert.rejects(untilNotTaken(true, counting(1, other)), other);
});
