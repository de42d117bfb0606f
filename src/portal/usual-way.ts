import type { Element, Procedure } from "#kernel/procedures/types";

/** A procedure has fewer elements than this; a way that is longer goes in a circle. */
const WAY_MAX = 200;

/** The element that normally follows: the default flow of a gateway, else the first. */
export function usualNext(element: Element, definition: Procedure): Element | undefined {
  const flow = element.outgoing.find((one) => one.id === element.defaultFlow) ?? element.outgoing[0];
  return flow && definition.elements.get(flow.target);
}

/** What normally follows after an element: the tasks on the way, and how it ends. */
export function usualTasks(definition: Procedure, after?: string): readonly Element[] {
  const first = after ?? definition.starts.get(definition.id);
  const seen = new Set<string>();
  const tasks: Element[] = [];
  let element = first === undefined ? undefined : definition.elements.get(first);
  for (let count = 0; element && count < WAY_MAX && !seen.has(element.id); count += 1) {
    seen.add(element.id);
    const next = usualNext(element, definition);
    if (next && (next.kind === "user-task" || next.kind === "end") && !seen.has(next.id)) tasks.push(next);
    element = next;
  }
  return tasks;
}
