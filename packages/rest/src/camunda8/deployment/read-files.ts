/** The files of a deployment as they came. */
import { type DeployedResource, resourceOf } from '@procos/kernel';
import { invalid } from '../errors.ts';

export interface NamedFile {
  readonly name: string;
  readonly content: Buffer;
}

/** Refuses names that are missing or there twice, and what cannot be read as the text that it says it is. */
export function readFiles(files: readonly NamedFile[]): DeployedResource[] {
  const resources = new Map<string, DeployedResource>();
  for (const { name, content } of files) {
    if (name === '') throw invalid("Each part 'resources' must have a file name, but one has none");
    if (resources.has(name)) throw invalid(`'resources' must have different file names, but two are called '${name}'`);
    const read = resourceOf(name, content);
    if (read === undefined)
      throw invalid(`'${name}' must be text in the encoding that it declares, but cannot be read in it`);
    resources.set(name, read);
  }
  return [...resources.values()];
}
