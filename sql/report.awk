# Turns the files of report/ into C: a row of the table in db/report.h for each of them, with
# what the comments at its head say:
#
#	-- TITLE
#	--
#	-- what it tells, and how to read that
#	--
#	-- since: 1d		the default period, if it has one
#	-- top: 20		how many rows at most, likewise
#
#	awk -f report.awk report/NAME.sql...
#
# SPDX-License-Identifier: Apache-2.0

function fault(words) {
	print FILENAME ": " words >"/dev/stderr"
	failed = 1
	exit 1
}

function escaped(text) {
	gsub(/\\/, "\\\\", text)
	gsub(/"/, "\\\"", text)
	return text
}

function quoted(text) {
	return "\"" escaped(text) "\""
}

# A file is over.
function finish() {
	if (name == "")
		return
	if (sql == "")
		fault("a query has to stand below the comments")
	printf "\t{ %s, %s, %s, %s,\n%s\t},\n", quoted(name), quoted(title),
		since != "" ? quoted(since) : "NULL", top != "" ? top : 0, text
}

BEGIN {
	print "/* Made by sql/report.awk: change the files in sql/report/ instead. */"
	print "#include \"db/report.h\"\n\nconst struct report reports[] = {"
}

FNR == 1 {
	finish()
	name = FILENAME
	sub(/.*\//, "", name)
	if (name !~ /^[a-z][a-z-]*[a-z]\.sql$/)
		fault("a report's name is of small letters and -, and ends with .sql")
	sub(/\.sql$/, "", name)
	if (name ~ /^(list|show|html)$/)
		fault("\"report " name "\" is a command")
	if ($0 !~ /^-- ./)
		fault("the first line has to be \"-- TITLE\"")
	title = substr($0, 4)
	since = top = sql = text = ""
	head = 1
}

{ text = text "\t\t\"" escaped($0) "\\n\"\n" }

!/^--/ {
	head = 0
	sql = sql $0
}

head && /^-- (since|top):/ {
	if ($2 == "since:" && $3 ~ /^[1-9][0-9]*[hd]$/ && since == "" && NF == 3)
		since = $3
	else if ($2 == "top:" && $3 ~ /^[1-9][0-9]?[0-9]?$/ && top == "" && NF == 3)
		top = $3
	else
		fault("\"" $0 "\" is neither \"-- since: 7d\" nor \"-- top: 20\"")
}

END {
	if (failed)
		exit 1
	finish()
	if (failed)
		exit 1
	print "};\n\nconst size_t nreports = sizeof(reports) / sizeof(reports[0]);"
}
