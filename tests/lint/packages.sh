#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# What the packages say more than once, they say alike: the version, whose one place is
# configure.ac, and the two lines for main.cf.  Speaks TAP.

# shellcheck source=tap.sh
. "$(dirname "$0")/tap.sh"

version=$(sed -n 's/^AC_INIT(\[Themis\], \[\([^]]*\)\].*/\1/p' configure.ac)

# same WHERE FOUND: another version than that of configure.ac, in words.
same() {
	[ -n "$version" ] && [ "$2" = "$version" ] ||
		echo "configure.ac has version ${version:-none}, $1 has ${2:-none}"
}

# first_of FILE: the version in its first line, as in "Themis 1.0.0 (2026-01-31)" of NEWS and
# "themis (1.0.0-1) unstable; ..." of debian/changelog, without the package's own number.
first_of() {
	case $1 in
	NEWS) sed -n '1s/^Themis \([0-9.]*\) ([0-9]\{4\}-[0-9][0-9]-[0-9][0-9])$/\1/p' "$1" ;;
	*) sed -n '1s/^themis (\([0-9.]*\)-[0-9.]*) .*/\1/p' "$1" ;;
	esac
}

# The newest entry of the rpm, "* Sat Jan 31 2026 Name <address> - 1.0.0-1".
first_of_spec() {
	sed -n '/^%changelog/,$s/^\* .* \([0-9.]*\)-[0-9]*$/\1/p' rpm/themis.spec.in | head -n 1
}

# milter_lines FILE: the lines for main.cf, without what is before them.
milter_lines() {
	sed -n 's/^[#[:blank:]]*\(\(non_\)\{0,1\}smtpd_milters = \(.*\)\)$/\1/p' "$1"
}

verdict 'NEWS begins with the version, and its date' "$(same NEWS "$(first_of NEWS)")"
verdict 'debian/changelog begins with the version' \
	"$(same debian/changelog "$(first_of debian/changelog)")"
verdict 'the changelog of the rpm begins with the version' \
	"$(same rpm/themis.spec.in "$(first_of_spec)")"
verdict 'the rpm has its version of configure.ac' \
	"$(grep -q '^Version: *@PACKAGE_VERSION@$' rpm/themis.spec.in || grep '^Version' rpm/themis.spec.in)"

verdict 'whatever is typed or shown has that version' "$(grep -rnoE \
	'themisd?[-_: ][0-9]+\.[0-9]+\.[0-9]+' README.md Containerfile doc host --include='*' |
	grep -v "[-_: ]$(echo "$version" | sed 's/[.]/[.]/g')\$")"

lines=$(milter_lines host/themisd.conf)
[ "$(echo "$lines" | wc -l)" -eq 2 ] && few='' || few="not two lines in host/themisd.conf: $lines"
verdict 'the configuration has the two lines for main.cf' "$few"
[ "$(milter_lines debian/themis.postinst)" = "$lines" ] && other='' ||
	other='debian/themis.postinst has others'
verdict 'the Debian package prints the same two' "$other"
done_linting
