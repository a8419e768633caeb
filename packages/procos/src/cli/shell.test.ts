/** What becomes of a command when nobody reads any more what it writes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { processShell } from './shell.ts';

test('a command ends without a word when its terminal or its pipe is closed; a kernel goes on', (context) => {
  const before = (['stdout', 'stderr'] as const).map((name) => [name, process[name].listeners('error')] as const);
  const shell = processShell();
  const [toResult, toNote] = before.map(([name, listeners]) => {
    const added = process[name].listeners('error').find((one) => !listeners.includes(one)) as (error: Error) => void;
    context.after(() => process[name].off('error', added));
    return (code: string) => added(Object.assign(new Error(code), { code }));
  });
  assert.ok(toResult !== undefined && toNote !== undefined);
  const exit = context.mock.method(process, 'exit', () => {
    throw new Error('ended');
  });
  const codes = ['EPIPE', 'EIO'];
  for (const code of codes) assert.throws(() => toResult(code), /ended/);
  for (const code of codes) toNote(code);
  assert.deepEqual(
    exit.mock.calls.map((call) => call.arguments),
    [[0], [0]],
  );
  assert.throws(() => toResult('ENOSPC'), /ENOSPC/);
  shell.outlive();
  for (const code of [...codes, 'ENOSPC']) toResult(code);
  assert.equal(exit.mock.callCount(), 2);
});
