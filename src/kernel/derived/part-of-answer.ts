/**
 * Of an answer, the attributes that may be given, and nothing else: `name` is an attribute as a whole, `items.name` one of each member of
 * a list. A list of which no attribute may be given is left out.
 */
export function partOfAnswer(answer: unknown, given: ReadonlySet<string>): unknown {
  if (!isRecord(answer)) return answer;
  const lists = new Set([...given].flatMap((name) => (name.includes(".") ? [name.slice(0, name.indexOf("."))] : [])));
  const part: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(answer)) {
    if (given.has(name)) part[name] = value;
    else if (lists.has(name) && Array.isArray(value)) part[name] = value.map((one) => members(one, name, given));
  }
  return part;
}

function members(one: unknown, list: string, given: ReadonlySet<string>): unknown {
  if (!isRecord(one)) return {};
  return Object.fromEntries(Object.entries(one).filter(([name]) => given.has(`${list}.${name}`)));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
