-- A database that was put back from a backup, or copied, does not know what was sent since. A mark beside
-- the file (src/store/mark.h) tells; and what may have been sent is then looked up before it is sent.

CREATE TABLE identity (
    only   INTEGER PRIMARY KEY CHECK (only = 1),
    uuid   TEXT    NOT NULL,
    marked INTEGER NOT NULL DEFAULT 0 CHECK (marked IN (0, 1)) -- a mark has been written for it
) STRICT;
INSERT INTO identity (only, uuid) VALUES (1, lower(hex(randomblob(16))));

-- Each time that a person accepted such a file.
CREATE TABLE restore (
    id          INTEGER PRIMARY KEY,
    found       TEXT    NOT NULL,               -- what was wrong with it
    since       INTEGER NOT NULL,               -- the last thing that the file knows of
    until       INTEGER NOT NULL,               -- the last thing that is known to have happened
    accepted_by TEXT    NOT NULL,               -- system user
    accepted_at INTEGER NOT NULL
) STRICT;

-- Batches that were taken in meanwhile. Until each has come back, or is struck off here, whatever is
-- imported is looked up first.
CREATE TABLE lost_batch (
    name       TEXT    PRIMARY KEY,
    restore_id INTEGER NOT NULL REFERENCES restore (id)
) STRICT, WITHOUT ROWID;

-- It may have been sent between `since` and `until` of this restore: it is in doubt as soon as it could start.
ALTER TABLE job ADD COLUMN suspect INTEGER REFERENCES restore (id);
CREATE INDEX job_suspect ON job (ready) WHERE suspect IS NOT NULL;

CREATE TRIGGER restore_keeps_its_content BEFORE UPDATE ON restore
BEGIN
    SELECT RAISE(ABORT, 'restores are append-only');
END;
CREATE TRIGGER restore_stays BEFORE DELETE ON restore
BEGIN
    SELECT RAISE(ABORT, 'restores are append-only');
END;
CREATE TRIGGER restore_is_not_replaced BEFORE INSERT ON restore
WHEN EXISTS (SELECT 1 FROM restore WHERE id = NEW.id)
BEGIN
    SELECT RAISE(ABORT, 'restores are append-only');
END;

CREATE TRIGGER job_is_not_sent_as_a_suspect
BEFORE INSERT ON attempt
WHEN NEW.closed_at IS NULL AND (SELECT suspect FROM job WHERE id = NEW.job_id) IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'it may have been sent before the database was put back: look it up first');
END;

-- Batches that a restore lost and that have not come back.
CREATE VIEW lost_batches AS
SELECT l.name, strftime('%Y-%m-%dT%H:%M:%fZ', r.accepted_at / 1000.0, 'unixepoch') AS missed_at
FROM lost_batch l JOIN restore r ON r.id = l.restore_id
WHERE NOT EXISTS (SELECT 1 FROM batch b WHERE b.name = l.name)
ORDER BY l.name;
