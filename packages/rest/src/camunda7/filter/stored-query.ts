/** The query of a filter when it is asked: its expressions have values, and who asks may narrow it. */
import { evaluate, type Json } from '@procos/kernel';
import type { Call, JsonObject } from '../../call.ts';
import { isObject } from '../../safe-json.ts';
import { userOf } from '../asker.ts';
import { formatDate } from '../dates.ts';
import { invalid } from '../errors.ts';
import type { Asking } from '../list-query.ts';
import { EXPRESSIBLE } from '../task/query.ts';

type Asker = Pick<Call, 'engine' | 'kernel' | 'by'>;

/** `extending`: its members win over those that are kept; orders and orQueries of both count, the kept ones first. */
export function asked(call: Asker, kept: Json, extending: JsonObject = {}): Asking & Pick<Call, 'kernel'> {
  const stored = resolved(call, isObject(kept) ? kept : {});
  const both = (name: string) => {
    const lists = [stored[name], extending[name]].filter((value) => value !== undefined && value !== null);
    return lists.length === 0 ? {} : { [name]: lists.flat() as Json };
  };
  const body = { ...stored, ...extending, ...both('sorting'), ...both('orQueries') };
  return { engine: call.engine, kernel: call.kernel, query: {}, body };
}

/** Members named `…Expression` become what they give for who asks; where that is nothing, nothing is found by them. */
function resolved(call: Asker, query: JsonObject, inOr = false): JsonObject {
  const members: Record<string, Json> = {};
  let none = false;
  for (const [name, value] of Object.entries(query)) {
    if (name === 'orQueries' && Array.isArray(value))
      members[name] = value.map((one) => (isObject(one) ? resolved(call, one, true) : one));
    else if (name.endsWith('Expression') && value !== null) {
      const plain = name.slice(0, -'Expression'.length);
      if (!EXPRESSIBLE.includes(plain)) throw invalid(`A query for tasks has no member '${name}'`);
      const result = evaluated(call, name, value);
      if (result === null) none = true;
      else members[plain] = result;
    } else members[name] = value;
  }
  return none && !inOr ? { ...members, taskIdIn: [] } : members;
}

function evaluated(call: Asker, name: string, text: Json): Json {
  if (typeof text !== 'string') throw invalid(`'${name}' of a filter must be the text of an expression`);
  const { kernel, engine } = call;
  const user = userOf(call);
  const userGroups = user === null ? undefined : (kernel.identity.directory.user(user)?.groups ?? []);
  const result = evaluate(
    { language: 'juel', text },
    {
      lookup: () => undefined,
      names: () => [],
      now: engine.now(),
      zone: kernel.status().zone,
      user,
      ...(userGroups === undefined ? {} : { userGroups }),
    },
  );
  if (!result.ok) throw invalid(`Cannot evaluate '${name}' of the filter: ${result.message}`);
  return dated(result.value);
}

/** What `now()` and `dateTime()` give, in the form in which parameters have dates. */
function dated(value: Json): Json {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT/.test(value)) return value;
  const at = Date.parse(value.replace(/\[.*\]$/, ''));
  return Number.isNaN(at) ? value : formatDate(at);
}
