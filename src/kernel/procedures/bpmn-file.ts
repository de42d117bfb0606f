import { BpmnModdle } from "bpmn-moddle";
import { BPMN_EXTENSION } from "./bpmn-extension.ts";
import type { Drawing, Shape } from "./types.ts";

/** What we read of a moddle element; each kind has some of it. */
export interface BpmnNode {
  readonly $type: string;
  readonly id?: string;
  readonly name?: string;
  readonly en?: string;
  readonly body?: string;
  readonly rootElements?: readonly BpmnNode[];
  readonly diagrams?: readonly BpmnNode[];
  readonly flowElements?: readonly BpmnNode[];
  readonly extensionElements?: { readonly values?: readonly ExtensionNode[] };
  readonly eventDefinitions?: readonly BpmnNode[];
  readonly sourceRef?: BpmnNode;
  readonly targetRef?: BpmnNode;
  readonly conditionExpression?: BpmnNode;
  readonly default?: BpmnNode;
  readonly attachedToRef?: BpmnNode;
  readonly cancelActivity?: boolean;
  readonly calledElement?: string;
  readonly triggeredByEvent?: boolean;
  readonly isForCompensation?: boolean;
  readonly isExecutable?: boolean;
  readonly ioSpecification?: BpmnNode;
  readonly loopCharacteristics?: BpmnNode;
  readonly isSequential?: boolean;
  readonly loopCardinality?: BpmnNode;
  readonly completionCondition?: BpmnNode;
  readonly messageRef?: BpmnNode;
  readonly errorRef?: BpmnNode;
  readonly errorCode?: string;
  readonly timeDuration?: BpmnNode;
  readonly timeDate?: BpmnNode;
  readonly timeCycle?: BpmnNode;
  readonly plane?: { readonly planeElement?: readonly DrawnNode[] };
}

export interface ExtensionNode {
  readonly $type: string;
  readonly [attribute: string]: string | undefined;
}

interface DrawnNode {
  readonly $type: string;
  readonly bpmnElement?: BpmnNode;
  readonly bounds?: { readonly x?: number; readonly y?: number; readonly width?: number; readonly height?: number };
  readonly waypoint?: readonly { readonly x?: number; readonly y?: number }[];
}

/** Reads BPMN 2.0 XML. Whatever the reader would only warn of (unknown attributes, missing references) is a problem. */
export async function readBpmn(
  source: string,
): Promise<{ readonly root?: BpmnNode; readonly problems: readonly string[] }> {
  try {
    const { rootElement, warnings } = await new BpmnModdle({ zt: BPMN_EXTENSION }).fromXML(source);
    const problems = warnings.map((warning) => warning.message.replace(/\s+/g, " ").slice(0, 300));
    return { root: rootElement as BpmnNode, problems };
  } catch (error) {
    return { problems: [error instanceof Error ? error.message.replace(/\s+/g, " ").slice(0, 300) : String(error)] };
  }
}

/** The drawing of a file (BPMN DI), if it has one. */
export function readDrawing(roots: readonly BpmnNode[]): Drawing {
  const shapes = new Map<string, Shape>();
  const edges = new Map<string, readonly { readonly x: number; readonly y: number }[]>();
  const drawn = roots.flatMap((root) => (root.diagrams ?? []).flatMap((diagram) => diagram.plane?.planeElement ?? []));
  for (const { bpmnElement, bounds, waypoint } of drawn) {
    const id = bpmnElement?.id;
    if (id === undefined) continue;
    if (bounds !== undefined) {
      shapes.set(id, { x: bounds.x ?? 0, y: bounds.y ?? 0, width: bounds.width ?? 0, height: bounds.height ?? 0 });
    }
    if (waypoint !== undefined)
      edges.set(
        id,
        waypoint.map((point) => ({ x: point.x ?? 0, y: point.y ?? 0 })),
      );
  }
  return { shapes, edges };
}
