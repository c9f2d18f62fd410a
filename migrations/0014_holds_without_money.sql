-- What waits for an approval moves no money for the most part: it has no amount, and no "0.0" of no currency.
DROP VIEW holds;
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
       CASE WHEN h.minor IS NULL THEN NULL
            WHEN m.places = 0 THEN printf('%d', h.minor)
            ELSE printf('%d.%0*d', h.minor / m.unit, m.places, h.minor % m.unit) END AS amount,
       h.kind, h.reason, strftime('%Y-%m-%dT%H:%M:%fZ', h.held_at / 1000.0, 'unixepoch') AS held_at,
       CASE WHEN instr(h.command, 'REF') THEN replace(h.command, 'REF', h.ref_word)
            ELSE replace(h.command, 'BATCH', h.batch_word) END AS next_command
FROM h LEFT JOIN batch_money m ON m.currency = h.currency
   AND m.batch_id = (SELECT batch_id FROM job WHERE id = h.job_id)
ORDER BY h.job_id, h.id;
