/** Reads a DMN file (1.1 to 1.5): its decisions, or all that keeps them from being deployed. */
import type { Problem } from '../model.ts';
import { checkDecisions } from './check.ts';
import { isExternal, languageOf, logicBelow } from './logic.ts';
import type {
  BusinessKnowledge,
  Decision,
  DecisionModel,
  DecisionService,
  InputData,
  ItemDefinition,
  Requirements,
} from './model.ts';
import { targetOf } from './reference.ts';
import { childOf, childrenOf, readXml, type XmlNode } from './xml.ts';

/** Namespaces of the models of DMN 1.1, 1.2, 1.3, 1.4 and 1.5. */
const NAMESPACES: readonly RegExp[] = [
  /^http:\/\/www\.omg\.org\/spec\/DMN\/(20151101|20180521)\/(dmn\.xsd|DMN\/?|MODEL\/?)$/i,
  /^https?:\/\/www\.omg\.org\/spec\/DMN\/(20191111|20211108|20230324)\/MODEL\/?$/,
];

export interface ReadDecisions {
  /** Absent when an error was found. */
  readonly model?: DecisionModel;
  readonly problems: readonly Problem[];
}

/** Never throws: whatever is wrong with the file is a problem of the result. */
export function readDecisions(xml: string): ReadDecisions {
  const parsed = readXml(xml);
  if ('problems' in parsed) return { problems: parsed.problems };
  const { root } = parsed;
  const namespace = namespaceOf(xml);
  if (root.name !== 'definitions' || !isDmn(namespace)) {
    const message = `The file is no DMN 1.1 to 1.5 (root <${root.name}> in ${namespace || 'no namespace'}): export it as DMN.`;
    return { problems: [{ severity: 'error', rule: 'not-dmn', message, line: root.line }] };
  }
  const model = modelOf(root);
  const problems = checkDecisions(root, model);
  return problems.some(({ severity }) => severity === 'error') ? { problems } : { model, problems };
}

function isDmn(namespace: string): boolean {
  return NAMESPACES.some((known) => known.test(namespace));
}

function namespaceOf(xml: string): string {
  const root = /<(?![?!])(?:([\w.-]+):)?definitions\b([^>]*)>/.exec(xml);
  const name = root?.[1] === undefined ? 'xmlns' : `xmlns:${root[1]}`;
  return new RegExp(`\\b${name}\\s*=\\s*["']([^"']*)["']`).exec(root?.[2] ?? '')?.[1] ?? '';
}

function modelOf(root: XmlNode): DecisionModel {
  const language = languageOf(root, 'feel');
  return {
    modelVersion: 1,
    id: root.attributes['id'] ?? '',
    name: root.attributes['name'] ?? '',
    namespace: root.attributes['namespace'] ?? '',
    types: childrenOf(root, 'itemDefinition').map(typeOf),
    inputs: childrenOf(root, 'inputData').map(inputOf),
    decisions: childrenOf(root, 'decision').map((node) => decisionOf(node, language, root)),
    knowledge: childrenOf(root, 'businessKnowledgeModel').map((node) => knowledgeOf(node, language, root)),
    services: childrenOf(root, 'decisionService').map((node) => serviceOf(node, root)),
    imports: importsOf(root),
  };
}

/** Those of decision files: what is imported of other kinds (`importType`), e.g. XML Schema, is no part of the model. */
function importsOf(root: XmlNode): DecisionModel['imports'] {
  return childrenOf(root, 'import')
    .filter(({ attributes: { importType } }) => importType === undefined || isDmn(importType))
    .map(({ attributes, line }) => ({
      namespace: attributes['namespace'] ?? '',
      name: attributes['name'] ?? '',
      line,
    }));
}

function typeOf(node: XmlNode): ItemDefinition {
  const typeRef = textOf(childOf(node, 'typeRef'));
  const allowed = textOf(childOf(childOf(node, 'allowedValues') ?? childOf(node, 'typeConstraint'), 'text'));
  return {
    name: node.attributes['name'] ?? '',
    isCollection: node.attributes['isCollection'] === 'true',
    components: childrenOf(node, 'itemComponent').map(typeOf),
    ...signatureOf(childOf(node, 'functionItem')),
    ...(typeRef === undefined ? {} : { typeRef }),
    ...(allowed === undefined ? {} : { allowed }),
  };
}

