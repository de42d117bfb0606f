/** Every limit of the exchange, in one place. */

/** Calls, or answers, in one frame. */
export const FRAME_MAX_MESSAGES = 256;
/** The body of a frame. A frame closes before it would be longer. */
export const FRAME_MAX_BYTES = 4 * 1024 * 1024;
/** A frame that has as much takes no more along: what comes next need not wait for it to be on the wire. */
export const FRAME_ENOUGH_BYTES = 512 * 1024;
/** One call. */
export const CALL_MAX_BYTES = 1024 * 1024;
/** One answer: a page of a list. What is longer travels as a file. */
export const ANSWER_MAX_BYTES = 4 * 1024 * 1024 - 1024;
/** Whom one answer may tell of; a caller of lists asks for shorter pages. */
export const ANSWER_MAX_SUBJECTS = 1_000;
/** The head of one answer frame, or the fields of a request. */
export const HEAD_MAX_BYTES = 16 * 1024;

/** From when a frame was signed until it is too late for it. */
export const FRAME_LIFETIME_SECONDS = 60;
/** By how much the clocks of two nodes may differ. A node that is further off is told so. */
export const CLOCK_TOLERANCE_SECONDS = 120;

/** A frame that only asks is on the record with the first of its answers, or after this. */
export const FRAME_KEPT_WITHIN_MS = 100;

/** How long a caller waits for an answer. */
export const CALL_TIMEOUT_MS = 30_000;
/** How long a peer may take to say that it has a frame. */
export const FRAME_TIMEOUT_MS = 10_000;
export const CONNECT_TIMEOUT_MS = 5_000;
/** How often a stream of answers says that it is there, and how long its reader waits for that. */
export const HEARTBEAT_MS = 5_000;
export const SILENCE_MAX_MS = 16_000;

/** Frames on their way to one peer: the next one gathers what comes meanwhile. */
export const FRAMES_UNDER_WAY = 2;
/** Calls to one peer that are not answered yet. */
export const PEER_WINDOW_CALLS = 512;
/** Of these, how many one client may have: while it is alone, and while others ask as well, who then find little in front of them. */
export const CLIENT_WINDOW_CALLS = 384;
export const CLIENT_WINDOW_BESIDE_CALLS = 24;
/** For how long one who asked counts as there. */
export const PRESENT_MS = 10_000;
/** Calls to one peer that wait for their turn; of one client. More are told to come back. */
export const PEER_QUEUE_CALLS = 8_192;
export const CLIENT_QUEUE_CALLS = 2_048;
/** Whoever is over his bound is told so after this, so that asking again and again costs the node little; for so many at once. */
export const FULL_PAUSE_MS = 250;
export const FULL_PAUSED_MAX = 16_384;

/** Calls of other nodes that are worked on at once; of one node. */
export const PERFORMING_MAX = 48;
export const PERFORMING_OF_PEER_MAX = 36;
/** Of one client of a node, which leaves others some of the connections to the database; while others ask as well. */
export const PERFORMING_OF_CLIENT_MAX = 16;
export const PERFORMING_OF_CLIENT_BESIDE_MAX = 8;
/** Calls that wait to be worked on, of one node and of all. A frame beyond is refused as a whole. */
export const PEER_WAITING_MAX = 2_048;
export const WAITING_MAX = 4 * PEER_WAITING_MAX;
/** Frames of one node whose calls are not all over, and answers that it has not come for. */
export const PEER_HELD_MAX_BYTES = 64 * 1024 * 1024;

/** After so many failures in a row a peer is left alone for a while, which doubles up to the longest. */
export const CIRCUIT_FAILURES = 3;
export const CIRCUIT_FIRST_PAUSE_MS = 500;
export const CIRCUIT_LONGEST_PAUSE_MS = 30_000;

/** Connections of strangers and peers together, and of one address: the rest stays free for others. */
export const CONNECTIONS_MAX = 512;
export const CONNECTIONS_OF_ADDRESS_MAX = 192;
/** A connection that shows no certificate we know within this is closed. */
export const HANDSHAKE_TIMEOUT_MS = 5_000;
export const HEADERS_TIMEOUT_MS = 5_000;
export const REQUEST_TIMEOUT_MS = 15_000;
export const KEEP_ALIVE_TIMEOUT_MS = 60_000;
/** Links of one peer: one for each of its processes. */
export const PEER_LINKS_MAX = 16;
/** Answers that wait for a stream of their link to come back. */
export const LINK_WAITING_MAX = 4_096;
/** A link without a stream is forgotten after this; whoever asked has given up. */
export const LINK_FORGOTTEN_MS = 60_000;

/** Rows in one transaction of the journal. */
export const JOURNAL_MAX_ROWS = 512;

/** Files that are promised to other nodes at once, and for how long. */
export const OFFERS_MAX = 10_000;
export const OFFER_MS = 24 * 3_600_000;
/** Files on their way to one node at once. */
export const FILE_STREAMS_OF_PEER = 8;
/** Tries in a row that bring nothing, and the wait between two. */
export const FILE_ATTEMPTS = 8;
export const FILE_RETRY_MS = 250;
