#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# What style asks for and a program can see: clang-format, an SPDX line and an
# opening comment in every source, calls that have a better one, no thread-local
# state.  Speaks TAP.

# shellcheck source=tap.sh
. "$(dirname "$0")/tap.sh"

sources=$(find src shell tests/unit tests/fuzz -name '*.[ch]' | sort)
format() {
	# shellcheck disable=SC2086 # names of ours, without blanks
	clang-format --dry-run $sources 2>&1 | grep -E 'warning|error' | head -20
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
	verdict 'no thread-local state' \
		"$(grep -nE '_Thread_local|__thread|pthread_getspecific' $sources)"
}
with clang-format 'as clang-format has it' format
done_linting
