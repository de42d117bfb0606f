import { z } from "zod";
import { cite, PERSONAL_INFORMATION_LAW } from "#kernel/contract/citation";
import { command, defineContract, query } from "#kernel/contract/contract";
import { field } from "#kernel/contract/field";
import { text } from "#lib/language/text";
import { DocumentNumber, KEEP, statutory } from "./contract-parts.ts";
import { guardianshipOperations } from "./guardianship-contract.ts";
import {
  CORRECTABLE,
  CorrectionRequest,
  DocumentKindField,
  HOUSEHOLD_REGULATIONS,
  NAME_LENGTH_MAX,
  Nationality,
  Person,
  PersonName,
  registers,
  TEXT_LENGTH_MAX,
} from "./registers.ts";

export { KEEP };
/** Looking entries up: the duty by which the kernel opens a room's registers. */
export const READ = "population.read";
/** The most entries that one answer lists. */
export const LIST_LENGTH_MAX = 50;
const PAGE_POSITION_LENGTH_MAX = 1_000;

const Id = z.uuid();
const Key = z.object({ id: Id });
/** As `next` of the page before gave it: sealed, and as long as a long name makes it. */
const PagePosition = z.string().max(PAGE_POSITION_LENGTH_MAX);
const Confirmed = field(z.boolean().default(false), {
  title: text(
    "已对照证件原件核对，上述提示无误",
    "I compared this with the original document; the warnings are in order",
  ),
  kind: "boolean",
});
const Reason = field(z.string().trim().min(1).max(TEXT_LENGTH_MAX), {
  title: text("理由", "Reason"),
  kind: "textarea",
});

const PersonView = Person.extend({ id: Id });
const PersonInput = Person.omit({ changeReason: true }).extend({
  documentNumber: DocumentNumber,
  /** Of a passport: its issuing state; the nationality when left out. */
  issuedBy: Nationality.optional(),
});
const PersonChanges = PersonInput.omit({ issuedBy: true }).partial();
const CorrectionView = CorrectionRequest.extend({ id: Id, personName: z.string(), recordedAt: z.string() });
/** What a case may know: no more than the forms of services ask for (个人信息保护法 §6). */
const PersonForCase = Person.pick({
  name: true,
  documentKind: true,
  documentNumber: true,
  sex: true,
  birthDate: true,
  nationality: true,
  division: true,
  address: true,
  mobile: true,
  lifeStatus: true,
}).extend({ id: Id });

const notFound = text("没有查到此人，请核对后重试。", "Nobody was found; please check and try again.");
const invalid = text(
  "填写的内容有误，请按提示更正。",
  "Some of what was entered is not right; please correct the marked places.",
);
const needsConfirmation = text(
  "有需要核对的内容。请对照证件原件核对；确认无误的，勾选确认后再次提交。",
  "Some of this is unusual. Compare it with the original document; if it is right, confirm and send it again.",
);

