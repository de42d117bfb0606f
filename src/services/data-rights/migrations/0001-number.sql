CREATE SCHEMA IF NOT EXISTS data_rights;

-- Numbers of objections; they go on from year to year.
CREATE SEQUENCE data_rights.objection_number;
