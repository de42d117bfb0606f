import { directory } from "#infrastructure/directory";
import { isRefusal, type Refusal } from "#kernel/contract/refusal";
import { formDescriptors } from "#kernel/derived/form-descriptors";
import { Fault } from "#kernel/errors/fault";
import { frontOf } from "#kernel/http/pages";
import type { Site } from "#kernel/http/site";
import type { CaseView } from "#kernel/procedures/changes";
import { knownService } from "#kernel/services/application";
import { sendToCase } from "#kernel/services/case-messages";
import { addMaterial, readDraft, saveDraft, startDraft } from "#kernel/services/drafts";
import { nameParty } from "#kernel/services/name-party";
import { partiesOf } from "#kernel/services/parties";
import { APPLICATION_WORDS, digestToSign, submitDraft } from "#kernel/services/submission";
import { completeTask } from "#kernel/services/tasks";
import type { Act, Principal } from "#kernel/system/act";
import { readSetting, writeSetting } from "#kernel/system/settings";
import { civilDay } from "#lib/calendar/civil-day";
import { lastDay } from "#lib/calendar/statutory-period";
import { isWorkingDay } from "#lib/calendar/working-day";
import { participation } from "#services/participation";
import { floorPlan, sitePhotograph } from "../demo/drawing.ts";
import { nodeActOf } from "../node-act.ts";
import { CASE_SCRIPTS, type CaseScript, type Move, type Rating } from "./case-scripts.ts";
import { type DemonstrationCounty, generateCounty } from "./generate.ts";
import type { OrganizationRow } from "./organizations.ts";

const SERVICE = { room: "quality", service: "foodBusinessLicence" } as const;
const DONE = "demonstration-cases";
/** Between two moves: people who are looking at the node already come first. */
const PAUSE_MS = 100;
const REACHED_TIMEOUT_MS = 180_000;
const POLL_MS = 250;
/** When offices open; each move of a case is a quarter of an hour after the one before. */
const OFFICE_OPENS_HOUR = 9;
const MOVE_MINUTES = 15;

/** Where a case of the demonstration stands: a start that is killed goes on from here. */
interface Progress {
  readonly draftId?: string;
  readonly caseId?: string;
  readonly moves: number;
  /** For which day the days before are counted, ISO 8601 UTC. */
  readonly base: string;
  readonly organization: string;
}

export interface CaseReport {
  readonly played: number;
  /** What did not go as written: nothing to be hidden, nothing to stop the node for. */
  readonly failed: readonly { readonly name: string; readonly why: string }[];
}

/**
 * Plays the cases of the county, each act in the name of who does it, through the same services as everybody. Idempotent: what
 * was played before is not played again.
 */
export async function playCases(
  site: Site,
  options: { readonly signal: AbortSignal },
): Promise<CaseReport | undefined> {
  const { database } = site.kernel;
  if ((await readSetting<boolean>(database, DONE)) === true) return undefined;
  const stage = new Stage(site, options.signal);
  const failed: { name: string; why: string }[] = [];
  for (const [index, script] of CASE_SCRIPTS.entries()) {
    if (options.signal.aborted) return undefined;
    try {
      await stage.play(script, index);
    } catch (error) {
      if (options.signal.aborted) return undefined;
      failed.push({ name: script.name, why: error instanceof Error ? error.message : String(error) });
    }
  }
  if (failed.length === 0) await writeSetting(database, DONE, true, site.kernel.now());
  return { played: CASE_SCRIPTS.length - failed.length, failed };
}

interface Applicant {
  readonly organization: OrganizationRow;
  readonly personId: string;
  readonly name: string;
}

type Official = Omit<Extract<Principal, { kind: "official" }>, "assurance" | "provenAt">;

class Stage {
  readonly #site: Site;
  readonly #signal: AbortSignal;
  readonly #county: DemonstrationCounty;
  readonly #shops: readonly OrganizationRow[];
  readonly #names: ReadonlyMap<string, string>;
  readonly #officials = new Map<string, Official>();

