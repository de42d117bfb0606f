/** Every limit of the edge, in one place. */

/** Registrations that one node has in force. */
export const REGISTRATIONS_MAX = 20_000;
/** A notification that was lost is made up for within this. */
export const LOOK_AGAIN_MS = 30_000;

/** Calls that are worked on at once; of one system. More are told to come back. */
export const CALLS_MAX = 128;
export const CALLS_OF_SYSTEM_MAX = 16;
/** Calls under way to one provider: a slow one keeps no more of the node than this. */
export const CALLS_TO_PROVIDER_MAX = 12;
/** Calls that a system may make at once of those that its minute gives. */
export const BURST_SECONDS = 10;
/** Of a system's minute, which all processes share, each takes as much out at a time; what it has not used in twice that is lost. */
export const LEASE_SECONDS = 1;
/** How often the database is asked about a minute that is used up. */
export const EMPTY_LOOK_MIN_MS = 100;
export const EMPTY_LOOK_MAX_MS = 10_000;

/** JSON is held whole, to be read: a request, or an answer. */
export const JSON_MAX_BYTES = 1024 * 1024;
/** What is not JSON streams by. */
export const BODY_MAX_BYTES = 2 * 1024 * 1024 * 1024;
/** Of a request line and headers, and of a provider's headers. */
export const HEADERS_MAX_BYTES = 16 * 1024;

/** Connections of strangers and systems together, and of one address: the rest stays free for others. */
export const CONNECTIONS_MAX = 512;
export const CONNECTIONS_OF_ADDRESS_MAX = 192;
export const HANDSHAKE_TIMEOUT_MS = 5_000;
export const HEADERS_TIMEOUT_MS = 5_000;
/** How often it is looked at who has taken longer. */
export const LATE_LOOK_INTERVAL_MS = 1_000;
/** A connection on which nothing moves. */
export const IDLE_TIMEOUT_MS = 30_000;
/** A request, from its first byte to its last: as long as the largest body may take. */
export const REQUEST_TIMEOUT_MS = 30 * 60_000;
export const KEEP_ALIVE_TIMEOUT_MS = 15_000;
export const REQUESTS_PER_CONNECTION_MAX = 1_000;

export const PROVIDER_CONNECT_TIMEOUT_MS = 5_000;
/** Until a provider begins to answer. */
export const PROVIDER_ANSWER_TIMEOUT_MS = 30_000;
/** From the request to the last byte of a provider's answer. */
export const PROVIDER_WHOLE_TIMEOUT_MS = 30 * 60_000;

/** JSON that is held whole has come by then: nobody keeps a place by sending it a byte at a time. */
export const HELD_BODY_TIMEOUT_MS = 30_000;
/** The code of an authority is no longer; what is cannot be one's. */
export const AUTHORITY_CODE_MAX = 40;
/** Authorities that `listClients` names. */
export const MEMBERS_MAX = 5_000;
/** What is in flight when the node stops may take so long. */
export const DRAIN_TIMEOUT_MS = 10_000;
