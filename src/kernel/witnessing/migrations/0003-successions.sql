-- How the key of a log that this node vouches for was followed by another (decision 0040), as signed notes, in the order of the log. Kept with
-- what was vouched for: a key that was followed signs nothing above, and is followed once.
ALTER TABLE witnessing.seen_checkpoint
  ADD COLUMN successions text[] NOT NULL DEFAULT '{}' CHECK (cardinality(successions) <= 64);

CREATE OR REPLACE FUNCTION witnessing.refuse_two_views() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF NEW.origin = OLD.origin AND (NEW.size > OLD.size OR (NEW.size = OLD.size AND NEW.root = OLD.root))
       AND coalesce(NEW.successions[1:cardinality(OLD.successions)], '{}') = OLD.successions THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION 'a witness does not forget what it vouched for: %', OLD.origin USING ERRCODE = 'integrity_constraint_violation';
END $$;
