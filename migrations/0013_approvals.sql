-- Four eyes: what a second person has approved, and what is still to be said by one (src/store/approvals.h,
-- src/store/proposals.h).

-- Who took it in. NULL: nobody knows who wrote the rows, as in an inbox, or it was before there were approvals.
ALTER TABLE batch ADD COLUMN imported_uid INTEGER;
ALTER TABLE batch ADD COLUMN imported_sudo TEXT;
-- The limits up to which one person was enough when it was first held for an approval, as the setting has them. NULL:
-- it never was. What is said of its jobs takes two persons by the same, whatever is set now.
ALTER TABLE batch ADD COLUMN four_eyes TEXT;

CREATE TRIGGER batch_keeps_its_importer
BEFORE UPDATE OF imported_at, imported_by, imported_uid, imported_sudo ON batch
BEGIN
    SELECT RAISE(ABORT, 'a batch keeps who imported it');
END;

CREATE TRIGGER batch_keeps_its_four_eyes
BEFORE UPDATE OF four_eyes ON batch WHEN OLD.four_eyes IS NOT NULL AND NEW.four_eyes IS NOT OLD.four_eyes
BEGIN
    SELECT RAISE(ABORT, 'a batch that takes two persons goes on doing so');
END;

CREATE TABLE approval (
    id          INTEGER PRIMARY KEY,
    batch_id    INTEGER NOT NULL REFERENCES batch (id),
    sha256      TEXT    NOT NULL,               -- of the batch as it was then: rows, money, totals
    approved_at INTEGER NOT NULL,
    approved_by TEXT    NOT NULL,               -- system user
    uid         INTEGER NOT NULL,
    sudo        TEXT                            -- who became that user; NULL: nobody did
) STRICT;
CREATE INDEX approval_of_batch ON approval (batch_id);

CREATE TRIGGER approval_keeps_its_content BEFORE UPDATE ON approval
BEGIN
    SELECT RAISE(ABORT, 'approvals are append-only');
END;
CREATE TRIGGER approval_stays BEFORE DELETE ON approval
BEGIN
    SELECT RAISE(ABORT, 'approvals are append-only');
END;
CREATE TRIGGER approval_is_not_replaced BEFORE INSERT ON approval
WHEN EXISTS (SELECT 1 FROM approval WHERE id = NEW.id)
BEGIN
    SELECT RAISE(ABORT, 'approvals are append-only');
END;

-- What one person has said about a job, where it takes two: it is carried out when another one says the same.
-- The last one about an attempt, or about a hold, is the one that counts.
CREATE TABLE proposal (
    id          INTEGER PRIMARY KEY,
    job_id      INTEGER NOT NULL REFERENCES job (id),
    attempt     INTEGER NOT NULL,               -- that was in doubt
    hold_id     INTEGER REFERENCES hold (id),   -- to be released; NULL: it is about the attempt
    verb        TEXT    NOT NULL CHECK (verb IN ('succeeded', 'not_sent', 'release')),
    remote_id   TEXT,
    reason      TEXT,
    proposed_at INTEGER NOT NULL,
    proposed_by TEXT    NOT NULL,               -- system user
    uid         INTEGER NOT NULL,
    sudo        TEXT,
    CHECK ((verb = 'release') = (hold_id IS NOT NULL))
) STRICT;
CREATE INDEX proposal_of_job ON proposal (job_id);

CREATE TRIGGER proposal_keeps_its_content BEFORE UPDATE ON proposal
BEGIN
    SELECT RAISE(ABORT, 'proposals are append-only');
END;
CREATE TRIGGER proposal_stays BEFORE DELETE ON proposal
BEGIN
    SELECT RAISE(ABORT, 'proposals are append-only');
END;
CREATE TRIGGER proposal_is_not_replaced BEFORE INSERT ON proposal
WHEN EXISTS (SELECT 1 FROM proposal WHERE id = NEW.id)
BEGIN
    SELECT RAISE(ABORT, 'proposals are append-only');
