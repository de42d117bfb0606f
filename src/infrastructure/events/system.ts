import { events } from "#infrastructure/events";
import { defineSystem } from "#kernel/system/system";
import { acknowledge } from "./operations/acknowledge.ts";
import { admit } from "./operations/admit.ts";
import { beginFollowing } from "./operations/begin-following.ts";
import { changeSubscription } from "./operations/change-subscription.ts";
import { defineType } from "./operations/define-type.ts";
import { discardDead } from "./operations/discard-dead.ts";
import { dismiss } from "./operations/dismiss.ts";
import { endFollowing } from "./operations/end-following.ts";
import { findEvent } from "./operations/find-event.ts";
import { follow } from "./operations/follow.ts";
import { forward } from "./operations/forward.ts";
import { listDeadLetters } from "./operations/list-dead-letters.ts";
import { listFollowed } from "./operations/list-followed.ts";
import { listQueues } from "./operations/list-queues.ts";
import { listRooms } from "./operations/list-rooms.ts";
import { listSubscriptions } from "./operations/list-subscriptions.ts";
import { listTypes } from "./operations/list-types.ts";
import { openRoom } from "./operations/open-room.ts";
import { publish } from "./operations/publish.ts";
import { pull } from "./operations/pull.ts";
import { receive } from "./operations/receive.ts";
import { rejectEvent } from "./operations/reject-event.ts";
import { removeType } from "./operations/remove-type.ts";
import { replay } from "./operations/replay.ts";
import { replayDead } from "./operations/replay-dead.ts";
import { setPaused } from "./operations/set-paused.ts";
import { stopEvent } from "./operations/stop-event.ts";
import { subscribe } from "./operations/subscribe.ts";
import { unfollow } from "./operations/unfollow.ts";
import { unsubscribe } from "./operations/unsubscribe.ts";

export default defineSystem(events, {
  migrations: new URL("./migrations/", import.meta.url),
  operations: {
    openRoom,
    listRooms,
    admit,
    dismiss,
    defineType,
    removeType,
    listTypes,
    publish,
    findEvent,
    stopEvent,
    subscribe,
    listSubscriptions,
    changeSubscription,
    unsubscribe,
    pull,
    acknowledge,
    rejectEvent,
    listQueues,
    listDeadLetters,
    replayDead,
    discardDead,
    replay,
    setPaused,
    receive,
    forward,
    follow,
    unfollow,
    listFollowed,
    beginFollowing,
    endFollowing,
  },
});
