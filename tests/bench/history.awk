# The tables of what is kept of messages; a part of table.awk, which has the functions.
# SPDX-License-Identifier: Apache-2.0

function mode_row(row, title) {
	printf "%-44s %10s %7s %6s %7s %6s %6s\n", title,
		cell("%.0f", median(row, "fast_rate")), cell("%.1f", median(row, "fast_cpu")),
		ratio(row, "history_off", "fast_cpu"), cell("%.0f", median(row, "paced_cpu")),
		cell("%.0f", median(row, "paced_p50")), cell("%.0f", median(row, "paced_p99"))
}

function modes() {
	printf "\n%-44s %10s %7s %6s %7s %6s %6s\n", "what is kept of a message", "messages/s",
		"CPU us", "to off", "CPU us*", "p50*", "p99*"
	mode_row("history_off", "themisd, 1 policy, history = off")
	mode_row("history_messages", "history = messages")
	mode_row("history_recipients", "history = recipients")
	mode_row("history_size", "history = messages, history_size = yes")
	printf "\n* at %d messages a second, microseconds\n", rate
}

function made_row(when, title) {
	printf "%-44s %6s %6s %7s %8s\n", title, cell("%.0f", median(when, "paced_p50")),
		cell("%.0f", median(when, "paced_p99")), cell("%.0f", median(when, "paced_max")),
		cell("%.0f", median(when, "paced_cpu"))
}

# Rows of one kind, in the order in which they came.
function listed(prefix,    i, n) {
	for (i = 1; i <= nkeys; i++)
		if (index(keys[i], prefix) == 1)
			found[++n] = keys[i]
	return n
}

function mail_meanwhile() {
	printf "\n%-44s %6s %6s %7s %8s\n", sprintf("a history of %d messages, mail at %d a second",
		rows, rate), "p50", "p99", "max", "CPU us"
	made_row("made_before", "before")
	made_row("made_digest", "while it is digested")
	made_row("made_quiet", "digested")
	made_row("made_delete", "while old messages go")
	printf "\ndigested: %d messages a second; deleted: %d\n", median("made", "digested"),
		median("made", "deleted")
}

function sizes(    i, n, part) {
	printf "\n%-44s %10s\n", sprintf("octets a message, of %d", rows), ""
	n = listed("made" SUBSEP "size_")
	for (i = 1; i <= n; i++) {
		split(found[i], part, SUBSEP)
		printf "%-44s %10.1f\n", substr(part[2], 6), median("made", part[2])
	}
}

function answers(    i, n, part, what) {
	printf "\n%-44s %10s %10s\n", "an answer from it, milliseconds", "usual", "of 30 days"
	n = listed("ask_")
	for (i = 1; i <= n; i++) {
		split(found[i], part, SUBSEP)
		if (part[1] == what)
			continue
		what = part[1]
		printf "%-44s %10s %10s\n", substr(what, 5), cell("%.0f", median(what, "default")),
			cell("%.0f", median(what, "month"))
	}
}

function made() {
	if (median("made", "deleted") != "")
		mail_meanwhile()
	sizes()
	answers()
}

!(($1, $2) in noted) { noted[$1, $2]; keys[++nkeys] = $1 SUBSEP $2 }
