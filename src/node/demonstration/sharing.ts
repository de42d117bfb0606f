import { catalogue } from "#infrastructure/catalogue";
import { directory } from "#infrastructure/directory";
import type { Input, Output } from "#kernel/contract/contract";
import { isRefusal, type Refusal } from "#kernel/contract/refusal";
import { Fault } from "#kernel/errors/fault";
import { frontOf } from "#kernel/http/pages";
import type { Principal } from "#kernel/system/act";
import type { Front } from "#kernel/system/context";
import type { Kernel } from "#kernel/system/kernel";
import { civilDay } from "#lib/calendar/civil-day";
import { putInForce } from "../../infrastructure/catalogue/policies-in-force.ts";
import { nodeActOf } from "../node-act.ts";

/** Sharing in the demonstration: what is described, asked for, granted, open and in doubt when somebody first looks. */

type Operations = (typeof catalogue)["operations"];
type Description = Input<Operations["describeResource"]["input"]>["description"];
type Found = Output<Operations["findResource"]["output"]>;

/** Who of a node's officials do what, by their sign-in names, and through which system the consumer asks. */
export interface SharingCast {
  readonly population?: { readonly steward: string; readonly reviewer: string };
  readonly legalEntities?: { readonly steward: string; readonly reviewer: string };
  /** Of the authority that asks for persons. */
  readonly requester?: string;
  readonly systems?: readonly string[];
}

const LICENSING = "办理行政许可等法定职责需要核验当事人身份";
/** 个人信息保护法 §6: no more than the purpose needs. */
const MINIMUM = { law: "个人信息保护法", article: "第六条" };
/** What was settled before the first case of the demonstration, so long before the node is started. */
const DESCRIBED_DAYS_AGO = 240;
const GRANTED_DAYS_AGO = 230;
const CONTACT = "数据管理岗 0999-990-0110（样本）";

interface Described {
  readonly resource: string;
  readonly class: string;
  readonly abstract: { readonly zh: string; readonly en: string };
  readonly cycle: Description["updateCycle"];
  readonly open: boolean;
  /** How attributes are shared that are not shared unconditionally. */
  readonly conditional?: readonly string[];
  readonly none?: readonly string[];
}

const IDENTITY = ["documentKind", "documentNumber", "sex", "birthDate", "nationality", "address"];

const PERSONS: readonly Described[] = [
  {
    ...{ resource: "population.nameOf", class: "101001", cycle: "real-time", open: true },
    abstract: {
      zh: "按主键核对自然人姓名和是否健在（演示数据）",
      en: "Whether a person of the register lives, and his name (synthetic)",
    },
  },
  {
    ...{ resource: "population.findPersonForCase", class: "101001", cycle: "real-time", open: true },
    abstract: {
      zh: "办理办件时按主键查询一名自然人的基本信息（演示数据）",
      en: "One person's basic data, looked up for a case (synthetic)",
    },
    conditional: [...IDENTITY, "mobile"],
  },
  {
    ...{ resource: "population.person", class: "101001", cycle: "daily", open: true },
    abstract: {
      zh: "人口基础信息登记簿：户籍人口的基本信息（演示数据）",
      en: "The register of persons: basic data of residents (synthetic)",
    },
    conditional: [...IDENTITY, "household", "householdRole", "changeReason"],
    none: ["ethnicity", "mobile"],
  },
];

const ORGANIZATIONS: readonly Described[] = [
  {
    ...{ resource: "legal-entities.organization", class: "102001", cycle: "daily", open: true },
    abstract: {
      zh: "法人和其他组织登记簿：统一社会信用代码、名称、住所、经营范围（演示数据）",
      en: "The register of legal entities: code, name, address, scope of business (synthetic)",
    },
    conditional: ["changeReason"],
  },
  {
    ...{ resource: "legal-entities.findOrganizationForCase", class: "102001", cycle: "real-time", open: true },
    abstract: {
      zh: "办理办件时按主键查询一个法人或者其他组织（演示数据）",
      en: "One legal entity, looked up for a case (synthetic)",
    },
    conditional: ["changeReason"],
  },
];

/** Has a node's catalogue begin with entries, a grant that is used, a request that lacks something, and a correction. Done before, it is not done again. */
export async function seedSharing(
  kernel: Kernel,
  officials: ReadonlyMap<string, string>,
  cast: SharingCast,
): Promise<void> {
  if (!kernel.systems.has(catalogue.id)) return;
  const stage = new Stage(kernel, officials);
  if (cast.population) await stage.describe(PERSONS, cast.population);
  if (cast.legalEntities) await stage.describe(ORGANIZATIONS, cast.legalEntities);
  if (cast.population && cast.requester) {
    await stage.ask({ ...cast.population, requester: cast.requester, systems: cast.systems ?? [] });
  }
  await putInForce(kernel.database, kernel.now());
}

class Stage {
  readonly #kernel: Kernel;
  readonly #officials: ReadonlyMap<string, string>;

  constructor(kernel: Kernel, officials: ReadonlyMap<string, string>) {
    this.#kernel = kernel;
    this.#officials = officials;
  }

