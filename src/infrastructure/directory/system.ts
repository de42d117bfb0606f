import { defineSystem } from "#kernel/system/system";
import { directory } from "./contract.ts";
import { appoint } from "./operations/appoint.ts";
import { createAuthority } from "./operations/create-authority.ts";
import { createDivision } from "./operations/create-division.ts";
import { createOfficial } from "./operations/create-official.ts";
import { createPost } from "./operations/create-post.ts";
import { delegate } from "./operations/delegate.ts";
import { divisions } from "./operations/divisions.ts";
import { endAppointment } from "./operations/end-appointment.ts";
import { endDelegation } from "./operations/end-delegation.ts";
import { findAuthority } from "./operations/find-authority.ts";
import { findDivision } from "./operations/find-division.ts";
import { findOfficial } from "./operations/find-official.ts";
import { findPost } from "./operations/find-post.ts";
import { holdersOf } from "./operations/holders-of.ts";
import { listAppointments } from "./operations/list-appointments.ts";
import { listAuthorities } from "./operations/list-authorities.ts";
import { listDelegations } from "./operations/list-delegations.ts";
import { listOfficials } from "./operations/list-officials.ts";
import { listPosts } from "./operations/list-posts.ts";
import { postsOf } from "./operations/posts-of.ts";

export default defineSystem(directory, {
  operations: {
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
