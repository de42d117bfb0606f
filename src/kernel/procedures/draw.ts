import { escapeHtml, type Html, trusted } from "#lib/html/html";
import type { Language, Text } from "#lib/language/text";
import { layOut } from "./layout.ts";
import type { Drawing, Element, Procedure, Shape } from "./types.ts";

export interface ProcedureDrawing {
  readonly language: Language;
  /** Where the case rests now and what it has done; without it, the procedure alone is drawn. */
  readonly state?: {
    readonly at: readonly string[];
    readonly done?: readonly string[];
  };
  /** Makes the ids of title and description unlike others on the page. */
  readonly idPrefix?: string;
}

const WORDS = {
  now: { zh: "现在", en: "Now" },
  at: { zh: "办件现在的环节：", en: "The case is now at: " },
  steps: { zh: "环节：", en: "Steps: " },
  over: { zh: "办件已办结。", en: "The case has ended." },
} as const satisfies Readonly<Record<string, Text>>;

const PADDING = 20;
const LINE_HEIGHT = 17;

/**
 * Draws a procedure as SVG, after the drawing in its file where that is complete, else after our own layout. Colours are the
 * page's (`.zt-procedure…`); the plain attributes here keep it legible without them. The current step is also marked in words.
 */
export function drawProcedure(procedure: Procedure, options: ProcedureDrawing): Html {
  const drawings = known.get(procedure) ?? new Map<string, Html>();
  known.set(procedure, drawings);
  const { language, state, idPrefix } = options;
  const key = JSON.stringify([language, idPrefix, state?.at, [...new Set(state?.done)].sort(), state !== undefined]);
  const drawing = drawings.get(key) ?? draw(procedure, options);
  drawings.delete(key);
  drawings.set(key, drawing);
  const [oldest] = drawings.keys();
  if (drawings.size > MAX_KEPT_DRAWINGS && oldest !== undefined) drawings.delete(oldest);
  return drawing;
}

/** Cases of one procedure look alike: most rest at one of few steps. */
const MAX_KEPT_DRAWINGS = 64;
const known = new WeakMap<Procedure, Map<string, Html>>();

function draw(procedure: Procedure, options: ProcedureDrawing): Html {
  const drawing = isComplete(procedure) ? procedure.drawing : layOut(procedure);
  const shown = [...procedure.elements.values()].filter(({ id }) => drawing.shapes.has(id));
  const box = boundsOf(drawing);
  const id = `${options.idPrefix ?? "procedure"}-${procedure.digest.slice(0, 8)}`;
  const { language } = options;
  const parts = [
    `<svg class="zt-procedure" xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="${escapeHtml(id)}-title ${escapeHtml(id)}-description" viewBox="${box.x} ${box.y} ${box.width} ${box.height}" width="${box.width}" height="${box.height}" font-size="13">`,
    `<title id="${escapeHtml(id)}-title">${escapeHtml(procedure.title[language])}</title>`,
    `<desc id="${escapeHtml(id)}-description">${escapeHtml(describe(procedure, shown, options))}</desc>`,
    `<defs><marker id="${escapeHtml(id)}-arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path class="zt-procedure__arrow" d="M0 0 8 4 0 8Z" fill="currentColor"/></marker></defs>`,
    ...shown.filter(({ kind }) => kind === "sub-process").map((element) => drawElement(element, drawing, options)),
    ...[...procedure.flows.values()].map((flow) => drawFlow(flow.id, drawing, `${id}-arrow`)),
    ...shown.filter(({ kind }) => kind !== "sub-process").map((element) => drawElement(element, drawing, options)),
    ...[...procedure.flows.values()].map((flow) => drawCondition(flow, drawing, language)),
    "</svg>",
  ];
  return trusted(parts.join(""));
}

function isComplete({ drawing, elements, id }: Procedure): boolean {
  const own = [...elements.values()].filter(({ holder }) => holder === id);
  return own.length > 0 && own.every((element) => drawing.shapes.has(element.id));
}

function boundsOf({ shapes, edges }: Drawing): Shape {
  const points = [...edges.values()].flat();
  const corners = [...shapes.values()].flatMap(({ x, y, width, height }) => [
    { x, y },
    // A label may hang below an event.
    { x: x + width, y: y + height + 2 * LINE_HEIGHT },
  ]);
  const all = [...points, ...corners];
  const left = Math.min(...all.map(({ x }) => x)) - PADDING;
  const top = Math.min(...all.map(({ y }) => y)) - PADDING - LINE_HEIGHT;
  const width = Math.max(...all.map(({ x }) => x)) - left + PADDING + 30;
  const height = Math.max(...all.map(({ y }) => y)) - top + PADDING;
  return { x: Math.floor(left), y: Math.floor(top), width: Math.ceil(width), height: Math.ceil(height) };
}

