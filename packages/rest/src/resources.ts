/** Files as they are deployed: bytes in any encoding become text to read, and are served again byte for byte. */
import type { DeployedResource } from '@procos/kernel';
import { encodingOf } from '@procos/protocol';
import { type Call, Raw } from './call.ts';

/** Files that are read; anything else may be bytes of any kind. */
const READ = /\.(?:bpmn|xml|dmn|form|json)$/i;

/** undefined: it is to be read, and is not text in the encoding that it names. */
export function resourceOf(name: string, file: Buffer): DeployedResource | undefined {
  const content = textOf(file);
  if (content === undefined) return READ.test(name) ? undefined : { name, content: '', bytes: file.toString('base64') };
  return Buffer.from(content).equals(file) ? { name, content } : { name, content, bytes: file.toString('base64') };
}

export function bytesOf({ content, bytes }: DeployedResource): Buffer {
  return bytes === undefined ? Buffer.from(content) : Buffer.from(bytes, 'base64');
}

/** The file as it was deployed; its text in UTF-8 for whoever asks for `text/plain`. */
export function xmlFile({ request }: Call, resource: DeployedResource): Raw {
  const asText = request.headers.accept === 'text/plain';
  return asText
    ? new Raw('text/plain; charset=utf-8', resource.content)
    : new Raw('application/xml', bytesOf(resource));
}

function textOf(file: Buffer): string | undefined {
  try {
    return new TextDecoder(encodingOf(file), { fatal: true, ignoreBOM: true }).decode(file);
  } catch {
    return undefined;
  }
}
