# The table of the benchmark: medians of "row<TAB>what<TAB>value" lines, and their ratios
# to the floor; with history.awk.  Called by bench.sh with rounds, counters, rate, rows and
# policy_rate.
# SPDX-License-Identifier: Apache-2.0

function median(row, what,    n, i, k, v, x) {
	n = count[row, what]
	for (i = 1; i <= n; i++)
		x[i] = value[row, what, i]
	for (i = 2; i <= n; i++)
		for (k = i; k > 1 && x[k - 1] > x[k]; k--) {
			v = x[k]; x[k] = x[k - 1]; x[k - 1] = v
		}
	if (n == 0)
		return ""
	return n % 2 ? x[(n + 1) / 2] : (x[n / 2] + x[n / 2 + 1]) / 2
}

# As a cell; empty if nothing was measured.
function cell(format, number) {
	return number == "" ? "" : sprintf(format, number)
}

function ratio(row, base, what,    a, b) {
	a = median(row, what)
	b = median(base, what)
	return a == "" || b == "" || b == 0 ? "" : sprintf("%.2f", a / b)
}

function scaled(row, what, by,    m) {
	m = median(row, what)
	return m == "" ? "" : m / by
}

function milter_row(row, title) {
	printf "%-44s %10s %5s %7s %5s %7s %6s %6s %6s %5s %6s\n", title,
		cell("%.0f", median(row, "fast_rate")), ratio(row, "floor_end", "fast_rate"),
		cell("%.1f", median(row, "fast_cpu")), ratio(row, "floor_end", "fast_cpu"),
		cell("%.0f", median(row, "paced_cpu")),
		cell("%.0f", median(row, "paced_p50")), cell("%.0f", median(row, "paced_p99")),
		cell("%.1f", scaled(row, "rest", 1024)),
		cell("%.1f", scaled(row, "wal", 1048576)), cell("%.2f", scaled(row, "start", 1000))
}

function percent(row, base, what,    a, b) {
	a = median(row, what)
	b = median(base, what)
	return a == "" || b == "" || b == 0 ? "" : sprintf("%+.1f%%", (a / b - 1) * 100)
}

function mail_row(row, title) {
	printf "%-44s %10s %9s %9s %10s %9s %9s\n", title,
		cell("%.0f", median(row, "same")), percent(row, "mail_none", "same"),
		percent(row, "mail_floor", "same"), cell("%.0f", median(row, "new")),
		percent(row, "mail_none", "new"), percent(row, "mail_floor", "new")
}

function policy_row(row, base, title) {
	printf "%-44s %10s %5s %7s %5s %7s %6s %6s %6s\n", title,
		cell("%.0f", median(row, "fast_rate")), ratio(row, base, "fast_rate"),
		cell("%.1f", median(row, "fast_cpu")), ratio(row, base, "fast_cpu"),
		cell("%.1f", median(row, "paced_cpu")), ratio(row, base, "paced_cpu"),
		cell("%.0f", median(row, "paced_p50")), cell("%.0f", median(row, "paced_p99"))
}

function milters() {
	printf "\n%-44s %10s %5s %7s %5s %7s %6s %6s %6s %5s %6s\n", "", "messages/s", "ratio",
		"CPU us", "ratio", "CPU us*", "p50*", "p99*", "MiB", "WAL", "start"
	milter_row("floor_end", "floor, end of message")
	milter_row("floor_steps", "floor, all steps")
	milter_row("one", "themisd, 1 policy")
	milter_row("hundred", "themisd, 100 policies")
	milter_row("many", "themisd, 10,000 policies, 1,000,000 members")
	milter_row("counters", "themisd, 1,000,000 live counters")
	milter_row("spf", "themisd, 1 policy with SPF, answers cached")
	printf "\n* at %d messages a second, microseconds; MiB: resident, at rest after the start;", rate
	print " WAL: MiB of its file; start: seconds"
	printf "\nOne policy of 10,000 changed: %.0f ms until it is live and on the disk; the slowest message meanwhile %.1f ms\n",
		median("many", "change"), scaled("many", "pause", 1000)
	printf "A live counter: %.0f bytes\n",
		(median("counters", "rest") - median("one", "rest")) * 1024 / counters
	printf "While DNS is dead, 50 other sessions: p50 %.0f, p99 %.0f microseconds*\n",
		median("dead", "paced_p50"), median("dead", "paced_p99")
}

function policies() {
	printf "\n%-44s %10s %5s %7s %5s %7s %6s %6s %6s\n",
		"policy delegation protocol, of a request", "requests/s", "ratio", "CPU us",
		"ratio", "CPU us+", "ratio+", "p50+", "p99+"
	policy_row("policy_floor_end_20", "policy_floor_end_20", "floor")
	policy_row("policy_themis_end_20", "policy_floor_end_20", "themisd, 1 policy, END-OF-MESSAGE")
	policy_row("policy_themis_rcpt_20", "policy_floor_end_20", "themisd, 1 policy, RCPT")
	policy_row("policy_themis_both_20", "policy_floor_end_20", "themisd, 1 policy, RCPT and END-OF-MESSAGE")
	policy_row("policy_floor_end_50", "policy_floor_end_50", "floor, 50 connections")
	policy_row("policy_themis_end_50", "policy_floor_end_50", "themisd, END-OF-MESSAGE, 50 connections")
	printf "\n+ at %d requests a second, microseconds\n", policy_rate
}

function mails() {
	printf "\n%-44s %10s %9s %9s %10s %9s %9s\n", "through Postfix, CPU us a message, all",
		"one session", "to none", "to floor", "new ones", "to none", "to floor"
	mail_row("mail_none", "no milter")
	mail_row("mail_floor", "floor, end of message")
	mail_row("mail_themis", "themisd, 1 policy")
}

BEGIN { FS = "\t" }
{ value[$1, $2, ++count[$1, $2]] = $3 }
END {
	if (rounds > 0)
		printf "Medians of %d rounds, interleaved.\n", rounds
	if (median("floor_end", "fast_rate") != "")
		milters()
	if (median("policy_floor_end_20", "fast_rate") != "")
		policies()
	if (median("mail_none", "same") != "")
		mails()
	if (median("history_off", "fast_rate") != "")
		modes()
	if (median("made", "size_file") != "")
		made()
}