  constructor(site: Site, signal: AbortSignal) {
    this.#site = site;
    this.#signal = signal;
    this.#county = generateCounty();
    const { organizations, persons, cast } = this.#county;
    this.#names = new Map(persons.map(({ key, value }) => [key, value.name]));
    this.#shops = organizations.filter(
      ({ key, value }) =>
        value.kind === "individual-business" &&
        value.status === "active" &&
        /餐饮服务|食品销售/.test(value.businessScope ?? "") &&
        key !== cast.shop.key,
    );
  }

  async play(script: CaseScript, index: number): Promise<void> {
    let progress = await this.#progress(script, index);
    const applicant = this.#applicant(progress.organization);
    const keep = async (more: Partial<Progress>) => {
      progress = { ...progress, ...more };
      await writeSetting(this.#site.kernel.database, settingOf(script), progress, this.#site.kernel.now());
    };
    const moment = (daysAgo: number, ordinal: number) => momentOf(progress.base, { daysAgo, ordinal });
    if (progress.caseId === undefined) {
      const at = moment(script.submittedDaysAgo, 0);
      if (progress.draftId === undefined) await keep({ draftId: await this.#draft(script, applicant, at) });
      await keep({ caseId: await this.#submit(progress.draftId ?? "", applicant, at) });
    }
    for (const [ordinal, move] of script.moves.entries()) {
      if (ordinal < progress.moves) continue;
      await this.#pause(PAUSE_MS);
      const at = "daysAgo" in move ? moment(move.daysAgo, ordinal + 1) : this.#site.kernel.now();
      await this.#make(dated(move, progress.base), { caseId: progress.caseId ?? "", applicant, at });
      await keep({ moves: ordinal + 1 });
    }
  }

  async #progress(script: CaseScript, index: number): Promise<Progress> {
    const known = await readSetting<Progress>(this.#site.kernel.database, settingOf(script));
    if (known) return known;
    // Shops far from each other in the list, so that neighbours and their owners differ.
    const shop = this.#shops[(index * SHOP_STRIDE) % this.#shops.length];
    const organization = script.applicant === "company" ? this.#county.cast.company : shop;
    if (!organization) throw new RangeError("the county has no shops");
    return { moves: 0, base: this.#site.kernel.now(), organization: organization.key };
  }

  #applicant(key: string): Applicant {
    const { organizations, cast } = this.#county;
    const organization = [cast.company, ...organizations].find((one) => one.key === key);
    if (!organization) throw new RangeError(`no organization ${key}`);
    const personId = organization.value.representative;
    return { organization, personId, name: this.#names.get(personId) ?? "" };
  }

  #personAct({ organization, personId }: Applicant, at: string, caseId?: string): Act {
    const { kernel } = this.#site;
    const { name, kind } = organization.value;
    const right = kind === "individual-business" ? "operator" : "legal-representative";
    return {
      ...nodeActOf(kernel, SERVICE.room),
      principal: { kind: "person", id: personId, assurance: 2, provenAt: { 2: at } },
      onBehalfOf: { kind: "organization", id: organization.key, name, right },
      purpose: "own-affairs",
      at,
      caseId,
    };
  }

  async #officialAct(signInName: string, at: string, caseId: string): Promise<Act> {
    const { kernel } = this.#site;
    let principal = this.#officials.get(signInName);
    if (!principal) {
      const id = this.#county.offices.bySignInName.get(signInName) ?? "";
      const doors = frontOf(kernel, directory, () => nodeActOf(kernel, directory.id));
      const posts = granted(await doors.postsOf({ official: id }));
      const [post] = posts.items;
      if (!post) throw new RangeError(`${signInName} holds no post`);
      principal = { kind: "official", id, post };
      this.#officials.set(signInName, principal);
    }
    const proven = { ...principal, assurance: 2, provenAt: { 2: at } } as const;
    return { ...nodeActOf(kernel, SERVICE.room), principal: proven, purpose: "case", at, caseId };
  }

  async #draft(script: CaseScript, applicant: Applicant, at: string): Promise<string> {
    const { kernel, scanner } = this.#site;
    const act = () => this.#personAct(applicant, at);
    const { organization, personId } = applicant;
    const draft = granted(
      await startDraft(kernel, act(), SERVICE, { kind: "organization", id: organization.key, personId }),
    );
    granted(await saveDraft(kernel, act(), draft.id, { ...formOf(applicant), ...script.form }));
    const file = { field: "file", name: "平面布局图.png", mediaType: "image/png", bytes: floorPlan() };
    granted(await addMaterial(kernel, act(), { draftId: draft.id, name: "floorPlan", file, scanner }));
    return draft.id;
  }

  async #submit(draftId: string, applicant: Applicant, at: string): Promise<string> {
    const { kernel, signer } = this.#site;
    const act = this.#personAct(applicant, at);
    const draft = granted(await readDraft(kernel, kernel.database, act, draftId));
    const digest = digestToSign(knownService(kernel, draft).service, draft) ?? "";
    const signing = { signer, signerName: applicant.name, words: APPLICATION_WORDS.zh, digest };
    return granted(await submitDraft(kernel, act, { draftId, signing })).caseId;
  }

  async #make(move: Move, about: { readonly caseId: string; readonly applicant: Applicant; readonly at: string }) {
    const { kernel, signer } = this.#site;
    const { caseId, applicant, at } = about;
    switch (move.move) {
      case "reach":
        await this.#until(caseId, (view) => view.at.includes(move.element) || view.status !== "running");
        return;
      case "close":
        await this.#until(caseId, (view) => view.status !== "running");
        return;
      case "task": {
        const view = await this.#until(caseId, (seen) => seen.openTasks.length > 0 || seen.status !== "running");
        const open = view.openTasks.find(({ element }) => element === move.element);
        // It was completed by the start that was killed before it could note so.
        if (!open) return;
        const act = await this.#officialAct(move.by, at, caseId);
        const form =
          move.element === "siteCheck" ? { ...move.form, photographs: [await this.#photograph()] } : move.form;
        granted(
          await completeTask(kernel, act, {
            ...{ caseId, taskId: open.taskId, form },
            signing: { signer, signerName: move.by },
          }),
        );
        return;
      }
      case "party": {
        const holder = this.#neighbour();
        const before = await partiesOf(kernel, kernel.database, caseId);
        // He was named by the start that was killed before it could note so.
        if (before.some(({ name }) => name === move.form["name"])) return;
        const named = await nameParty(kernel, await this.#officialAct(move.by, at, caseId), {
          caseId,
          kind: "person",
          ...(move.who === "neighbour" && { registered: { id: holder, personId: holder } }),
          form: move.form,
        });
        granted(named);
        return;
      }
      case "send": {
        const act =
          move.by === "applicant"
            ? this.#personAct(applicant, at, caseId)
            : move.by === "neighbour"
              ? await this.#neighbourAct(caseId)
              : await this.#officialAct(move.by, at, caseId);
        const outcome = await sendToCase(kernel, act, { caseId, message: move.message, form: move.form });
        if (isRefusal(outcome) && !ALREADY.has(outcome.code)) granted(outcome);
        return;
      }
      case "rate":
        await this.#rate(move, about);
    }
  }

  async #rate(
    move: Extract<Move, { move: "rate" }>,
    { caseId, applicant, at }: { readonly caseId: string; readonly applicant: Applicant; readonly at: string },
  ): Promise<void> {
    const { kernel } = this.#site;
    const key = (step: string) => ({ idempotencyKey: `demonstration ${step} ${caseId}` });
    const rating = { caseId, score: scoreOf(move.rating), words: move.words };
    const person = { ...this.#personAct(applicant, at, caseId), ...key("rating") };
    const rated = await frontOf(kernel, participation, () => person).rate(rating);
    if (isRefusal(rated)) {
      if (rated.code !== "already-rated") granted(rated);
      return;
    }
    if (move.answer === undefined) return;
    const official = { ...(await this.#officialAct("ratings", at, caseId)), ...key("answer") };
    granted(await frontOf(kernel, participation, () => official).answer({ id: rated.id, answer: move.answer }));
  }

  #neighbour(): string {
    return this.#county.cast.signIns.find(({ signInName }) => signInName === "neighbour")?.holder ?? "";
  }

  /** The neighbour's, once she was told. */
  async #neighbourAct(caseId: string): Promise<Act> {
    const { kernel } = this.#site;
    const holder = this.#neighbour();
    const deadline = performance.now() + REACHED_TIMEOUT_MS;
    for (;;) {
      const parties = await partiesOf(kernel, kernel.database, caseId);
      if (parties.some(({ registered, toldOn }) => registered?.id === holder && toldOn !== undefined)) break;
      if (performance.now() > deadline) throw new RangeError("the neighbour is not told");
      await this.#pause(POLL_MS);
    }
    const principal = { kind: "person", id: holder, assurance: 1 } as const;
    return { ...nodeActOf(kernel, SERVICE.room), principal, purpose: "own-affairs", at: kernel.now(), caseId };
  }

  async #photograph() {
    const stored = await this.#site.kernel.files.put(sitePhotograph(), { mediaType: "image/png", name: "现场.png" });
    return { digest: stored.digest, name: "现场.png", mediaType: stored.mediaType, bytes: stored.bytes };
  }

  async #until(caseId: string, reached: (view: CaseView) => boolean): Promise<CaseView> {
    const { kernel } = this.#site;
    const deadline = performance.now() + REACHED_TIMEOUT_MS;
    for (;;) {
      const view = await kernel.procedures.view(kernel.database, caseId);
      if (view && reached(view)) return view;
      if (performance.now() > deadline) throw new RangeError(`the case stays at ${view?.at.join(", ")}`);
      await this.#pause(POLL_MS);
    }
  }

  #pause(ms: number): Promise<void> {
    this.#signal.throwIfAborted();
    return new Promise((resolve) => setTimeout(resolve, ms));
  }
}

