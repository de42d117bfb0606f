-- A foreign system is recorded with the node at whose edge it is.
ALTER TABLE catalogue.use DROP CONSTRAINT use_system_check, ADD CONSTRAINT use_system_check CHECK (length(system) <= 400);
