/** `/process-definitions/{key}`; what is searched for lies in `search`. */
import { bytesOf } from '@procos/kernel';
import type { Call, Declare } from '../../call.ts';
import { harmless } from '../../harmless.ts';
import { formAnswer } from '../form/forms.ts';
import { readKey } from '../keys.ts';
import { fileOf, findDefinition, processDefinition, type ShownDefinition, startForm } from './definitions.ts';

export function processDefinitionRoutes(route: Declare): void {
  route('GET', '/process-definitions/:processDefinitionKey', 'processDefinition.read', (call) =>
    processDefinition(call.engine, find(call)),
  );
  route('GET', '/process-definitions/:processDefinitionKey/xml', 'processDefinition.read', (call) => {
    return harmless('text/xml', bytesOf(fileOf(call.engine, find(call))));
  });
  route('GET', '/process-definitions/:processDefinitionKey/form', 'processDefinition.read', (call) => {
    const form = startForm(call.engine, find(call));
    return form && formAnswer(form);
  });
}

function find({ engine, params }: Call): ShownDefinition {
  const { processDefinitionKey: key = '' } = params as { readonly processDefinitionKey?: string };
  return findDefinition(engine, readKey(key, 'processDefinitionKey'), key);
}
