/**
 * What a node's own server is started with, and what is measured. Modest: the machine also runs the node. Durability is
 * PostgreSQL's default: a commit is on disk before it is answered.
 */
export const CLUSTER_SETTINGS = Object.freeze({
  max_connections: "120",
  shared_buffers: "192MB",
  max_wal_size: "2GB",
  checkpoint_timeout: "15min",
  random_page_cost: "1.1",
  jit: "off",
  log_min_messages: "warning",
});
