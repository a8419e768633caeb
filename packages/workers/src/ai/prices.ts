/** The price list of AI models. */

/** Of a million tokens, in the currency that all prices have: so of one token as many millionths of it. */
export interface Price {
  readonly input: number;
  readonly output: number;
}

/** `openai/gpt-4o-mini=0.15/0.60, openai/*=5/15`; undefined when it cannot be read. */
export function readPrices(text: string): readonly { readonly pattern: string; readonly price: Price }[] | undefined {
  const prices: { readonly pattern: string; readonly price: Price }[] = [];
  for (const entry of text.split(',').map((part) => part.trim())) {
    if (entry === '') continue;
    const [, pattern, input, output] = /^([^\s=]+\/[^\s=]+)=(\d+(?:\.\d+)?)\/(\d+(?:\.\d+)?)$/.exec(entry) ?? [];
    if (pattern === undefined) return undefined;
    prices.push({ pattern, price: { input: Number(input), output: Number(output) } });
  }
  return prices;
}
