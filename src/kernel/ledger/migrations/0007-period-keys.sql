-- Keys of periods: contents of one month that are kept for so many years (`3y202611`). Beside the generation of data keys each content is sealed by
-- its period's key, and what has had its time is gone wherever a copy of it lies once that key is destroyed. So no backup takes these rows with it:
-- they are written into one file beside the backups, which is replaced each time (`node/backup/period-keys.ts`).
--
-- A key lies here once for each generation of data keys that is not destroyed: a backup has the generations of its day alone.
CREATE TABLE ledger.period_key (
  period text NOT NULL CHECK (period ~ '^[0-9]{1,3}y[0-9]{6}$'),
  generation text NOT NULL,
  sealed bytea NOT NULL,
  made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (period, generation)
);
