-- A held job is queued and is not sent before a named person has released it. An open hold counts as one more
-- unmet need, so that lanes, readiness and what follows from a lost need go by the rules that are there. The
-- triggers count, so that it is so for every program that puts or lifts one.

CREATE TABLE hold_kind (
    kind       TEXT    PRIMARY KEY,
    command    TEXT    NOT NULL,                -- what lifts it; REF and BATCH stand for those of the job
    by_release INTEGER NOT NULL                 -- `remesa release` may
) STRICT, WITHOUT ROWID;

INSERT INTO hold_kind (kind, command, by_release) VALUES
    ('duplicate', 'remesa release REF --reason TEXT', 1),
    ('cap',       'remesa release REF --reason TEXT', 1),
    ('approval',  'remesa approve BATCH', 0);

CREATE TABLE hold (
    id             INTEGER PRIMARY KEY,
    job_id         INTEGER NOT NULL REFERENCES job (id),
    kind           TEXT    NOT NULL REFERENCES hold_kind (kind),
    reason         TEXT    NOT NULL,            -- why it is held
    held_at        INTEGER NOT NULL,
    released_at    INTEGER,                     -- NULL: it is held
    released_by    TEXT,                        -- system user
    release_reason TEXT,
    CHECK ((released_at IS NULL) = (released_by IS NULL) AND (released_at IS NULL) = (release_reason IS NULL))
) STRICT;
CREATE UNIQUE INDEX hold_open ON hold (job_id, kind) WHERE released_at IS NULL;
CREATE INDEX hold_of_job ON hold (job_id, kind);

CREATE TRIGGER hold_is_put_on_what_waits
BEFORE INSERT ON hold
BEGIN
    SELECT CASE
        WHEN EXISTS (SELECT 1 FROM hold WHERE id = NEW.id)
          OR EXISTS (SELECT 1 FROM hold WHERE job_id = NEW.job_id AND kind = NEW.kind AND released_at IS NULL)
            THEN RAISE(ABORT, 'holds are append-only, and only one of a kind may be open for a job')
        WHEN NEW.released_at IS NOT NULL
            THEN RAISE(ABORT, 'a hold is put before it is released')
        WHEN NOT EXISTS (SELECT 1 FROM hold_kind WHERE kind = NEW.kind)
            THEN RAISE(ABORT, 'there is no such kind of hold (table hold_kind)')
        WHEN NOT EXISTS (SELECT 1 FROM job WHERE id = NEW.job_id
                         AND state IN ('queued', 'failed', 'skipped', 'cancelled'))
            THEN RAISE(ABORT, 'only a job that is not under way can be held')
        END;
END;

CREATE TRIGGER hold_is_counted
AFTER INSERT ON hold
BEGIN
    UPDATE job SET unmet = unmet + 1, ready = 0 WHERE id = NEW.job_id AND state = 'queued';
    UPDATE job SET ready = 1 -- the turn that it may have had goes to the next of its lane
    WHERE id = (SELECT n.id FROM job n
                WHERE n.on_behalf_of = (SELECT on_behalf_of FROM job WHERE id = NEW.job_id)
                  AND n.unmet = 0 AND n.state = 'queued' AND n.ready = 0 ORDER BY n.id LIMIT 1)
      AND NOT EXISTS (SELECT 1 FROM job t WHERE t.on_behalf_of = job.on_behalf_of AND t.ready = 1);
END;

CREATE TRIGGER hold_keeps_its_content
BEFORE UPDATE ON hold
WHEN OLD.released_at IS NOT NULL OR NEW.id <> OLD.id OR NEW.job_id <> OLD.job_id OR NEW.kind <> OLD.kind
  OR NEW.reason <> OLD.reason OR NEW.held_at <> OLD.held_at
  OR NEW.released_at IS NULL OR NEW.released_by IS NULL OR NEW.release_reason IS NULL
BEGIN
    SELECT RAISE(ABORT, 'holds are append-only: released once, by whom, when and why');
END;

