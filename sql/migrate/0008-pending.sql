-- Messages that were asked about by the policy protocol and have not come to their end.
-- SPDX-License-Identifier: Apache-2.0

-- They are in memory while the daemon runs: rows are written when it stops, and read and
-- deleted when it starts.
CREATE TABLE pending (
	instance TEXT PRIMARY KEY,
	-- client address, port and sender, by which the milter knows it; NULL: not known
	tie TEXT,
	queue_id TEXT,
	-- where it came in; NULL and 0: not known
	server TEXT,
	server_port INTEGER NOT NULL DEFAULT 0,
	begun INTEGER NOT NULL,
	-- its row of the history, and the time of that; 0: none
	decision INTEGER NOT NULL,
	decided INTEGER NOT NULL,
	-- JSON: recipients that were let pass; [limit, object, cost, bucket] of what was
	-- charged; [policy, verdict] of what was counted; what else is known
	recipients TEXT NOT NULL,
	-- how many recipients that was, with those that were said again; whether its end was
	-- asked about
	passed INTEGER NOT NULL DEFAULT 0,
	ended INTEGER NOT NULL DEFAULT 0,
	payments TEXT NOT NULL,
	told TEXT NOT NULL,
	sealed INTEGER NOT NULL,
	refused INTEGER NOT NULL,
	refused_for TEXT
) STRICT, WITHOUT ROWID;
