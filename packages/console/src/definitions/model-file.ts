/** The files that can be deployed. Pure. */

export interface ModelFile {
  readonly name: string;
  readonly content: string;
}

const bpmn = /\.bpmn(20\.xml)?$/i;

export const isModelFile = (name: string): boolean => bpmn.test(name) || /\.(dmn|form)$/i.test(name);
export const isBpmnFile = (name: string): boolean => bpmn.test(name);
export const isDecisionFile = (name: string): boolean => /\.dmn$/i.test(name);

/** A deployment is named after its first model. */
export function deploymentName(files: readonly ModelFile[]): string {
  const first = files.find((file) => isBpmnFile(file.name)) ?? files[0];
  return (first?.name ?? 'deployment').replace(/\.[^.]+$/, '');
}
