import type { CedarRequest } from "./expression.ts";
import type { Guard } from "./guard.ts";
import type { CompiledPolicy } from "./policy.ts";
import { CedarSet, type MaybeValue, UNKNOWN, valueKey } from "./value.ts";

/**
 * Policies by what the context must hold for each to apply. Of a thousand policies that authorities made for their own posts, a
 * decision meets those of one.
 */
export interface PolicyIndex {
  readonly policies: readonly CompiledPolicy[];
  readonly root: Node;
}

interface Node {
  /** To be asked whatever the context holds. */
  readonly always: readonly CompiledPolicy[];
  readonly branches: readonly Branch[];
}

/** Policies whose next guard is about one attribute. */
interface Branch {
  readonly attribute: string;
  readonly present: boolean;
  readonly kind: Guard["test"]["kind"];
  /** All of them: where the attribute is not what its guards expect, each policy says for itself whether it fails. */
  readonly all: readonly CompiledPolicy[];
  /** By a text, or by what begins a text. */
  readonly texts: ReadonlyMap<string, Node>;
  /** By the {@link valueKey} of anything else; of sets, of anything. */
  readonly keys: ReadonlyMap<string, Node>;
  /** Lengths of the beginnings. */
  readonly lengths: readonly number[];
}

/** So few are asked sooner than looked up. */
const NOT_INDEXED_MAX = 3;

export function indexPolicies(policies: readonly CompiledPolicy[]): PolicyIndex {
  return Object.freeze({ policies, root: nodeOf(policies, 0) });
}

function nodeOf(policies: readonly CompiledPolicy[], depth: number): Node {
  if (policies.length <= NOT_INDEXED_MAX) return { always: policies, branches: [] };
  const always: CompiledPolicy[] = [];
  const groups = new Map<string, { readonly guard: Guard; readonly members: CompiledPolicy[] }>();
  for (const policy of policies) {
    const guard = policy.guards[depth];
    if (guard === undefined) {
      always.push(policy);
      continue;
    }
    const name = JSON.stringify([guard.attribute, guard.present, guard.test.kind]);
    const group = groups.get(name) ?? { guard, members: [] };
    groups.set(name, group);
    group.members.push(policy);
  }
  return { always, branches: [...groups.values()].map(({ guard, members }) => branchOf(guard, members, depth)) };
}

function branchOf({ attribute, present, test }: Guard, all: readonly CompiledPolicy[], depth: number): Branch {
  const texts = new Map<string, CompiledPolicy[]>();
  const keys = new Map<string, CompiledPolicy[]>();
  for (const policy of all) {
    for (const [map, name] of placesOf(policy.guards[depth]?.test)) {
      const there = (map === "texts" ? texts : keys).get(name);
      if (there === undefined) (map === "texts" ? texts : keys).set(name, [policy]);
      else if (there.at(-1) !== policy) there.push(policy);
    }
  }
  const deeper = (map: ReadonlyMap<string, readonly CompiledPolicy[]>) =>
    new Map([...map].map(([name, members]) => [name, nodeOf(members, depth + 1)] as const));
  const lengths = test.kind === "prefix" ? [...new Set([...texts.keys()].map(({ length }) => length))] : [];
  return { attribute, present, kind: test.kind, all, texts: deeper(texts), keys: deeper(keys), lengths };
}

function placesOf(test: Guard["test"] | undefined): readonly (readonly ["texts" | "keys", string])[] {
  switch (test?.kind) {
    case undefined:
      return [];
    case "prefix":
      return [["texts", test.prefix]];
    case "holds":
      return [["keys", valueKey(test.value)]];
    case "one-of":
      return test.values.map((value) => (typeof value === "string" ? ["texts", value] : ["keys", valueKey(value)]));
  }
}

export interface Asker {
  ask(policy: CompiledPolicy, request: CedarRequest): void;
}

/** Asks every policy that may apply to the request or fail on it, and few others. */
export function askConcerned({ root }: PolicyIndex, request: CedarRequest, asker: Asker): void {
  askNode(root, request, asker);
}

function askNode({ always, branches }: Node, request: CedarRequest, asker: Asker): void {
  for (let at = 0; at < always.length; at++) asker.ask(always[at] as CompiledPolicy, request);
  for (let at = 0; at < branches.length; at++) askBranch(branches[at] as Branch, request, asker);
}

function askBranch(branch: Branch, request: CedarRequest, asker: Asker): void {
  const value = request.context.get(branch.attribute);
  if (value === undefined && branch.present) return;
  if (!told(branch, value)) {
    for (const policy of branch.all) asker.ask(policy, request);
  } else if (branch.kind === "holds") {
    for (const [key, node] of branch.keys) if ((value as CedarSet).hasKey(key)) askNode(node, request, asker);
  } else if (branch.kind === "prefix") {
    for (const length of branch.lengths) {
      if (length > (value as string).length) continue;
      const node = branch.texts.get((value as string).slice(0, length));
      if (node !== undefined) askNode(node, request, asker);
    }
  } else {
    const node = typeof value === "string" ? branch.texts.get(value) : branch.keys.get(valueKey(value as CedarSet));
    if (node !== undefined) askNode(node, request, asker);
  }
}

/** Whether the value tells that the policies of all other places do not apply, and do not fail. */
function told({ kind }: Branch, value: MaybeValue | undefined): boolean {
  if (value === undefined || value === UNKNOWN) return false;
  if (kind === "prefix") return typeof value === "string";
  return kind === "holds" ? value instanceof CedarSet : true;
}
