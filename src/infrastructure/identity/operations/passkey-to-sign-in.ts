import { implement } from "../implement.ts";
import { newChallenge } from "../passkey-challenge.ts";
import { requestOptions } from "../passkey-options.ts";

export const passkeyToSignIn = implement("passkeyToSignIn", async (ctx) => {
  return { options: requestOptions(newChallenge(ctx.secrets, "sign-in", ctx.now)) };
});
