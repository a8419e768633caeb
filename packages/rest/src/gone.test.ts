import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { describe, it } from 'node:test';
import { beginWait, goneOrClosing } from './gone.ts';

function answering(writableFinished: boolean, destroyed = false) {
  const raw = Object.assign(new EventEmitter(), { writableFinished, destroyed });
  return { raw, call: (closing: AbortSignal) => ({ closing, reply: { raw } }) as never };
}

describe('goneOrClosing', () => {
  it('aborts when the client hangs up, and not when it has its answer', () => {
    const closing = new AbortController().signal;
    const [hung, answered] = [answering(false), answering(true)];
    const signals = [hung, answered].map(({ call }) => goneOrClosing(call(closing)));
    for (const { raw } of [hung, answered]) raw.emit('close');
    assert.deepEqual(
      signals.map(({ aborted }) => aborted),
      [true, false],
    );
    assert.equal(goneOrClosing(answering(false, true).call(closing)).aborted, true, 'it was gone before');
  });

  it('aborts when the server closes, or has closed', () => {
    const closing = new AbortController();
    const signal = goneOrClosing(answering(false).call(closing.signal));
    closing.abort();
    assert.equal(signal.aborted, true);
    assert.equal(beginWait(closing.signal).signal.aborted, true);
  });

  it('the server keeps nothing of what is over', () => {
    const closing = new AbortController();
    const { raw, call } = answering(true);
    const [answered, ended] = [goneOrClosing(call(closing.signal)), beginWait(closing.signal)];
    raw.emit('close');
    ended.end();
    closing.abort();
    assert.deepEqual([answered.aborted, ended.signal.aborted], [false, false]);
  });
});
