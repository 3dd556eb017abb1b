-- What each policy did, day by day
--
-- Messages by the policy that gave their verdict (of accepted ones: the first that matched)
-- and by what became of them; policy is empty where none did: nothing matched, or a flag
-- decided.  refused sums up what was refused, held or discarded.
--
-- Days are those of UTC.  The days of since and until are there as a whole.  All of it is
-- from v_seen_policies, which stays when the history has gone.
--
-- since: 7d
--
-- SPDX-License-Identifier: Apache-2.0
WITH
period (since, until) AS (
	SELECT iif(:since IS NULL, until - 7 * 86400000000,
		unixepoch(:since) * 1000000 + substr(strftime('%f', :since), 4) * 1000), until
	FROM (SELECT iif(:until IS NULL, (unixepoch('now') + 1) * 1000000,
		unixepoch(:until) * 1000000 + substr(strftime('%f', :until), 4) * 1000) AS until)
)
SELECT day, policy, SUM(messages) AS messages, SUM(refused) AS refused,
	ifnull(SUM(messages) FILTER (WHERE verdict = 'accept'), 0) AS accept,
	ifnull(SUM(messages) FILTER (WHERE verdict = 'bypass'), 0) AS bypass,
	ifnull(SUM(messages) FILTER (WHERE verdict = 'monitor'), 0) AS monitor,
	ifnull(SUM(messages) FILTER (WHERE verdict = 'defer'), 0) AS defer,
	ifnull(SUM(messages) FILTER (WHERE verdict = 'block'), 0) AS block,
	ifnull(SUM(messages) FILTER (WHERE verdict = 'hold'), 0) AS hold,
	ifnull(SUM(messages) FILTER (WHERE verdict = 'discard'), 0) AS discard,
	ifnull(SUM(messages) FILTER (WHERE verdict = 'error'), 0) AS error
FROM v_seen_policies
WHERE day >= (SELECT date(since / 1000000, 'unixepoch') FROM period)
	AND day <= (SELECT date(until / 1000000 - 1, 'unixepoch') FROM period)
GROUP BY day, policy
ORDER BY day DESC, messages DESC, policy;
