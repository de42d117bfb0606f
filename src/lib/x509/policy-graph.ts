/**
 * Certificate policies along a path. RFC 5280 §6.1 keeps a tree, which a hostile chain makes grow exponentially; RFC 9618 keeps
 * the same facts in a graph with one node for each policy and depth.
 */

export const ANY_POLICY = "2.5.29.32.0";

interface PolicyNode {
  readonly policy: string;
  expected: ReadonlySet<string>;
  readonly parents: readonly PolicyNode[];
}

type Level = Map<string, PolicyNode>;

export interface PolicyMapping {
  readonly issuer: string;
  readonly subject: string;
}

export class PolicyGraph {
  #levels: Level[] = [new Map([[ANY_POLICY, { policy: ANY_POLICY, expected: new Set([ANY_POLICY]), parents: [] }]])];

  /** No policy is valid any more. */
  get isEmpty(): boolean {
    return this.#levels.at(-1)?.size === 0;
  }

  /** The policies of the next certificate (RFC 9618 §5.3 d); `undefined` where it has no such extension. */
  descend(policies: readonly string[] | undefined, anyPolicyCounts: boolean): void {
    const above = this.#levels.at(-1) ?? new Map<string, PolicyNode>();
    const next: Level = new Map();
    for (const policy of policies ?? []) {
      if (policy === ANY_POLICY) continue;
      const parents = [...above.values()].filter(({ expected }) => expected.has(policy));
      const any = above.get(ANY_POLICY);
      if (parents.length === 0 && any !== undefined) parents.push(any);
      if (parents.length > 0) next.set(policy, { policy, expected: new Set([policy]), parents });
    }
    if (anyPolicyCounts && policies?.includes(ANY_POLICY)) {
      for (const policy of new Set([...above.values()].flatMap(({ expected }) => [...expected]))) {
        if (next.has(policy)) continue;
        const parents = [...above.values()].filter(({ expected }) => expected.has(policy));
        next.set(policy, { policy, expected: new Set([policy]), parents });
      }
    }
    this.#levels.push(next);
  }

  /** What an authority's policies are called below it (RFC 9618 §5.4 b). */
  map(mappings: readonly PolicyMapping[], isAllowed: boolean): void {
    const level = this.#levels.at(-1);
    if (level === undefined) return;
    for (const [issuer, pairs] of Map.groupBy(mappings, (mapping) => mapping.issuer)) {
      const node = level.get(issuer);
      if (!isAllowed) {
        level.delete(issuer);
        continue;
      }
      const expected = new Set(pairs.map(({ subject }) => subject));
      const any = level.get(ANY_POLICY);
      if (node !== undefined) node.expected = expected;
      else if (any !== undefined) level.set(issuer, { policy: issuer, expected, parents: any.parents });
    }
  }

  /**
   * The policies, as the anchor's domain calls them, that the whole path stands under, among those wanted (RFC 9618 §5.5 g).
   * {@link ANY_POLICY} in the result: every policy.
   */
  policies(wanted: ReadonlySet<string>): ReadonlySet<string> {
    const found = this.#domainPolicies();
    if (wanted.has(ANY_POLICY)) return found;
    return found.has(ANY_POLICY) ? wanted : found.intersection(wanted);
  }

  /** Policies at the end of the path, traced to where they first were named below anyPolicy. */
  #domainPolicies(): ReadonlySet<string> {
    const found = new Set<string>();
    let reached = new Set(this.#levels.at(-1)?.values());
    if (this.#levels.at(-1)?.has(ANY_POLICY)) found.add(ANY_POLICY);
    while (reached.size > 0) {
      const above = new Set<PolicyNode>();
      for (const node of reached) {
        if (node.policy === ANY_POLICY) continue;
        for (const parent of node.parents) {
          if (parent.policy === ANY_POLICY) found.add(node.policy);
          else above.add(parent);
        }
      }
      reached = above;
    }
    return found;
  }
}
