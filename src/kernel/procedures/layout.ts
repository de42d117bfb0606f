import type { Drawing, Element, Flow, Procedure, Shape } from "./types.ts";

interface Point {
  readonly x: number;
  readonly y: number;
}

/** The room that a column of elements takes; the gaps between columns belong to the lines. */
interface Column {
  readonly left: number;
  readonly right: number;
  readonly bottom: number;
}

/** Where everything of one process or sub-process stands, from its own corner. */
interface Sheet {
  readonly width: number;
  readonly height: number;
  readonly shapes: Map<string, Shape>;
  readonly edges: Map<string, readonly Point[]>;
  readonly columns: readonly Column[];
}

const TASK = { width: 136, height: 60 };
const EVENT = { width: 36, height: 36 };
const GATEWAY = { width: 44, height: 44 };
const COLUMN_GAP = 92;
/** Lines bend soon behind their source, so that a condition has room before its target. */
const BEND = 66;
const ROW_GAP = 62;
const MARGIN = 24;
const LANE = 14;
/** What hangs below an element: a boundary event, two lines of a label. */
const HANGING = 44;

/**
 * Draws a procedure that has no drawing of its own: columns from start to end in the order of the work, what goes back runs
 * underneath. Deterministic, so that the same file always looks the same.
 */
export function layOut(procedure: Procedure): Drawing {
  const laidOut = drawings.get(procedure);
  if (laidOut) return laidOut;
  const { shapes, edges } = sheetOf(procedure, procedure.id);
  const drawing = { shapes, edges };
  drawings.set(procedure, drawing);
  return drawing;
}

/** Every page of a case draws its procedure, and definitions never change. */
const drawings = new WeakMap<Procedure, Drawing>();

function sheetOf(procedure: Procedure, holder: string): Sheet {
  const nodes = [...procedure.elements.values()].filter((element) => element.holder === holder);
  const inner = new Map<string, Sheet>();
  for (const node of nodes) if (node.kind === "sub-process") inner.set(node.id, sheetOf(procedure, node.id));
  const graph = graphOf(nodes, procedure.starts.get(holder));
  const ranks = rank(graph);
  const columns = order(graph, ranks);
  const sheet = place(columns, { graph, inner, nodes });
  attachBoundaries(nodes, sheet.shapes);
  const height = Math.max(sheet.height, route(nodes, { sheet, ranks, graph }));
  for (const [id, child] of inner) nest(sheet, id, child);
  return { ...sheet, height };
}

interface Graph {
  readonly ids: readonly string[];
  readonly next: ReadonlyMap<string, readonly string[]>;
  /** Flows, as `source target`, that lead back. */
  readonly back: ReadonlySet<string>;
}

/** Boundary events stand on their activity: in the graph, their flows leave the activity itself. */
function graphOf(nodes: readonly Element[], start: string | undefined): Graph {
  const next = new Map<string, string[]>();
  for (const node of nodes) {
    const from = node.attachedTo ?? node.id;
    next.set(from, [...(next.get(from) ?? []), ...inOrder(node).map((flow) => flow.target)]);
  }
  const back = new Set<string>();
  const state = new Map<string, "open" | "done">();
  const visit = (id: string): void => {
    state.set(id, "open");
    for (const target of next.get(id) ?? []) {
      if (state.get(target) === "open") back.add(`${id} ${target}`);
      else if (!state.has(target)) visit(target);
    }
    state.set(id, "done");
  };
  if (start !== undefined) visit(start);
  const ids = nodes.filter((node) => node.attachedTo === undefined).map((node) => node.id);
  for (const id of ids) if (!state.has(id)) visit(id);
  return { ids, next, back };
}

/** The default flow is the usual way: it is followed first, and so stays straight. */
function inOrder({ outgoing, defaultFlow }: Element): readonly Flow[] {
  return [...outgoing].sort((one, other) => Number(other.id === defaultFlow) - Number(one.id === defaultFlow));
}

/** The longest way from the start, not counting flows that lead back. */
function rank(graph: Graph): ReadonlyMap<string, number> {
  const ranks = new Map(graph.ids.map((id) => [id, 0]));
  for (let pass = 0, moved = true; moved && pass <= graph.ids.length; pass++) {
    moved = false;
    for (const id of graph.ids) {
      for (const target of forward(graph, id)) {
        const least = (ranks.get(id) ?? 0) + 1;
        if ((ranks.get(target) ?? 0) >= least) continue;
        ranks.set(target, least);
        moved = true;
      }
    }
  }
  return ranks;
}

