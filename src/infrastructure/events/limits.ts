/** Deliveries on their way to one subscriber; the rest stays in the log until there is room. */
export const WINDOW = 1_000;
/** Dead letters and what they hold up: with more of them, a subscription gets nothing new until someone has dealt with them. */
export const MAX_SET_ASIDE = 10_000;
/** Events that one round takes out of the outbox. */
export const ROUND_EVENTS = 1_000;
/** Events of one subscription that are pushed in one go. */
export const BATCH_EVENTS = 100;
/** How often an event that its receiver does not take is offered before it becomes a dead letter. */
export const MAX_ATTEMPTS = 10;
/** Between two attempts: e, e² … seconds. */
export const MAX_RETRY_MS = 3_600_000;
/** A subscriber that cannot be reached is tried again after so long at most. */
export const MAX_OUTAGE_RETRY_MS = 300_000;
/** Subscriptions that are pushed at the same time. */
export const PUSH_CONCURRENCY = 16;
/** Lanes of one subscription that are pushed beside each other. */
export const PUSH_LANES = 8;
/** How long a system may take over one event. */
export const PUSH_TIMEOUT_MS = 10_000;
/** How often work is looked for that no notification announced, such as an attempt that falls due. */
export const POLL_INTERVAL_MS = 1_000;
/** How long the distribution waits after the database did not answer, and for another process to give it up. */
export const RETRY_INTERVAL_MS = 1_000;
/** Rooms of a node, types and participants of a room, subscriptions of a node. */
export const MAX_ROOMS = 10_000;
export const MAX_TYPES = 1_000;
export const MAX_PARTICIPANTS = 1_000;
export const MAX_SUBSCRIPTIONS = 10_000;
