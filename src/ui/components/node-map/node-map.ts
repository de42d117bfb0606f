import { attributes, type Html, html, NOTHING } from "#lib/html/html";

/** A node, and how the way to it is from where the map is seen. */
export interface MappedNode {
  readonly code: string;
  readonly name: string;
  readonly note: string;
  /** The code of the node above; what is above no node that is listed stands at the top. */
  readonly above?: string | undefined;
  readonly isSelf: boolean;
  readonly state: "good" | "trying" | "away" | "unused" | "left";
}

export interface NodeMapOptions {
  /** What the picture is, for whoever does not see it; all of it stands in a table as well. */
  readonly label: string;
  readonly nodes: readonly MappedNode[];
}

const [WIDTH, HEIGHT, GAP, STEP, EDGE] = [224, 58, 20, 104, 12];
/** What fits the box, in ems of its 15 pixels: a Chinese character takes one, a Latin letter little more than half. */
const [NAME_EMS, WIDE_EMS, NARROW_EMS] = [12.4, 1, 0.56];
const FIRST_WIDE = "\u0250";
const DEPTH_MAX = 8;

interface Placed {
  readonly node: MappedNode;
  readonly x: number;
  readonly y: number;
}

/** Nodes under the nodes above them, with the routes between them. */
export function nodeMap({ label, nodes }: NodeMapOptions): Html {
  const placed = place(nodes);
  const at = new Map(placed.map((one) => [one.node.code, one]));
  const width = Math.max(...placed.map(({ x }) => x)) + WIDTH + EDGE;
  const height = Math.max(...placed.map(({ y }) => y)) + HEIGHT + EDGE;
  const routes = placed.flatMap(({ node, x, y }) => {
    const above = at.get(node.above ?? "");
    if (above === undefined) return [];
    const [fromX, fromY, toX] = [above.x + WIDTH / 2, above.y + HEIGHT, x + WIDTH / 2];
    const middle = (fromY + y) / 2;
    return [
      html`<path${attributes({
        class: `zt-node-map__route zt-node-map__route--${node.state}`,
        d: `M ${fromX} ${fromY} V ${middle} H ${toX} V ${y}`,
      })}/>`,
    ];
  });
  return html`<div class="zt-node-map-frame" tabindex="0"><svg${attributes({
    class: "zt-node-map",
    role: "img",
    "aria-label": label,
    width: String(width),
    height: String(height),
    viewBox: `0 0 ${width} ${height}`,
  })}>${routes}${placed.map(box)}</svg></div>`;
}

function box({ node, x, y }: Placed): Html {
  return html`<g${attributes({
    class: `zt-node-map__node zt-node-map__node--${node.state}${node.isSelf ? " zt-node-map__node--self" : ""}`,
    transform: `translate(${x} ${y})`,
  })}><rect${attributes({ width: String(WIDTH), height: String(HEIGHT), rx: "6" })}/><text x="12" y="25">${fitting(node.name)}</text><text class="zt-node-map__note" x="12" y="45">${node.note}</text>${
    node.isSelf ? html`<circle${attributes({ cx: String(WIDTH - 16), cy: "18", r: "5" })}/>` : NOTHING
  }</g>`;
}

/** A name, or as much of it as the box holds. */
function fitting(name: string): string {
  const characters = [...name];
  const ems = (character: string) => (character < FIRST_WIDE ? NARROW_EMS : WIDE_EMS);
  if (characters.reduce((sum, one) => sum + ems(one), 0) <= NAME_EMS) return name;
  let left = NAME_EMS - WIDE_EMS;
  const end = characters.findIndex((one) => {
    left -= ems(one);
    return left < 0;
  });
  return `${characters.slice(0, end).join("")}…`;
}

/** Leaves side by side, and each node over the middle of those below it. */
function place(nodes: readonly MappedNode[]): readonly Placed[] {
  const codes = new Set(nodes.map(({ code }) => code));
  const below = Map.groupBy(nodes, ({ above, code }) =>
    above !== undefined && above !== code && codes.has(above) ? above : "",
  );
  const placed: Placed[] = [];
  const done = new Set<string>();
  let next = EDGE;
  const put = (node: MappedNode, depth: number): number => {
    done.add(node.code);
    const children = depth < DEPTH_MAX ? (below.get(node.code) ?? []).filter(({ code }) => !done.has(code)) : [];
    const middles = children.map((child) => put(child, depth + 1));
    const [first, last] = [middles[0], middles.at(-1)];
    const x = first === undefined || last === undefined ? next : (first + last) / 2;
    if (middles.length === 0) next += WIDTH + GAP;
    placed.push({ node, x, y: EDGE + depth * STEP });
    return x;
  };
  for (const root of below.get("") ?? []) put(root, 0);
  // Nodes that are above each other in a circle hang from nobody.
  for (const node of nodes) if (!done.has(node.code)) put(node, 0);
  return placed;
}
