-- A job in doubt leaves that state only by evidence about its last attempt: what a look-up saw, or what a
-- named person decided. Both are append-only.

CREATE TABLE decision (
    id         INTEGER PRIMARY KEY,
    job_id     INTEGER NOT NULL REFERENCES job (id),
    attempt    INTEGER NOT NULL,                -- the job's last attempt when it was taken; 0: none
    verb       TEXT    NOT NULL CHECK (verb IN ('succeeded', 'not_sent', 'retry', 'cancel')),
    reason     TEXT,
    remote_id  TEXT,
    decided_by TEXT    NOT NULL,                -- system user
    decided_at INTEGER NOT NULL
) STRICT;
CREATE INDEX decision_of_job ON decision (job_id, attempt);

CREATE TABLE look_up (
    id         INTEGER PRIMARY KEY,
    job_id     INTEGER NOT NULL REFERENCES job (id),
    attempt    INTEGER NOT NULL,                -- the one in doubt
    run_id     INTEGER NOT NULL REFERENCES run (id),
    path       TEXT    NOT NULL,
    outcome    TEXT    NOT NULL CHECK (outcome IN ('found', 'several', 'not_there', 'absent', 'failed')),
    rows_seen  INTEGER NOT NULL DEFAULT 0,
    control    INTEGER NOT NULL DEFAULT 0,      -- an older row of ours was in the list: it is fresh
    evidence   TEXT,                            -- the rows that matched, JSON; or why it failed
    looked_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX look_up_of_job ON look_up (job_id, attempt);

-- In doubt, `due_at` is the time of the next look-up; 0: a person is waited for.
CREATE INDEX job_doubt ON job (due_at) WHERE state = 'in_doubt';

CREATE TRIGGER decision_keeps_its_content BEFORE UPDATE ON decision
BEGIN
    SELECT RAISE(ABORT, 'decisions are append-only');
END;
CREATE TRIGGER decision_stays BEFORE DELETE ON decision
BEGIN
    SELECT RAISE(ABORT, 'decisions are append-only');
END;
CREATE TRIGGER decision_is_not_replaced BEFORE INSERT ON decision
WHEN EXISTS (SELECT 1 FROM decision WHERE id = NEW.id)
BEGIN
    SELECT RAISE(ABORT, 'decisions are append-only');
END;
CREATE TRIGGER look_up_keeps_its_content BEFORE UPDATE ON look_up
BEGIN
    SELECT RAISE(ABORT, 'look-ups are append-only');
END;
CREATE TRIGGER look_up_stays BEFORE DELETE ON look_up
BEGIN
    SELECT RAISE(ABORT, 'look-ups are append-only');
END;
CREATE TRIGGER look_up_is_not_replaced BEFORE INSERT ON look_up
WHEN EXISTS (SELECT 1 FROM look_up WHERE id = NEW.id)
BEGIN
    SELECT RAISE(ABORT, 'look-ups are append-only');
END;

CREATE TRIGGER job_leaves_doubt_by_evidence
BEFORE UPDATE OF state ON job
WHEN OLD.state = 'in_doubt' AND NEW.state <> 'in_doubt'
 AND NOT EXISTS (SELECT 1 FROM decision WHERE job_id = NEW.id AND attempt = NEW.attempts
                 AND verb = CASE NEW.state WHEN 'queued' THEN 'not_sent' ELSE 'succeeded' END)
 AND NOT EXISTS (SELECT 1 FROM look_up WHERE job_id = NEW.id AND attempt = NEW.attempts
                 AND outcome = CASE NEW.state WHEN 'queued' THEN 'absent' ELSE 'found' END)
BEGIN
    SELECT RAISE(ABORT, 'a job in doubt is settled by evidence: remesa resolve, or a look-up');
END;

DROP VIEW doubts;
CREATE VIEW doubts AS
WITH d AS (
    SELECT j.id, b.name AS batch, j.ref, j.action, j.on_behalf_of, j.attempts,
           CASE WHEN j.ref GLOB '*[^-A-Za-z0-9._:+@%,=]*' -- quoted for a shell
                THEN '''' || replace(j.ref, '''', '''\''''') || '''' ELSE j.ref END AS word
    FROM job j JOIN batch b ON b.id = j.batch_id
    WHERE j.state = 'in_doubt'
)
SELECT d.batch, d.ref, d.action, d.on_behalf_of, a.number AS attempt,
       strftime('%Y-%m-%dT%H:%M:%fZ', a.opened_at / 1000.0, 'unixepoch') AS sent_at,
       coalesce(a.error, 'no answer was recorded') AS known,
       a.http_status, a.request_id,
       (SELECT count(*) FROM look_up l WHERE l.job_id = d.id AND l.attempt = d.attempts) AS look_ups,
       (SELECT l.outcome || coalesce(': ' || l.evidence, '') FROM look_up l
        WHERE l.job_id = d.id AND l.attempt = d.attempts ORDER BY l.id DESC LIMIT 1) AS last_look_up,
       'remesa resolve ' || d.word || ' --succeeded --remote-id ID | --not-sent --reason TEXT' AS next_command
FROM d JOIN attempt a ON a.job_id = d.id AND a.number = d.attempts
ORDER BY d.id;

CREATE VIEW decisions AS
SELECT b.name AS batch, j.ref, d.verb, d.reason, d.remote_id, d.decided_by,
       strftime('%Y-%m-%dT%H:%M:%fZ', d.decided_at / 1000.0, 'unixepoch') AS decided_at
FROM decision d JOIN job j ON j.id = d.job_id JOIN batch b ON b.id = j.batch_id
ORDER BY d.id;