CREATE TRIGGER hold_is_counted_no_more
AFTER UPDATE OF released_at ON hold
BEGIN
    UPDATE job SET unmet = unmet - 1 WHERE id = NEW.job_id AND state = 'queued';
    UPDATE job SET ready = 1
    WHERE id = NEW.job_id AND state = 'queued' AND unmet = 0 AND ready = 0 AND on_behalf_of IS NULL;
    UPDATE job SET ready = 1
    WHERE id = (SELECT n.id FROM job n
                WHERE n.on_behalf_of = (SELECT on_behalf_of FROM job WHERE id = NEW.job_id)
                  AND n.unmet = 0 AND n.state = 'queued' AND n.ready = 0 ORDER BY n.id LIMIT 1)
      AND NOT EXISTS (SELECT 1 FROM job t WHERE t.on_behalf_of = job.on_behalf_of AND t.ready = 1);
END;

CREATE TRIGGER hold_stays
BEFORE DELETE ON hold
BEGIN
    SELECT RAISE(ABORT, 'holds are append-only');
END;

-- Whatever else is wrong with the counts: nothing leaves.
CREATE TRIGGER job_is_not_sent_while_held
BEFORE INSERT ON attempt
WHEN EXISTS (SELECT 1 FROM hold WHERE job_id = NEW.job_id AND released_at IS NULL)
BEGIN
    SELECT RAISE(ABORT, 'the job is held: release it first (view holds)');
END;

-- ---- views ------------------------------------------------------------------------------------------

CREATE VIEW holds AS
WITH h AS (
    SELECT h.*, b.name AS batch, j.ref, j.action, j.currency, j.minor, k.command,
           CASE WHEN j.ref GLOB '*[^-A-Za-z0-9._:+@%,=]*' -- quoted for a shell
                THEN '''' || replace(j.ref, '''', '''\''''') || '''' ELSE j.ref END AS ref_word,
           CASE WHEN b.name GLOB '*[^-A-Za-z0-9._:+@%,=]*'
                THEN '''' || replace(b.name, '''', '''\''''') || '''' ELSE b.name END AS batch_word
    FROM hold h JOIN job j ON j.id = h.job_id JOIN batch b ON b.id = j.batch_id
    JOIN hold_kind k ON k.kind = h.kind
    WHERE h.released_at IS NULL AND j.state = 'queued'
)
SELECT h.batch, h.ref, h.action, h.currency,
       CASE m.places WHEN 0 THEN printf('%d', h.minor)
            ELSE printf('%d.%0*d', h.minor / m.unit, m.places, h.minor % m.unit) END AS amount,
       h.kind, h.reason, strftime('%Y-%m-%dT%H:%M:%fZ', h.held_at / 1000.0, 'unixepoch') AS held_at,
       CASE WHEN instr(h.command, 'REF') THEN replace(h.command, 'REF', h.ref_word)
            ELSE replace(h.command, 'BATCH', h.batch_word) END AS next_command
FROM h LEFT JOIN batch_money m ON m.currency = h.currency
   AND m.batch_id = (SELECT batch_id FROM job WHERE id = h.job_id)
ORDER BY h.job_id, h.id;

DROP VIEW decisions;
CREATE VIEW decisions AS
SELECT b.name AS batch, j.ref, d.verb, d.reason, d.remote_id, d.decided_by,
       strftime('%Y-%m-%dT%H:%M:%fZ', d.decided_at / 1000.0, 'unixepoch') AS decided_at
FROM (SELECT id, job_id, verb, reason, remote_id, decided_by, decided_at FROM decision
      UNION ALL
      SELECT id, job_id, 'release ' || kind, release_reason, NULL, released_by, released_at
      FROM hold WHERE released_at IS NOT NULL) d
JOIN job j ON j.id = d.job_id JOIN batch b ON b.id = j.batch_id
ORDER BY d.decided_at, d.id;

DROP VIEW results;
CREATE VIEW results AS
SELECT b.name AS batch, j.ref, j.action, j.on_behalf_of, j.state, j.remote_id, j.remote_state,
       j.http_status,
       CASE WHEN j.state = 'queued' THEN coalesce(
            (SELECT 'held: ' || group_concat(h.reason, '; ') FROM hold h
             WHERE h.job_id = j.id AND h.released_at IS NULL), j.error) ELSE j.error END AS error,
       j.attempts, j.request_id,
       strftime('%Y-%m-%dT%H:%M:%fZ', j.finished_at / 1000.0, 'unixepoch') AS finished_at,
       strftime('%Y-%m-%dT%H:%M:%fZ', j.polled_at / 1000.0, 'unixepoch') AS asked_at,
       CASE WHEN j.state = 'following' AND j.due_at > 0
            THEN strftime('%Y-%m-%dT%H:%M:%fZ', j.due_at / 1000.0, 'unixepoch') END AS asked_next
