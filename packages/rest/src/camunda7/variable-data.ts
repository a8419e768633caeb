/** `…/data` of a variable, whoever owns it: its content as bytes. */
import { asLargeValue, type Variable } from '@procos/kernel';
import { sendBytes } from '../bytes.ts';
import type { Call, TAKEN_OVER } from '../call.ts';
import { mediaTypeOf, sourceOf } from '../variable-bytes.ts';
import { invalid, notFound } from './errors.ts';
import { fileHeaders } from './file-headers.ts';

/** Of text and JSON only where it is kept out of line: there Camunda has no such values. */
export function variableData(call: Call, variable: Variable, name: string): typeof TAKEN_OVER {
  const handle = asLargeValue(variable.value);
  const binary = variable.type === 'File' || variable.type === 'Bytes';
  if (!binary && handle === undefined) throw invalid(`Value of variable with name ${name} is not a binary value.`);
  const source = sourceOf(call.engine, variable);
  if (source === undefined) throw notFound(`The content of variable with name ${name} (${handle?.blob}) is not there`);
  const labels = binary ? fileHeaders(variable) : { contentType: mediaTypeOf(variable), headers: {} };
  return sendBytes(call, source, labels);
}
