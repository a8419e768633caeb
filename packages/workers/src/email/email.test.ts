/** The mail worker against a real SMTP server on loopback. */
import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { failsForNow, refusesForGood, servicesWith } from '../testing.ts';
import { emailSend } from './email.ts';

interface Mailbox {
  readonly mails: { readonly to: string[]; readonly mail: ParsedMail; readonly user: string | undefined }[];
  readonly env: Record<string, string>;
}

async function mailServer(t: TestContext, options: SMTPServerOptions = {}): Promise<Mailbox> {
  const mails: Mailbox['mails'] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth: ({ username, password }, _, done) =>
      password === 'right-password' ? done(null, { user: username ?? '' }) : done(new Error('wrong')),
    onData: (stream, session, done) => {
      simpleParser(stream).then((mail) => {
        mails.push({ to: session.envelope.rcptTo.map(({ address }) => address), mail, user: session.user });
        done();
      }, done);
    },
    ...options,
  });
  server.on('error', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => new Promise<void>((resolve) => server.close(resolve)));
  const { port } = server.server.address() as AddressInfo;
  const env = {
    PROCOS_SMTP_HOST: '127.0.0.1',
    PROCOS_SMTP_PORT: String(port),
    PROCOS_SMTP_SECURE: 'none',
    PROCOS_SMTP_FROM: 'ProcOS <procos@example.com>',
  };
  return { mails, env };
}

const MAIL = { to_email: 'ada@example.com', subject: 'Hello Ädä', body: 'Line 1\nLine 2' };

test('a text mail arrives as it was written, with a message id that is the same for every attempt', async (t) => {
  const { mails, env } = await mailServer(t);
  const first = await emailSend(MAIL, servicesWith(env));
  const second = await emailSend(MAIL, servicesWith(env));
  assert.deepEqual([first.local['sent'], first.local['to']], [true, ['ada@example.com']]);
  assert.equal(first.local['message_id'], second.local['message_id']);
  const mail = mails[0]?.mail;
  assert.equal(mail?.subject, 'Hello Ädä');
  assert.equal(mail?.text?.trim(), 'Line 1\nLine 2');
  assert.equal(mail?.from?.text, '"ProcOS" <procos@example.com>');
  assert.equal(mail?.messageId, first.local['message_id']);
});

test('an HTML mail goes to several recipients, with login', async (t) => {
  const { mails, env } = await mailServer(t);
  const login = { PROCOS_SMTP_USER: 'robot', PROCOS_SMTP_PASSWORD: 'right-password' };
  const inputs = {
    ...MAIL,
    to_email: ['a@example.com', 'B <b@example.com>'],
    body: '<b>x</b>',
    body_type: 'html',
    from_email: 'me@example.com',
  };
  await emailSend(inputs, servicesWith({ ...env, ...login }));
  assert.deepEqual(mails[0]?.to, ['a@example.com', 'b@example.com']);
  assert.equal(mails[0]?.mail.html?.toString().trim(), '<b>x</b>');
  assert.equal(mails[0]?.user, 'robot');
  assert.equal(mails[0]?.mail.from?.text, 'me@example.com');
});

test('nothing in an input can add a header or a recipient', async (t) => {
  const { mails, env } = await mailServer(t);
  for (const attack of [
    'x\r\nBcc: evil@example.com',
    'x\nBcc: evil@example.com',
    'x\rBcc: evil@example.com',
    'x\u0000',
  ]) {
    await refusesForGood(emailSend({ ...MAIL, subject: attack }, servicesWith(env)), /one line/);
    await refusesForGood(emailSend({ ...MAIL, to_email: `a@example.com${attack}` }, servicesWith(env)), /one line/);
    await refusesForGood(emailSend({ ...MAIL, from_email: `a@example.com${attack}` }, servicesWith(env)), /one line/);
  }
  for (const attack of ['nobody', '', 'a@b@example.com', '@', '<>']) {
    await refusesForGood(emailSend({ ...MAIL, to_email: [attack] }, servicesWith(env)), /address/);
  }
  await refusesForGood(
    emailSend({ ...MAIL, from_email: 'a@example.com, b@example.com' }, servicesWith(env)),
    /at most 1/,
  );
  assert.equal(mails.length, 0);
});

test('a path in the body is not read from the disk', async (t) => {
  const { mails, env } = await mailServer(t);
  const body = { path: '/etc/passwd' } as unknown as string;
  await refusesForGood(emailSend({ ...MAIL, body }, servicesWith(env)), /must be text/);
  assert.equal(mails.length, 0);
});

test('without a mail server, and with a wrong login or a refused recipient, there is no second attempt', async (t) => {
  await refusesForGood(emailSend(MAIL, servicesWith()), /PROCOS_SMTP_HOST/);
  const { env } = await mailServer(t, {
    onRcptTo: ({ address }, _, done) =>
      address.startsWith('no') ? done(Object.assign(new Error('no such'), { responseCode: 550 })) : done(),
  });
  await refusesForGood(emailSend({ ...MAIL, to_email: 'no@example.com' }, servicesWith(env)), /no such/);
  const wrong = { PROCOS_SMTP_USER: 'robot', PROCOS_SMTP_PASSWORD: 'wrong-password' };
  await refusesForGood(emailSend(MAIL, servicesWith({ ...env, ...wrong })), /not sent/);
});

test('a busy or absent mail server is tried again', async (t) => {
  const { env } = await mailServer(t, {
    onMailFrom: (_address, _session, done) => done(Object.assign(new Error('later'), { responseCode: 451 })),
  });
  await failsForNow(emailSend(MAIL, servicesWith(env)), /later/);
  await failsForNow(emailSend(MAIL, servicesWith({ ...env, PROCOS_SMTP_PORT: '1' })), /not sent/);
});
