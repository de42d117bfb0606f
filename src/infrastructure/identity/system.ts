import { defineSystem } from "#kernel/system/system";
import { identity } from "./contract.ts";
import { uses } from "./implement.ts";
import { accountsOf } from "./operations/accounts-of.ts";
import { actFor } from "./operations/act-for.ts";
import { addPasskey } from "./operations/add-passkey.ts";
import { askCodeAtSignIn } from "./operations/ask-code-at-sign-in.ts";
import { askRecovery } from "./operations/ask-recovery.ts";
import { beginGenerator } from "./operations/begin-generator.ts";
import { changePassword } from "./operations/change-password.ts";
import { checkRecovery } from "./operations/check-recovery.ts";
import { chooseEmailNotices } from "./operations/choose-email-notices.ts";
import { choosePost } from "./operations/choose-post.ts";
import { closeAccount } from "./operations/close-account.ts";
import { confirmEmail } from "./operations/confirm-email.ts";
import { confirmGenerator } from "./operations/confirm-generator.ts";
import { consentToClient } from "./operations/consent-to-client.ts";
import { createAccount } from "./operations/create-account.ts";
import { decidePower } from "./operations/decide-power.ts";
import { emailForNotices } from "./operations/email-for-notices.ts";
import { emailOfOfficial } from "./operations/email-of-official.ts";
import { endOtherSessions } from "./operations/end-other-sessions.ts";
import { endPower } from "./operations/end-power.ts";
import { findAccount } from "./operations/find-account.ts";
import { finishSignIn } from "./operations/finish-sign-in.ts";
import { giveEmail } from "./operations/give-email.ts";
import { giveGenerator } from "./operations/give-generator.ts";
import { giveRecoveryCodes } from "./operations/give-recovery-codes.ts";
import { grantPower } from "./operations/grant-power.ts";
import { listClients } from "./operations/list-clients.ts";
import { listSessions } from "./operations/list-sessions.ts";
import { myClients } from "./operations/my-clients.ts";
import { myEmail } from "./operations/my-email.ts";
import { myFactors } from "./operations/my-factors.ts";
import { myPowers } from "./operations/my-powers.ts";
import { openFactorOnNode } from "./operations/open-factor-on-node.ts";
import { openFirstFactor } from "./operations/open-first-factor.ts";
import { openOfficialsFactor } from "./operations/open-officials-factor.ts";
import { passkeyToAdd } from "./operations/passkey-to-add.ts";
import { passkeyToProve } from "./operations/passkey-to-prove.ts";
import { passkeyToSignIn } from "./operations/passkey-to-sign-in.ts";
import { pendingGenerator } from "./operations/pending-generator.ts";
import { powerOver } from "./operations/power-over.ts";
import { powerRequests } from "./operations/power-requests.ts";
import { proveByCode } from "./operations/prove-by-code.ts";
import { proveByPasskey } from "./operations/prove-by-passkey.ts";
import { recordPower } from "./operations/record-power.ts";
import { registerClient } from "./operations/register-client.ts";
import { removeEmail } from "./operations/remove-email.ts";
import { removeGenerator } from "./operations/remove-generator.ts";
import { removePasskey } from "./operations/remove-passkey.ts";
import { renewClientSecret } from "./operations/renew-client-secret.ts";
import { renewRecoveryCodes } from "./operations/renew-recovery-codes.ts";
import { resetPassword } from "./operations/reset-password.ts";
import { resumeClient } from "./operations/resume-client.ts";
import { signIn } from "./operations/sign-in.ts";
import { signInByPasskey } from "./operations/sign-in-by-passkey.ts";
import { signInUpstream } from "./operations/sign-in-upstream.ts";
import { signOut } from "./operations/sign-out.ts";
import { stopRecovery } from "./operations/stop-recovery.ts";
import { suspendClient } from "./operations/suspend-client.ts";
import { withdrawConsent } from "./operations/withdraw-consent.ts";

export default defineSystem(identity, {
  uses,
  migrations: new URL("./migrations/", import.meta.url),
  operations: {
    endPower,
    powerOver,
    myPowers,
    decidePower,
    powerRequests,
    recordPower,
    grantPower,
    signIn,
    finishSignIn,
    askCodeAtSignIn,
    signInUpstream,
    withdrawConsent,
    suspendClient,
    resumeClient,
    renewClientSecret,
    registerClient,
    myClients,
    listClients,
    consentToClient,
    signOut,
    listSessions,
    endOtherSessions,
    actFor,
    choosePost,
    changePassword,
    findAccount,
    accountsOf,
    createAccount,
    resetPassword,
    closeAccount,
    myEmail,
    giveEmail,
    confirmEmail,
    chooseEmailNotices,
    removeEmail,
    emailForNotices,
    emailOfOfficial,
    askRecovery,
    checkRecovery,
    giveRecoveryCodes,
    stopRecovery,
    openFactorOnNode,
    openFirstFactor,
    openOfficialsFactor,
    passkeyToSignIn,
    passkeyToProve,
    passkeyToAdd,
    addPasskey,
    removePasskey,
    proveByPasskey,
    signInByPasskey,
    myFactors,
    beginGenerator,
    pendingGenerator,
    confirmGenerator,
    removeGenerator,
    renewRecoveryCodes,
    proveByCode,
    giveGenerator,
  },
});
