/** Short ways to write BPMN in tests: `diagram(node("startEvent", "s"), …, flow("s", "t"))`. */

const OPEN = `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zt="urn:zhengtong:bpmn"
  targetNamespace="urn:zhengtong:test" id="definitions">
<bpmn:message id="message-supplement" name="supplement"/><bpmn:message id="message-withdraw" name="withdraw"/>
<bpmn:message id="message-told" name="told"/>
<bpmn:error id="error-denied" name="denied" errorCode="denied"/>`;

/** One file with one process `p`. */
export function diagram(...parts: readonly string[]): string {
  return file(process("p", ...parts));
}

export function file(...processes: readonly string[]): string {
  return `${OPEN}${processes.join("\n")}</bpmn:definitions>`;
}

export function process(id: string, ...parts: readonly string[]): string {
  return `<bpmn:process id="${id}" name="流程" zt:en="Procedure" isExecutable="true">${parts.join("\n")}</bpmn:process>`;
}

/** Any element; `attributes` as they stand in the tag. */
export function node(kind: string, id: string, content = "", attributes = ""): string {
  return `<bpmn:${kind} id="${id}" ${attributes}>${content}</bpmn:${kind}>`;
}

export function extend(...extensions: readonly string[]): string {
  return `<bpmn:extensionElements>${extensions.join("")}</bpmn:extensionElements>`;
}

export function task(
  id: string,
  options: { readonly performer?: string; readonly more?: string; readonly loop?: string } = {},
): string {
  const performer = `<zt:performer ${options.performer ?? 'duty="licensing.handle"'}/>`;
  const loop =
    options.loop === undefined
      ? ""
      : `<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>${options.loop}</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>`;
  return node("userTask", id, extend(performer, options.more ?? "") + loop, `name="${id}"`);
}

export function service(id: string): string {
  return node("serviceTask", id, extend(`<zt:slot name="${id}"/>`));
}

export function flow(source: string, target: string, condition?: string, id = `${source}-${target}`): string {
  const inside =
    condition === undefined
      ? ""
      : `<bpmn:conditionExpression>${condition.replaceAll("<", "&lt;")}</bpmn:conditionExpression>`;
  return `<bpmn:sequenceFlow id="${id}" sourceRef="${source}" targetRef="${target}">${inside}</bpmn:sequenceFlow>`;
}

export function messageEvent(message: string): string {
  return `<bpmn:messageEventDefinition messageRef="message-${message}"/>`;
}

export function timerEvent(duration: string): string {
  return `<bpmn:timerEventDefinition><bpmn:timeDuration>${duration}</bpmn:timeDuration></bpmn:timerEventDefinition>`;
}

/** Start, the given elements one after the other, end: with their flows. */
export function line(...elements: readonly (readonly [id: string, xml: string])[]): string {
  const ids = ["start", ...elements.map(([id]) => id), "end"];
  const flows = ids.slice(1).map((id, at) => flow(ids[at] ?? "", id));
  return [node("startEvent", "start"), ...elements.map(([, xml]) => xml), node("endEvent", "end"), ...flows].join("\n");
}
