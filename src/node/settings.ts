/** Before the first authority is made, nobody keeps a room. */
export const NO_AUTHORITY = "00000000-0000-0000-0000-000000000000";
/** Which authority keeps which room, by the room's id; `*` for the rest. */
export const HOSTS_SETTING = "hosts";
/** Whether all that the node holds is invented. */
export const DEMONSTRATION_SETTING = "demonstration";
/** By which other nodes know this one; absent before it joined any. */
export const NODE_CODE_SETTING = "node-code";
/** In which zone the node lives: `intranet`, `extranet` or `internet`. */
export const ZONE_SETTING = "zone";
