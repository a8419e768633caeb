/** Characters beyond U+FFFF that are written as references: the decoder of the XML parser would cut them. */

const FAR = /&#(?:\d{5,}|x[\da-f]{5,});/i;

/** The text with such characters in place of their references; all other references are left to the parser. */
export function withAllCharacters(xml: string): string {
  if (!FAR.test(xml)) return xml;
  const sections = [new Section(xml, '<![CDATA[', ']]>'), new Section(xml, '<!--', '-->')];
  let result = '';
  for (let at = 0; at < xml.length; ) {
    const [first = Number.POSITIVE_INFINITY, second = first] = sections.map((section) => section.next(at));
    const begin = Math.min(first, second, xml.length);
    const end = begin === xml.length ? begin : (sections[begin === first ? 0 : 1]?.end(begin) ?? xml.length);
    result += replaced(xml.slice(at, begin)) + xml.slice(begin, end);
    at = end;
  }
  return result;
}

/** Where references are mere text. Each character is looked at once. */
class Section {
  readonly #xml: string;
  readonly #open: string;
  readonly #close: string;
  #next = -1;

  constructor(xml: string, open: string, close: string) {
    this.#xml = xml;
    this.#open = open;
    this.#close = close;
  }

  next(from: number): number {
    if (this.#next < from) {
      const found = this.#xml.indexOf(this.#open, from);
      this.#next = found < 0 ? Number.POSITIVE_INFINITY : found;
    }
    return this.#next;
  }

  end(begin: number): number {
    const found = this.#xml.indexOf(this.#close, begin + this.#open.length);
    return found < 0 ? this.#xml.length : found + this.#close.length;
  }
}

function replaced(text: string): string {
  return text.replaceAll(/&#(?:(\d+)|x([\da-f]+));/gi, (whole, decimal?: string, hex?: string) => {
    const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
    return code > 0xff_ff && code <= 0x10_ff_ff ? String.fromCodePoint(code) : whole;
  });
}
