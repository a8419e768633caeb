/** One fetch for both faces: JSON in and out, refusals as `ApiFailure` with the server's own words. */

import { withoutAddress } from './refusal-text.ts';

/** A refused or unanswered request. `status` is 0 when the server did not answer. */
export class ApiFailure extends Error {
  override readonly name = 'ApiFailure';
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** Event of the window: the server wants to know who asks. */
export const UNAUTHENTICATED = 'procos-unauthenticated';

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** @throws ApiFailure */
export async function request<T>(method: Method, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const response = await send(path, {
    method,
    headers: { accept: 'application/json', ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(signal && { signal }),
  });
  return readJson<T>(response);
}

/** Multipart upload. @throws ApiFailure */
export async function upload<T>(path: string, form: FormData): Promise<T> {
  return readJson<T>(await send(path, { method: 'POST', body: form }));
}

/** @throws ApiFailure */
export async function getText(path: string, signal?: AbortSignal): Promise<string> {
  const response = await send(path, { headers: { accept: 'text/plain' }, ...(signal ? { signal } : {}) });
  if (!response.ok) throw await failureOf(response);
  return response.text();
}

async function send(path: string, init: RequestInit): Promise<Response> {
  try {
    const response = await fetch(path, init);
    if (response.status === 401 && path !== '/api/session') window.dispatchEvent(new Event(UNAUTHENTICATED));
    return response;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiFailure(
      0,
      'unreachable',
      'The ProcOS server does not answer. Is it running? Start it with: npm start',
    );
  }
}

async function readJson<T>(response: Response): Promise<T> {
  if (!response.ok) throw await failureOf(response);
  const text = await response.text();
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

async function failureOf(response: Response): Promise<ApiFailure> {
  const text = await response.text();
  try {
    const { code, type, message } = JSON.parse(text) as { code?: unknown; type?: unknown; message?: unknown };
    const name = typeof code === 'string' ? code : typeof type === 'string' ? type : String(response.status);
    return new ApiFailure(response.status, name, typeof message === 'string' ? withoutAddress(message) : text);
  } catch {
    return new ApiFailure(response.status, String(response.status), `The server answered ${response.status}.`);
  }
}
