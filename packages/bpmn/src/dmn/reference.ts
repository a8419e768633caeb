/** References between elements: `#id` in this file, `namespace#id` in another. */
import type { XmlNode } from './xml.ts';

/** The id for a reference into the file itself, `namespace#id` for one into another; empty without href. */
export function targetOf(node: XmlNode, root: XmlNode): string {
  const href = node.attributes['href'] ?? '';
  const [namespace, id] = [href.slice(0, Math.max(0, href.indexOf('#'))), href.slice(href.indexOf('#') + 1)];
  return namespace === '' || namespace === root.attributes['namespace'] ? id : `${namespace}#${id}`;
}