END;

-- ---- views ------------------------------------------------------------------------------------------

-- Batches that have to be approved, or were.
CREATE VIEW approvals AS
WITH said AS (
    SELECT batch_id, count(*) AS times, max(approved_at) AS approved_at,
           group_concat(approved_by || coalesce(' (sudo: ' || sudo || ')', ''), ', ') AS approved_by
    FROM approval GROUP BY batch_id
), held AS MATERIALIZED (
    SELECT j.batch_id, count(*) AS jobs FROM hold h CROSS JOIN job j ON j.id = h.job_id -- in this order: jobs are many
    WHERE h.kind = 'approval' AND h.released_at IS NULL AND j.state = 'queued' GROUP BY j.batch_id
)
SELECT b.name AS batch, CASE WHEN held.jobs IS NULL THEN 'approved' ELSE 'waiting' END AS state, b.jobs,
       coalesce(held.jobs, 0) AS held, b.sha256,
       b.imported_by || coalesce(' (sudo: ' || b.imported_sudo || ')', '') AS imported_by, said.approved_by,
       strftime('%Y-%m-%dT%H:%M:%fZ', said.approved_at / 1000.0, 'unixepoch') AS approved_at,
       CASE WHEN held.jobs IS NOT NULL THEN 'remesa approve ' ||
            CASE WHEN b.name GLOB '*[^-A-Za-z0-9._:+@%,=]*' -- quoted for a shell
                 THEN '''' || replace(b.name, '''', '''\''''') || '''' ELSE b.name END END AS next_command
FROM batch b LEFT JOIN said ON said.batch_id = b.id LEFT JOIN held ON held.batch_id = b.id
WHERE said.times IS NOT NULL OR held.jobs IS NOT NULL
ORDER BY b.id;

-- What waits for a second person to say the same.
CREATE VIEW proposals AS
WITH open AS (
    SELECT p.*, j.ref, j.currency, j.minor, j.batch_id, h.kind,
           CASE WHEN j.ref GLOB '*[^-A-Za-z0-9._:+@%,=]*'
                THEN '''' || replace(j.ref, '''', '''\''''') || '''' ELSE j.ref END AS ref_word
    FROM proposal p JOIN job j ON j.id = p.job_id LEFT JOIN hold h ON h.id = p.hold_id
    WHERE CASE WHEN p.hold_id IS NULL THEN j.state = 'in_doubt' AND p.attempt = j.attempts
               ELSE j.state = 'queued' AND h.released_at IS NULL END
      AND NOT EXISTS (SELECT 1 FROM proposal n WHERE n.job_id = p.job_id AND n.id > p.id
                      AND n.attempt = p.attempt AND n.hold_id IS p.hold_id)
)
SELECT b.name AS batch, o.ref, o.currency,
       CASE m.places WHEN 0 THEN printf('%d', o.minor)
            ELSE printf('%d.%0*d', o.minor / m.unit, m.places, o.minor % m.unit) END AS amount,
       o.verb, o.remote_id, o.reason, o.proposed_by || coalesce(' (sudo: ' || o.sudo || ')', '') AS proposed_by,
       strftime('%Y-%m-%dT%H:%M:%fZ', o.proposed_at / 1000.0, 'unixepoch') AS proposed_at,
       CASE o.verb WHEN 'release' THEN 'remesa release ' || o.ref_word || ' --kind ' || o.kind || ' --reason TEXT'
            WHEN 'succeeded' THEN 'remesa resolve ' || o.ref_word || ' --succeeded'
                 || coalesce(' --remote-id ' || o.remote_id, '')
            ELSE 'remesa resolve ' || o.ref_word || ' --not-sent --reason TEXT' END AS next_command
FROM open o JOIN batch b ON b.id = o.batch_id
LEFT JOIN batch_money m ON m.batch_id = b.id AND m.currency = o.currency
ORDER BY o.id;
