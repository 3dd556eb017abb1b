#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# What style asks for and a program can see: clang-format, an SPDX line and an
# opening comment in every source, calls that have a better one, no thread-local
# state.  Speaks TAP.

# shellcheck source=tap.sh
. "$(dirname "$0")/tap.sh"

sources=$(find src shell tests/unit tests/fuzz tests/bench -name '*.[ch]' | sort)
# format FILE...: the lines that clang-format would write otherwise.
format() {
	clang-format --dry-run "$@" 2>&1 | grep -E 'warning|error' | head -20
}

format_all() {
	# shellcheck disable=SC2086 # names of ours, without blanks
	format $sources
}

# The lint itself: a function whose brace and blanks are elsewhere must be found, and
# nothing in one that is as it should be.
format_probe() {
	probe=$(mktemp -d) || echo 'no directory for the probe'
	cp .clang-format "$probe"
	printf 'int f( int a ) {\n  return a;\n}\n' >"$probe/wrong.c"
	printf 'int f(int a)\n{\n\treturn a;\n}\n' >"$probe/right.c"
	format "$probe/wrong.c" | grep -q 'wrong\.c:1:.*clang-format' || echo 'wrong.c was not'
	format "$probe/right.c"
	rm -r "$probe"
}

# shellcheck disable=SC2086 # names of ours, without blanks
{
	verdict 'an SPDX line in each source' \
		"$(grep -L 'SPDX-License-Identifier: Apache-2.0' $sources)"
	verdict 'an opening comment in each source' \
		"$(for file in $sources; do head -n 1 "$file" | grep -q '^/\*$' || echo "$file"; done)"
	verdict 'no call that has a better one' "$(grep -nE \
		'(^|[^_[:alnum:]])(strcpy|strcat|sprintf|gets|strtok|atoi|atol|alloca|system|popen)[[:space:]]*\(' \
		$sources)"
	verdict 'each test can be run' "$(find tests -name '*.test' ! -perm -u+x)"
	verdict 'no thread-local state' \
		"$(grep -nE '_Thread_local|__thread|pthread_getspecific' $sources)"
}
with clang-format 'as clang-format has it' format_all
with clang-format 'what clang-format has otherwise is found' format_probe
done_linting
