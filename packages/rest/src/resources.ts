/** A deployed file as an answer. */
import { bytesOf, type DeployedResource } from '@procos/kernel';
import { type Call, Raw } from './call.ts';
import { harmless } from './harmless.ts';

/** The file as it was deployed; its text in UTF-8 for whoever asks for `text/plain`. */
export function xmlFile({ request }: Call, resource: DeployedResource): Raw {
  const asText = request.headers.accept === 'text/plain';
  return asText
    ? new Raw('text/plain; charset=utf-8', resource.content)
    : harmless('application/xml', bytesOf(resource));
}
