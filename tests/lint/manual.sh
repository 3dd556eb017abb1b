#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The manual has what the program has, no less and no more: the tables that the
# program is made from are held against the entries of the pages.  An entry is a
# line of this form:
#
#	.It Cm policy add ...		a command, under COMMANDS
#	... Va policy Ns = ...		in a command's entry, a pair that it takes
#	.It Va priority Pq Ql 5		an attribute, under POLICIES; a setting, under
#	.It Va reply Pq empty		SETTINGS; a key, under KEYS; with its default
#	.It Va source Pq required
#	.It Va used			a column, under the view's name
#	.It Ic -g --policy all		a form of tmscli, under FORMS
#	.It Va JailHeader		what it has no more, under that title
#
# Each command is also called by a system test, and mandoc has no warning.  Speaks
# TAP.

# shellcheck source=tap.sh
. "$(dirname "$0")/tap.sh"

# calls FILE: the macro calls of a .def, one a line, their arguments separated by
# tabs; a string loses its quotes, white space outside of strings goes.
calls() {
	awk '
	{ text = text $0 "\n" }
	END {
		while (match(text, /\/\*([^*]|\*+[^*\/])*\*+\//))
			text = substr(text, 1, RSTART - 1) substr(text, RSTART + RLENGTH)
		for (i = 1; i <= length(text); i++) {
			c = substr(text, i, 1)
			if (c == "\"")
				quoted = !quoted
			else if (quoted)
				line = line c
			else if (c == "(" && depth++ == 0)
				line = ""
			else if (c == ")" && --depth == 0)
				print line
			else if (c == "," && depth == 1)
				line = line "\t"
			else if (c !~ /[ \t\n]/)
				line = line c
		}
	}' "$1"
}

# section FILE TITLE: what stands between this .Sh or .Ss and the next of its kind.
section() {
	awk -v title="$2" '
	$1 == ".Sh" || ($1 == ".Ss" && kind != ".Sh") {
		kind = ""
		if (substr($0, 5) == title)
			kind = $1
		next
	}
	kind != ""' "$1"
}

# differ WANTED FOUND WHERE: what is in one list only.
differ() {
	printf '%s\n' "$1" | sort >"$scratch/wanted"
	printf '%s\n' "$2" | sort >"$scratch/found"
	comm -23 "$scratch/wanted" "$scratch/found" | sed "s|\$|: not in $3|"
	comm -13 "$scratch/wanted" "$scratch/found" | sed "s|\$|: only in $3|"
}

# entries FILE TITLE: "name (default)" of each .It Va of a section.
entries() {
	section "$1" "$2" | sed -n -e 's/^\.It Va \([^ ]*\) Pq Ql \(.*\)/\1 (\2)/p' \
		-e 's/^\.It Va \([^ ]*\) Pq \([a-z]*\)$/\1 \2/p' \
		-e 's/^\.It Va \([^ ]*\)$/\1/p'
}

# defaults FILE NAME-FIELD DEFAULT-FIELD: the same of a .def.
defaults() {
	calls "$1" | awk -F '\t' -v name="$2" -v value="$3" '{
		if ($value == "") print $name " empty"
		else if ($value == "NULL") print $name " required"
		else print $name " (" $value ")" }'
}

command_names() {
	calls src/ctl/commands.def | awk -F '\t' '{ print $2 ? $1 " " $2 : $1 }'
}

check_commands() {
	page=doc/themis-control.7
	differ "$(command_names)" \
		"$(section $page COMMANDS | sed -n 's/^\.It Cm \([a-z ]*[a-z]\).*/\1/p')" $page
}

# A pair is named by every command that takes its set.
check_pairs() {
	calls src/ctl/pairs.def >"$scratch/pairs"
	calls src/ctl/commands.def | awk -F '\t' -v pairs="$scratch/pairs" '
	BEGIN {
		while ((getline line <pairs) > 0) {
			split(line, f, "\t")
			names[f[1]] = names[f[1]] " " f[2]
		}
	}
	{
		for (i = 8; i <= NF; i++) {
			set = $i
			if (sub(/^PAIRS\(/, "", set) && sub(/\)$/, "", set)) {
				n = split(names[set], name, " ")
				for (k = 1; k <= n; k++)
					print name[k] "\t" $1 ($2 ? " " $2 : "")
			}
		}
	}' | while IFS='	' read -r pair command; do
		section doc/themis-control.7 COMMANDS | grep "^\\.It Cm $command " |
			grep -q " Va $pair Ns = " ||
			echo "$command $pair=: not in doc/themis-control.7"
	done
}

check_attributes() {
	differ "$(defaults src/ctl/attributes.def 2 6)" \
		"$(entries doc/themis-control.7 POLICIES)" doc/themis-control.7
}

check_settings() {
	differ "$(defaults src/ctl/settings.def 2 6)" \
		"$(entries doc/themis-control.7 SETTINGS)" doc/themis-control.7
}

check_keys() {
	differ "$(defaults src/conf.def 2 3)" \
		"$(entries doc/themisd.conf.5 KEYS)" doc/themisd.conf.5
}

# The options of tmscli are a table in tmscli_form.c.
check_forms() {
	sed -n 's/.*{ "\(--*[a-z-]*\)", IS_[A-Z]*, \([A-Z]*\) }.*/\2\t\1/p' \
		shell/tmscli_form.c >"$scratch/options"
	calls shell/tmscli.def | awk -F '\t' -v options="$scratch/options" '
	BEGIN {
		while ((getline line <options) > 0) {
			split(line, f, "\t")
			text[f[1]] = f[2]
		}
	}
	{
		n = split($1, verb, "|")
		form = text[verb[1]]
		for (i = 2; i <= n; i++)
			form = form "|" text[verb[i]]
		print form " " text[$2] ($7 ? " " $7 : "")
	}' >"$scratch/forms"
	differ "$(cat "$scratch/forms")" \
		"$(section doc/tmscli.1 FORMS | sed -n 's/^\.It Ic //p')" doc/tmscli.1
}

check_gone() {
	differ "$(sed -n 's/^\t{ TMSCLI_[A-Z]*, "\([^"]*\)".*/\1/p' shell/tmscli_value.c)" \
		"$(section doc/tmscli.1 'WHAT IS NO MORE' | sed -n 's/^\.It Va //p')" doc/tmscli.1
}

# The views as SQLite has them, from the migrations.
check_columns() {
	cat sql/migrate/*.sql >"$scratch/schema"
	echo "SELECT v.name, c.name FROM sqlite_schema v, pragma_table_info(v.name) c
		WHERE v.type = 'view' AND v.name GLOB 'v_*';" >>"$scratch/schema"
	sqlite3 -bail -list -separator ' ' :memory: <"$scratch/schema" >"$scratch/columns" ||
		echo 'the migrations do not run'
	[ -s "$scratch/columns" ] || echo 'no views'
	cut -d ' ' -f 1 "$scratch/columns" | sort -u | while read -r view; do
		differ "$(sed -n "s/^$view //p" "$scratch/columns")" \
			"$(entries doc/themis-schema.7 "$view")" "doc/themis-schema.7, $view"
	done
}

# A call is a line, or what stands behind "tm", "tmsh", their options, "! tm" or a
# "\n" in a string.  A test that only sees a command refused does not use it.
check_calls() {
	begin='(^[[:space:]]*|(^|[^a-z_])tm( -j)? |tmsh"( -[a-z]( "[^"]*")?)* |\\n|printf .)'
	end="([[:space:]'\"\\;)|]|\$)"
	command_names | while read -r command; do
		grep -hv '^[[:space:]]*#' tests/system/*.test | grep -v 'refused ' |
			grep -Eq "$begin$command$end" ||
			echo "$command: no system test calls it"
	done
}

check_mandoc() {
	for page in doc/*.[1-9]; do
		mandoc -T lint -W warning "$page"
	done 2>&1
}

scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
verdict 'each command is in themis-control.7' "$(check_commands)"
verdict 'each pair is in the entry of its commands' "$(check_pairs)"
verdict 'each attribute is in themis-control.7, with its default' "$(check_attributes)"
verdict 'each setting is in themis-control.7, with its default' "$(check_settings)"
verdict 'each key is in themisd.conf.5, with its default' "$(check_keys)"
verdict 'each form of tmscli is in tmscli.1' "$(check_forms)"
verdict 'what tmscli has no more is in tmscli.1' "$(check_gone)"
with sqlite3 'each column of a view is in themis-schema.7' check_columns
verdict 'each command is called by a system test' "$(check_calls)"
with mandoc 'mandoc has no warning' check_mandoc

# the lint itself: what is added to each of the tables alone must be found
probe=$scratch/probe
mkdir -p "$probe/src" "$probe/tests" && cp -R src/ctl src/conf.def "$probe/src" &&
	cp -R shell sql doc "$probe" && cp -R tests/system "$probe/tests" &&
	chmod -R u+w "$probe" && cd "$probe" || exit 1
echo 'COMMAND("probe", "", do_probe, READ, NONE, "a probe", "probe", PAIRS(COUNTER))' >>src/ctl/commands.def
echo 'ATTRIBUTE(PROBE, "probe", "", WORD, "a, b", "a", "a probe")' >>src/ctl/attributes.def
echo 'SETTING(PROBE, "probe", "", WORD, "a, b", "", "a probe")' >>src/ctl/settings.def
echo 'PAIR(RESET, "probe", WORD, "a", "a probe")' >>src/ctl/pairs.def
echo 'KEY(PROBE, "probe", "a", "a, b")' >>src/conf.def
echo 'FORM(GET, POLICY, 0, NULL, 0, 0, "PROBE", "policy show", build_words)' >>shell/tmscli.def
printf '\t{ TMSCLI_FEATURE, "probe", "a probe" },\n' >>shell/tmscli_value.c
echo 'CREATE VIEW v_probe AS SELECT 1 AS probe;' >sql/migrate/9999-probe.sql
echo '.Probe' >>doc/themisd.8
missed=
for check in commands pairs attributes settings keys forms gone columns calls mandoc; do
	case $check in
	columns) command -v sqlite3 >/dev/null || continue ;;
	mandoc) command -v mandoc >/dev/null || continue ;;
	esac
	"check_$check" | grep -qi probe || missed="$missed $check"
done
verdict 'what is not in the manual is found' "$missed"
done_linting
