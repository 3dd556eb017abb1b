-- The attribute stop, limits that come from the setting default_limit, and
-- refusals in the trail of changes.
-- SPDX-License-Identifier: Apache-2.0

ALTER TABLE policy ADD COLUMN stop TEXT NOT NULL DEFAULT 'no';

-- 1: the policy names no limit of its own, this one is the default_limit's.
ALTER TABLE policy_limit ADD COLUMN inherited INTEGER NOT NULL DEFAULT 0;

-- Why a command was refused for who gave it; NULL: it was done.
ALTER TABLE audit ADD COLUMN refusal TEXT;

CREATE VIEW v_audit AS
SELECT
	strftime('%Y-%m-%dT%H:%M:%S', time / 1000000, 'unixepoch')
		|| printf('.%03dZ', time / 1000 % 1000) AS time,
	uid, user, command, refusal
FROM audit;
