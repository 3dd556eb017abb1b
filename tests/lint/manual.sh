#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The manual has what the program has, no less and no more.  Where the tables that the
# program is made from say it, doc/manual.awk writes it, and makes no page that lacks
# something of a table; the pages that come out are held against the tables here, and
# the others too.  An entry is a line of this form:
#
#	.It Cm policy add ...		a command, under COMMANDS of two pages
#	.It Va policy Ns =		a pair, in the entry of a command
#	.It Va priority Pq Ql 5		an attribute, under POLICIES; a setting, under
#	.It Va reply Pq empty		SETTINGS; a key, under KEYS; with its default
#	.It Va source Pq required
#	.It Va used			a column, under the view's name
#	.It Va chroot Pq error		a finding of doctor, with its severity
#	.It Ic -g --policy all		a form of tmscli, under FORMS
#	.It Va JailHeader		what it has no more, under that title
#
# Each command is also called by a system test, and mandoc has no warning.  Speaks
# TAP.

# shellcheck source=tap.sh
. "$(dirname "$0")/tap.sh"

# calls FILE: the macro calls of a .def, one a line, their arguments separated by tabs.
calls() {
	awk -f doc/def.awk "$1" | cut -f 2-
}

# make_pages: all pages into $pages, as the makefile makes them; says what is wrong.
make_pages() {
	rm -rf "$pages"
	mkdir "$pages" && cp doc/*.[1-9] "$pages"
	for page in doc/*.in; do
		awk -f doc/def.awk src/ctl/*.def src/conf.def |
			awk -f doc/manual.awk - "$page" >"$pages/$(basename "$page" .in)"
	done 2>&1
}

# section FILE TITLE: what stands between this .Sh or .Ss and the next of its kind.
section() {
	awk -v title="$2" '
	$1 == ".Sh" || ($1 == ".Ss" && kind != ".Sh") {
		kind = ""
		n = split(substr($0, 5), titles, " , ")
		for (i = 1; i <= n; i++)
			if (titles[i] == title)
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

# entries FILE TITLE: "name (default)" of each .It Va of a section; one may name several,
# with commas between.
entries() {
	section "$1" "$2" | sed '/^\.It Va .* , /s/ , /\n.It Va /g' | sed -n -e 's/^\.It Va \([^ ]*\) Pq Ql \(.*\)/\1 (\2)/p' \
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
	for page in themis-control.7 tmsh.1; do
		differ "$(command_names)" "$(section "$pages/$page" COMMANDS |
			sed -n 's/^\.It Cm \([a-z ]*[a-z]\).*/\1/p')" $page
	done
}

check_pairs() {
	page=themis-control.7
	differ "$(calls src/ctl/pairs.def | cut -f 2 | sort -u)" \
		"$(section "$pages/$page" COMMANDS | sed -n 's/^\.It Va \([a-z]*\) Ns =$/\1/p' | sort -u)" $page
}

check_attributes() {
	differ "$(defaults src/ctl/attributes.def 2 6)" \
		"$(entries "$pages/themis-control.7" POLICIES)" themis-control.7
}

check_settings() {
	differ "$(defaults src/ctl/settings.def 2 6)" \
		"$(entries "$pages/themis-control.7" SETTINGS)" themis-control.7
}

check_keys() {
	differ "$(defaults src/conf.def 2 3)" \
		"$(entries "$pages/themisd.conf.5" KEYS)" themisd.conf.5
}

