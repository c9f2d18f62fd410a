-- Who did what, when: each row is sealed with the one before it (src/store/audit.h says how), and `remesa audit` looks
-- whether all of it still holds.
CREATE TABLE audit (
    id      INTEGER PRIMARY KEY,                -- 1, 2, ... without gaps
    at      INTEGER NOT NULL,
    who     TEXT    NOT NULL,                   -- system user; 'root (sudo: ana)' for one who became another
    what    TEXT    NOT NULL,
    subject TEXT    NOT NULL,                   -- a batch, a ref, a run
    detail  TEXT    NOT NULL,                   -- JSON
    prev    TEXT    NOT NULL,                   -- the hash of the row before
    hash    TEXT    NOT NULL
) STRICT;

CREATE TRIGGER audit_keeps_its_content BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit trail is append-only');
END;
CREATE TRIGGER audit_stays BEFORE DELETE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit trail is append-only');
END;
CREATE TRIGGER audit_goes_on_at_its_end BEFORE INSERT ON audit
WHEN NEW.id <> coalesce((SELECT max(id) FROM audit), 0) + 1
  OR NEW.prev <> coalesce((SELECT hash FROM audit ORDER BY id DESC LIMIT 1), NEW.prev)
BEGIN
    SELECT RAISE(ABORT, 'the audit trail is append-only');
END;

-- What had happened before there was a trail, and it cannot tell of. Its first row says the same.
CREATE TABLE audit_before (
    only     INTEGER PRIMARY KEY CHECK (only = 1),
    batch    INTEGER NOT NULL,                  -- the highest ids
    decision INTEGER NOT NULL,
    run      INTEGER NOT NULL,
    hold     INTEGER NOT NULL,
    api      TEXT                               -- the binding
) STRICT;
INSERT INTO audit_before
SELECT 1, coalesce((SELECT max(id) FROM batch), 0), coalesce((SELECT max(id) FROM decision), 0),
       coalesce((SELECT max(id) FROM run), 0), coalesce((SELECT max(id) FROM hold), 0), (SELECT api FROM binding);
