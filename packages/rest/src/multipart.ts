/** Reads multipart/form-data bodies under limits. */
import { isUtf8 } from 'node:buffer';
import type { FastifyMultipartOptions, MultipartFile } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { digestOf, idempotencyKey } from './idempotency.ts';

export interface FormPart {
  /** Name of the form field. */
  readonly name: string;
  /** undefined for a plain field. */
  readonly filename: string | undefined;
  readonly mimeType: string;
  readonly content: Buffer;
}

/** The parts of a form are together larger than they may be. */
class FormTooLarge extends Error {
  readonly statusCode = 413;
  constructor(what: string, limit: number) {
    super(`${what} larger than ${limit} bytes`);
    this.name = 'FormTooLarge';
  }
}

/** The form breaks off or is none. */
class MalformedForm extends Error {
  readonly statusCode = 400;
  constructor(cause: unknown) {
    super(`Cannot read the form: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.name = 'MalformedForm';
  }
}

export interface Upload<T> {
  /** Plain fields by name. */
  readonly fields: ReadonlyMap<string, string>;
  readonly file: { readonly filename: string | undefined; readonly mimeType: string; readonly content: T } | undefined;
}

/** What a form has besides its file, at most, bytes. */
export const MOST_FIELD_BYTES = 65_536;

/**
 * For the library every part is a file of any length: a plain field it would read by itself, however many there are, cut it
 * off without a word where it is too long, and take it apart where it says that it is JSON.
 */
export const FORM_OPTIONS: FastifyMultipartOptions = {
  isPartAFile: () => true,
  limits: { parts: 500, fileSize: Number.POSITIVE_INFINITY },
};

/** A form with one file of any length, in the field `name`, which `take` reads; throws 400 when the form cannot be read. */
export async function readUpload<T extends { readonly inline: Buffer } | { readonly blob: { readonly name: string } }>(
  request: FastifyRequest,
  name: string,
  take: (content: AsyncIterable<Uint8Array>) => Promise<T>,
): Promise<Upload<T>> {
  const fields = new Map<string, string>();
  let file: Upload<T>['file'];
  let size = 0;
  await forEachPart(request, async ({ fieldname, filename, mimetype: mimeType, file: part }) => {
    if (fieldname === name) {
      if (file !== undefined) throw new MalformedForm(`'${name}' is in it twice`);
      // How long it may be, `take` knows.
      file = { filename, mimeType, content: await take(contentOf(part)) };
      return;
    }
    if (filename !== undefined) throw new MalformedForm(`there is a file '${fieldname}' in it`);
    const content = await bytesOf(part, MOST_FIELD_BYTES - size);
    if (content === undefined) throw new FormTooLarge('What the form has besides its file is', MOST_FIELD_BYTES);
    size += content.length;
    fields.set(fieldname, textOf(content));
  });
  if (idempotencyKey(request) !== undefined && file !== undefined) {
    const { content, filename = '', mimeType } = file as NonNullable<Upload<T>['file']>;
    const what = 'inline' in content ? content.inline : content.blob.name;
    request.bodyDigest = digestOf(...[...fields].flat(), filename, mimeType, what);
  }
  return { fields, file };
}

/** All parts in order; throws 413 when they are larger than the body limit, 400 when the form cannot be read. */
export async function readForm(request: FastifyRequest): Promise<readonly FormPart[]> {
  const limit = request.server.initialConfig.bodyLimit ?? 0;
  const parts: FormPart[] = [];
  let size = 0;
  await forEachPart(request, async ({ fieldname: name, filename, mimetype: mimeType, file }) => {
    const content = await bytesOf(file, limit - size);
    if (content === undefined) throw new FormTooLarge('The form is', limit);
    size += content.length;
    parts.push({ name, mimeType, filename, content });
  });
  // Not of the bytes: every attempt chooses another boundary.
  if (idempotencyKey(request) !== undefined) {
    request.bodyDigest = digestOf(...parts.flatMap(({ name, filename = '', content }) => [name, filename, content]));
  }
  return parts;
}

/** One part after the other; throws 400 when the form cannot be read, else what `read` throws. */
async function forEachPart(request: FastifyRequest, read: (part: MultipartFile) => Promise<void>): Promise<void> {
  const parts = request.parts()[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await parts.next().catch((error: unknown) => {
        throw error instanceof Error && 'statusCode' in error ? error : new MalformedForm(error);
      });
      if (next.done === true) return;
      await read(next.value as MultipartFile);
    }
  } catch (error) {
    // The rest can still be thrown away.
    request.raw.unpipe();
    throw error;
  }
}

/** Where it breaks off, throws 400. */
async function* contentOf(part: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* part;
  } catch (error) {
    throw new MalformedForm(error);
  }
}

/** undefined: there are more. */
async function bytesOf(part: AsyncIterable<Buffer>, most: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of contentOf(part)) {
    size += chunk.length;
    if (size > most) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Old clients send text as Latin-1, without a word. */
function textOf(content: Buffer): string {
  return content.toString(isUtf8(content) ? 'utf8' : 'latin1');
}
