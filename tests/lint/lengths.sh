#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# A source file has 500 lines at most, scripts and tests too, a function 60
# (doc/architecture.md, "How the code reads").  A function is what stands between a line that is only
# "{" and the next that is only "}".  Speaks TAP.

# shellcheck source=tap.sh
. "$(dirname "$0")/tap.sh"

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

sources=$(find src shell tests/unit tests/fuzz tests/bench -name '*.[ch]')
scripts=$(find sql tests -name '*.sh' -o -name '*.test' -o -name '*.p[lm]' -o -name '*.awk')
# shellcheck disable=SC2086 # names of ours, without blanks
verdict 'files of 500 lines at most' "$(long_files $sources $scripts bootstrap)"
# shellcheck disable=SC2086
verdict 'functions of 60 lines at most' "$(long_functions $sources)"

probe=$(mktemp) || exit 1
{ echo 'int f(void)' && echo '{' && yes ';' | head -n 60 && echo '}'; } >"$probe"
found=$(long_functions "$probe")
[ -n "$found" ] && missed='' || missed='a function of 62 lines was not'
verdict 'a long function is found' "$missed"
yes '# a line' | head -n 501 >"$probe"
found=$(long_files "$probe")
rm "$probe"
[ -n "$found" ] && missed='' || missed='a file of 501 lines was not'
verdict 'a long file is found' "$missed"
done_linting
