import { sha256Hex } from "#lib/crypto/digest";
import { compileFeel } from "#lib/feel/expression";
import { text } from "#lib/language/text";
import { Fault } from "../errors/fault.ts";
import { type BpmnNode, readBpmn, readDrawing } from "./bpmn-file.ts";
import { type Compiling, compileClock, compileNode, expression, titleOf } from "./compile-element.ts";
import { PROCEDURE_ELEMENTS_MAX, PROCEDURE_SOURCE_LENGTH_MAX, PROCEDURE_SOURCES_MAX } from "./limits.ts";
import type { ClockRule, Element, Flow, Procedure } from "./types.ts";
import "./faults.ts";

/** A file that cannot be executed: every reason, each with the element's kind and id. */
export class ProcedureDefinitionFault extends Fault {
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super("ERR_PROCEDURE_DEFINITION", { message: problems.join("; ").slice(0, 4000) });
    this.name = "ProcedureDefinitionFault";
    this.problems = problems;
  }
}

/** The digest under which sources are kept: one source differs, it differs. */
export function procedureDigest(sources: readonly string[]): string {
  return sha256Hex(sources.join("\u0000"));
}

/** Elements that carry no token: data and annotations. */
const SILENT = new Set(["bpmn:DataObject", "bpmn:DataObjectReference", "bpmn:DataStoreReference"]);

/**
 * Compiles BPMN 2.0 files into one frozen transition table. The case begins with the first executable process of the first
 * file; call activities may call any process of the files.
 * @throws ProcedureDefinitionFault with all problems together
 */
export async function compileProcedure(source: string | readonly string[]): Promise<Procedure> {
  const sources = typeof source === "string" ? [source] : [...source];
  const compiling: Compiling = { problems: [], elements: new Map(), flows: new Map(), expressions: compileFeel };
  const { problems } = compiling;
  const roots = await readSources(sources, problems);
  const processes = roots.flatMap((root) => root.rootElements ?? []).filter((node) => node.$type === "bpmn:Process");
  const first = processes.find((node) => node.isExecutable !== false);
  const starts = new Map<string, string>();
  const clocks: ClockRule[] = [];
  for (const process of processes) {
    readHolder(process, compiling, starts);
    for (const extension of process.extensionElements?.values ?? []) {
      if (extension.$type === "zt:Clock") clocks.push(compileClock(extension, compiling));
      else problems.push(`${extension.$type} does not belong on process ${process.id}`);
    }
  }
  if (first?.id === undefined) problems.push("no executable process");
  const table = join(compiling);
  checkTogether({ problems, elements: table, flows: compiling.flows, starts, clocks });
  if (problems.length > 0 || first?.id === undefined) throw new ProcedureDefinitionFault([...new Set(problems)]);
  return Object.freeze({
    digest: procedureDigest(sources),
    id: first.id,
    title: titleOf(first) ?? text(first.id, first.id),
    sources: Object.freeze(sources),
    elements: table,
    flows: compiling.flows,
    starts,
    clocks: Object.freeze(clocks),
    drawing: readDrawing(roots),
  });
}

async function readSources(sources: readonly string[], problems: string[]): Promise<readonly BpmnNode[]> {
  if (sources.length === 0 || sources.length > PROCEDURE_SOURCES_MAX)
    problems.push(`1 to ${PROCEDURE_SOURCES_MAX} files`);
  const roots: BpmnNode[] = [];
  for (const source of sources.slice(0, PROCEDURE_SOURCES_MAX)) {
    if (source.length > PROCEDURE_SOURCE_LENGTH_MAX) {
      problems.push(`a file is longer than ${PROCEDURE_SOURCE_LENGTH_MAX} characters`);
      continue;
    }
    const read = await readBpmn(source);
    problems.push(...read.problems);
    if (read.root !== undefined) roots.push(read.root);
  }
  return roots;
}

/** Reads a process or sub-process, and those inside it. */
function readHolder(holder: BpmnNode, compiling: Compiling, starts: Map<string, string>): void {
  const holderId = holder.id ?? "";
  const { problems, elements, flows } = compiling;
  const begins: string[] = [];
  for (const node of holder.flowElements ?? []) {
    if (SILENT.has(node.$type)) continue;
    const id = node.id ?? "";
    if (elements.size + flows.size > PROCEDURE_ELEMENTS_MAX) {
      problems.push(`more than ${PROCEDURE_ELEMENTS_MAX} elements`);
      return;
    }
    if (elements.has(id) || flows.has(id) || id === "")
      problems.push(`the id "${id}" of ${node.$type} is missing or used twice`);
    if (node.$type === "bpmn:SequenceFlow") {
      readFlow(node, compiling);
      continue;
    }
    const element = compileNode(node, holderId, compiling);
    if (element === undefined) continue;
    elements.set(id, element);
    if (element.kind === "start") begins.push(id);
    if (element.kind === "sub-process") readHolder(node, compiling, starts);
  }
  const [start] = begins;
  if (start === undefined || begins.length !== 1) {
    problems.push(`${holder.$type} ${holderId} needs exactly one start event, not ${begins.length}`);
  } else starts.set(holderId, start);
}