  async describe(all: readonly Described[], cast: { readonly steward: string; readonly reviewer: string }) {
    for (const one of all) {
      const at = this.#daysAgo(DESCRIBED_DAYS_AGO);
      const steward = await this.#as(cast.steward, `describe ${one.resource}`, at);
      const found = granted(await steward.findResource({ resource: one.resource }));
      const { number } = granted(
        await steward.describeResource({ resource: one.resource, description: description(one, found) }),
      );
      const reviewer = await this.#as(cast.reviewer, `review ${one.resource}`, at);
      const reason = "经审查，不涉及国家秘密和工作秘密";
      granted(await reviewer.reviewEntry({ number, decision: "released", reason }));
    }
  }

  /** A grant for licences, with a correction of what was got by it; and a request for the register that lacks something. */
  async ask(cast: { readonly steward: string; readonly requester: string; readonly systems: readonly string[] }) {
    const settled = this.#daysAgo(GRANTED_DAYS_AGO);
    const until = civilDay(Temporal.Instant.from(this.#kernel.now())).add({ years: 1 }).toString();
    const common = { until, systems: [...cast.systems], noOnwardUse: true as const };
    const one = granted(
      await (await this.#as(cast.requester, "request", settled)).requestData({
        resource: "population.findPersonForCase",
        content: {
          ...common,
          attributes: ["id", "name", "lifeStatus", "division", ...IDENTITY],
          purpose: "办理食品经营许可，核验经营者、法定代表人的身份，不再要求申请人提交身份证明复印件",
          purposes: ["case"],
          ...{ law: "食品安全法", article: "第三十五条", perDay: 5_000, total: 1_000_000 },
        },
      }),
    );
    const { grant } = granted(
      await (await this.#as(cast.steward, "consent", settled)).consentRequest({
        number: one.number,
        words: "同意共享，限办理食品经营许可使用",
      }),
    );
    granted(
      await (await this.#as(cast.requester, "flow", settled)).confirmFlow({
        number: grant,
        words: "接口已调通，数据已提供",
      }),
    );
    granted(
      await (await this.#as(cast.requester, "correction")).fileCorrection({
        ...{ number: grant, attributes: ["address"] },
        words: "企业反映部分人员住址仍为撤并前的村名，请核实后统一更正（演示）",
      }),
    );
    const two = granted(
      await (await this.#as(cast.requester, "second request")).requestData({
        resource: "population.person",
        content: {
          ...common,
          attributes: ["name", "documentNumber", "lifeStatus"],
          purpose: "核对从业人员健康证明的持有人身份",
          purposes: ["verification"],
          ...{ law: "食品安全法", article: "第四十五条", perDay: 1_000, total: 20_000 },
        },
      }),
    );
    granted(
      await (await this.#as(cast.steward, "completion")).askCompletion({
        number: two.number,
        missing: ["说明核对的业务环节和承办岗位", "说明为什么不能用“按办件查询”代替整体共享"],
      }),
    );
  }

  /** Somebody's doors of the catalogue, for one command that is done once. */
  async #as(signInName: string, what: string, at = this.#kernel.now()): Promise<Front<typeof catalogue>> {
    const kernel = this.#kernel;
    const principal = await this.#principal(signInName);
    return frontOf(kernel, catalogue, () => ({
      ...{ ...nodeActOf(kernel, catalogue.id), principal, purpose: "administration", at },
      idempotencyKey: `demonstration sharing ${what}`,
    }));
  }

  #daysAgo(days: number): string {
    return Temporal.Instant.from(this.#kernel.now())
      .subtract({ hours: 24 * days })
      .toString();
  }

  async #principal(signInName: string): Promise<Principal> {
    const kernel = this.#kernel;
    const id = this.#officials.get(signInName) ?? "";
    const own = frontOf(kernel, directory, () => nodeActOf(kernel, directory.id));
    const [held] = granted(await own.postsOf({ official: id })).items;
    if (held === undefined) throw new Fault("ERR_DEMONSTRATION", { message: `${signInName} holds no post` });
    const { authority, authorityName, division, duties, title } = held;
    const post = { id: held.id, title, authority, authorityName, division, duties };
    return { kind: "official", id, post, assurance: 2 };
  }
}

function description(one: Described, { attributes }: Found): Description {
  return {
    ...{ class: one.class, abstract: one.abstract, updateCycle: one.cycle, open: one.open, contact: CONTACT },
    attributes: attributes.map(({ name }) => {
      if (one.none?.includes(name)) return { name, sharing: "none", law: MINIMUM };
      return one.conditional?.includes(name)
        ? { name, sharing: "conditional", condition: LICENSING }
        : { name, sharing: "unconditional" };
    }),
  };
}

function granted<T>(outcome: T | Refusal): T {
  if (isRefusal(outcome)) {
    throw new Fault("ERR_DEMONSTRATION", { message: `${outcome.room}: ${outcome.code} ${outcome.text.en}` });
  }
  return outcome;
}
