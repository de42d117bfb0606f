import type { CompiledExpression } from "#lib/feel/expression";
import { type Text, text } from "#lib/language/text";
import type { BpmnNode, ExtensionNode } from "./bpmn-file.ts";
import type {
  ClockRule,
  DueRule,
  Element,
  ElementKind,
  Flow,
  Performer,
  PeriodRule,
  PeriodUnit,
  TimerRule,
} from "./types.ts";

/** What grows while files are compiled. */
export interface Compiling {
  readonly problems: string[];
  readonly elements: Map<string, Element>;
  readonly flows: Map<string, Flow>;
  readonly expressions: (source: string) => CompiledExpression;
}

type Writable = { -readonly [Key in keyof Element]: Element[Key] };

const PLAIN_KINDS: Readonly<Record<string, ElementKind>> = {
  "bpmn:StartEvent": "start",
  "bpmn:EndEvent": "end",
  "bpmn:UserTask": "user-task",
  "bpmn:ServiceTask": "service-task",
  "bpmn:SendTask": "send-task",
  "bpmn:ReceiveTask": "receive-task",
  "bpmn:ExclusiveGateway": "exclusive-gateway",
  "bpmn:ParallelGateway": "parallel-gateway",
  "bpmn:EventBasedGateway": "event-gateway",
  "bpmn:IntermediateThrowEvent": "pass",
  "bpmn:SubProcess": "sub-process",
  "bpmn:CallActivity": "call-activity",
};

/** What an event becomes by its definition; what is not here is not supported. */
const EVENT_KINDS: Readonly<Record<string, ElementKind>> = {
  "bpmn:EndEvent bpmn:TerminateEventDefinition": "terminate-end",
  "bpmn:EndEvent bpmn:ErrorEventDefinition": "error-end",
  "bpmn:EndEvent bpmn:MessageEventDefinition": "end",
  "bpmn:IntermediateCatchEvent bpmn:TimerEventDefinition": "timer-catch",
  "bpmn:IntermediateCatchEvent bpmn:MessageEventDefinition": "message-catch",
  "bpmn:IntermediateThrowEvent bpmn:MessageEventDefinition": "message-throw",
  "bpmn:BoundaryEvent bpmn:TimerEventDefinition": "timer-boundary",
  "bpmn:BoundaryEvent bpmn:MessageEventDefinition": "message-boundary",
  "bpmn:BoundaryEvent bpmn:ErrorEventDefinition": "error-boundary",
};

/** Compiles one element; undefined, with a problem, where the executor does not know it. */
export function compileNode(node: BpmnNode, holder: string, compiling: Compiling): Element | undefined {
  const kind = kindOf(node, compiling);
  if (kind === undefined) return undefined;
  const id = node.id ?? "";
  const element: Writable = {
    id,
    kind,
    title: titleOf(node) ?? text(id, id),
    holder,
    incoming: [],
    outgoing: [],
    boundaries: [],
  };
  if (node.default?.id !== undefined) element.defaultFlow = node.default.id;
  readExtensions(node, element, compiling);
  readParticulars(node, element, compiling);
  return element;
}

function kindOf(node: BpmnNode, { problems }: Compiling): ElementKind | undefined {
  const named = `${node.$type} ${node.id ?? ""}`;
  const [definition, ...more] = node.eventDefinitions ?? [];
  const kind = definition === undefined ? PLAIN_KINDS[node.$type] : EVENT_KINDS[`${node.$type} ${definition.$type}`];
  if (kind === undefined || more.length > 0) {
    const by = node.eventDefinitions?.map((each) => each.$type).join(", ");
    problems.push(`${named}${by === undefined || by === "" ? "" : ` with ${by}`} is not supported`);
    return undefined;
  }
  if (node.triggeredByEvent === true) problems.push(`${named}: an event sub-process is not supported`);
  if (node.isForCompensation === true) problems.push(`${named}: compensation is not supported`);
  if (node.ioSpecification !== undefined) problems.push(`${named}: bpmn:InputOutputSpecification is not supported`);
  return kind;
}

/** Extension elements, each on the kinds where it means something. */
const PLACES: Readonly<Record<string, readonly ElementKind[]>> = {
  "zt:Performer": ["user-task"],
  "zt:Due": ["user-task"],
  "zt:Slot": ["service-task"],
  "zt:Period": ["timer-catch", "timer-boundary"],
  "zt:Notice": ["start", "end", "terminate-end", "pass", "send-task", "user-task", "service-task", "message-throw"],
};