function readFlow(node: BpmnNode, compiling: Compiling): void {
  const { id, sourceRef, targetRef, conditionExpression } = node;
  if (id === undefined || sourceRef?.id === undefined || targetRef?.id === undefined) {
    compiling.problems.push(`bpmn:SequenceFlow ${id ?? ""} has no source or no target`);
    return;
  }
  const condition =
    conditionExpression?.body === undefined
      ? undefined
      : expression(conditionExpression.body, `condition of bpmn:SequenceFlow ${id}`, compiling);
  compiling.flows.set(
    id,
    Object.freeze({
      id,
      source: sourceRef.id,
      target: targetRef.id,
      title: titleOf(node) ?? text("", ""),
      ...(condition === undefined ? {} : { condition }),
    }),
  );
}

/** Puts flows and boundary events onto the elements, and freezes them. */
function join({ elements, flows }: Compiling): ReadonlyMap<string, Element> {
  const outgoing = new Map<string, Flow[]>();
  const incoming = new Map<string, string[]>();
  const boundaries = new Map<string, string[]>();
  for (const flow of flows.values()) {
    push(outgoing, flow.source, flow);
    push(incoming, flow.target, flow.id);
  }
  for (const element of elements.values()) {
    if (element.attachedTo !== undefined) push(boundaries, element.attachedTo, element.id);
  }
  return new Map(
    [...elements].map(([id, element]) => [
      id,
      Object.freeze({
        ...element,
        outgoing: Object.freeze(outgoing.get(id) ?? []),
        incoming: Object.freeze(incoming.get(id) ?? []),
        boundaries: Object.freeze(boundaries.get(id) ?? []),
      }),
    ]),
  );
}

function push<Value>(map: Map<string, Value[]>, key: string, value: Value): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

interface Whole {
  readonly problems: string[];
  readonly elements: ReadonlyMap<string, Element>;
  readonly flows: ReadonlyMap<string, Flow>;
  readonly starts: ReadonlyMap<string, string>;
  readonly clocks: readonly ClockRule[];
}

/** What can be judged only when everything is read: references, and shapes that the executor does not run. */
function checkTogether(whole: Whole): void {
  const { problems, elements, flows, clocks } = whole;
  for (const flow of flows.values()) {
    const [source, target] = [elements.get(flow.source), elements.get(flow.target)];
    if (source?.holder !== target?.holder)
      problems.push(`bpmn:SequenceFlow ${flow.id} crosses the border of a sub-process`);
    if (flow.condition !== undefined && source?.kind !== "exclusive-gateway") {
      problems.push(`bpmn:SequenceFlow ${flow.id} has a condition, but does not leave an exclusive gateway`);
    }
  }
  for (const element of elements.values()) checkElement(element, whole);
  const ids = new Set<string>();
  for (const clock of clocks) {
    if (ids.has(clock.id)) problems.push(`zt:clock ${clock.id} is there twice`);
    ids.add(clock.id);
    for (const id of [...clock.starts, ...clock.stops]) {
      if (!elements.has(id) && !flows.has(id))
        problems.push(`zt:clock ${clock.id} names "${id}", which is no element or flow`);
    }
    for (const id of clock.pauses) {
      if (!elements.has(id)) problems.push(`zt:clock ${clock.id} pauses in "${id}", which is no element`);
    }
  }
}

const GATEWAYS = new Set(["exclusive-gateway", "parallel-gateway", "event-gateway"]);
const RESTING = new Set(["user-task", "service-task", "receive-task", "sub-process", "call-activity"]);
const CATCHING = new Set(["timer-catch", "message-catch", "receive-task"]);

function checkElement(element: Element, whole: Whole): void {
  const { problems, elements } = whole;
  const named = `${element.kind} ${element.id}`;
  if (!GATEWAYS.has(element.kind) && element.outgoing.length > 1) {
    problems.push(`${named} has several outgoing flows: put a gateway behind it`);
  }
  if (element.attachedTo !== undefined && !RESTING.has(elements.get(element.attachedTo)?.kind ?? "")) {
    problems.push(`${named} is attached to "${element.attachedTo}", where no token ever rests`);
  }
  if ((element.kind === "start" || element.attachedTo !== undefined) && element.incoming.length > 0) {
    problems.push(`${named} has an incoming flow`);
  }
  if (element.kind === "call-activity" && !whole.starts.has(element.calls ?? "")) {
    problems.push(`${named} calls "${element.calls ?? ""}", which is no process of these files`);
  }
  if (element.kind === "event-gateway") {
    if (element.outgoing.length === 0) problems.push(`${named} waits for nothing`);
    for (const flow of element.outgoing) {
      const target = elements.get(flow.target);
      if (!CATCHING.has(target?.kind ?? "") || target?.incoming.length !== 1 || target.boundaries.length > 0) {
        problems.push(`${named} leads to "${flow.target}", which is no catching event of its own`);
      }
    }
  }
  for (const id of element.performer?.notBy ?? []) {
    if (elements.get(id)?.kind !== "user-task") problems.push(`${named} is not by "${id}", which is no user task`);
  }
  if (element.due?.kind === "clock") {
    const { clock } = element.due;
    if (!whole.clocks.some((rule) => rule.id === clock))
      problems.push(`${named} is due with clock "${clock}", which is not there`);
  }
  if (element.defaultFlow !== undefined && !element.outgoing.some((flow) => flow.id === element.defaultFlow)) {
    problems.push(`${named} has a default flow that does not leave it`);
  }
}
