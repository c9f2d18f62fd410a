-- The schema of remesa's database. Tables are ours to change; the views at the end are the contract.
-- Times are milliseconds since 1970 in UTC; amounts are integers in the currency's smallest unit.

-- ---- what was imported ------------------------------------------------------------------------------

CREATE TABLE batch (
    id          INTEGER PRIMARY KEY,
    name        TEXT    NOT NULL UNIQUE,
    source      TEXT    NOT NULL,               -- the file it came from
    sha256      TEXT    NOT NULL,               -- over the canonical rows of its jobs, in order
    jobs        INTEGER NOT NULL,
    imported_at INTEGER NOT NULL,
    imported_by TEXT    NOT NULL                -- system user
) STRICT;

CREATE TABLE batch_money (
    batch_id INTEGER NOT NULL REFERENCES batch (id),
    currency TEXT    NOT NULL,
    places   INTEGER NOT NULL,                  -- digits after the point
    unit     INTEGER NOT NULL,                  -- 10 to the power of places
    declared INTEGER,                           -- what the operator said it would be, if anything
    imported INTEGER NOT NULL,
    PRIMARY KEY (batch_id, currency)
) STRICT, WITHOUT ROWID;

-- ---- jobs -------------------------------------------------------------------------------------------

-- The allowed moves; src/model/job.c holds the same pairs, and a test compares them.
CREATE TABLE job_move (
    from_state TEXT NOT NULL,
    to_state   TEXT NOT NULL,
    PRIMARY KEY (from_state, to_state)
) STRICT, WITHOUT ROWID;

INSERT INTO job_move (from_state, to_state) VALUES
    ('queued', 'sending'), ('queued', 'failed'), ('queued', 'skipped'), ('queued', 'cancelled'),
    ('sending', 'queued'), ('sending', 'following'), ('sending', 'in_doubt'),
    ('sending', 'succeeded'), ('sending', 'failed'),
    ('following', 'succeeded'), ('following', 'failed'),
    ('in_doubt', 'queued'), ('in_doubt', 'following'), ('in_doubt', 'succeeded'), ('in_doubt', 'failed'),
    ('failed', 'queued'), ('skipped', 'queued'), ('cancelled', 'queued');

CREATE TABLE job (
    id           INTEGER PRIMARY KEY,
    batch_id     INTEGER NOT NULL REFERENCES batch (id),
    line         INTEGER NOT NULL,              -- of its source
    ref          TEXT    NOT NULL UNIQUE,
    action       TEXT    NOT NULL,
    on_behalf_of TEXT,                          -- ref or #id; also the lane: one at a time, in order
    needs        TEXT    NOT NULL,              -- refs, sorted, separated by blanks
    params       TEXT    NOT NULL,              -- a flat JSON object of texts, sorted
    currency     TEXT,
    minor        INTEGER CHECK (minor > 0),
    state        TEXT    NOT NULL DEFAULT 'queued'
                 CHECK (state IN ('queued', 'sending', 'following', 'in_doubt',
                                  'succeeded', 'failed', 'skipped', 'cancelled')),
    unmet        INTEGER NOT NULL DEFAULT 0 CHECK (unmet >= 0), -- needs that have not succeeded yet
    ready        INTEGER NOT NULL DEFAULT 0,    -- nothing unmet, and its lane's turn
    due_at       INTEGER NOT NULL DEFAULT 0,    -- not before; 0: at once
    attempts     INTEGER NOT NULL DEFAULT 0,
    remote_id    TEXT,
    remote_state TEXT,                          -- the API's own word
    answer       TEXT,                          -- the resource as the API gave it, JSON
    http_status  INTEGER,
    request_id   TEXT,
    error        TEXT,
    finished_at  INTEGER,
    CHECK ((currency IS NULL) = (minor IS NULL))
) STRICT;

-- What may start now, in order: first what was never tried, by the order of import.
CREATE INDEX job_ready ON job (due_at) WHERE state = 'queued' AND ready = 1;
-- Who is next in a lane, and the promise that only one of a lane has its turn.
CREATE INDEX job_lane_waiting ON job (on_behalf_of, unmet)
    WHERE state = 'queued' AND ready = 0 AND on_behalf_of IS NOT NULL;
