/*
 * The sandbox of themis-spf.  A record of a stranger may take libspf2 over: what is left
 * then is a process that can speak to DNS servers and answer wrongly.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "spf/worker/sandbox.h"

#include "spf/worker/sandbox_needs.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <seccomp.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define NOBODY 65534 /* where no user has that name */

/* libunbound has a socket for each query of UDP and TCP (dns.c says how many), and its
 * pipes. */
#define FILES_MAX 512

/* What libunbound, libspf2 and malloc() need once they run (dns.h). */
static const char *const calls[] = { "bind", "brk", "clock_gettime", "clock_nanosleep",
	"close", "connect", "epoll_create1", "epoll_ctl", "epoll_pwait", "epoll_wait",
	"exit", "exit_group", "futex", "getpeername", "getpid", "getrandom",
	"getsockname", "getsockopt", "gettid", "gettimeofday", "madvise", "mmap",
	"mprotect", "mremap", "munmap", "nanosleep", "poll", "ppoll", "pselect6", "read",
	"readv", "recvfrom", "recvmsg", "restart_syscall", "rseq", "rt_sigaction",
	"rt_sigprocmask", "rt_sigreturn", "sched_yield", "select", "sendmmsg", "sendmsg",
	"sendto", "set_robust_list", "setsockopt", "shutdown", "sigaltstack", "time",
	"uname", "write", "writev", NULL };

/* What nobody tries who means well: it is killed for the attempt.  Everything else is
 * refused with EPERM, which libraries can live with. */
static const char *const deadly[] = { "execve", "execveat", "fork", "vfork", "ptrace",
	"process_vm_readv", "process_vm_writev", "kill", "tkill", "pidfd_open",
	"pidfd_getfd", "bpf", "io_uring_setup", "init_module", "finit_module", "mount",
	"unshare", "setns", NULL };

static int refused(struct err *err, const char *what)
{
	return err_set(err, "the system refuses %s: %s", what, strerror(errno));
}

static int become_nobody(struct err *err)
{
	const struct passwd *pw = getpwnam("nobody");
	uid_t uid = pw != NULL ? pw->pw_uid : NOBODY;
	gid_t gid = pw != NULL ? pw->pw_gid : NOBODY;

	if (geteuid() != 0 && getuid() != 0)
		return 0;
	if (setgroups(0, NULL) < 0 || setresgid(gid, gid, gid) < 0 ||
		setresuid(uid, uid, uid) < 0)
		return refused(err, "to become nobody");
	if (setuid(0) == 0 || getuid() == 0 || geteuid() == 0)
		return err_set(err, "root cannot be left");
	return 0;
}

int sandbox_begin(struct err *err)
{
	/* a change of the user takes the order to die with the parent back */
	if (become_nobody(err) < 0)
		return -1;
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return refused(err, "PR_SET_PDEATHSIG");
	if (prctl(PR_SET_DUMPABLE, 0) < 0)
		return refused(err, "PR_SET_DUMPABLE");
	return 0;
}

/* RLIMIT_NPROC counts all processes of a user, the daemon's too; and what could start
 * one is filtered. */
static int set_limits(struct err *err)
{
	const struct {
		int resource;
		rlim_t value;
	} limits[] = { { RLIMIT_AS, sandbox_address_space }, { RLIMIT_CORE, 0 },
		{ RLIMIT_FSIZE, 0 }, { RLIMIT_NOFILE, FILES_MAX }, { RLIMIT_MEMLOCK, 0 },
		{ RLIMIT_MSGQUEUE, 0 } };

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		struct rlimit limit;

		if (getrlimit(limits[i].resource, &limit) < 0)
			return refused(err, "to tell its limits");
		if (limits[i].value < limit.rlim_max)
			limit.rlim_max = limits[i].value;
		limit.rlim_cur = limit.rlim_max;
		if (setrlimit(limits[i].resource, &limit) < 0)
			return refused(err, "lower limits");
	}
	return 0;
}

/* --- the filter --- */