/** The value under which the contract has a degree of satisfaction. */
function scoreOf(rating: Rating) {
  const [field] = formDescriptors(participation.operations.rate.input).filter(({ name }) => name === "score");
  const found = field?.options?.find(({ title }) => title.zh === rating);
  return participation.registers.rating.schema.shape.score.parse(found?.value);
}

const SHOP_STRIDE = 7;
/** What a message meets that the case had received already. */
const ALREADY = new Set(["not-waiting", "case-closed"]);

function settingOf({ name }: CaseScript): string {
  return `demonstration-case ${name}`;
}

function formOf({ organization: { value }, name }: Applicant): Readonly<Record<string, unknown>> {
  const sells = !/餐饮服务/.test(value.businessScope ?? "");
  return {
    kind: "new",
    onlyPrepackaged: "no",
    withinDivision: "yes",
    premises: value.address,
    businessType: sells ? "sales" : "catering",
    items: sells ? ["loose-food"] : ["hot-food", "cold-food"],
    area: sells ? 60 : 85,
    safetyManager: name,
    mobile: "13900000000",
  };
}

/** A move with the days that are entered in it. */
function dated(move: Move, base: string): Move {
  if (move.move !== "task" || !move.workingDaysAhead) return move;
  const today = civilDay(Temporal.Instant.from(base));
  const days = Object.entries(move.workingDaysAhead).map(([field, ahead]) => {
    const { day } = lastDay(today, { unit: "working-day", amount: ahead, article: "" });
    return [field, day.toString()] as const;
  });
  return { ...move, form: { ...move.form, ...Object.fromEntries(days) } };
}

/** So many working days before, in office hours; today: the moment itself. */
function momentOf(base: string, when: { readonly daysAgo: number; readonly ordinal: number }): string {
  const instant = Temporal.Instant.from(base);
  if (when.daysAgo === 0) return Temporal.Now.instant().toString({ smallestUnit: "millisecond" });
  let day = civilDay(instant);
  for (let left = when.daysAgo; left > 0; ) {
    day = day.subtract({ days: 1 });
    if (isWorkingDay(day)) left -= 1;
  }
  return day
    .toZonedDateTime({ timeZone: "Asia/Shanghai", plainTime: { hour: OFFICE_OPENS_HOUR } })
    .add({ minutes: when.ordinal * MOVE_MINUTES })
    .toInstant()
    .toString({ smallestUnit: "millisecond" });
}

/** The answer, where nobody refused: the demonstration's own people know the rules. */
function granted<T>(outcome: T): Exclude<T, Refusal> {
  if (!isRefusal(outcome)) return outcome as Exclude<T, Refusal>;
  const issues = outcome.issues.map(({ path, text }) => `${path} ${text.en}`).join(", ");
  throw new Fault("ERR_DEMONSTRATION", { message: `${outcome.code}: ${outcome.text.en} ${issues}` });
}
