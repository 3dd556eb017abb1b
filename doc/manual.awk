# Makes a manual page of its .in, in which comments stand for what the tables know:
#
#	.\"@ command NOUN [VERB]   the entry of a command: usage, what it does, whether
#				   it needs the role that changes something
#	.\"@ pairs SET		   the NAME=VALUE that commands with that set take
#	.\"@ attribute NAME	   the entry of an attribute of policies,
#	.\"@ setting NAME	   of a setting,
#	.\"@ key NAME		   of a key of themisd.conf: default, meaning, values, old
#				   name, and whether it can be given for a pool
#	.\"@ commands		   all commands in a list: usage, what they do, an example
#
# What a writer knows beyond that stands below the comment.  A page that has one entry
# of a kind has to have each, once, or it is not made.
#
#	awk -f def.awk FILE.def... | awk -f manual.awk - PAGE.in
#
# SPDX-License-Identifier: Apache-2.0

function fault(words) {
	print words >"/dev/stderr"
	failed = 1
}

# Text for a line of mdoc that begins with a letter or a digit.
function plain(text) {
	gsub(/\\/, "\\e", text)
	gsub(/--/, "\\-\\-", text)
	return text
}

# A sentence; what begins with a word and a colon speaks of that word, as it is spelled.
function sentence(text) {
	text = plain(text)
	if (text !~ /^[^ ]*:/)
		text = toupper(substr(text, 1, 1)) substr(text, 2)
	return text ~ /\.$/ ? text : text "."
}

# Prints the values that are possible, with END behind the last of them; those of a
# choice are words to be typed.
function values(kind, text, end, word, i, n, line) {
	if (kind !~ /^CHOICES?$/) {
		print plain(text) end
		return
	}
	gsub(/[,;] /, " & ", text)
	n = split(text, word, " ")
	for (i = 1; i <= n; i++)
		if (word[i] == "or")
			print "or"
		else if (word[i] !~ /^[,;]$/) {
			line = ".Ql " word[i]
			print line (word[i + 1] ~ /^[,;]$/ ? " " word[i + 1] : i == n && end ? " " end : "")
		}
}

# One word of a usage: FILE, --exact, all
function atom(word) {
	if (word ~ /^-/)
		return "Fl " substr(word, 2)
	if (word ~ /^[a-z]+$/)
		return "Cm " word
	return "Ar " word
}

# Words as usage has them: HEADER|all, [every 2s] COMMAND
function marked(words, word, part, i, k, n, m, out) {
	gsub(/\[/, "[ ", words)
	gsub(/\]/, " ]", words)
	n = split(words, word, " ")
	for (i = 1; i <= n; i++) {
		if (word[i] == "[")
			out = out " Oo"
		else if (word[i] == "]")
			out = out " Oc"
		else {
			m = split(word[i], part, "|")
			out = out " " atom(part[1])
			for (k = 2; k <= m; k++)
				out = out " Ns | Ns " atom(part[k])
		}
	}
	return substr(out, 2)
}

# The NAME=VALUE of a set; a value is called by what it names, or as the pair.
function all_pairs(set, i, f, out, what) {
	for (i = 1; i <= npairs; i++) {
		split(pair[i], f, "\t")
		if (f[2] != set)
			continue
		what = f[4] ~ /^(CHOICES?|WORD|TEXT)$/ ? toupper(f[3]) : f[4]
		out = out " Oo Va " f[3] " Ns = Ns Ar " what (f[1] == "LIST" ? " ..." : "") " Oc"
	}
	return out
}

# ONE(kind,WORD) and the like, as usage.
function argument(text, how, words) {
	how = substr(text, 1, index(text, "(") - 1)
	words = substr(text, index(text, "(") + 1)
	sub(/\)$/, "", words)
	if (how == "PAIRS")
		return all_pairs(words)
	if (how == "SOME")
		return " Ar NAME Ns = Ns Ar VALUE ..."
	words = marked(substr(words, index(words, ",") + 1))
	if (how == "ONE" || how == "NEED" || how == "FORM")
		return " " words
	if (how == "OPT" || how == "SAID" || how == "MUTE")
		return " Oo " words " Oc"
	if (how == "MANY")
		return " " words " ..."
	if (how == "ANY")
		return " Oo " words " ... Oc"
	fault("commands.def: " how ": no kind of argument that the manual knows")
}

