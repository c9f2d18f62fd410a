-- An accepted job that is not final yet is asked about until it is. In `following`, `due_at` is the time of the next
-- look; 0: nobody can look. No row for each look: what the last one saw is in the job.
ALTER TABLE job ADD COLUMN polls INTEGER NOT NULL DEFAULT 0;    -- looks since it was accepted or its state there changed
ALTER TABLE job ADD COLUMN polled_at INTEGER;                   -- the last look that saw, or missed, it
ALTER TABLE job ADD COLUMN unlisted INTEGER NOT NULL DEFAULT 0; -- a whole list was without it: it is asked for alone

CREATE INDEX job_following ON job (due_at) WHERE state = 'following';
-- Those that one list may answer.
CREATE INDEX job_following_alike ON job (action, on_behalf_of) WHERE state = 'following';

-- What was accepted before there were looks.
UPDATE job SET due_at = 1 WHERE state = 'following';

DROP VIEW results;
CREATE VIEW results AS
SELECT b.name AS batch, j.ref, j.action, j.on_behalf_of, j.state, j.remote_id, j.remote_state,
       j.http_status, j.error, j.attempts, j.request_id,
       strftime('%Y-%m-%dT%H:%M:%fZ', j.finished_at / 1000.0, 'unixepoch') AS finished_at,
       strftime('%Y-%m-%dT%H:%M:%fZ', j.polled_at / 1000.0, 'unixepoch') AS asked_at,
       CASE WHEN j.state = 'following' AND j.due_at > 0
            THEN strftime('%Y-%m-%dT%H:%M:%fZ', j.due_at / 1000.0, 'unixepoch') END AS asked_next
FROM job j JOIN batch b ON b.id = j.batch_id
ORDER BY j.id;