function forward(graph: Graph, id: string): readonly string[] {
  return (graph.next.get(id) ?? []).filter((target) => !graph.back.has(`${id} ${target}`));
}

/** Columns, each ordered so that few lines cross: by the mean place of what leads to it, a few times over. */
function order(graph: Graph, ranks: ReadonlyMap<string, number>): readonly (readonly string[])[] {
  const columns: string[][] = [];
  for (const id of graph.ids) {
    const at = ranks.get(id) ?? 0;
    const column = columns[at];
    if (column === undefined) columns[at] = [id];
    else column.push(id);
  }
  const sources = new Map<string, string[]>();
  for (const id of graph.ids) {
    for (const target of forward(graph, id)) sources.set(target, [...(sources.get(target) ?? []), id]);
  }
  const places = new Map<string, number>();
  for (let sweep = 0; sweep < 4; sweep++) {
    for (const column of columns) {
      const mean = new Map(column.map((id, at) => [id, meanOf(sources.get(id) ?? [], places) ?? at]));
      column.sort((one, other) => (mean.get(one) ?? 0) - (mean.get(other) ?? 0));
      column.forEach((id, at) => {
        places.set(id, at);
      });
    }
  }
  return columns.map((column) => column ?? []);
}

function meanOf(ids: readonly string[], places: ReadonlyMap<string, number>): number | undefined {
  const known = ids.map((id) => places.get(id)).filter((at) => at !== undefined);
  return known.length === 0 ? undefined : known.reduce((sum, at) => sum + at, 0) / known.length;
}

function sizeOf(element: Element | undefined, inner: ReadonlyMap<string, Sheet>): { width: number; height: number } {
  if (element === undefined) return TASK;
  const sheet = inner.get(element.id);
  if (sheet !== undefined) return { width: sheet.width + 2 * MARGIN, height: sheet.height + 2 * MARGIN };
  if (element.kind.endsWith("gateway")) return GATEWAY;
  return element.kind.endsWith("task") || element.kind === "call-activity" ? TASK : EVENT;
}

interface Drawn {
  readonly graph: Graph;
  readonly inner: ReadonlyMap<string, Sheet>;
  readonly nodes: readonly Element[];
}

function place(columns: readonly (readonly string[])[], { graph, inner, nodes }: Drawn): Sheet {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const shapes = new Map<string, Shape>();
  const middles = new Map<string, number>();
  const sources = new Map<string, string[]>();
  for (const id of graph.ids) {
    for (const target of forward(graph, id)) sources.set(target, [...(sources.get(target) ?? []), id]);
  }
  const taken: Column[] = [];
  let x = MARGIN;
  let height = 0;
  for (const column of columns) {
    const width = Math.max(...column.map((id) => sizeOf(byId.get(id), inner).width), EVENT.width);
    let free = MARGIN;
    for (const id of column) {
      const size = sizeOf(byId.get(id), inner);
      // Beside what leads to it where that is free, else below its neighbour in the column.
      const wanted = meanOf(sources.get(id) ?? [], middles) ?? MARGIN + TASK.height / 2;
      const y = Math.max(free, wanted - size.height / 2);
      shapes.set(id, { x: x + (width - size.width) / 2, y, ...size });
      middles.set(id, y + size.height / 2);
      free = y + size.height + ROW_GAP;
      height = Math.max(height, y + size.height);
    }
    taken.push({ left: x, right: x + width, bottom: free - ROW_GAP + HANGING });
    x += width + COLUMN_GAP;
  }
  return { width: x - COLUMN_GAP + MARGIN, height: height + MARGIN, shapes, edges: new Map(), columns: taken };
}

/** Boundary events sit on the lower edge of their activity, from the right. */
function attachBoundaries(nodes: readonly Element[], shapes: Map<string, Shape>): void {
  for (const node of nodes) {
    const host = shapes.get(node.id);
    if (host === undefined) continue;
    node.boundaries.forEach((id, at) => {
      const x = host.x + host.width - EVENT.width - 6 - at * (EVENT.width + 8);
      shapes.set(id, { x, y: host.y + host.height - EVENT.height / 2, ...EVENT });
    });
  }
}