# people: without what is for programs.
function command_entry(line, people, f, n, i, usage) {
	n = split(line, f, "\t")
	usage = ".It Cm " f[2] (f[3] ? " " f[3] : "")
	for (i = 9; i <= n; i++)
		if (!people || f[i] !~ /^MUTE/)
			usage = usage argument(f[i])
	print usage
	print sentence(f[7])
}

# With an example, where there is more to it than one word behind the command.
function commands_list(i, n, f, name) {
	print ".Bl -tag -width Ds"
	for (i = 1; i <= ncommands; i++) {
		command_entry(command[i], 1)
		n = split(command[i], f, "\t")
		name = f[3] ? f[2] " " f[3] : f[2]
		if (f[8] != name && (n > 9 || f[9] ~ /^(PAIRS|SOME|MANY|ANY)/))
			print ".Dl " plain(f[8])
	}
	print ".El"
}

function pairs_list(set, i, f, width) {
	for (i = 1; i <= npairs; i++) {
		split(pair[i], f, "\t")
		if (f[2] == set && length(f[3]) > length(width))
			width = f[3]
	}
	print ".Bl -tag -width \"" width "=xx\" -compact"
	for (i = 1; i <= npairs; i++) {
		split(pair[i], f, "\t")
		if (f[2] == set) {
			print ".It Va " f[3] " Ns ="
			values(f[4], f[5], ":")
			print plain(f[6])
		}
	}
	print ".El"
}

function title(name, default_value) {
	if (default_value == "NULL")
		return ".It Va " name " Pq required"
	if (default_value == "")
		return ".It Va " name " Pq empty"
	return ".It Va " name " Pq Ql " default_value
}

function value_entry(name, old, kind, possible, default_value, meaning) {
	print title(name, default_value)
	print sentence(meaning)
	print "Values:"
	values(kind, possible, ".")
	if (old != "")
		print "Old name:\n.Va " old " ."
}

function entry(what, name, f) {
	split(table[what, name], f, "\t")
	if (what == "command") {
		command_entry(table[what, name])
		if (f[5] !~ /^(READ|SEARCH|REPORT|ASK|LOCAL)$/)
			print "Changes."
	} else if (what == "pairs")
		pairs_list(name)
	else if (what == "key")
		value_entry(name, "", "WORD", f[5], f[4], f[6])
	else {
		value_entry(name, f[4], f[5], f[6], f[7], f[8])
		if (what == "setting" && f[9] == "POOL")
			print "Also for a pool."
	}
}

function keep(what, name) {
	table[what, name] = $0
}

BEGIN {
	FS = "\t"
}

NR == FNR && $1 == "COMMAND" {
	keep("command", $3 ? $2 " " $3 : $2)
	command[++ncommands] = $0
}
NR == FNR && ($1 == "PAIR" || $1 == "LIST") {
	keep("pairs", $2)
	pair[++npairs] = $0
}
NR == FNR && $1 == "ATTRIBUTE" { keep("attribute", $3) }
NR == FNR && $1 == "SETTING" { keep("setting", $3) }
NR == FNR && $1 == "KEY" { keep("key", $3) }
NR == FNR { next }

$0 == ".\\\"@ commands" {
	commands_list()
	next
}

/^\.\\"@ / {
	split($0, word, " ")
	name = substr($0, length(word[1] word[2]) + 3)
	if (!((word[2], name) in table))
		fault(FILENAME ":" FNR ": no " word[2] " " name)
	else if ((word[2], name) in said)
		fault(FILENAME ":" FNR ": " word[2] " " name " is there twice")
	else
		entry(word[2], name)
	said[word[2], name] = holds[word[2]] = 1
	next
}

{ print }

END {
	for (place in table) {
		split(place, word, SUBSEP)
		if (word[1] in holds && !(place in said))
			fault(FILENAME ": nothing on " word[1] " " word[2])
	}
	exit failed
}
