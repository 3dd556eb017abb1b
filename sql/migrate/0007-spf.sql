-- SPF: which results a policy acts on, and what came out for each message.
-- SPDX-License-Identifier: Apache-2.0

ALTER TABLE policy ADD COLUMN spf TEXT NOT NULL DEFAULT 'off';

-- The result; NULL: the message was not checked.
ALTER TABLE decision ADD COLUMN spf TEXT;

-- The domain that was checked ('': there is none) where that is not the sender's as it is
-- written here: HELO's, that of what does not parse; NULL: it is the sender's.
ALTER TABLE decision ADD COLUMN spf_domain TEXT;

-- What came out for the messages that were checked.  The sender's domain is what is behind
-- the last @: a quoted local part may have others.
CREATE VIEW v_spf AS
SELECT
	strftime('%Y-%m-%dT%H:%M:%S', time / 1000000, 'unixepoch')
		|| printf('.%03dZ', time / 1000 % 1000) AS time,
	queue_id, spf AS result,
	nullif(ifnull(spf_domain,
		substr(sender, length(rtrim(sender, replace(sender, '@', ''))) + 1)), '') AS domain,
	iif(sender = '<>', 'helo', 'mailfrom') AS identity,
	verdict, policy, sender, client, mta, object, login,
	reason
FROM decision
WHERE spf IS NOT NULL;
