# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0
#
# Mail hosts with the Debian package: sourced behind chroot.sh.  They enter a root with
# host_do COMMAND..., which a test sets to what it is there: root_in, or one of its own.

DEBS=$PACKAGES/deb
PACKAGE=$(sed -n '1s/^themis (\(.*\)) .*/\1/p' "$THEMIS_SOURCE/debian/changelog")
DEB=themis_${PACKAGE}_$(dpkg --print-architecture).deb

# host_new NAME: a mail host with the package in /srv, and with what it depends on in the
# cache of apt, since a root that runs reaches nobody.
host_new() {
	root_copy "$1" host && cp "$DEBS/$DEB" "$ROOTS/$1/srv" &&
		root_run "$1" apt-get -qq install -y --no-install-recommends --download-only "/srv/$DEB" &&
		root_run "$1" useradd -m alice
}

# host_next NAME REVISION: the next revision of the package in /srv, with another
# configuration, as later versions may bring it.
host_next() {
	DEB_NEXT=themis_$VERSION-$2.deb
	rm -rf "$PACKAGES/next-$1" && dpkg-deb -R "$DEBS/$DEB" "$PACKAGES/next-$1" &&
		sed -i "s/^Version: .*/Version: $VERSION-$2/" "$PACKAGES/next-$1/DEBIAN/control" &&
		echo '# a later version' >>"$PACKAGES/next-$1/etc/themis/themisd.conf" &&
		dpkg-deb -Zgzip -z1 --root-owner-group -b "$PACKAGES/next-$1" "$ROOTS/$1/srv/$DEB_NEXT"
}

# host_apt ARGUMENT...: apt, asked nothing: what the administrator changed stays.
host_apt() {
	host_do apt-get -q -y --no-install-recommends -o Dpkg::Options::=--force-confold "$@" 2>&1
}

# smtp SENDER: what Postfix says to a message for alice in the end.
smtp() {
	host_do swaks --server 127.0.0.1 --from "$1" --to alice@mx.themis.test 2>&1 |
		sed -n 's/^<[-~*]*  *\([245][0-9][0-9] .*\)/\1/p' | grep -v '^221 ' | tail -n 1
}

# submit SENDER: by Postfix's sendmail.
submit() {
	host_do sh -c "echo 'Subject: submitted' | sendmail -f $1 alice@mx.themis.test"
}

# in_mailbox SENDER: how many of his messages alice has.
in_mailbox() {
	host_do grep -c "^From $1 " /var/mail/alice
}

# judged: how many messages themisd has counted so far.
judged() {
	host_do tmsh -j stats | sed -n 's/^{"policy":"all",.*"messages":\([0-9]*\).*/\1/p'
}

# used SENDER: how much of his limit is used.
used() {
	host_do tmsh -j counter list | sed -n "s/.*\"object\":\"$1\".*\"used\":\([0-9]*\).*/\1/p"
}

# owner PATH...: mode, owner and group of each.
owner() {
	host_do stat -c '%a %U:%G' "$@"
}

# reaches USER PATH: can he connect to the socket?
reaches() {
	host_do runuser -u "$1" -- perl -MIO::Socket::UNIX -e \
		'exit !IO::Socket::UNIX->new(Peer => $ARGV[0])' "$2"
}

# left: what bears the name of Themis anywhere, but for our packages in /srv.
left() {
	host_do find / -xdev -path /srv -prune -o -iname '*themis*' -print
}
