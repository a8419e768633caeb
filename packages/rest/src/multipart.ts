/** Reads multipart/form-data bodies under limits. */
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

/** The parts of a form are together larger than the body limit. */
class FormTooLarge extends Error {
  readonly statusCode = 413;
  constructor(limit: number) {
    super(`The form is larger than ${limit} bytes`);
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

/** A form with one file of any length, in the field `name`, which `take` reads; throws 400 when the form cannot be read. */
export async function readUpload<T extends { readonly inline: Buffer } | { readonly blob: { readonly name: string } }>(
  request: FastifyRequest,
  name: string,
  take: (content: AsyncIterable<Uint8Array>) => Promise<T>,
): Promise<Upload<T>> {
  const fields = new Map<string, string>();
  let file: Upload<T>['file'];
  // How long the file may be, `take` knows.
  const limits = { fileSize: Number.POSITIVE_INFINITY, files: 1 };
  const parts = request.parts({ limits })[Symbol.asyncIterator]();
  for (;;) {
    const next = await parts.next().catch((error: unknown) => {
      throw error instanceof Error && 'statusCode' in error ? error : new MalformedForm(error);
    });
    if (next.done === true) break;
    const part = next.value;
    if (part.type === 'field') {
      const known = part.fieldname !== name;
      if (known) fields.set(part.fieldname, String(part.value));
      else file = { filename: undefined, mimeType: part.mimetype, content: await take(once(String(part.value))) };
    } else if (part.fieldname !== name) throw new MalformedForm(`there is a file '${part.fieldname}' in it`);
    else file = { filename: part.filename, mimeType: part.mimetype, content: await take(part.file) };
  }
  if (idempotencyKey(request) !== undefined && file !== undefined) {
    const { content, filename = '', mimeType } = file;
    const what = 'inline' in content ? content.inline : content.blob.name;
    request.bodyDigest = digestOf(...[...fields].flat(), filename, mimeType, what);
  }
  return { fields, file };
}

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

/** All parts in order; throws 413 when they are larger than the body limit, 400 when the form cannot be read. */
export async function readForm(request: FastifyRequest): Promise<readonly FormPart[]> {
  const limit = request.server.initialConfig.bodyLimit ?? 0;
  const parts: FormPart[] = [];
  let size = 0;
  try {
    for await (const part of request.parts()) {
      const file = part.type === 'file';
      const content = file ? await part.toBuffer() : Buffer.from(String(part.value));
      size += content.length;
      if (size > limit) throw new FormTooLarge(limit);
      parts.push({
        name: part.fieldname,
        mimeType: part.mimetype,
        filename: file ? part.filename : undefined,
        content,
      });
    }
  } catch (error) {
    throw error instanceof Error && 'statusCode' in error ? error : new MalformedForm(error);
  }
  // Not of the bytes: every attempt chooses another boundary.
  if (idempotencyKey(request) !== undefined) {
    request.bodyDigest = digestOf(...parts.flatMap(({ name, filename = '', content }) => [name, filename, content]));
  }
  return parts;
}