check_findings() {
	differ "$(calls shell/doctor.def | awk -F '\t' '{ print $2 " " tolower($3) }')" \
		"$(entries "$pages/tmsh.1" 'How Postfix calls Themis')" tmsh.1
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
# "\n" in a string.  A test that only sees a command refused does not use it, and one
# that the makefile does not run tests nothing.
check_calls() {
	begin='(^[[:space:]]*|(^|[^a-z_])tm( -j)? |tmsh"( -[a-z]( "[^"]*")?)* |\\n|printf .)'
	end="([[:space:]'\"\\;)|]|\$)"
	command_names | while read -r command; do
		# shellcheck disable=SC2046 # names of ours, without blanks
		grep -hv '^[[:space:]]*#' $(grep -o 'tests/system/[a-z_]*\.test' Makefile.am) |
			grep -v 'refused ' | grep -Eq "$begin$command$end" ||
			echo "$command: no system test calls it"
	done
}

check_mandoc() {
	for page in "$pages"/*; do
		mandoc -T lint -W warning "$page"
	done 2>&1
}

scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
pages=$scratch/pages
verdict 'each page has all of the tables that it is about' "$(make_pages)"
verdict 'each command is in themis-control.7 and in tmsh.1' "$(check_commands)"
verdict 'each pair is in themis-control.7' "$(check_pairs)"
verdict 'each attribute is in themis-control.7, with its default' "$(check_attributes)"
verdict 'each setting is in themis-control.7, with its default' "$(check_settings)"
verdict 'each key is in themisd.conf.5, with its default' "$(check_keys)"
verdict 'each finding of doctor is in tmsh.1, with its severity' "$(check_findings)"
verdict 'each form of tmscli is in tmscli.1' "$(check_forms)"
verdict 'what tmscli has no more is in tmscli.1' "$(check_gone)"
with sqlite3 'each column of a view is in themis-schema.7' check_columns
verdict 'each command is called by a system test' "$(check_calls)"
with mandoc 'mandoc has no warning' check_mandoc

# the lint itself: what is added to one of the tables, or to a page, alone must be found
original=$PWD
probe=$scratch/probe
missed=

# found_by CHECK...: the probe is found by each of them.
found_by() {
	made=$(make_pages)
	for check; do
		case $check in
		columns) command -v sqlite3 >/dev/null || continue ;;
		mandoc) command -v mandoc >/dev/null || continue ;;
		esac
		if [ "$check" = made ]; then
			echo "$made"
		else
			"check_$check"
		fi | grep -qi probe || missed="$missed $file:$check"
	done
}

# added FILE LINE CHECK...: LINE is added to FILE of a fresh copy.
added() {
	file=$1
	rm -rf "$probe"
	mkdir -p "$probe/src" "$probe/tests" && cp -R src/ctl src/conf.def "$probe/src" &&
		cp -R Makefile.am shell sql doc "$probe" && cp -R tests/system "$probe/tests" &&
		chmod -R u+w "$probe" && cd "$probe" || exit 1
	printf '%s\n' "$2" >>"$file"
	shift 2
	found_by "$@"
	cd "$original" || exit 1
}

added src/ctl/commands.def \
	'COMMAND("probe", "", do_probe, READ, NONE, "a probe", "probe", PAIRS(COUNTER))' \
	made commands calls
added src/ctl/pairs.def 'PAIR(PROBE, "probe", WORD, "a", "a probe")' made pairs
added src/ctl/attributes.def \
	'ATTRIBUTE(PROBE, "probe", "", WORD, "a, b", "a", "a probe")' made attributes
added src/ctl/settings.def \
	'SETTING(PROBE, "probe", "", WORD, "a, b", "", "a probe", SITE)' made settings
added src/conf.def 'KEY(PROBE, "probe", "a", "a, b", "a probe")' made keys
added shell/doctor.def 'FINDING(PROBE, "probe", ADVICE, check_probe, "A probe.")' findings
added shell/tmscli.def \
	'FORM(GET, POLICY, 0, NULL, 0, 0, "PROBE", "policy show", build_words)' forms
added shell/tmscli_value.c "$(printf '\t{ TMSCLI_FEATURE, "probe", "a probe" },')" gone
added sql/migrate/9999-probe.sql 'CREATE VIEW v_probe AS SELECT 1 AS probe;' columns
added doc/themisd.8 '.Probe' mandoc
added doc/themis-control.7.in '.\"@ setting probe' made
verdict 'what is not in the manual is found' "$missed"
done_linting
