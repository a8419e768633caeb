/** Topic `email_send`: one mail over the mail server of the settings. */
import { WorkerFailure } from '@procos/client';
import type { SendMailOptions, SentMessageInfo, Transporter } from 'nodemailer';
import { choice, demand, type Inputs, invalid, type Outputs, optionalText, type Services, text } from '../handler.ts';
import { numberSetting, type Settings, setting } from '../settings.ts';

const MAX_RECIPIENTS = 100;
const BODY_TYPES = ['text', 'html'] as const;

/**
 * Inputs: to_email* (an address, several separated by commas, or a list), subject*, body*, body_type (text | html),
 * from_email (else PROCOS_SMTP_FROM). Outputs: sent, to (list), message_id (the same for every attempt of the task, so
 * that a repeated mail can be recognised). Wrong addresses, refused logins and 5xx answers are not retried.
 */
export async function emailSend(inputs: Inputs, services: Services): Promise<Outputs> {
  const { settings } = services;
  if (setting(settings, 'PROCOS_SMTP_HOST') === '') {
    throw invalid('No mail server is configured. Set PROCOS_SMTP_HOST (and PROCOS_SMTP_FROM) for the worker host.');
  }
  const sender = optionalText(inputs, 'from_email') ?? setting(settings, 'PROCOS_SMTP_FROM');
  if (sender === '') throw invalid('The mail has no sender: set PROCOS_SMTP_FROM or the input from_email.');
  const [from = ''] = await addresses([sender], 'from_email', 1);
  const to = await addresses(recipients(inputs), 'to_email', MAX_RECIPIENTS);
  const content = text(inputs, 'body');
  const mail: SendMailOptions = {
    from: sender.includes('<') ? sender : from,
    to: [...to],
    subject: oneLine(text(inputs, 'subject'), 'subject'),
    messageId: `<task-${services.taskId}.${from.replace('@', '-at-')}@procos>`.replace(/[^<>@\w.-]/g, '_'),
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(choice(inputs, 'body_type', BODY_TYPES, 'text') === 'html' ? { html: content } : { text: content }),
  };
  if (setting(settings, 'PROCOS_SMTP_USER') !== '') demand(services, { kind: 'secrets', name: 'PROCOS_SMTP_PASSWORD' });
  const transport = await connect(settings);
  const stop = (): void => transport.close();
  services.signal.addEventListener('abort', stop);
  try {
    const sent: SentMessageInfo = await transport.sendMail(mail);
    return { local: { sent: true, to: [...to], message_id: sent.messageId } };
  } catch (error) {
    throw failure(error);
  } finally {
    services.signal.removeEventListener('abort', stop);
    transport.close();
  }
}

async function connect(settings: Settings): Promise<Transporter> {
  const { createTransport } = await import('nodemailer');
  const secure = setting(settings, 'PROCOS_SMTP_SECURE');
  const user = setting(settings, 'PROCOS_SMTP_USER');
  return createTransport({
    host: setting(settings, 'PROCOS_SMTP_HOST'),
    port: numberSetting(settings, 'PROCOS_SMTP_PORT'),
    secure: secure === 'tls',
    requireTLS: secure === 'starttls',
    ignoreTLS: secure === 'none',
    ...(user === '' ? {} : { auth: { user, pass: setting(settings, 'PROCOS_SMTP_PASSWORD') } }),
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 60_000,
  });
}

function recipients(inputs: Inputs): readonly string[] {
  const given = inputs['to_email'];
  if (!Array.isArray(given)) return [text(inputs, 'to_email')];
  if (given.length === 0 || given.some((one) => typeof one !== 'string'))
    throw invalid("Input 'to_email' must hold addresses.");
  return given as string[];
}

/** The bare addresses. Anything that could end a header line or smuggle in a further recipient is refused. */
async function addresses(given: readonly string[], name: string, most: number): Promise<readonly string[]> {
  const { default: addressparser } = await import('nodemailer/lib/addressparser');
  const found: string[] = [];
  for (const one of given) {
    for (const { address } of addressparser(oneLine(one, name), { flatten: true })) {
      if (address === undefined || !/^[^\s@<>(),;:"\\]+@[^\s@<>(),;:"\\]+$/.test(address)) {
        throw invalid(`Input '${name}' holds '${one}', which is not a mail address.`);
      }
      found.push(address);
    }
  }
  if (found.length === 0) throw invalid(`Input '${name}' holds no mail address.`);
  if (found.length > most)
    throw invalid(`Input '${name}' holds ${found.length} addresses; at most ${most} are allowed.`);
  return found;
}

function oneLine(value: string, name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(value))
    throw invalid(`Input '${name}' must be one line without control characters.`);
  return value;
}

function failure(error: unknown): Error {
  const { message, responseCode, code } = error as Error & { responseCode?: number; code?: string };
  const final = code === 'EAUTH' || code === 'EENVELOPE' || (responseCode !== undefined && responseCode >= 500);
  return new WorkerFailure(`The mail was not sent: ${message}`, {
    retry: !final || isTemporary(responseCode),
    cause: error,
  });
}

function isTemporary(responseCode: number | undefined): boolean {
  return responseCode !== undefined && responseCode >= 400 && responseCode < 500;
}
