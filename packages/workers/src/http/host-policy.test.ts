/** Which addresses the HTTP worker may reach. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HostPolicy } from './host-policy.ts';

const INTERNAL = [
  '127.0.0.1',
  '127.255.255.254',
  '10.0.0.1',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '100.64.0.1',
  '198.18.0.1',
  '::1',
  '0:0:0:0:0:0:0:1',
  'fc00::1',
  'fd12:3456::1',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '::ffff:10.0.0.1',
  '::ffff:192.168.0.1',
];
const DANGEROUS = [
  '0.0.0.0',
  '0.1.2.3',
  '169.254.169.254',
  '169.254.1.1',
  '100.100.100.200',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '192.0.0.192',
  '::',
  '::127.0.0.1',
  '::7f00:1',
  '::2',
  '64:ff9b::7f00:1',
  '64:ff9b::a9fe:a9fe',
  '64:ff9b:1::1',
  '2002:7f00:1::',
  '2001::1',
  'fe80::1',
  'fe80::1%eth0',
  'fec0::1',
  'ff02::1',
  '::ffff:169.254.169.254',
  '::ffff:0.0.0.0',
  'fd00:ec2::254',
];

test('loopback, private, link-local, metadata and reserved addresses are refused by default', () => {
  const policy = new HostPolicy('', true);
  for (const address of [...INTERNAL, ...DANGEROUS]) {
    assert.equal(policy.address(address, 'example.com', 80).allowed, false, address);
  }
  for (const address of ['93.184.215.14', '8.8.8.8', '2606:4700::1111', '::ffff:8.8.8.8']) {
    assert.equal(policy.address(address, 'example.com', 80).allowed, true, address);
  }
});

test('a listed host name opens internal addresses, never link-local or reserved ones', () => {
  const policy = new HostPolicy('intern.example.com, *.corp.example:8443', true);
  for (const address of INTERNAL)
    assert.equal(policy.address(address, 'intern.example.com.', 80).allowed, true, address);
  for (const address of DANGEROUS)
    assert.equal(policy.address(address, 'intern.example.com', 80).allowed, false, address);
  assert.equal(policy.address('10.0.0.1', 'a.corp.example', 8443).allowed, true);
  assert.equal(policy.address('10.0.0.1', 'a.corp.example', 80).allowed, false);
  assert.equal(policy.address('10.0.0.1', 'corp.example', 8443).allowed, false);
  assert.equal(policy.address('10.0.0.1', 'evilcorp.example', 8443).allowed, false);
});

test('a listed address or range opens exactly that', () => {
  const policy = new HostPolicy('10.1.0.0/16,127.0.0.1:9000,[::1]:9000,169.254.169.254,fd00::/8', true);
  assert.equal(policy.address('10.1.2.3', 'x', 80).allowed, true);
  assert.equal(policy.address('10.2.2.3', 'x', 80).allowed, false);
  assert.equal(policy.address('127.0.0.1', 'x', 9000).allowed, true);
  assert.equal(policy.address('127.0.0.1', 'x', 80).allowed, false);
  assert.equal(policy.address('::1', 'x', 9000).allowed, true);
  assert.equal(policy.address('169.254.169.254', 'x', 80).allowed, true);
  assert.equal(policy.address('fd00::5', 'x', 80).allowed, true);
});

test('without public hosts only what is listed is reached', () => {
  const policy = new HostPolicy('api.example.com', false);
  assert.equal(policy.host('other.example.com', 443).allowed, false);
  assert.equal(policy.host('api.example.com', 443).allowed, true);
  assert.equal(policy.address('8.8.8.8', 'api.example.com', 443).allowed, true);
  assert.equal(policy.address('8.8.8.8', '8.8.8.8', 443).allowed, false);
});

test('an entry that cannot be understood is named', () => {
  for (const entry of ['http://x', 'a b', '10.0.0.0/99', 'x:y:z', '*']) {
    assert.throws(() => new HostPolicy(entry, true), /PROCOS_HTTP_ALLOW/, entry);
  }
});
