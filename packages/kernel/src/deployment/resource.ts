/** Bytes in any encoding become a file as it is deployed: text to read, and the bytes where that is not the same. */
import { encodingOf } from '@procos/bpmn';
import type { DeployedResource } from '@procos/engine';

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

function textOf(file: Buffer): string | undefined {
  try {
    return new TextDecoder(encodingOf(file), { fatal: true, ignoreBOM: true }).decode(file);
  } catch {
    return undefined;
  }
}
