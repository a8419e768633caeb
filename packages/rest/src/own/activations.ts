/** `POST /api/processes/:pid/activations`: starts activities inside an ad-hoc sub-process that waits. */
import type { Json, Variable } from '@procos/kernel';
import type { Call, JsonObject } from '../call.ts';
import { readVariables } from '../camunda7/typed-values.ts';
import { NO_ID, parseId } from '../ids.ts';
import { isObject } from '../safe-json.ts';
import { ApiRefusal, rejected } from './errors.ts';
import { optionalObject, requiredText, wrong } from './parameters.ts';
import { pidOf } from './pids.ts';

/** `elementId`: the ad-hoc sub-process, which must be active once, or `elementInstanceId` says which one. */
export async function activate({ engine, kernel, params, body, by, repeated }: Call): Promise<undefined> {
  const pid = params['pid'] ?? '';
  const processInstanceId = pidOf({ kernel }, pid);
  const { elements: list, cancelRemaining } = body;
  if (!Array.isArray(list) || list.length === 0) throw wrong('Member elements must be a list of {"elementId": …}.');
  const elements = (list as readonly Json[]).map((item) => {
    if (!isObject(item)) throw wrong('Member elements must be a list of {"elementId": …}.');
    return { elementId: requiredText(item, 'elementId'), variables: plain(optionalObject(item, 'variables')) };
  });
  const outcome = await engine.submit(
    {
      type: 'activateAdHoc',
      processInstanceId,
      elementInstanceId: repeated ? NO_ID : whichOne({ engine, body }, processInstanceId),
      elements: elements.map(({ elementId, variables }) =>
        Object.keys(variables).length === 0 ? { elementId } : { elementId, variables },
      ),
      cancelRemaining: cancelRemaining === true,
    },
    by,
  );
  if (!outcome.ok) throw rejected(outcome.rejection);
  return undefined;
}

function whichOne({ engine, body }: Pick<Call, 'engine' | 'body'>, processInstanceId: number): number {
  if (typeof body['elementInstanceId'] === 'string') return parseId(body['elementInstanceId']);
  const elementId = requiredText(body, 'elementId');
  const found = engine.find('elementInstances', {
    where: [
      { column: 'processInstanceId', op: '=', value: processInstanceId },
      { column: 'elementId', op: '=', value: elementId },
      { column: 'outcome', op: '=', value: 'active' },
    ],
  });
  const [only, ...others] = found.filter(({ elementType }) => elementType !== 'multiInstanceBody');
  if (only !== undefined && others.length === 0) return only.id;
  const what = only === undefined ? 'is not active' : `is active ${others.length + 1} times: give elementInstanceId`;
  throw new ApiRefusal(404, 'NOT_FOUND', `Ad-hoc sub-process ${elementId} of process ${processInstanceId} ${what}.`);
}

function plain(values: JsonObject): Readonly<Record<string, Variable>> {
  return readVariables(Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value }])));
}
