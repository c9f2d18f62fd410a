-- Values that a job needs and nobody may keep: passwords, one-time passwords. From the import on, `params` of the job
-- has a mark or a digest in their place, so it never changes; the value itself lies here until the job is taken or over.

CREATE TABLE secret_salt (
    id   INTEGER PRIMARY KEY CHECK (id = 1),
    salt TEXT    NOT NULL                       -- of this database, so that no list of digests fits two
) STRICT;
INSERT INTO secret_salt (id, salt) VALUES (1, lower(hex(randomblob(16))));

CREATE TABLE secret (
    job_id INTEGER NOT NULL REFERENCES job (id),
    name   TEXT    NOT NULL,                    -- of the field
    value  TEXT    NOT NULL,                    -- as it stood in the cell
    PRIMARY KEY (job_id, name)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER secret_comes_with_its_job
BEFORE INSERT ON secret
WHEN EXISTS (SELECT 1 FROM secret WHERE job_id = NEW.job_id AND name = NEW.name)
  OR NOT EXISTS (SELECT 1 FROM job WHERE id = NEW.job_id AND state = 'queued' AND attempts = 0)
BEGIN
    SELECT RAISE(ABORT, 'a secret comes with its job, and is not replaced');
END;

CREATE TRIGGER secret_keeps_its_content
BEFORE UPDATE ON secret
BEGIN
    SELECT RAISE(ABORT, 'a secret is removed, never changed');
END;

CREATE TRIGGER secret_stays_while_it_is_needed
BEFORE DELETE ON secret
WHEN EXISTS (SELECT 1 FROM job WHERE id = OLD.job_id AND state IN ('queued', 'sending', 'in_doubt'))
BEGIN
    SELECT RAISE(ABORT, 'its job may still be sent');
END;

CREATE TRIGGER secret_salt_stays_the_same
BEFORE UPDATE ON secret_salt
BEGIN
    SELECT RAISE(ABORT, 'the digests of the jobs rest on it');
END;

CREATE TRIGGER secret_salt_stays
BEFORE DELETE ON secret_salt
BEGIN
    SELECT RAISE(ABORT, 'the digests of the jobs rest on it');
END;
