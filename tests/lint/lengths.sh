#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# A source file stays under 500 lines, a function under 60 (doc/architecture.md,
# "How the code reads").  A function is what stands between a line that is only
# "{" and the next that is only "}".  Speaks TAP.

cd "${THEMIS_SOURCE:-.}" || exit 1

long_files() {
	for file; do
		awk 'END { if (NR > 500) print FILENAME ": " NR " lines" }' "$file"
	done
}

long_functions() {
	for file; do
		awk '/^{$/ { start = FNR; name = before }
			/^}$/ && start { if (FNR - start >= 60)
				print FILENAME ":" start ": " FNR - start + 1 " lines: " name
				start = 0 }
			{ before = $0 }' "$file"
	done
}

verdict() {
	if [ -z "$3" ]; then
		echo "ok $1 - $2"
	else
		echo "not ok $1 - $2"
		echo "$3" | sed 's/^/# /'
	fi
}

sources=$(find src shell tests/unit -name '*.[ch]')
echo 1..3
# shellcheck disable=SC2086 # names of ours, without blanks
verdict 1 'files under 500 lines' "$(long_files $sources)"
# shellcheck disable=SC2086
verdict 2 'functions under 60 lines' "$(long_functions $sources)"

probe=$(mktemp) || exit 1
{ echo 'int f(void)' && echo '{' && yes ';' | head -n 60 && echo '}'; } >"$probe"
if [ -n "$(long_functions "$probe")" ]; then
	echo 'ok 3 - a long function is found'
else
	echo 'not ok 3 - a long function is found'
fi
rm "$probe"
