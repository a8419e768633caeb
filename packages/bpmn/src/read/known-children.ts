/** Remembers which property of an element takes a child: bpmn-moddle looks through all that its parent has, for each child anew. */

interface Property {
  readonly type: string;
  /** The type of the value is told by an attribute of the child. */
  readonly xml?: { readonly serialize?: string };
}

/** Of bpmn-moddle: makes an element of a tag, and gives those who do so for the tags inside. Foreign elements are made otherwise. */
interface Handler {
  readonly type?: object;
  handler?(type: string): Handler;
  getPropertyForNode?(node: { readonly name: string }): Property;
}

/** By the type of the parent and the name of the child. */
const known = new WeakMap<object, Map<string, Property>>();

/** Instead of the method of the reader of bpmn-moddle that begins a file. */
export function rememberingHandler(this: object, type: string): Handler {
  return remembering(ofLibrary(this).handler?.call(this, type) as Handler);
}

function remembering(handler: Handler): Handler {
  if (handler.type === undefined) return handler;
  handler.handler = rememberingHandler;
  handler.getPropertyForNode = propertyForNode;
  return handler;
}

function propertyForNode(this: Handler, node: { readonly name: string }): Property {
  const parent = this.type as object;
  const ofParent = known.get(parent) ?? new Map<string, Property>();
  known.set(parent, ofParent);
  const before = ofParent.get(node.name);
  if (before !== undefined) return before;
  const found = ofLibrary(this).getPropertyForNode?.call(this, node) as Property;
  // Foreign elements may have any name.
  if (found.xml?.serialize === undefined && found.type !== 'Element') ofParent.set(node.name, found);
  return found;
}

/** What a method given here stands in front of. */
function ofLibrary(one: object): Handler {
  return Object.getPrototypeOf(one) as Handler;
}