export const population = defineContract({
  id: "population",
  version: "1.0",
  title: text("人口基础信息库", "Population register"),
  steward: text("公安机关", "Public security organ"),
  registers,
  operations: {
    findPersonForCase: query({
      title: text("办件查询个人信息", "Find a person for a case"),
      audience: ["node", "official"],
      duty: READ,
      input: Key,
      output: PersonForCase,
      refusals: {
        "not-found": notFound,
        "case-needed": text(
          "查询个人信息须说明所办的件。请从办件页面进入。",
          "Personal information is given for a case that is being handled. Please start from the case.",
        ),
      },
      legalBasis: statutory,
    }),
    findOwn: query({
      title: text("我的信息", "My information"),
      audience: ["person"],
      input: z.object({}),
      output: PersonView,
      refusals: { "not-found": notFound },
      legalBasis: [cite(PERSONAL_INFORMATION_LAW, "第四十五条")],
    }),
    nameOf: query({
      title: text("查询姓名", "Find a person's name"),
      audience: ["node"],
      input: Key,
      output: z.object({ name: PersonName, lifeStatus: Person.shape.lifeStatus }),
      refusals: { "not-found": notFound },
      legalBasis: statutory,
    }),
    ...guardianshipOperations,
    findByDocument: query({
      title: text("按证件号码查询", "Find by document"),
      audience: ["official", "node"],
      duty: READ,
      input: z.object({
        documentKind: DocumentKindField,
        documentNumber: DocumentNumber,
        issuedBy: Nationality.optional(),
      }),
      output: PersonForCase,
      refusals: { "not-found": notFound, invalid },
      legalBasis: statutory,
    }),
    searchByName: query({
      lists: "person",
      title: text("按姓名查询", "Search by name"),
      audience: ["official"],
      duty: READ,
      input: z.object({
        name: field(z.string().trim().min(1).max(NAME_LENGTH_MAX), { title: text("姓名", "Name") }),
        after: PagePosition.optional(),
      }),
      /** Enough to tell people of one name apart, and no more. */
      output: z.object({
        items: z.array(
          z.object({
            id: Id,
            name: z.string(),
            documentKind: DocumentKindField,
            documentEnd: z.string(),
            division: z.string(),
          }),
        ),
        next: z.string().optional(),
      }),
      refusals: {},
      legalBasis: statutory,
    }),
    registerPerson: command({
      title: text("登记人口信息", "Register a person"),
      audience: ["official", "node"],
      duty: KEEP,
      input: PersonInput.extend({ confirmed: Confirmed }),
      output: Key,
      refusals: {
        invalid,
        "needs-confirmation": needsConfirmation,
        exists: text(
          "该证件号码已登记。请查询后办理更正。",
          "This document is registered already. Find the entry and correct it.",
        ),
      },
      legalBasis: [cite(HOUSEHOLD_REGULATIONS, "第四条")],
    }),
    correctPerson: command({
      title: text("更正人口信息", "Correct a person's entry"),
      audience: ["official", "node"],
      duty: KEEP,
      input: PersonChanges.extend({
        id: Id,
        /** A change in the world from that day on; without it, what we had recorded was wrong. */
        since: field(z.iso.date().optional(), {
          title: text("自何日起变更（更正错误的不填）", "Changed since (empty when an error is corrected)"),
          kind: "date",
        }),
        reason: Reason,
        confirmed: Confirmed,
      }),
      output: Key,
      refusals: {
        "not-found": notFound,
        invalid,
        "needs-confirmation": needsConfirmation,
        exists: text("该证件号码已登记在他人名下。", "This document is registered for someone else."),
      },
      legalBasis: [cite(HOUSEHOLD_REGULATIONS, "第十七条")],
    }),
    reportWrong: command({
      title: text("信息有误，申请更正", "This is wrong"),
      audience: ["person"],
      input: CorrectionRequest.pick({ attribute: true, claimed: true, explanation: true }),
      output: Key,
      refusals: {
        "not-found": notFound,
        "already-open": text(
          "这项信息的更正申请正在核实中，请等待结果。",
          "A request for this is being looked at already; please wait for its result.",
        ),
      },
      legalBasis: [cite(PERSONAL_INFORMATION_LAW, "第四十六条")],
    }),
    ownCorrectionRequests: query({
      unfiltered: "own",
      title: text("我的更正申请", "My requests for correction"),
      audience: ["person"],
      input: z.object({}),
      output: z.object({ items: z.array(CorrectionRequest.extend({ id: Id, recordedAt: z.string() })) }),
      refusals: {},
      legalBasis: [cite(PERSONAL_INFORMATION_LAW, "第四十六条")],
    }),
    listCorrectionRequests: query({
      title: text("待核实的更正申请", "Requests for correction that wait"),
      audience: ["official"],
      duty: KEEP,
      lists: "correctionRequest",
      input: z.object({ after: PagePosition.optional() }),
      output: z.object({ items: z.array(CorrectionView), next: z.string().optional() }),
      refusals: {},
      legalBasis: [cite(PERSONAL_INFORMATION_LAW, "第四十六条")],
    }),
    decideCorrection: command({
      title: text("处理更正申请", "Decide on a request for correction"),
      audience: ["official"],
      duty: KEEP,
      input: z.object({
        id: Id,
        accepted: field(z.boolean(), { title: text("是否更正", "Correct it"), kind: "boolean" }),
        /** As the register is to have it, where that differs from what the person wrote. */
        value: field(CorrectionRequest.shape.claimed.optional(), {
          title: text("更正为", "Correct it to"),
          sensitive: true,
        }),
        reason: Reason,
        confirmed: Confirmed,
      }),
      output: Key,
      refusals: {
        "not-found": text("没有这项更正申请。", "There is no such request."),
        "already-decided": text("这项更正申请已经处理。", "This request has been decided already."),
        invalid,
        "needs-confirmation": needsConfirmation,
      },
      legalBasis: [cite(PERSONAL_INFORMATION_LAW, "第四十六条")],
    }),
  },
  events: {
    correctionDecided: {
      title: text("更正申请已处理", "A request for correction was decided"),
      payload: z.object({
        request: Id,
        person: Id,
        attribute: z.enum(Object.keys(CORRECTABLE) as [string]),
        accepted: z.boolean(),
      }),
    },
  },
});
