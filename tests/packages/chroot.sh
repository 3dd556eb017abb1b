# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0
#
# What every tests/packages/*.test begins with: the checks of tests/system/lib.sh, and
# roots, which are whole Debian systems in a directory each.  A root can be entered
# (root_run), or started with a service manager of its own (root_boot, root_in).
#
# The test runs in a mount and a process namespace of its own: when it ends, however it
# ends, nothing that it has mounted or started is left.  What is kept for other tests is
# in $PACKAGES, beneath the build:
#
#	roots/base	what debootstrap makes: required packages, and apt
#	roots/host	base with systemd and Postfix, as a mail host has them
#	dist/		the tarball of `make dist`, of which all packages are made
#	deb/ rpm/	the packages
#
# base.test makes the first three; the makefile says which test needs which.

if [ -z "${PACKAGES_INSIDE:-}" ]; then
	[ "$(id -u)" -eq 0 ] || { echo '1..0 # SKIP only root can make a root'; exit 0; }
	PACKAGES_INSIDE=yes
	export PACKAGES_INSIDE
	exec unshare --mount --pid --fork --kill-child --mount-proc --propagation private \
		sh "$0" "$@"
fi

THEMIS_SYSTEM=$(cd "$(dirname "$0")/../system" && pwd)
# shellcheck source=../system/lib.sh
. "$THEMIS_SYSTEM/lib.sh"
need debootstrap unshare nsenter

PACKAGES=${THEMIS_BUILD:?}/packages
ROOTS=$PACKAGES/roots
VERSION=$(sed -n 's/^AC_INIT(\[Themis\], \[\([^]]*\)\].*/\1/p' "${THEMIS_SOURCE:?}/configure.ac")
RELEASE=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)

# --- roots ---

# root_copy NAME FROM: a new root like another one, without what is mounted there.
root_copy() {
	rm -rf "${ROOTS:?}/$1"
	cp -a -x --reflink=auto "$ROOTS/$2" "$ROOTS/$1"
}

# root_mount NAME: what programs expect to be there.
root_mount() {
	mountpoint -q "$ROOTS/$1/proc" && return 0
	mount -t proc proc "$ROOTS/$1/proc" && mount --rbind /dev "$ROOTS/$1/dev" &&
		mount -t tmpfs -o mode=755 tmpfs "$ROOTS/$1/run" &&
		cp /etc/resolv.conf "$ROOTS/$1/etc/resolv.conf"
}

# root_remove NAME: with all that is mounted there.
root_remove() {
	for root_mounted in proc dev run; do
		! mountpoint -q "$ROOTS/$1/$root_mounted" || umount -l "$ROOTS/$1/$root_mounted" || return 1
	done
	rm -rf --one-file-system "${ROOTS:?}/$1"
}

# clean COMMAND...: with nothing of our environment.
clean() {
	env -i HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

# root_run NAME COMMAND...: as root of it, with no service manager there.
root_run() {
	root_name=$1
	shift
	root_mount "$root_name" && clean chroot "$ROOTS/$root_name" "$@" </dev/null
}

# root_as NAME USER COMMAND...
root_as() {
	root_name=$1
	root_user=$2
	shift 2
	root_mount "$root_name" &&
		clean chroot --userspec="$root_user" "$ROOTS/$root_name" "$@" </dev/null
}

# root_install NAME PACKAGE...: from Debian, or a .deb in the root (an absolute path).
root_install() {
	root_name=$1
	shift
	root_run "$root_name" apt-get -qq install -y --no-install-recommends "$@"
}

# --- roots that run ---

# root_boot NAME: its systemd as the first process of it, with a network of its own,
# which has nothing but the loopback interface.  One at a time.
root_boot() {
	# the tree of control groups that systemd shall see, on a host with any layout
	root_groups=$(findmnt -n -t cgroup2 -o TARGET | head -n 1) &&
		root_groups=$(mktemp -d "$root_groups/themis.XXXXXX") || return 1
	cat >"$PACKAGES/boot-$1.sh" <<-'END'
		echo $$ >"$2/cgroup.procs" &&
		exec unshare --mount --pid --fork --kill-child --uts --ipc --net --cgroup \
			sh -c '
			set -e
			ip link set lo up
			hostname mx.themis.test
			mount --bind "$1" "$1"
			mount -t proc proc "$1/proc"
			mount -t sysfs -o ro sysfs "$1/sys"
			mount -t cgroup2 cgroup2 "$1/sys/fs/cgroup"
			mount -t tmpfs -o mode=755 tmpfs "$1/run"
			mount --rbind /dev "$1/dev"
			exec env -i container=themis PATH=/usr/sbin:/usr/bin:/sbin:/bin \
				chroot "$1" /lib/systemd/systemd' sh "$1"
	END
	sh "$PACKAGES/boot-$1.sh" "$ROOTS/$1" "$root_groups" >"$PACKAGES/boot-$1.log" 2>&1 </dev/null &
	root_unshare=$!
	wait_for 60 root_has_booted
}

root_has_booted() {
	root_init=$(pgrep -P "$root_unshare") && [ -n "$root_init" ] &&
		root_in systemctl is-system-running 2>/dev/null |
		grep -qx 'running\|degraded'
}

# root_in COMMAND...: in the root that was started, as its root.
root_in() {
	clean nsenter -t "$root_init" --mount --pid --uts --ipc --net --cgroup --root --wd \
		"$@" </dev/null
}

# root_halt: ends it as a machine is ended; what does not end is killed.
root_halt() {
	kill -s RTMIN+4 "$root_init"
	wait_for 60 site_gone "$root_unshare" || kill -KILL "$root_init"
	wait "$root_unshare" 2>/dev/null
	find "$root_groups" -depth -type d -exec rmdir {} \;
}