function signatureOf(node: XmlNode | undefined): Pick<ItemDefinition, 'signature'> {
  if (node === undefined) return {};
  const result = node.attributes['outputTypeRef'];
  const parameters = childrenOf(node, 'parameters').map(({ attributes }) => ({
    name: attributes['name'] ?? '',
    ...(attributes['typeRef'] === undefined ? {} : { typeRef: attributes['typeRef'] }),
  }));
  return { signature: { parameters, ...(result === undefined ? {} : { result }) } };
}

function inputOf(node: XmlNode): InputData {
  return { id: idOf(node), name: variableName(node), ...typeRefOf(childOf(node, 'variable')) };
}

function decisionOf(node: XmlNode, language: 'feel' | 'juel', root: XmlNode): Decision {
  const logic = logicBelow(node, languageOf(node, language));
  const versionTag =
    node.attributes['versionTag'] ?? childOf(childOf(node, 'extensionElements'), 'versionTag')?.attributes['value'];
  return {
    id: idOf(node),
    name: node.attributes['name'] ?? idOf(node),
    variable: variableName(node),
    line: node.line,
    ...requirementsOf(node, root),
    ...typeRefOf(childOf(node, 'variable')),
    ...(versionTag === undefined ? {} : { versionTag }),
    ...(logic === undefined ? {} : { logic }),
  };
}

function knowledgeOf(node: XmlNode, language: 'feel' | 'juel', root: XmlNode): BusinessKnowledge {
  const encapsulated = childOf(node, 'encapsulatedLogic');
  const parameters = childrenOf(encapsulated, 'formalParameter').map(({ attributes }) => ({
    name: attributes['name'] ?? '',
    ...(attributes['typeRef'] === undefined ? {} : { typeRef: attributes['typeRef'] }),
  }));
  const body = encapsulated === undefined ? undefined : logicBelow(encapsulated, language);
  return {
    id: idOf(node),
    name: variableName(node),
    knowledge: requirementsOf(node, root).knowledge,
    ...typeRefOf(childOf(node, 'variable')),
    ...(body === undefined || encapsulated === undefined
      ? {}
      : { logic: { kind: 'function', parameters, body, ...(isExternal(encapsulated) ? { isExternal: true } : {}) } }),
  };
}

function serviceOf(node: XmlNode, root: XmlNode): DecisionService {
  const refs = (name: string) => childrenOf(node, name).map((one) => targetOf(one, root));
  return {
    id: idOf(node),
    name: variableName(node),
    ...typeRefOf(childOf(node, 'variable')),
    output: refs('outputDecision'),
    encapsulated: refs('encapsulatedDecision'),
    inputDecisions: refs('inputDecision'),
    inputData: refs('inputData'),
  };
}

function requirementsOf(node: XmlNode, root: XmlNode): Requirements {
  const information = childrenOf(node, 'informationRequirement');
  const refs = (nodes: readonly XmlNode[], name: string) =>
    nodes.flatMap((requirement) => childrenOf(requirement, name).map((one) => targetOf(one, root)));
  return {
    inputs: refs(information, 'requiredInput'),
    decisions: refs(information, 'requiredDecision'),
    knowledge: refs(childrenOf(node, 'knowledgeRequirement'), 'requiredKnowledge'),
  };
}

function idOf(node: XmlNode): string {
  return node.attributes['id'] ?? node.attributes['name'] ?? '';
}

function variableName(node: XmlNode): string {
  return childOf(node, 'variable')?.attributes['name'] ?? node.attributes['name'] ?? idOf(node);
}

function typeRefOf(node: XmlNode | undefined): { readonly typeRef?: string } {
  const typeRef = node?.attributes['typeRef'];
  return typeRef === undefined ? {} : { typeRef };
}

function textOf(node: XmlNode | undefined): string | undefined {
  const text = node?.text.trim();
  return text === undefined || text === '' ? undefined : text;
}
