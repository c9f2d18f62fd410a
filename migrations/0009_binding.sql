-- A database belongs to one API: that of its first run. Jobs of a rehearsal must not go to production, nor the other
-- way round (src/store/binding.h).
CREATE TABLE binding (
    only     INTEGER PRIMARY KEY CHECK (only = 1),
    api      TEXT    NOT NULL,                  -- scheme://host:port/path, or 'loopback': a sandbox on this machine
    bound_at INTEGER NOT NULL,
    bound_by TEXT    NOT NULL                   -- system user
) STRICT;

CREATE TRIGGER binding_keeps_its_content BEFORE UPDATE ON binding
BEGIN
    SELECT RAISE(ABORT, 'a database stays bound to its API: use another one');
END;
CREATE TRIGGER binding_stays BEFORE DELETE ON binding
BEGIN
    SELECT RAISE(ABORT, 'a database stays bound to its API: use another one');
END;
CREATE TRIGGER binding_is_not_replaced BEFORE INSERT ON binding
WHEN EXISTS (SELECT 1 FROM binding)
BEGIN
    SELECT RAISE(ABORT, 'a database stays bound to its API: use another one');
END;