/** Draws the flows; gives the height that they need. */
function route(
  nodes: readonly Element[],
  {
    sheet,
    ranks,
    graph,
  }: { readonly sheet: Sheet; readonly ranks: ReadonlyMap<string, number>; readonly graph: Graph },
): number {
  const { shapes, edges, columns } = sheet;
  const lanes = new Lanes();
  for (const node of nodes) {
    for (const flow of node.outgoing) {
      const [from, to] = [shapes.get(node.id), shapes.get(flow.target)];
      if (from === undefined || to === undefined) continue;
      const host = node.attachedTo ?? node.id;
      const [start, end] = [ranks.get(host) ?? 0, ranks.get(flow.target) ?? 0];
      const [leaving, entering] = [columns[start], columns[end]];
      if (leaving === undefined || entering === undefined) continue;
      const way: Way = { from, to, leaving, entering, fromBelow: node.attachedTo !== undefined };
      const detour = graph.back.has(`${host} ${flow.target}`) || (end - start > 1 && blocked(from, to, shapes));
      const between = columns.slice(Math.min(start, end), Math.max(start, end) + 1);
      edges.set(flow.id, detour ? underneath(way, lanes.take(between)) : across(way));
    }
  }
  return lanes.bottom + MARGIN;
}

/** Lines that run underneath, none upon another. */
class Lanes {
  readonly #taken: { readonly left: number; readonly right: number; readonly y: number }[] = [];
  bottom = 0;

  take(columns: readonly Column[]): number {
    const left = Math.min(...columns.map((column) => column.left));
    const right = Math.max(...columns.map((column) => column.right));
    let y = Math.max(...columns.map((column) => column.bottom));
    const meets = (lane: { left: number; right: number; y: number }) =>
      lane.left <= right + COLUMN_GAP && lane.right + COLUMN_GAP >= left && Math.abs(lane.y - y) < LANE;
    while (this.#taken.some(meets)) y += LANE;
    this.#taken.push({ left, right, y });
    this.bottom = Math.max(this.bottom, y);
    return y;
  }
}

interface Way {
  readonly from: Shape;
  readonly to: Shape;
  readonly leaving: Column;
  readonly entering: Column;
  /** From a boundary event, downwards. */
  readonly fromBelow: boolean;
}

function across({ from, to, entering, fromBelow }: Way): readonly Point[] {
  const end = { x: to.x, y: to.y + to.height / 2 };
  const bend = entering.left - BEND;
  if (fromBelow) {
    const start = { x: from.x + from.width / 2, y: from.y + from.height };
    if (end.y >= start.y + LANE) return [start, { x: start.x, y: end.y }, end];
    const turn = start.y + HANGING / 2;
    return [start, { x: start.x, y: turn }, { x: bend, y: turn }, { x: bend, y: end.y }, end];
  }
  const start = { x: from.x + from.width, y: from.y + from.height / 2 };
  if (Math.abs(start.y - end.y) < 1) return [start, end];
  return [start, { x: bend, y: start.y }, { x: bend, y: end.y }, end];
}

/** Down in the gap behind its source, along underneath, and up in the gap before its target. */
function underneath({ from, to, leaving, entering, fromBelow }: Way, lane: number): readonly Point[] {
  const down = fromBelow ? from.x + from.width / 2 : leaving.right + LANE;
  const up = entering.left - LANE;
  const first = fromBelow
    ? { x: down, y: from.y + from.height }
    : { x: from.x + from.width, y: from.y + from.height / 2 };
  const middle = to.y + to.height / 2;
  return [
    first,
    { x: down, y: first.y },
    { x: down, y: lane },
    { x: up, y: lane },
    { x: up, y: middle },
    { x: to.x, y: middle },
  ];
}

/** Whether something stands in the way of a line that first runs level with its source. */
function blocked(from: Shape, to: Shape, shapes: ReadonlyMap<string, Shape>): boolean {
  const y = from.y + from.height / 2;
  for (const shape of shapes.values()) {
    const between = shape.x > from.x + from.width && shape.x + shape.width < to.x;
    if (between && shape.y - 4 < y && shape.y + shape.height + 4 > y) return true;
  }
  return false;
}

/** Puts the inside of a sub-process into its frame. */
function nest(sheet: Sheet, id: string, child: Sheet): void {
  const frame = sheet.shapes.get(id);
  if (frame === undefined) return;
  const move = ({ x, y }: Point) => ({ x: x + frame.x + MARGIN, y: y + frame.y + MARGIN });
  for (const [inside, shape] of child.shapes) sheet.shapes.set(inside, { ...shape, ...move(shape) });
  for (const [flow, points] of child.edges) sheet.edges.set(flow, points.map(move));
}
