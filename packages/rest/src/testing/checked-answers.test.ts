/** Holds every JSON answer of `/api` and `/proc` against what its route says of itself; a test that asks gets the fault as its answer. */
import type { RouteOptions } from 'fastify';
import { Compile, type Validator } from 'typebox/schema';
import type { RouteAbout } from '../own/api/contract.ts';
import { answerSchema } from '../own/api/schemas.ts';

const validators = new Map<string, Validator>();

function validatorOf(answer: string): Validator {
  const known = validators.get(answer);
  if (known !== undefined) return known;
  const validator = Compile(answerSchema(answer));
  validators.set(answer, validator);
  return validator;
}

/** Undefined: the answer is as its route says. */
export function answerFault(about: RouteAbout, status: number, type: string, payload: string): string | undefined {
  if (status >= 300) return undefined;
  const statuses = [about.status ?? (about.answer === undefined && about.media === undefined ? 204 : 200)].flat();
  if (!statuses.includes(status)) return `status ${status}, described are ${statuses.join(', ')}`;
  if (!type.startsWith('application/json')) {
    const isDescribed =
      status === 204 || (about.media ?? []).some((media) => media === '*/*' || type.startsWith(media));
    return isDescribed ? undefined : `media type ${type}, described are ${about.media?.join(', ') ?? 'none'}`;
  }
  if (about.answer === undefined) return about.media === undefined ? 'a JSON answer that is not described' : undefined;
  const value: unknown = JSON.parse(payload);
  const validator = validatorOf(about.answer);
  return validator.Check(value)
    ? undefined
    : `${about.answer}: ${JSON.stringify(validator.Errors(value)[1].slice(0, 3))} in ${payload.slice(0, 500)}`;
}

/** For the option `onRoute` of the server. */
export function checkAnswers(route: RouteOptions): void {
  const { about } = (route.config ?? {}) as { readonly about?: RouteAbout };
  if (about === undefined) return;
  route.onSend = async (request, reply, payload) => {
    const text = Buffer.isBuffer(payload) || typeof payload === 'string' ? payload.toString() : '';
    const fault = answerFault(about, reply.statusCode, String(reply.getHeader('content-type') ?? ''), text);
    if (fault !== undefined)
      throw new Error(`The answer of ${request.method} ${request.url} is not as described: ${fault}`);
    return payload;
  };
}
