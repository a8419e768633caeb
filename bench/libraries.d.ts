/** The one call used of a library without types. */
declare module 'bpmn-moddle' {
  export default class BpmnModdle {
    fromXML(xml: string): Promise<never>;
  }
}
