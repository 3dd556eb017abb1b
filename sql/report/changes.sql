-- Who changed what
--
-- Changes made through the control socket, the newest first: was is what there was before and
-- is no more, became what there is in its place.  refusal says why a user was not allowed to.
-- `audit show NUMBER` shows how one is taken back.
--
-- since: 30d
-- top: 100
--
-- SPDX-License-Identifier: Apache-2.0
WITH
period (since, until) AS (
	SELECT iif(:since IS NULL, until - 30 * 86400000000,
		unixepoch(:since) * 1000000 + substr(strftime('%f', :since), 4) * 1000), until
	FROM (SELECT iif(:until IS NULL, (unixepoch('now') + 1) * 1000000,
		unixepoch(:until) * 1000000 + substr(strftime('%f', :until), 4) * 1000) AS until)
)
SELECT number, time, user, command, was, became, refusal
FROM v_audit
WHERE at >= (SELECT since FROM period) AND at < (SELECT until FROM period)
ORDER BY number DESC
LIMIT ifnull(:top, 100);