CREATE UNIQUE INDEX job_lane_turn ON job (on_behalf_of)
    WHERE ready = 1 AND on_behalf_of IS NOT NULL;
CREATE INDEX job_batch ON job (batch_id, state);

CREATE TABLE need (
    job_id    INTEGER NOT NULL REFERENCES job (id),
    needed_id INTEGER NOT NULL REFERENCES job (id),
    PRIMARY KEY (job_id, needed_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX need_by_needed ON need (needed_id, job_id);

-- ---- runs and attempts ------------------------------------------------------------------------------

CREATE TABLE run (
    id          INTEGER PRIMARY KEY,
    program     TEXT    NOT NULL,
    base_url    TEXT    NOT NULL,
    host        TEXT    NOT NULL,
    pid         INTEGER NOT NULL,
    started_at  INTEGER NOT NULL,
    ended_at    INTEGER,                        -- NULL: running, or it died
    exit_status INTEGER
) STRICT;

-- One HTTP request made for a job: here before it leaves, closed with what it came to.
CREATE TABLE attempt (
    id             INTEGER PRIMARY KEY,
    job_id         INTEGER NOT NULL REFERENCES job (id),
    number         INTEGER NOT NULL,            -- 1, 2, ... of its job
    run_id         INTEGER NOT NULL REFERENCES run (id),
    opened_at      INTEGER NOT NULL,
    closed_at      INTEGER,
    outcome        TEXT CHECK (outcome IN ('accepted', 'rejected', 'rejected_systemic', 'not_processed',
                                           'not_sent', 'in_doubt')),
    sends          INTEGER,                     -- times it was let onto the wire: 0 means never
    http_status    INTEGER,
    transport_code INTEGER,                     -- libcurl's CURLcode
    elapsed_us     INTEGER,
    request_id     TEXT,
    error          TEXT,
    UNIQUE (job_id, number),
    CHECK ((closed_at IS NULL) = (outcome IS NULL))
) STRICT;
CREATE UNIQUE INDEX attempt_open ON attempt (job_id) WHERE closed_at IS NULL;

-- ---- the way in for other programs ------------------------------------------------------------------

-- Any program may INSERT here, with the engine running or not. Good rows become jobs and leave; bad
-- ones stay with `problem` filled in: mend them and set problem = NULL.
CREATE TABLE inbox (
    id           INTEGER PRIMARY KEY,
    ref          TEXT,
    action       TEXT,
    on_behalf_of TEXT,
    needs        TEXT,
    params       TEXT,                          -- a JSON object
    problem      TEXT,
    added_at     TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
) STRICT;
CREATE INDEX inbox_new ON inbox (id) WHERE problem IS NULL;

-- ---- promises that hold for the sqlite3 shell too ---------------------------------------------------

CREATE TRIGGER job_moves_by_the_table
BEFORE UPDATE OF state ON job
WHEN NEW.state <> OLD.state
BEGIN
    SELECT CASE
        WHEN NOT EXISTS (SELECT 1 FROM job_move WHERE from_state = OLD.state AND to_state = NEW.state)
            THEN RAISE(ABORT, 'this move between job states is not allowed (table job_move)')
        WHEN NEW.state = 'sending'
         AND NOT EXISTS (SELECT 1 FROM attempt WHERE job_id = NEW.id AND closed_at IS NULL)
            THEN RAISE(ABORT, 'a job is sending only while an attempt of it is open')
        WHEN OLD.state = 'sending'
         AND EXISTS (SELECT 1 FROM attempt WHERE job_id = NEW.id AND closed_at IS NULL)
            THEN RAISE(ABORT, 'close the open attempt of the job first')
        END;
END;

CREATE TRIGGER job_keeps_its_content
BEFORE UPDATE OF id, batch_id, line, ref, action, on_behalf_of, needs, params, currency, minor ON job
BEGIN
    SELECT RAISE(ABORT, 'a job keeps what was imported; import another one with a ref of its own');
END;

CREATE TRIGGER job_stays
BEFORE DELETE ON job
BEGIN
    SELECT RAISE(ABORT, 'jobs are kept: a ref is unique for ever');
END;

-- REPLACE deletes without asking the triggers above, so it must not find what to replace.
CREATE TRIGGER job_is_not_replaced
BEFORE INSERT ON job
WHEN EXISTS (SELECT 1 FROM job WHERE ref = NEW.ref) OR EXISTS (SELECT 1 FROM job WHERE id = NEW.id)
BEGIN
    SELECT RAISE(ABORT, 'jobs are kept: a ref is unique for ever');
END;

CREATE TRIGGER job_begins_at_the_beginning
BEFORE INSERT ON job
WHEN NEW.state <> 'queued' OR NEW.attempts <> 0 OR NEW.ready <> 0
BEGIN
    SELECT RAISE(ABORT, 'a new job is queued and has no attempts');
END;

CREATE TRIGGER attempt_is_not_replaced
BEFORE INSERT ON attempt
WHEN EXISTS (SELECT 1 FROM attempt WHERE id = NEW.id)
  OR EXISTS (SELECT 1 FROM attempt WHERE job_id = NEW.job_id
             AND (number >= NEW.number OR closed_at IS NULL))
BEGIN
    SELECT RAISE(ABORT, 'attempts are append-only, and only one of a job may be open');
END;

CREATE TRIGGER attempt_keeps_its_content
BEFORE UPDATE ON attempt
WHEN OLD.closed_at IS NOT NULL OR NEW.id <> OLD.id OR NEW.job_id <> OLD.job_id
  OR NEW.number <> OLD.number OR NEW.run_id <> OLD.run_id OR NEW.opened_at <> OLD.opened_at
BEGIN
    SELECT RAISE(ABORT, 'attempts are append-only');
END;

CREATE TRIGGER attempt_stays
BEFORE DELETE ON attempt
BEGIN
    SELECT RAISE(ABORT, 'attempts are append-only');
END;

-- ---- views: the contract ----------------------------------------------------------------------------

CREATE VIEW results AS
SELECT b.name AS batch, j.ref, j.action, j.on_behalf_of, j.state, j.remote_id, j.remote_state,
       j.http_status, j.error, j.attempts, j.request_id,
       strftime('%Y-%m-%dT%H:%M:%fZ', j.finished_at / 1000.0, 'unixepoch') AS finished_at
FROM job j JOIN batch b ON b.id = j.batch_id
ORDER BY j.id;

CREATE VIEW progress AS
SELECT b.name AS batch, b.jobs AS total,
       (SELECT count(*) FROM job WHERE batch_id = b.id AND state = 'queued')    AS queued,
       (SELECT count(*) FROM job WHERE batch_id = b.id AND state = 'sending')   AS sending,
       (SELECT count(*) FROM job WHERE batch_id = b.id AND state = 'following') AS following,
       (SELECT count(*) FROM job WHERE batch_id = b.id AND state = 'in_doubt')  AS in_doubt,
       (SELECT count(*) FROM job WHERE batch_id = b.id AND state = 'succeeded') AS succeeded,
       (SELECT count(*) FROM job WHERE batch_id = b.id AND state = 'failed')    AS failed,
       (SELECT count(*) FROM job WHERE batch_id = b.id AND state = 'skipped')   AS skipped,
       (SELECT count(*) FROM job WHERE batch_id = b.id AND state = 'cancelled') AS cancelled
FROM batch b
ORDER BY b.id;

CREATE VIEW failures AS
SELECT batch, ref, action, on_behalf_of, state, error, http_status, attempts, request_id, finished_at
FROM results
WHERE state IN ('failed', 'skipped');

CREATE VIEW doubts AS
SELECT b.name AS batch, j.ref, j.action, j.on_behalf_of,
       a.number AS attempt,
       strftime('%Y-%m-%dT%H:%M:%fZ', a.opened_at / 1000.0, 'unixepoch') AS sent_at,
       coalesce(a.error, 'no answer was recorded') AS known,
       a.http_status, a.request_id,
       'remesa show ' || CASE WHEN j.ref GLOB '*[^-A-Za-z0-9._:+@%,=]*' -- quoted for a shell
           THEN '''' || replace(j.ref, '''', '''\''''') || '''' ELSE j.ref END AS next_command
FROM job j
JOIN batch b ON b.id = j.batch_id
JOIN attempt a ON a.job_id = j.id AND a.number = j.attempts
WHERE j.state = 'in_doubt'
ORDER BY j.id;

-- For each batch and currency, in exact decimals:
-- imported = succeeded + following + in_doubt + failed (with skipped and cancelled) + waiting.
CREATE VIEW money AS
WITH sums AS (
    SELECT m.batch_id, m.currency, m.places, m.unit, m.declared, m.imported,
           coalesce(sum(j.minor) FILTER (WHERE j.state = 'succeeded'), 0) AS succeeded,
           coalesce(sum(j.minor) FILTER (WHERE j.state = 'following'), 0) AS following,
           coalesce(sum(j.minor) FILTER (WHERE j.state = 'in_doubt'), 0) AS in_doubt,
           coalesce(sum(j.minor) FILTER (WHERE j.state IN ('failed', 'skipped', 'cancelled')), 0) AS failed,
           coalesce(sum(j.minor) FILTER (WHERE j.state IN ('queued', 'sending')), 0) AS waiting
    FROM batch_money m
    LEFT JOIN job j ON j.batch_id = m.batch_id AND j.currency = m.currency
    GROUP BY m.batch_id, m.currency
)
SELECT b.name AS batch, s.currency,
       CASE WHEN s.declared IS NULL THEN NULL
            WHEN s.places = 0 THEN printf('%d', s.declared)
            ELSE printf('%d.%0*d', s.declared / s.unit, s.places, s.declared % s.unit) END AS declared,
       CASE s.places WHEN 0 THEN printf('%d', s.imported)
            ELSE printf('%d.%0*d', s.imported / s.unit, s.places, s.imported % s.unit) END AS imported,
       CASE s.places WHEN 0 THEN printf('%d', s.succeeded)
            ELSE printf('%d.%0*d', s.succeeded / s.unit, s.places, s.succeeded % s.unit) END AS succeeded,
       CASE s.places WHEN 0 THEN printf('%d', s.following)
            ELSE printf('%d.%0*d', s.following / s.unit, s.places, s.following % s.unit) END AS following,
       CASE s.places WHEN 0 THEN printf('%d', s.in_doubt)
            ELSE printf('%d.%0*d', s.in_doubt / s.unit, s.places, s.in_doubt % s.unit) END AS in_doubt,
       CASE s.places WHEN 0 THEN printf('%d', s.failed)
            ELSE printf('%d.%0*d', s.failed / s.unit, s.places, s.failed % s.unit) END AS failed,
       CASE s.places WHEN 0 THEN printf('%d', s.waiting)
            ELSE printf('%d.%0*d', s.waiting / s.unit, s.places, s.waiting % s.unit) END AS waiting
FROM sums s JOIN batch b ON b.id = s.batch_id
ORDER BY b.id, s.currency;

CREATE VIEW attempts AS
SELECT b.name AS batch, j.ref, j.action, a.number AS attempt, a.outcome, a.http_status, a.error,
       a.request_id, a.sends, a.transport_code, a.elapsed_us / 1000 AS elapsed_ms,
       strftime('%Y-%m-%dT%H:%M:%fZ', a.opened_at / 1000.0, 'unixepoch') AS opened_at,
       strftime('%Y-%m-%dT%H:%M:%fZ', a.closed_at / 1000.0, 'unixepoch') AS closed_at,
       a.run_id AS run
FROM attempt a JOIN job j ON j.id = a.job_id JOIN batch b ON b.id = j.batch_id
ORDER BY a.id;