function describe(procedure: Procedure, shown: readonly Element[], { state, language }: ProcedureDrawing): string {
  const separator = language === "zh" ? "、" : ", ";
  const titles = (ids: readonly string[]) =>
    ids
      .map((id) => procedure.elements.get(id)?.title[language])
      .filter((title) => title !== undefined)
      .join(separator);
  if (state !== undefined) return state.at.length === 0 ? WORDS.over[language] : WORDS.at[language] + titles(state.at);
  return WORDS.steps[language] + titles(shown.filter(({ kind }) => kind.endsWith("task")).map(({ id }) => id));
}

function drawFlow(flow: string, drawing: Drawing, arrow: string): string {
  const points = drawing.edges.get(flow);
  if (points === undefined || points.length < 2) return "";
  const path = points.map(({ x, y }, at) => `${at === 0 ? "M" : "L"}${round(x)} ${round(y)}`).join("");
  return `<path class="zt-procedure__flow" d="${path}" fill="none" stroke="currentColor" stroke-opacity="0.55" marker-end="url(#${escapeHtml(arrow)})"/>`;
}

/** A flow's condition stands where its branch is alone: behind the last bend, or on the lane underneath. */
function drawCondition(
  flow: { readonly id: string; readonly title: Text },
  drawing: Drawing,
  language: Language,
): string {
  const points = drawing.edges.get(flow.id) ?? [];
  const title = flow.title[language];
  const [lane, along] = points.length === 6 ? points.slice(2, 4) : [];
  const [bend, end] = points.slice(-2);
  if (title === "" || bend === undefined || end === undefined) return "";
  const back = lane !== undefined && along !== undefined && along.x < lane.x;
  const x = lane === undefined ? bend.x + 4 : back ? lane.x - 6 : lane.x + 6;
  const anchor = back ? ' text-anchor="end"' : "";
  return `<text class="zt-procedure__condition" x="${round(x)}" y="${round((lane ?? end).y - 5)}" font-size="11" fill="currentColor"${anchor}>${escapeHtml(title)}</text>`;
}

function drawElement(element: Element, drawing: Drawing, options: ProcedureDrawing): string {
  const shape = drawing.shapes.get(element.id);
  if (shape === undefined) return "";
  const now = options.state?.at.includes(element.id) === true;
  const done = !now && options.state?.done?.includes(element.id) === true;
  const status = now ? " zt-procedure__step--now" : done ? " zt-procedure__step--done" : "";
  const family = familyOf(element);
  const current = now ? ' aria-current="step"' : "";
  return `<g class="zt-procedure__step zt-procedure__step--${family}${status}"${current}>${outline(element, shape, now)}${label(element, shape, options.language)}${now ? flag(shape, options.language) : ""}${done ? tick(shape) : ""}</g>`;
}

type Family = "task" | "event" | "gateway" | "scope";

function familyOf({ kind }: Element): Family {
  if (kind === "sub-process") return "scope";
  if (kind.endsWith("task") || kind === "call-activity") return "task";
  return kind.endsWith("gateway") ? "gateway" : "event";
}

function outline(element: Element, { x, y, width, height }: Shape, now: boolean): string {
  const stroke = `fill="#fff" stroke="currentColor" stroke-width="${now ? 3 : element.kind.endsWith("end") ? 2.5 : 1.3}"`;
  const [middleX, middleY] = [round(x + width / 2), round(y + height / 2)];
  switch (familyOf(element)) {
    case "task":
    case "scope":
      return `<rect class="zt-procedure__shape" x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" rx="8" ${stroke}/>${taskMark(element, { x, y, width, height })}`;
    case "gateway":
      return `<path class="zt-procedure__shape" d="M${middleX} ${round(y)}L${round(x + width)} ${middleY}L${middleX} ${round(y + height)}L${round(x)} ${middleY}Z" ${stroke}/>${gatewayMark(element, middleX, middleY)}`;
    case "event": {
      const dashes = element.interrupting === false ? ' stroke-dasharray="4 3"' : "";
      return `<circle class="zt-procedure__shape" cx="${middleX}" cy="${middleY}" r="${round(width / 2)}" ${stroke}${dashes}/>${eventMark(element, middleX, middleY)}`;
    }
  }
}

/** The notation's own marks: what does the work, or what is waited for. */
function taskMark({ kind, performer }: Element, { x, y, width, height }: Shape): string {
  const at = `x="${round(x + 8)}" y="${round(y + 17)}" font-size="12" fill="currentColor" aria-hidden="true"`;
  if (kind === "service-task") return `<text ${at}>⚙</text>`;
  if (kind === "send-task") return `<text ${at}>✉</text>`;
  if (kind === "call-activity") return `<text ${at}>⊞</text>`;
  const people = performer?.count ?? 1;
  if (people < 2) return "";
  return `<text x="${round(x + width - 26)}" y="${round(y + height - 7)}" font-size="11" fill="currentColor" aria-hidden="true">×${people}</text>`;
}

