/** The parts that are used of three libraries which ship no types of their own. */

declare module 'bpmn-moddle' {
  export class BpmnModdle {
    constructor(packages: Record<string, unknown>);
    readonly registry: {
      readonly typeMap: Readonly<
        Record<string, { readonly properties: { name: string; isAttr?: boolean }[] } | undefined>
      >;
    };
    readonly properties: { define(target: object, name: string, property: PropertyDescriptor): unknown };
    /** Rejects only when not even a root element could be made; everything else becomes a warning. */
    fromXML(
      xml: string,
      type: string,
      options: { lax: boolean; handler?: (this: object, type: string) => object },
    ): Promise<{ rootElement: object; warnings: object[] }>;
  }
}

declare module 'saxen' {
  type Attributes = Readonly<Record<string, string>> | false;
  type Decode = (text: string) => string;
  type Context = () => { readonly line: number; readonly column: number };
  export class Parser {
    on(event: 'openTag', handler: (name: string, attributes: () => Attributes, decode: Decode) => void): this;
    on(event: 'closeTag' | 'attention', handler: (text: string) => void): this;
    on(event: 'cdata' | 'comment', handler: (text: string) => void): this;
    on(event: 'text', handler: (text: string, decode: Decode) => void): this;
    on(event: 'error' | 'warn', handler: (error: Error, context: Context) => void): this;
    parse(xml: string): void;
    /** No further events. */
    stop(): void;
  }
}

declare module 'bpmnlint/rules/*' {
  interface Reporter {
    report(id: string | undefined, message: string): void;
  }
  const rule: () => { check(node: object, reporter: Reporter): void };
  export default rule;
}
