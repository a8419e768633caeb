/** XML as a tree, so that a generated model can be written, and made smaller when it fails. */

export interface Tag {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly (Tag | string)[];
}

/** Attributes and children that are undefined are left out. */
export function tag(
  name: string,
  attributes: Readonly<Record<string, string | undefined>> = {},
  ...children: readonly (Tag | string | undefined)[]
): Tag {
  const given = Object.entries(attributes).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { name, attributes: Object.fromEntries(given), children: children.filter((one) => one !== undefined) };
}

/** Elements on lines of their own, text as it is. */
export function print(root: Tag): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${lines(root, '').join('\n')}\n`;
}

function lines({ name, attributes, children }: Tag, indent: string): string[] {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeXml(value)}"`);
  const open = `${indent}<${name}${written.join('')}`;
  if (children.length === 0) return [`${open} />`];
  const texts = children.filter((one) => typeof one === 'string');
  if (texts.length === children.length) return [`${open}>${texts.map(escapeXml).join('')}</${name}>`];
  const inner = children.flatMap((one) => (typeof one === 'string' ? escapeXml(one) : lines(one, `${indent}  `)));
  return [`${open}>`, ...inner, `${indent}</${name}>`];
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
