import type { Contract } from "#kernel/contract/contract";
import { isRefusal } from "#kernel/contract/refusal";
import type { Sql } from "#kernel/database/sql";
import { assert, Fault } from "#kernel/errors/fault";
import type { Site } from "#kernel/http/site";
import type { LedgerSubject } from "#kernel/ledger/entry";
import { importEntries } from "#kernel/registers/import-entries";
import type { Act } from "#kernel/system/act";
import { perform } from "#kernel/system/perform";
import { readSetting, writeSetting } from "#kernel/system/settings";
import { type Text, text } from "#lib/language/text";
import { legalEntities } from "#resources/legal-entities";
import { population } from "#resources/population";
import { dataRights } from "#services/data-rights";
import { publicSecurity } from "#systems/public-security";
import { quality } from "#systems/quality";
import type { SignIn } from "./cast.ts";
import { type DemonstrationCounty, generateCounty } from "./generate.ts";
import { type DemonstrationTarget, type ImportedEntry, loadDemonstration } from "./load.ts";
import { type SharingCast, seedSharing } from "./sharing.ts";

/** What a demonstration node tells whoever starts it. */
export interface DemonstrationFacts {
  readonly signIns: readonly Pick<SignIn, "signInName" | "name" | "role">[];
  readonly password: string;
}

const MARKET_REGULATOR = "990101-scjg";
const PUBLIC_SECURITY = "990101-ga";
const COUNTY_GOVERNMENT = "990101-zf";
const SERVICE_CENTRE = "990101-zwfw";

/** What of the demonstration a node has: its own offices, and the registers that it keeps. */
export interface DemonstrationShare {
  readonly county: DemonstrationCounty;
  readonly keeps: (room: string) => boolean;
  /** Which authority keeps a room, by its code; `*` the others. */
  readonly hosts: Readonly<Record<string, string>>;
  /** Who shares what of it with whom. */
  readonly sharing: SharingCast;
}

/** Public security and the market regulator share what they keep; licences are issued by looking persons up. */
const COUNTY_SHARING: SharingCast = {
  population: { steward: "population", reviewer: "population2" },
  legalEntities: { steward: "registrar", reviewer: "head" },
  ...{ requester: "registrar", systems: [quality.id] },
};

/** All of it: the county on one node. */
export function wholeCounty(): DemonstrationShare {
  const hosts = {
    [quality.id]: MARKET_REGULATOR,
    // One datum, one source: who keeps a base register shares it.
    [population.id]: PUBLIC_SECURITY,
    [publicSecurity.id]: PUBLIC_SECURITY,
    [legalEntities.id]: MARKET_REGULATOR,
    [dataRights.id]: COUNTY_GOVERNMENT,
    "*": SERVICE_CENTRE,
  };
  return { county: generateCounty(), keeps: () => true, hosts, sharing: COUNTY_SHARING };
}

/** Loads the synthetic county into an empty node, once; and says which authority keeps which room. */
export async function ensureDemonstration(
  site: Site,
  report: (progress: Text) => void,
  shareOf: () => DemonstrationShare = wholeCounty,
): Promise<DemonstrationFacts> {
  const { kernel } = site;
  let facts = await readSetting<DemonstrationFacts>(kernel.database, "demonstration-facts");
  if (!facts) {
    report(text("正在装入演示县（虚构数据）…", "Loading the demonstration county (synthetic data)…"));
    const { county, keeps, hosts: codes, sharing } = shareOf();
    const keyOf = (code: string) => county.offices.authorities.find(({ value }) => value.code === code)?.key;
    const hosts = Object.fromEntries(Object.entries(codes).map(([room, code]) => [room, keyOf(code)]));
    await writeSetting(kernel.database, "hosts", hosts, kernel.now());
    for (const [room, authority] of Object.entries(hosts)) if (authority) site.hosts.set(room, authority);
    const loaded = await loadDemonstration(targetOf(site), county, keeps);
    await seedSharing(kernel, county.offices.bySignInName, sharing);
    facts = {
      password: loaded.password,
      signIns: loaded.signIns.map(({ signInName, name, role }) => ({ signInName, name, role })),
    };
    await writeSetting(kernel.database, "demonstration", true, kernel.now());
    await writeSetting(kernel.database, "demonstration-facts", facts, kernel.now());
  }
  return facts;
}

async function wasImported(sql: Sql, register: string): Promise<boolean> {
  return (await readSetting(sql, `imported ${register}`)) !== undefined;
}

function targetOf(site: Site): DemonstrationTarget {
  const { kernel } = site;
  const act = (room: string): Act => ({
    id: kernel.newId(),
    principal: { kind: "node", room },
    purpose: "administration",
    legalBasis: [],
    zone: kernel.zone,
    language: "zh",
    at: kernel.now(),
  });
  return {
    async importRegister<C extends Contract>(contract: C, register: string, rows: Iterable<ImportedEntry<unknown>>) {
      const store = kernel.registers.get(`${contract.id}.${register}`);
      assert(store, `the register ${contract.id}.${register} is open`);
      const { kind } = store.declaration.subject;
      const importing = { ...act(contract.id), legalBasis: store.declaration.legalBasis };
      await kernel.database.transaction(
        async (tx) => {
          // A start that was killed in the middle left whole registers behind: they are not imported again.
          if (await wasImported(tx, `${contract.id}.${register}`)) return;
          const subjects: LedgerSubject[] = [];
          const { imported } = await importEntries(
            store,
            { tx, act: importing, authority: kernel.authorityOf(contract.id) },
            rows,
            {
              subject: (id) => {
                if (kind !== "none") subjects.push({ kind, id, attributes: [register] });
              },
            },
          );
          await kernel.ledger.append(tx, [
            {
              type: "import",
              at: importing.at,
              actId: importing.id,
              room: contract.id,
              operation: `${register}.import`,
              actor: { kind: "node", id: contract.id },
              purpose: "administration",
              legalBasis: [],
              subjects,
              outcome: `${imported} entries`,
            },
          ]);
          await writeSetting(tx, `imported ${contract.id}.${register}`, imported, importing.at);
        },
        { retries: 0, timeoutMs: 120_000 },
      );
    },
    async command(contract, operation, input) {
      const key = `demonstration ${contract.id}.${operation} ${JSON.stringify(input).slice(0, 120)}`;
      const doing = { ...act(contract.id), idempotencyKey: key };
      const outcome = await perform(kernel, doing, { room: contract.id, operation, input });
      if (isRefusal(outcome))
        throw new Fault("ERR_DEMONSTRATION", { message: `${contract.id}.${operation}: ${outcome.code}` });
      return outcome;
    },
  };
}
