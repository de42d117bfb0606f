import type { z } from "zod";
import type { Entry } from "#kernel/registers/handle";
import type { Person } from "./registers.ts";

/** What a case may know of a person: neither ethnicity nor household. */
export function forCase({ key, value }: Entry<z.output<typeof Person>>) {
  const { name, documentKind, documentNumber, sex, birthDate, nationality, division, address, mobile, lifeStatus } =
    value;
  return {
    id: key,
    name,
    documentKind,
    documentNumber,
    sex,
    birthDate,
    nationality,
    division,
    address,
    ...(mobile !== undefined && { mobile }),
    lifeStatus,
  };
}