function readExtensions(node: BpmnNode, element: Writable, compiling: Compiling): void {
  for (const extension of node.extensionElements?.values ?? []) {
    if (PLACES[extension.$type]?.includes(element.kind) !== true) {
      compiling.problems.push(`${extension.$type} does not belong on ${element.kind} ${element.id}`);
      continue;
    }
    switch (extension.$type) {
      case "zt:Performer":
        element.performer = performer(extension, element, compiling);
        break;
      case "zt:Due": {
        const due = dueRule(extension, element, compiling);
        if (due !== undefined) element.due = due;
        break;
      }
      case "zt:Slot":
        element.slot = required(extension, "name", element, compiling);
        break;
      case "zt:Notice":
        element.notice = required(extension, "kind", element, compiling);
        break;
      case "zt:Period": {
        const period = periodRule(extension, `${element.kind} ${element.id}`, compiling);
        if (period !== undefined) element.timer = { kind: "period", period };
        break;
      }
    }
  }
}

function readParticulars(node: BpmnNode, element: Writable, compiling: Compiling): void {
  const { problems } = compiling;
  const named = `${element.kind} ${element.id}`;
  const [definition] = node.eventDefinitions ?? [];
  if (node.loopCharacteristics !== undefined) readLoop(node.loopCharacteristics, element, compiling);
  switch (element.kind) {
    case "user-task":
      if (element.performer === undefined) problems.push(`${named} has no zt:performer`);
      break;
    case "service-task":
      if (element.slot === undefined) problems.push(`${named} has no zt:slot`);
      break;
    case "send-task":
      // A notice needs no message: the kernel issues it.
      element.message = node.messageRef?.name ?? element.notice ?? "";
      if (element.message === "") problems.push(`${named} has neither message nor zt:notice`);
      break;
    case "receive-task":
    case "message-catch":
    case "message-boundary":
    case "message-throw": {
      const message = (definition ?? node).messageRef?.name;
      if (message === undefined) problems.push(`${named} names no message`);
      else element.message = message;
      break;
    }
    case "end":
      if (definition !== undefined) element.message = definition.messageRef?.name ?? element.id;
      break;
    case "error-end":
    case "error-boundary": {
      const code = definition?.errorRef?.errorCode ?? definition?.errorRef?.name;
      if (code !== undefined) element.errorCode = code;
      else if (element.kind === "error-end") problems.push(`${named} names no error`);
      break;
    }
    case "timer-catch":
    case "timer-boundary":
      readTimer(definition, element, compiling);
      break;
    case "sub-process":
      element.calls = element.id;
      break;
    case "call-activity":
      element.calls = node.calledElement ?? "";
      break;
  }
  if (node.attachedToRef?.id !== undefined) {
    element.attachedTo = node.attachedToRef.id;
    element.interrupting = element.kind === "error-boundary" || node.cancelActivity !== false;
  }
}

function readLoop(loop: BpmnNode, element: Writable, compiling: Compiling): void {
  const named = `${element.kind} ${element.id}`;
  if (loop.$type !== "bpmn:MultiInstanceLoopCharacteristics" || element.kind !== "user-task") {
    compiling.problems.push(`${named}: ${loop.$type} is not supported`);
  } else if (loop.isSequential === true || loop.completionCondition !== undefined) {
    compiling.problems.push(`${named}: only parallel instances without completion condition are supported`);
  } else if (loop.loopCardinality?.body === undefined) {
    compiling.problems.push(`${named}: its instances have no cardinality`);
  } else {
    const instances = expression(loop.loopCardinality.body, `cardinality of ${named}`, compiling);
    if (instances !== undefined) element.instances = instances;
  }
}

function readTimer(definition: BpmnNode | undefined, element: Writable, compiling: Compiling): void {
  const named = `${element.kind} ${element.id}`;
  if (definition?.timeCycle !== undefined) compiling.problems.push(`${named}: bpmn:timeCycle is not supported`);
  if (element.timer !== undefined) return;
  const body = definition?.timeDuration?.body ?? definition?.timeDate?.body;
  if (body === undefined) {
    compiling.problems.push(`${named} has neither time nor zt:period`);
    return;
  }
  const kind: TimerRule["kind"] = definition?.timeDuration?.body === undefined ? "date" : "duration";
  // Plain text is the ISO value itself; FEEL begins with =.
  const plain = body.trim();
  if (!plain.startsWith("=") && kind === "duration" && !isDuration(plain)) {
    compiling.problems.push(`${named}: "${plain.slice(0, 40)}" is no ISO 8601 duration`);
  }
  const value = expression(plain.startsWith("=") ? plain : JSON.stringify(plain), `time of ${named}`, compiling);
  if (value !== undefined) element.timer = { kind, value };
}

