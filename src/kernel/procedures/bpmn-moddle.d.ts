// The package's own exports map does not name its declarations; we use this much of it.
declare module "bpmn-moddle" {
  export class BpmnModdle {
    constructor(packages?: Readonly<Record<string, object>>);
    fromXML(xml: string): Promise<{
      readonly rootElement: object;
      readonly warnings: readonly { readonly message: string }[];
    }>;
  }
}
