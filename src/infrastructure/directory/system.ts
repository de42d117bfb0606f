import { defineSystem } from "#kernel/system/system";
import { directory } from "./contract.ts";
import { admitNode } from "./operations/admit-node.ts";
import { appoint } from "./operations/appoint.ts";
import { approvedJoinings } from "./operations/approved-joinings.ts";
import { createAuthority } from "./operations/create-authority.ts";
import { createDivision } from "./operations/create-division.ts";
import { createOfficial } from "./operations/create-official.ts";
import { createPost } from "./operations/create-post.ts";
import { decideDirectoryChange } from "./operations/decide-directory-change.ts";
import { decideJoining } from "./operations/decide-joining.ts";
import { delegate } from "./operations/delegate.ts";
import { divisions } from "./operations/divisions.ts";
import { endAppointment } from "./operations/end-appointment.ts";
import { endDelegation } from "./operations/end-delegation.ts";
import { enterDirectory } from "./operations/enter-directory.ts";
import { findAuthority } from "./operations/find-authority.ts";
import { findDivision } from "./operations/find-division.ts";
import { findJoining } from "./operations/find-joining.ts";
import { findOfficial } from "./operations/find-official.ts";
import { findPost } from "./operations/find-post.ts";
import { foundDirectory } from "./operations/found-directory.ts";
import { holdersOf } from "./operations/holders-of.ts";
import { judgeNotice } from "./operations/judge-notice.ts";
import { listAppointments } from "./operations/list-appointments.ts";
import { listAuthorities } from "./operations/list-authorities.ts";
import { listDelegations } from "./operations/list-delegations.ts";
import { listDirectoryChanges } from "./operations/list-directory-changes.ts";
import { listJoinings } from "./operations/list-joinings.ts";
import { listNodes } from "./operations/list-nodes.ts";
import { listOfficials } from "./operations/list-officials.ts";
import { listPosts } from "./operations/list-posts.ts";
import { postsOf } from "./operations/posts-of.ts";
import { proposeAddressChange } from "./operations/propose-address-change.ts";
import { proposeAuthorityMerger } from "./operations/propose-authority-merger.ts";
import { proposeCertificateStrike } from "./operations/propose-certificate-strike.ts";
import { proposeDivisionChange } from "./operations/propose-division-change.ts";
import { proposeJoining } from "./operations/propose-joining.ts";
import { proposeNodeLeave } from "./operations/propose-node-leave.ts";
import { proposeRoomMove } from "./operations/propose-room-move.ts";
import { receiveJoining } from "./operations/receive-joining.ts";
import { receiveNotice } from "./operations/receive-notice.ts";
import { renewPart } from "./operations/renew-part.ts";
import { renewalDue } from "./operations/renewal-due.ts";
import { takeParts } from "./operations/take-parts.ts";

export default defineSystem(directory, {
  migrations: new URL("./migrations/", import.meta.url),
  operations: {
    listNodes,
    listJoinings,
    listDirectoryChanges,
    proposeJoining,
    decideJoining,
    proposeRoomMove,
    proposeNodeLeave,
    proposeAuthorityMerger,
    proposeDivisionChange,
    proposeCertificateStrike,
    proposeAddressChange,
    decideDirectoryChange,
    foundDirectory,
    receiveJoining,
    findJoining,
    approvedJoinings,
    admitNode,
    receiveNotice,
    enterDirectory,
    takeParts,
    renewPart,
    judgeNotice,
    renewalDue,
    findAuthority,
    listAuthorities,
    findPost,
    listPosts,
    findOfficial,
    listOfficials,
    postsOf,
    holdersOf,
    listAppointments,
    listDelegations,
    divisions,
    findDivision,
    createDivision,
    createAuthority,
    createPost,
    createOfficial,
    appoint,
    endAppointment,
    delegate,
    endDelegation,
  },
});
