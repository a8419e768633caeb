/** Models, decisions and forms as a test names them: files, folders, or text. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type DeployRequest, resourceOf } from '@procos/kernel';

/** A file or a folder (its `.bpmn`, `.xml`, `.dmn` and `.form` files, not those below), or a file by its name and text. */
export type Resource = string | URL | { readonly name: string; readonly content: string };

const MODEL = /\.(bpmn|bpmn20\.xml|xml|dmn|form)$/i;

/** Throws an `Error` that names the path where there is no such file, or no model in a folder. */
export function readResources(resources: readonly Resource[]): DeployRequest['resources'] {
  return resources.flatMap((resource) => {
    if (typeof resource === 'object' && 'content' in resource) return [resource];
    const path = resource instanceof URL ? fileURLToPath(resource) : resolve(resource);
    return filesOf(path).map((file) => {
      const read = resourceOf(basename(file), readFileSync(file));
      if (read === undefined) throw new Error(`${file} is not text in the encoding that it names.`);
      return read;
    });
  });
}

function filesOf(path: string): readonly string[] {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined)
    throw new Error(
      `There is no file or folder ${path}. Give a path from the folder where the tests are started, or a URL.`,
    );
  if (!found.isDirectory()) return [path];
  const files = readdirSync(path)
    .filter((name) => MODEL.test(name))
    .sort()
    .map((name) => join(path, name));
  if (files.length === 0) throw new Error(`There is no model in ${path}: it needs .bpmn, .dmn or .form files.`);
  return files;
}
