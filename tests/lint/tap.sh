# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0
#
# What the lints share: they look at the source, and speak TAP.

cd "${THEMIS_SOURCE:-.}" || exit 1
n=0

# verdict DESCRIPTION FOUND: good if nothing was found.
verdict() {
	n=$((n + 1))
	if [ -z "$2" ]; then
		echo "ok $n - $1"
	else
		echo "not ok $n - $1"
		echo "$2" | sed 's/^/# /'
	fi
}

# with PROGRAM DESCRIPTION CHECK: skipped where the program is not installed, but
# not where everything has to run.
with() {
	if command -v "$1" >/dev/null; then
		verdict "$2" "$($3)"
	elif [ "${CI:-}" = true ]; then
		verdict "$2" "$1 is not installed"
	else
		n=$((n + 1))
		echo "ok $n - $2 # SKIP $1 is not installed"
	fi
}

done_linting() {
	echo "1..$n"
}
