-- Of each log that this node vouches for: the newest checkpoint that it cosigned. The next one must continue it.
CREATE TABLE witnessing.seen_checkpoint (
  origin text PRIMARY KEY CHECK (length(origin) BETWEEN 1 AND 200),
  size bigint NOT NULL CHECK (size >= 0),
  root bytea NOT NULL CHECK (length(root) = 32),
  note text NOT NULL CHECK (length(note) BETWEEN 1 AND 100000),
  at timestamptz NOT NULL
);

-- Whatever a program does: no log becomes shorter, gets another tree of one size, or is forgotten. After that two views could be cosigned.
CREATE FUNCTION witnessing.refuse_two_views() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF NEW.origin = OLD.origin AND (NEW.size > OLD.size OR (NEW.size = OLD.size AND NEW.root = OLD.root)) THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION 'a witness does not forget what it vouched for: %', OLD.origin USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER seen_checkpoint_stays BEFORE UPDATE OR DELETE ON witnessing.seen_checkpoint
  FOR EACH ROW EXECUTE FUNCTION witnessing.refuse_two_views();
