/** Passwords and guesses at them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Guesses } from './guesses.ts';
import { hashPassword, isPassword } from './passwords.ts';
import { hashOf, newSecret } from './tokens.ts';

test('a password is kept with a salt of its own and the parameters, and never as it is', async () => {
  const [one, other] = await Promise.all([hashPassword('correct horse'), hashPassword('correct horse')]);
  assert.match(one, /^scrypt\$32768\$8\$3\$[\w-]{22}\$[\w-]{43}$/);
  assert.notEqual(one, other);
  assert.ok(!one.includes('correct'));
  assert.deepEqual([await isPassword('correct horse', one), await isPassword('correct horsf', one)], [true, false]);
});

test('nobody is somebody without a password, whatever is guessed', async () => {
  assert.equal(await isPassword('', null), false);
});

test('a hash with other parameters is still understood, and one that is none is not', async () => {
  // scrypt("pass", "salt", N=1024, r=1, p=1), 32 bytes.
  const { scryptSync } = await import('node:crypto');
  const key = scryptSync('pass', 'salt', 32, { N: 1024, r: 1, p: 1 }).toString('base64url');
  const kept = `scrypt$1024$1$1$${Buffer.from('salt').toString('base64url')}$${key}`;
  assert.equal(await isPassword('pass', kept), true);
  await assert.rejects(isPassword('pass', 'pass'), /form that this version does not know/);
});

test('a secret has 256 random bits, and only its hash is kept', () => {
  const secret = newSecret();
  assert.match(secret, /^procos_[\w-]{43}$/);
  assert.notEqual(newSecret(), secret);
  assert.match(hashOf(secret), /^[0-9a-f]{64}$/);
});

test('five guesses are free; each further one makes the next wait twice as long', () => {
  let now = 0;
  const guesses = new Guesses(() => now);
  const waits: number[] = [];
  for (let at = 0; at < 8; at += 1) {
    guesses.count('ada', '::1');
    waits.push(guesses.waitMs('ada', '::1'));
    now += waits.at(-1) ?? 0;
  }
  assert.deepEqual(waits, [0, 0, 0, 0, 1_000, 2_000, 4_000, 8_000]);
});

test('what is forgotten of a name counts no more for it, but for the address that guessed', () => {
  const guesses = new Guesses(() => 0);
  for (let at = 0; at < 60; at += 1) guesses.count('ada', '10.0.0.66');
  for (let at = 0; at < 120; at += 1) guesses.count('ada', `10.1.0.${at}`);
  for (let at = 0; at < 9; at += 1) guesses.count('adam', '::1');
  assert.ok(guesses.waitMs('ada', '::1') > 0, 'of all addresses together');
  guesses.forget('ada');
  assert.equal(guesses.waitMs('ada', '::1'), 0);
  assert.equal(guesses.waitMs('ada', '10.1.0.1'), 0);
  assert.ok(guesses.waitMs('ada', '10.0.0.66') > 0, 'the address has guessed too often');
  assert.ok(guesses.waitMs('adam', '::1') > 0, 'another name');
});

test('who guesses at one name does not keep its owner out elsewhere, nor others at the same address', () => {
  const guesses = new Guesses(() => 0);
  for (let at = 0; at < 20; at += 1) guesses.count('ada', '10.0.0.66');
  assert.ok(guesses.waitMs('ada', '10.0.0.66') > 0);
  assert.equal(guesses.waitMs('ada', '::1'), 0);
  assert.equal(guesses.waitMs('bob', '10.0.0.66'), 0);
});

test('one address that tries many names, and many addresses that try one, have to wait as well', () => {
  const guesses = new Guesses(() => 0);
  for (let at = 0; at < 50; at += 1) guesses.count(`user${at}`, '10.0.0.66');
  assert.ok(guesses.waitMs('ada', '10.0.0.66') > 0);
  for (let at = 0; at < 100; at += 1) guesses.count('bob', `10.1.0.${at}`);
  assert.ok(guesses.waitMs('bob', '10.2.0.1') > 0);
});

test('a right password takes back what was counted for it, and no more: an own account does not buy guesses at others', () => {
  const guesses = new Guesses(() => 0);
  for (let at = 0; at < 49; at += 1) guesses.count(`user${at}`, '10.0.0.66');
  for (let at = 0; at < 5; at += 1) {
    guesses.count('mallory', '10.0.0.66');
    guesses.forgive('mallory', '10.0.0.66');
  }
  assert.equal(guesses.waitMs('ada', '10.0.0.66'), 0);
  guesses.count('ada', '10.0.0.66');
  assert.ok(guesses.waitMs('ada', '10.0.0.66') > 0);
});
