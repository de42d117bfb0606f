import { z } from "zod";
import { cite } from "#kernel/contract/citation";
import { command, query } from "#kernel/contract/contract";
import { field } from "#kernel/contract/field";
import { text } from "#lib/language/text";
import { DocumentNumber, KEEP, statutory } from "./contract-parts.ts";
import { CIVIL_CODE, Guardianship, TEXT_LENGTH_MAX } from "./registers.ts";

const Id = z.uuid();
const WardNumber = field(DocumentNumber, {
  title: text("被监护人居民身份证号码", "Resident identity number of the minor"),
  kind: "identity-number",
  sensitive: true,
});
const GuardianNumber = field(DocumentNumber, {
  title: text("监护人居民身份证号码", "Resident identity number of the guardian"),
  kind: "identity-number",
  sensitive: true,
});
const wardNotFound = text(
  "没有查到被监护人，请核对居民身份证号码。",
  "The minor was not found; please check the resident identity number.",
);
const guardianNotFound = text(
  "没有查到监护人，请核对居民身份证号码。",
  "The guardian was not found; please check the resident identity number.",
);

/** Guardians of minors, as the household's registration has them (民法典 §27). Of adults a court or an agreement decides: not here. */
export const guardianshipOperations = {
  registerGuardianship: command({
    title: text("登记未成年人的监护人", "Register a minor's guardian"),
    audience: ["official", "node"],
    duty: KEEP,
    input: z
      .object({ wardNumber: WardNumber, guardianNumber: GuardianNumber })
      .extend(Guardianship.pick({ relation: true, evidence: true }).shape),
    output: z.object({ id: Id }),
    refusals: {
      "ward-not-found": wardNotFound,
      "guardian-not-found": guardianNotFound,
      "not-a-minor": text(
        "被监护人已满十八周岁，不在此登记。成年人的监护人依人民法院的判决或者意定监护协议认定。",
        "The ward is 18 or older. A guardian of an adult follows from a court's judgment or an agreement, and is not registered here.",
      ),
      "not-an-adult": text(
        "监护人应当是健在的成年人，且不能是本人。",
        "A guardian is a living adult, and somebody else than the ward.",
      ),
      exists: text("此人已登记为监护人。", "This person is registered as guardian already."),
    },
    legalBasis: [cite(CIVIL_CODE, "第二十七条")],
  }),
  endGuardianship: command({
    title: text("终止未成年人监护关系的登记", "End the registration of a minor's guardian"),
    audience: ["official", "node"],
    duty: KEEP,
    input: z.object({
      wardNumber: WardNumber,
      guardianNumber: GuardianNumber,
      reason: field(z.string().trim().min(1).max(TEXT_LENGTH_MAX), {
        title: text("理由和文书", "Reason and document"),
        hint: text("例如：撤销监护人资格的判决", "For example the judgment that removed the guardian"),
        kind: "textarea",
      }),
    }),
    output: z.object({ id: Id }),
    refusals: {
      "ward-not-found": wardNotFound,
      "guardian-not-found": guardianNotFound,
      "not-registered": text("没有登记这项监护关系，或已终止。", "No such guardian is registered, or it has ended."),
    },
    legalBasis: [cite(CIVIL_CODE, "第三十六条"), cite(CIVIL_CODE, "第三十九条")],
  }),
  /** For whom somebody is the registered guardian today. */
  wardsOf: query({
    lists: "guardianship",
    title: text("某人监护的未成年人", "Minors whose guardian someone is"),
    audience: ["node"],
    input: z.object({ guardian: Id }),
    output: z.object({
      items: z.array(
        z.object({
          id: Id,
          name: z.string(),
          relation: Guardianship.shape.relation,
          /** The day on which the ward is 18: from then on nobody's ward. */
          adultOn: z.iso.date(),
        }),
      ),
    }),
    refusals: {},
    legalBasis: statutory,
  }),
  /** Who is the registered guardian of someone today; nobody of an adult. */
  guardiansOf: query({
    lists: "guardianship",
    title: text("未成年人的监护人", "Guardians of a minor"),
    audience: ["node"],
    input: z.object({ ward: Id }),
    output: z.object({ items: z.array(z.object({ id: Id, name: z.string(), relation: Guardianship.shape.relation })) }),
    refusals: {},
    legalBasis: statutory,
  }),
};
