/** A form without files, or an API body. */
export const MAX_BODY_BYTES = 1024 * 1024;
/** All parts of an upload together may be this much larger than the page's own limit. */
export const UPLOAD_OVERHEAD_BYTES = 256 * 1024;
/** The files of one form together: they are held in memory while they are checked. */
export const MAX_UPLOAD_TOTAL_BYTES = 50 * 1024 * 1024;
export const MAX_UPLOAD_FILES = 10;
export const MAX_FILE_NAME_CHARACTERS = 200;
export const MAX_FIELDS = 300;
export const MAX_FIELD_BYTES = 100_000;
export const MAX_URL_CHARACTERS = 4096;
export const MAX_HEADER_BYTES = 16 * 1024;
/** From the first byte of a request to its last. */
export const REQUEST_TIMEOUT_MS = 30_000;
export const HEADERS_TIMEOUT_MS = 10_000;
/** How often connections are looked at for the two above: a request may take so much longer. */
export const CONNECTIONS_CHECK_MS = 1_000;
export const KEEP_ALIVE_TIMEOUT_MS = 5_000;
/** Requests under way at once before others are told to come back. */
export const MAX_CONCURRENT_REQUESTS = 500;
/** Of these, on one connection: whoever sends many and reads no answer holds up nobody else. */
export const MAX_REQUESTS_PER_CONNECTION = 16;
/** A connection on which nothing moves for so long is closed, also in the middle of an answer that nobody reads. */
export const CONNECTION_IDLE_TIMEOUT_MS = 60_000;
/** After how long they are told to come back. */
export const RETRY_AFTER_SECONDS = 2;
/** How long what is in flight may take when the node stops. */
export const DRAIN_TIMEOUT_MS = 10_000;
