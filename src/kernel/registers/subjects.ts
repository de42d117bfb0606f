import type { ObjectSchema } from "../contract/contract.ts";
import type { NotedSubject, OpenRegister } from "./register-store.ts";
import type { Value } from "./version.ts";

/** Whom a version is about: nobody, one, or each that the subject's attribute lists. */
export function subjectIds<S extends ObjectSchema>(
  register: OpenRegister<S>,
  key: string,
  value: Value,
): readonly string[] {
  const { kind, by = "key" } = register.declaration.subject;
  if (kind === "none") return [];
  if (by === "key") return [key];
  const named = value[by];
  if (Array.isArray(named)) return named.filter((each) => typeof each === "string");
  return typeof named === "string" ? [named] : [];
}

export function subjectsOf<S extends ObjectSchema>(
  register: OpenRegister<S>,
  key: string,
  value: Value,
): readonly NotedSubject[] {
  const { kind } = register.declaration.subject;
  if (kind === "none") return [];
  const attributes = Object.keys(value);
  return subjectIds(register, key, value).map((id) => ({ kind, id, attributes }));
}
