import type { Database } from "../database/sql.ts";
import type { PostRef } from "../system/act.ts";
import type { Access, AccessRequest, Decision, Permission, Possibility, RowsDecision } from "./access.ts";
import type { Action } from "./action.ts";
import { keepPolicySets, type PolicySet } from "./policy-set.ts";
import type { Policies } from "./policy-terms.ts";

/** Further policies that are in force from an instant on, until the next version's. */
export interface PoliciesFrom {
  /** ISO 8601. */
  readonly from: string;
  readonly policies: Policies;
}

interface Version {
  readonly fromMs: number;
  readonly access: Access;
}

/**
 * The access of a running node: what is in force changes while it runs, at stated instants. An act is decided by what is in force at
 * its own instant, also where the change was read hours before it takes effect.
 */
export class LiveAccess implements Access {
  readonly #contracts: Access;
  readonly #fixed: Policies;
  readonly #now: () => string;
  /** What each source of further policies has in force, by its name. */
  #sources: ReadonlyMap<string, readonly PoliciesFrom[]> = new Map();
  #turn: Promise<void> = Promise.resolve();
  #versions: readonly [Version, ...Version[]];

  /** @param options `contracts`: the grants of contracts and the kernel's forbids; `fixed`: policies that are in force beside every version's */
  constructor(options: { readonly contracts: Access; readonly fixed: Policies; readonly now: () => string }) {
    this.#contracts = options.contracts;
    this.#fixed = options.fixed;
    this.#now = options.now;
    this.#versions = this.#versionsOf([]);
  }

  /**
   * Has the node decide by these, each from its instant on. Their texts are kept first: nothing is decided by what nobody could
   * look up later.
   * @param source whose policies these are; those of others stay. No two sources give a policy the same id
   * @param versions in order of their instants
   */
  replace(database: Database, source: string, versions: readonly PoliciesFrom[]): Promise<void> {
    // One after another: each keeps what the one before it brought.
    const turn = this.#turn.then(async () => {
      const sources = new Map(this.#sources).set(source, versions);
      const next = this.#versionsOf(joined([...sources.values()]));
      await keepPolicySets(
        database,
        next.map(({ access }) => access.policySet()),
      );
      this.#sources = sources;
      this.#versions = next;
    });
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  #versionsOf(versions: readonly PoliciesFrom[]): readonly [Version, ...Version[]] {
    return [
      { fromMs: Number.NEGATIVE_INFINITY, access: this.with({}) },
      ...versions.map(({ from, policies }) => ({ fromMs: Date.parse(from), access: this.with(policies) })),
    ] as const;
  }

  /** What is in force at an instant. */
  at(instant: string): Access {
    const [first, ...later] = this.#versions;
    if (later.length === 0) return first.access;
    const atMs = Date.parse(instant);
    return (later.findLast(({ fromMs }) => fromMs <= atMs) ?? first).access;
  }

  get actions(): readonly Action[] {
    return this.#contracts.actions;
  }

  decide(request: AccessRequest): Decision {
    return this.at(request.act.at).decide(request);
  }

  policySet(): PolicySet {
    return this.at(this.#now()).policySet();
  }

  decideRows(...[request, columns]: Parameters<Access["decideRows"]>): RowsDecision {
    return this.at(request.act.at).decideRows(request, columns);
  }

  whoCan(action: string): readonly Permission[] {
    return this.at(this.#now()).whoCan(action);
  }

  whatCan(post: PostRef): ReturnType<Access["whatCan"]> {
    return this.at(this.#now()).whatCan(post);
  }

  whatMay(post: PostRef): readonly Possibility[] {
    return this.at(this.#now()).whatMay(post);
  }

  /** The contracts under other policies than those in force. */
  with(policies: Policies): Access {
    return this.#contracts.with({ ...policies, ...this.#fixed });
  }
}

/** All sources together: at each instant at which one of them changes, what each has in force then. */
function joined(sources: readonly (readonly PoliciesFrom[])[]): readonly PoliciesFrom[] {
  const instants = [...new Set(sources.flatMap((versions) => versions.map(({ from }) => Date.parse(from))))];
  return instants
    .sort((one, other) => one - other)
    .map((atMs) => ({
      from: new Date(atMs).toISOString(),
      policies: Object.assign(
        {},
        ...sources.map((versions) => versions.findLast(({ from }) => Date.parse(from) <= atMs)?.policies),
      ) as Policies,
    }));
}