FROM job j JOIN batch b ON b.id = j.batch_id
ORDER BY j.id;

-- Of the queued ones, `held` are held.
DROP VIEW progress;
CREATE VIEW progress AS
WITH held AS MATERIALIZED (
    SELECT j.batch_id, count(DISTINCT j.id) AS jobs FROM hold h JOIN job j ON j.id = h.job_id
    WHERE h.released_at IS NULL AND j.state = 'queued' GROUP BY j.batch_id
)
SELECT b.name AS batch, b.jobs AS total,
       (SELECT count(*) FROM job WHERE batch_id = b.id AND state = 'queued')    AS queued,
       coalesce(held.jobs, 0)                                                   AS held,
       (SELECT count(*) FROM job WHERE batch_id = b.id AND state = 'sending')   AS sending,
       (SELECT count(*) FROM job WHERE batch_id = b.id AND state = 'following') AS following,
       (SELECT count(*) FROM job WHERE batch_id = b.id AND state = 'in_doubt')  AS in_doubt,
       (SELECT count(*) FROM job WHERE batch_id = b.id AND state = 'succeeded') AS succeeded,
       (SELECT count(*) FROM job WHERE batch_id = b.id AND state = 'failed')    AS failed,
       (SELECT count(*) FROM job WHERE batch_id = b.id AND state = 'skipped')   AS skipped,
       (SELECT count(*) FROM job WHERE batch_id = b.id AND state = 'cancelled') AS cancelled
FROM batch b LEFT JOIN held ON held.batch_id = b.id
ORDER BY b.id;

-- For each batch and currency, in exact decimals:
-- imported = succeeded + following + in_doubt + failed (with skipped and cancelled) + returned + waiting.
-- `returned` was taken by the API and came back; `held` is a part of waiting.
DROP VIEW money;
CREATE VIEW money AS
WITH parts AS (
    SELECT j.batch_id, j.currency, j.minor,
           CASE WHEN j.state IN ('queued', 'sending') THEN 'waiting'
                WHEN j.state = 'failed' AND j.remote_state = 'returned' THEN 'returned'
                WHEN j.state IN ('failed', 'skipped', 'cancelled') THEN 'failed'
                ELSE j.state END AS part,
           j.state = 'queued'
             AND EXISTS (SELECT 1 FROM hold h WHERE h.job_id = j.id AND h.released_at IS NULL) AS is_held
    FROM job j
), sums AS (
    SELECT m.batch_id, m.currency, m.places, m.unit, m.declared, m.imported,
           coalesce(sum(p.minor) FILTER (WHERE p.part = 'succeeded'), 0) AS succeeded,
           coalesce(sum(p.minor) FILTER (WHERE p.part = 'following'), 0) AS following,
           coalesce(sum(p.minor) FILTER (WHERE p.part = 'in_doubt'), 0) AS in_doubt,
           coalesce(sum(p.minor) FILTER (WHERE p.part = 'failed'), 0) AS failed,
           coalesce(sum(p.minor) FILTER (WHERE p.part = 'returned'), 0) AS returned,
           coalesce(sum(p.minor) FILTER (WHERE p.part = 'waiting'), 0) AS waiting,
           coalesce(sum(p.minor) FILTER (WHERE p.is_held), 0) AS held
    FROM batch_money m
    LEFT JOIN parts p ON p.batch_id = m.batch_id AND p.currency = m.currency
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
            ELSE printf('%d.%0*d', s.waiting / s.unit, s.places, s.waiting % s.unit) END AS waiting,
       CASE s.places WHEN 0 THEN printf('%d', s.returned)
            ELSE printf('%d.%0*d', s.returned / s.unit, s.places, s.returned % s.unit) END AS returned,
       CASE s.places WHEN 0 THEN printf('%d', s.held)
            ELSE printf('%d.%0*d', s.held / s.unit, s.places, s.held % s.unit) END AS held
FROM sums s JOIN batch b ON b.id = s.batch_id
ORDER BY b.id, s.currency;
