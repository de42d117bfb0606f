import { z } from "zod";
import { field } from "#kernel/contract/field";
import { text } from "#lib/language/text";

export const SIGN_IN_NAME_LENGTH_MIN = 3;
export const SIGN_IN_NAME_LENGTH_MAX = 60;

/** One form for one name: whoever types it in capitals or full width means the same account. */
export function normaliseSignInName(name: string): string {
  return name.normalize("NFKC").trim().toLowerCase();
}

/** A sign-in name as it is given to a new account. */
export const SignInName = field(
  z
    .string()
    .max(2 * SIGN_IN_NAME_LENGTH_MAX)
    .transform(normaliseSignInName)
    .pipe(
      z
        .string()
        .min(SIGN_IN_NAME_LENGTH_MIN)
        .max(SIGN_IN_NAME_LENGTH_MAX)
        .regex(/^[\p{L}\p{N}][\p{L}\p{N}._@-]+$/u),
    ),
  { title: text("登录名", "Sign-in name"), lookup: "unique" },
);