/* A name that this machine or this libseccomp does not have is nothing to filter. */
static int add(scmp_filter_ctx filter, uint32_t action, const char *const *names)
{
	for (; *names != NULL; names++) {
		int call = seccomp_syscall_resolve_name(*names), rc;

		if (call == __NR_SCMP_ERROR)
			continue;
		rc = seccomp_rule_add(filter, action, call, 0);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* A call that is allowed with this value of one of its arguments. */
struct exception {
	int call;
	unsigned argument; /* from 0 */
	scmp_datum_t value;
};

/* What the kernel takes of an argument may be its lower half, and what is compared is all
 * of it: so values are named that are allowed, never such as are not. */
static int add_some(scmp_filter_ctx filter)
{
	const struct exception exceptions[] = {
		{ SCMP_SYS(socket), 0, AF_INET },
		{ SCMP_SYS(socket), 0, AF_INET6 },
		{ SCMP_SYS(ioctl), 1, FIONBIO },
		{ SCMP_SYS(fcntl), 1, F_GETFD },
		{ SCMP_SYS(fcntl), 1, F_SETFD },
		{ SCMP_SYS(fcntl), 1, F_GETFL },
		/* abort() may kill the one who calls it */
		{ SCMP_SYS(tgkill), 0, (scmp_datum_t)getpid() },
	};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < sizeof(exceptions) / sizeof(exceptions[0]); i++)
		rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, exceptions[i].call, 1,
			SCMP_CMP(exceptions[i].argument, SCMP_CMP_EQ,
				exceptions[i].value));
	/* with O_ASYNC, descriptors send signals to whom they are told to */
	if (rc == 0)
		rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 2,
			SCMP_A1(SCMP_CMP_EQ, F_SETFL),
			SCMP_A2(SCMP_CMP_MASKED_EQ, O_ASYNC, 0));
	return rc;
}

/* bind() is allowed, and the filter does not see what to: a socket of this family that
 * has no name could become a file.  Each gets one of the kernel's choice (unix(7),
 * Autobind), and none gets two: that to the daemon, and those between libunbound's
 * threads.  New ones cannot be made, and descriptors are the lowest that are free. */
static int name_sockets(struct err *err)
{
	const struct sockaddr_un any = { .sun_family = AF_UNIX };

	for (int fd = 0; fd < FILES_MAX; fd++) {
		socklen_t len = sizeof(int);
		int domain;

		if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) == 0 &&
			domain == AF_UNIX &&
			bind(fd, (const struct sockaddr *)&any, sizeof(any.sun_family)) <
				0)
			return refused(err, "a name for its sockets");
	}
	return 0;
}

/* The daemon's log is no place for what a worker says that was taken over. */
static int be_silent(struct err *err)
{
	int fd;

	if (sandbox_may_complain)
		return 0;
	fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (fd < 0 || dup2(fd, STDERR_FILENO) < 0) {
		refused(err, "to open /dev/null");
		if (fd >= 0)
			close(fd);
		return -1;
	}
	if (fd != STDERR_FILENO)
		close(fd);
	return 0;
}

/* All threads are there already: the filter is for each of them (TSYNC). */
static int filter_calls(struct err *err)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int rc;

	if (filter == NULL)
		return err_set(err, "libseccomp does not work here");
	rc = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	if (rc == 0)
		rc = add(filter, SCMP_ACT_ALLOW, calls);
	if (rc == 0)
		rc = add(filter, SCMP_ACT_ALLOW, sandbox_more_calls);
	if (rc == 0)
		rc = add(filter, SCMP_ACT_KILL_PROCESS, deadly);
	if (rc == 0)
		rc = add_some(filter);
	if (rc == 0)
		rc = seccomp_load(filter);
	seccomp_release(filter);
	return rc == 0 ? 0
		       : err_set(err,
				 "the system refuses a filter of system calls "
				 "(seccomp): %s",
				 strerror(-rc));
}

int sandbox_close(struct err *err)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return refused(err, "PR_SET_NO_NEW_PRIVS");
	if (be_silent(err) < 0 || name_sockets(err) < 0 || set_limits(err) < 0)
		return -1;
	return filter_calls(err);
}
