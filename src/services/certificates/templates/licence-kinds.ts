/** The licences that this folder prints, and the shape of their data. */
import { z } from "zod";
import { type DocumentKind, readSources } from "#kernel/documents/documents";
import { codeRows } from "#kernel/documents/quick-response-code";

const MAX_SCOPE = 20;
const MAX_CHANGES = 6;

const line = z.string().trim().min(1).max(120);
const day = z.iso.date();

const foodLicence = z.object({
  /** 正本 or 副本. */
  copy: z.enum(["original", "duplicate"]),
  licenceNumber: z.string().regex(/^JY\d{14}$/),
  operator: z.object({
    name: line,
    code: line,
    /** 法定代表人 of a company, 负责人 of a branch, 经营者 of an individual business. */
    headTitle: z.enum(["法定代表人", "负责人", "经营者"]),
    head: line,
    address: line,
  }),
  premises: line,
  businessType: line,
  scope: z.array(line).min(1).max(MAX_SCOPE),
  validUntil: day,
  complaintPhone: line.default("12315"),
  authority: z.object({ name: line, sealUse: line.default("行政许可专用章") }),
  issuedOn: day,
  /** Entries on the duplicate: `{ on: "2027-03-01", text: "经营者名称变更为…" }`. */
  changes: z
    .array(z.object({ on: day, text: line }))
    .max(MAX_CHANGES)
    .default([]),
  verification: z
    .object({ link: z.url().max(300), address: line })
    .transform((where) => ({ ...where, codeRows: codeRows(where.link) })),
  demonstration: z.boolean(),
});

/** What a caller gives for a food licence, before defaults. */
export type FoodLicenceData = z.input<typeof foodLicence>;

const MOUNT = "/licences";

/** `licence/food`. An operator who may use the national emblem gives its SVG; without it the slot stays empty. */
export function licenceKinds(options: { readonly emblemSvg?: string } = {}): readonly DocumentKind[] {
  const emblem = options.emblemSvg === undefined ? null : `${MOUNT}/emblem.svg`;
  return [
    {
      kind: "licence/food",
      main: `${MOUNT}/food-licence.typ`,
      sources: {
        ...readSources(import.meta.url, MOUNT, ["food-licence.typ", "guilloche.typ"]),
        ...(options.emblemSvg === undefined ? {} : { [`${MOUNT}/emblem.svg`]: options.emblemSvg }),
      },
      data: foodLicence.transform((licence) => ({ ...licence, emblem })),
    },
  ];
}