function gatewayMark({ kind }: Element, x: number, y: number): string {
  if (kind === "parallel-gateway") return mark(`M${x - 9} ${y}H${x + 9}M${x} ${y - 9}V${y + 9}`, 2.4);
  if (kind === "event-gateway") return `<circle cx="${x}" cy="${y}" r="9" fill="none" stroke="currentColor"/>`;
  return mark(`M${x - 6} ${y - 6}L${x + 6} ${y + 6}M${x + 6} ${y - 6}L${x - 6} ${y + 6}`, 2);
}

function eventMark({ kind }: Element, x: number, y: number): string {
  if (kind.startsWith("timer")) return mark(`M${x} ${y - 7}V${y}L${x + 5} ${y + 4}`, 1.4) + ring(x, y, 10);
  if (kind.startsWith("message"))
    return mark(`M${x - 8} ${y - 5}H${x + 8}V${y + 6}H${x - 8}ZL${x} ${y + 1}L${x + 8} ${y - 5}`, 1.2);
  if (kind.startsWith("error"))
    return mark(`M${x - 7} ${y + 6}L${x - 2} ${y - 6}L${x + 2} ${y + 3}L${x + 7} ${y - 7}`, 1.6);
  if (kind === "terminate-end") return `<circle cx="${x}" cy="${y}" r="10" fill="currentColor"/>`;
  return kind === "pass" ? ring(x, y, 13) : "";
}

function mark(path: string, width: number): string {
  return `<path class="zt-procedure__mark" d="${path}" fill="none" stroke="currentColor" stroke-width="${width}"/>`;
}

function ring(x: number, y: number, radius: number): string {
  return `<circle class="zt-procedure__mark" cx="${x}" cy="${y}" r="${radius}" fill="none" stroke="currentColor"/>`;
}

function label(element: Element, shape: Shape, language: Language): string {
  const title = element.title[language];
  if (title === element.id) return "";
  const family = familyOf(element);
  const inside = family === "task";
  const lines = wrap(title, inside ? 17 : 18, inside ? 3 : 2);
  const x = round(family === "scope" ? shape.x + 12 : shape.x + shape.width / 2);
  const top = inside
    ? shape.y + shape.height / 2 - ((lines.length - 1) * LINE_HEIGHT) / 2 + 5
    : family === "event"
      ? shape.y + shape.height + 14
      : shape.y - 6 - (lines.length - 1) * LINE_HEIGHT;
  const anchor = family === "scope" ? "start" : "middle";
  const spans = lines.map(
    (line, at) => `<tspan x="${x}" y="${round(top + at * LINE_HEIGHT)}">${escapeHtml(line)}</tspan>`,
  );
  return `<text class="zt-procedure__label" text-anchor="${anchor}" font-size="${inside ? 13 : 11}" fill="currentColor">${spans.join("")}</text>`;
}

/** A word above the current step, so that colour does not speak alone. */
function flag({ x, y, width }: Shape, language: Language): string {
  return `<text class="zt-procedure__flag" x="${round(x + width / 2)}" y="${round(y - 7)}" text-anchor="middle" font-size="12" font-weight="700" fill="currentColor">▼ ${WORDS.now[language]}</text>`;
}

function tick({ x, y, width }: Shape): string {
  const [right, top] = [round(x + width - 4), round(y + 4)];
  return `<g class="zt-procedure__tick" aria-hidden="true"><circle cx="${right}" cy="${top}" r="8" fill="currentColor"/><path d="M${right - 4} ${top}l3 3 5-6" fill="none" stroke="#fff" stroke-width="1.8"/></g>`;
}

/** Breaks a title into lines: a Chinese character is two units wide, a letter one. */
function wrap(title: string, units: number, most: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of title.match(
    /[\p{Script=Han}\u3000-\u303f\uff00-\uffef]|[^\s\p{Script=Han}\u3000-\u303f\uff00-\uffef]+|\s+/gu,
  ) ?? []) {
    if (line !== "" && widthOf(line + word.trimEnd()) > units) {
      lines.push(line.trim());
      line = "";
    }
    line += word;
  }
  if (line.trim() !== "") lines.push(line.trim());
  if (lines.length <= most) return lines;
  return [...lines.slice(0, most - 1), `${lines[most - 1]}…`];
}

function widthOf(line: string): number {
  let units = 0;
  for (const character of line) units += /[\u2e80-\uffef\u{20000}-\u{3ffff}]/u.test(character) ? 2 : 1.1;
  return units;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