function isDuration(value: string): boolean {
  try {
    return Temporal.Duration.from(value).sign >= 0;
  } catch {
    return false;
  }
}

function performer(extension: ExtensionNode, element: Writable, compiling: Compiling): Performer {
  const count = Number(extension["count"] ?? "1");
  if (!Number.isInteger(count) || count < 1 || count > 20) {
    compiling.problems.push(`zt:performer of ${element.id}: count must be 1 to 20`);
  }
  return Object.freeze({
    duty: required(extension, "duty", element, compiling),
    notBy: words(extension["notBy"]),
    count,
  });
}

function dueRule(extension: ExtensionNode, element: Writable, compiling: Compiling): DueRule | undefined {
  if (extension["clock"] !== undefined) return { kind: "clock", clock: extension["clock"] };
  const period = periodRule(extension, `${element.kind} ${element.id}`, compiling);
  return period === undefined ? undefined : { kind: "period", period };
}

const UNITS: readonly string[] = ["working-day", "day", "month", "year"] satisfies PeriodUnit[];

function periodRule(extension: ExtensionNode, where: string, compiling: Compiling): PeriodRule | undefined {
  const { unit, amount, article } = extension;
  if (unit === undefined || !UNITS.includes(unit))
    compiling.problems.push(`${extension.$type} of ${where}: unit must be one of ${UNITS.join(", ")}`);
  if (article === undefined) compiling.problems.push(`${extension.$type} of ${where} names no article`);
  const compiled = amount === undefined ? undefined : expression(amount, `amount of ${where}`, compiling);
  if (amount === undefined) compiling.problems.push(`${extension.$type} of ${where} has no amount`);
  return compiled === undefined ? undefined : { unit: unit as PeriodUnit, amount: compiled, article: article ?? "" };
}

/** `<zt:clock>` on a process. */
export function compileClock(extension: ExtensionNode, compiling: Compiling): ClockRule {
  const id = extension["id"] ?? "";
  const { problems } = compiling;
  if (id === "") problems.push("zt:clock has no id");
  const starts = words(extension["starts"]);
  if (starts.length === 0) problems.push(`zt:clock ${id} is never started: "starts" names no element`);
  const period = periodRule(extension, `clock ${id}`, compiling) ?? {
    unit: "day",
    amount: compiling.expressions("0"),
    article: "",
  };
  const promised =
    extension["promised"] === undefined
      ? undefined
      : expression(extension["promised"], `promise of clock ${id}`, compiling);
  const since =
    extension["since"] === undefined ? undefined : expression(extension["since"], `since of clock ${id}`, compiling);
  const name = extension["name"] ?? id;
  return Object.freeze({
    id,
    title: text(name, extension["en"] ?? name),
    ...period,
    ...(promised === undefined ? {} : { promised }),
    ...(since === undefined ? {} : { since }),
    pauseArticle: extension["pauseArticle"] ?? "",
    starts,
    stops: words(extension["stops"]),
    pauses: words(extension["pauses"]),
  });
}

/** Compiles FEEL, with or without the `=` that modelling programs put before it; a fault is a problem at that place. */
export function expression(source: string, where: string, compiling: Compiling): CompiledExpression | undefined {
  try {
    return compiling.expressions(source.trim().replace(/^=/, ""));
  } catch (error) {
    compiling.problems.push(`${where}: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

function required(extension: ExtensionNode, attribute: string, element: Writable, compiling: Compiling): string {
  const value = extension[attribute];
  if (value === undefined || value === "")
    compiling.problems.push(`${extension.$type} of ${element.id} has no ${attribute}`);
  return value ?? "";
}

function words(list: string | undefined): readonly string[] {
  return Object.freeze((list ?? "").split(/\s+/).filter((word) => word !== ""));
}

/** The name in Chinese and, beside it, `zt:en`. */
export function titleOf(node: BpmnNode): Text | undefined {
  return node.name === undefined ? undefined : text(node.name, node.en ?? node.name);
}
