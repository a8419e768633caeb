/** How times and sizes read. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatSpan,
  formatSubject,
  formatType,
  formatValue,
} from './format.ts';

describe('formats', () => {
  it('a span shows its two largest units', () => {
    assert.deepEqual(
      [-5, 4_000, 192_000, 7_500_000, 273_600_000].map((ms) => formatSpan(ms)),
      ['0s', '4s', '3m 12s', '2h 05m', '3d 4h'],
    );
  });

  it('a duration below a second is in milliseconds', () => {
    assert.deepEqual([formatDuration(12.4), formatDuration(1_000)], ['12ms', '1s']);
  });

  it('sizes are decimal', () => {
    assert.deepEqual(
      [formatBytes(999), formatBytes(2_420_000), formatBytes(112_000_000)],
      ['999 B', '2.4 MB', '112 MB'],
    );
  });

  it('element types read as words, counts agree with their noun', () => {
    assert.equal(formatType('eventBasedGateway'), 'event based gateway');
    assert.deepEqual([formatCount(1, 'incident'), formatCount(2, 'incident')], ['1 incident', '2 incidents']);
  });

  it('who did it is said once', () => {
    assert.deepEqual(['anonymous:anonymous', 'kernel:alarm', 'x'].map(formatSubject), [
      'anonymous',
      'kernel:alarm',
      'x',
    ]);
  });

  it('long values are cut', () => {
    assert.equal(formatValue('x'.repeat(10), 5), '"xxxx…');
  });
});
