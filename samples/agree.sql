-- Does the API's own ledger agree with the database? Run with the database as main and the ledger of
-- remesa-sandbox attached as ledger. One row per kind of disagreement, none when they agree.
--
--     sqlite3 -readonly remesa.db "ATTACH 'ledger.db' AS ledger" '.read samples/agree.sql'

WITH made AS ( -- what the database says took effect
    SELECT j.ref, j.remote_id, j.params,
           CASE j.action WHEN 'create_user' THEN 'users'
                         WHEN 'create_withdrawal_instruction' THEN 'withdrawal_instructions'
                         WHEN 'create_cash_withdrawal' THEN 'cash_withdrawals'
                         WHEN 'create_coin_withdrawal' THEN 'coin_withdrawals' END AS kind,
           coalesce(u.remote_id, ltrim(j.on_behalf_of, '#')) AS user_id,
           coalesce(j.params ->> 'fiat_code', j.params ->> 'coin_code') AS currency
    FROM job j LEFT JOIN job u ON u.ref = j.on_behalf_of
    WHERE j.state IN ('succeeded', 'following')
      AND j.action IN ('create_user', 'create_withdrawal_instruction', 'create_cash_withdrawal',
                       'create_coin_withdrawal')
), doubts AS (
    SELECT count(*) AS n FROM job WHERE state IN ('in_doubt', 'sending')
), findings AS (
    SELECT 'jobs without their effect' AS finding, count(*) AS n
    FROM made m WHERE NOT EXISTS (
        SELECT 1 FROM ledger.effect e WHERE e.kind = m.kind AND e.resource_id = m.remote_id)
    UNION ALL
    SELECT 'effects that no job knows, more than there are doubts', max(0, count(*) - (SELECT n FROM doubts))
    FROM ledger.effect e WHERE NOT EXISTS (
        SELECT 1 FROM made m WHERE m.kind = e.kind AND m.remote_id = e.resource_id)
    UNION ALL
    SELECT 'effects twice', coalesce(sum(n - 1), 0) FROM (
        SELECT count(*) AS n FROM ledger.effect WHERE reference IS NOT NULL
        GROUP BY kind, user_id, reference, amount HAVING count(*) > 1)
    UNION ALL
    SELECT 'amounts or currencies that differ', count(*)
    FROM made m JOIN ledger.effect e ON e.kind = m.kind AND e.resource_id = m.remote_id
    WHERE e.amount IS NOT m.params ->> 'amount' OR lower(e.currency) IS NOT lower(m.currency)
       AND m.kind LIKE '%_withdrawals'
    UNION ALL
    SELECT 'effects on behalf of another user', count(*)
    FROM made m JOIN ledger.effect e ON e.kind = m.kind AND e.resource_id = m.remote_id
    WHERE m.kind <> 'users' AND e.user_id IS NOT m.user_id
)
SELECT finding, n FROM findings WHERE n > 0;
