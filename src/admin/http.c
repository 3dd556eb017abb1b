/*
 * The HTTP server, by libmicrohttpd, on one thread of ours: so its callbacks need no
 * lock.  We accept connections ourselves, since a strange one is to cost a bounded time,
 * whatever it sends or leaves unread, and libmicrohttpd's own timeout begins anew with
 * each octet.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/http.h"

#include "admin/health.h"
#include "admin/metrics.h"
#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <microhttpd.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define DATABASE_PATIENCE 100 /* milliseconds: what is locked is left out */
#define ACCEPT_PAUSE	  CLOCK_SECOND

/* How long one keeps his place while others wait for it: until his answer was read, and
 * who has not asked yet */
#define PLACE_KEPT	   CLOCK_SECOND
#define PLACE_KEPT_UNASKED (CLOCK_SECOND / 10)

struct visit {
	int fd; /* libmicrohttpd's */
	int64_t since;
	bool asked; /* a whole request */
};

static struct {
	int listener;	  /* -1: not opened */
	const char *path; /* to be removed; NULL: not a UNIX socket, or not ours */
	const char *spelling;
	int wake; /* an eventfd: we are to stop */
	bool started;
	pthread_t thread;
	atomic_bool stopping;

	/* the thread's alone, once it is started */
	const struct admin *admin;
	struct db *db;
	struct MHD_Daemon *mhd;
	int epoll; /* libmicrohttpd's: it has something to do */
	struct visit visits[HTTP_CONNECTIONS_MAX];
	unsigned n;
	int64_t accept_after; /* out of descriptors: not before that moment */
} http = { .listener = -1, .wake = -1 };

/* --- what is answered --- */

/* Takes the text over.  One request a connection: so a connection has an end. */
static enum MHD_Result answer(
	struct MHD_Connection *connection, unsigned status, const char *type, char *text)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(
		strlen(text), text, MHD_RESPMEM_MUST_FREE);
	enum MHD_Result rc;

	if (response == NULL)
		mem_exhausted();
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	rc = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return rc;
}

static enum MHD_Result answer_metrics(struct MHD_Connection *connection)
{
	size_t size;

	return answer(connection, MHD_HTTP_OK, "text/plain; version=0.0.4; charset=utf-8",
		metrics_text(http.admin, http.db, METRICS_PROMETHEUS, &size));
}

#define PLAIN "text/plain; charset=utf-8"

static enum MHD_Result answer_health(struct MHD_Connection *connection)
{
	char *text;
	bool well = health_text(&text);

	return answer(connection, well ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE,
		PLAIN, text);
}

static const struct {
	const char *path;
	enum MHD_Result (*answer)(struct MHD_Connection *connection);
} pages[] = {
	{ "/metrics", answer_metrics },
	{ "/healthz", answer_health },
};

#define PAGES (sizeof(pages) / sizeof(pages[0]))

static int fd_of(struct MHD_Connection *connection)
{
	return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)
		->connect_fd;
}

static struct visit *find_visit(int fd)
{
	for (unsigned i = 0; i < http.n; i++)
		if (http.visits[i].fd == fd)
			return &http.visits[i];
	return NULL;
}

/* MHD_AccessHandlerCallback.  A body is not waited for: whoever sends one is answered,
 * and the connection closed. */
static enum MHD_Result on_request(void *cls, struct MHD_Connection *connection,
	const char *url, const char *method, const char *version, const char *body,
	size_t *size, void **request)
{
	struct visit *v = find_visit(fd_of(connection));
	size_t i = 0;

	if (v != NULL)
		v->asked = true;
	(void)cls;
	(void)version;
	(void)body;
	(void)size;
	(void)request;
	while (i < PAGES && strcmp(pages[i].path, url) != 0)
		i++;
	if (i == PAGES)
		return answer(connection, MHD_HTTP_NOT_FOUND, PLAIN,
			mem_strdup("there are /metrics and /healthz\n"));
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 &&
		strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
		return answer(connection, MHD_HTTP_METHOD_NOT_ALLOWED, PLAIN,
			mem_strdup("only GET and HEAD\n"));
	return pages[i].answer(connection);
}

/* MHD_LogCallback.  What it tells is what clients do: one that looks whether the port is
 * open, and goes, is a line. */
static void __attribute__((format(printf, 2, 0)))
on_log(void *cls, const char *fmt, va_list ap)
{
	char line[LOG_LINE_MAX];

	(void)cls;
	vsnprintf(line, sizeof(line), fmt, ap);
	line[strcspn(line, "\n")] = '\0';
	log_debug("metrics_listen: %s", line);
}

/* --- connections --- */

/* MHD_NotifyConnectionCallback; a connection that is closed has its descriptor still. */
static void on_connection(void *cls, struct MHD_Connection *connection, void **context,
	enum MHD_ConnectionNotificationCode code)
{
	int fd = fd_of(connection);
	struct visit *v;

	(void)cls;
	(void)context;
	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		http.visits[http.n++] = (struct visit){ fd, clock_now(), false };
		return;
	}
	v = find_visit(fd);
	if (v != NULL)
		*v = http.visits[--http.n];
}

/* Until when he keeps his place, if others wait for it. */
static int64_t keeps_until(const struct visit *v)
{
	return v->since + (v->asked ? PLACE_KEPT : PLACE_KEPT_UNASKED);
}

static struct visit *first_to_go(void)
{
	struct visit *v = &http.visits[0];

	for (unsigned i = 1; i < http.n; i++)
		if (keeps_until(&http.visits[i]) < keeps_until(v))
			v = &http.visits[i];
	return v;
}

/* Until when newcomers are not looked at. */
static int64_t deaf_until(void)
{
	return http.n == HTTP_CONNECTIONS_MAX ? keeps_until(first_to_go())
					      : http.accept_after;
}

/* libmicrohttpd closes it once it has seen that. */
static void end_visit(const struct visit *v)
{
	shutdown(v->fd, SHUT_RDWR);
}

/* Somebody waits outside. */
static void take_on(int64_t now)
{
	if (http.n == HTTP_CONNECTIONS_MAX)
		end_visit(first_to_go());
	while (http.n < HTTP_CONNECTIONS_MAX) {
		struct sockaddr_storage address;
		socklen_t size = sizeof(address);
		int fd = accept4(http.listener, (struct sockaddr *)&address, &size,
			SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd < 0) {
			if (errno != EAGAIN && errno != ECONNABORTED && errno != EINTR)
				http.accept_after = now + ACCEPT_PAUSE;
			return;
		}
		/* it closes what it does not take */
		if (MHD_add_connection(http.mhd, fd, (struct sockaddr *)&address, size) !=
			MHD_YES)
			return;
	}
}

static void end_late(int64_t now)
{
	for (unsigned i = 0; i < http.n; i++)
		if (now - http.visits[i].since >= HTTP_SECONDS * CLOCK_SECOND)
			end_visit(&http.visits[i]);
}

/* Milliseconds; while nobody is there, and nobody waits outside, for ever. */
static int patience(int64_t now)
{
	MHD_UNSIGNED_LONG_LONG wanted;
	int64_t most = deaf_until() - now;

	if (http.n == 0 && most <= 0)
		return -1;
	most = most > 0 && most < CLOCK_SECOND ? most / 1000 + 1 : 1000;
	if (http.n > 0 && MHD_get_timeout(http.mhd, &wanted) == MHD_YES &&
		(int64_t)wanted < most)
		return (int)wanted;
	return (int)most;
}

static void *serve(void *arg)
{
	while (!http.stopping) {
		int64_t now = clock_now();
		struct pollfd fds[] = { { http.wake, POLLIN, 0 },
			{ http.epoll, POLLIN, 0 },
			{ now < deaf_until() ? -1 : http.listener, POLLIN, 0 } };

		if (poll(fds, sizeof(fds) / sizeof(fds[0]), patience(now)) < 0)
			continue;
		now = clock_now();
		if (fds[2].revents != 0)
			take_on(now);
		end_late(now);
		MHD_run(http.mhd);
	}
	return arg;
}

/* --- beginning and end --- */

int http_open(const struct http_socket *where, struct err *err)
{
	http.listener = net_listen_owned(where->address, &where->owner, err);
	if (http.listener < 0)
		return err_prefix(err, "%s: cannot listen", where->spelling);
	http.spelling = where->spelling;
	if (where->address->family == NET_UNIX)
		http.path = where->address->path;
	return 0;
}

static int start_mhd(struct err *err)
{
	const union MHD_DaemonInfo *info;

	http.mhd = MHD_start_daemon(
		MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ERROR_LOG, 0, NULL,
		NULL, on_request, NULL, MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL,
		MHD_OPTION_CONNECTION_LIMIT, 2 * (unsigned)HTTP_CONNECTIONS_MAX,
		MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)HTTP_SECONDS,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HTTP_MEMORY_MAX,
		MHD_OPTION_NOTIFY_CONNECTION, on_connection, NULL, MHD_OPTION_END);
	info = http.mhd != NULL ? MHD_get_daemon_info(http.mhd, MHD_DAEMON_INFO_EPOLL_FD)
				: NULL;
	if (info == NULL)
		return err_set(err, "metrics_listen: libmicrohttpd %s", strerror(errno));
	http.epoll = info->epoll_fd;
	return 0;
}

int http_start(const struct admin *admin, struct err *err)
{
	if (http.listener < 0)
		return 0;
	http.admin = admin;
	http.db = db_open(admin->database, DB_READER, err);
	if (http.db == NULL || start_mhd(err) < 0)
		return -1;
	sqlite3_busy_timeout(db_handle(http.db), DATABASE_PATIENCE);
	http.wake = eventfd(0, EFD_CLOEXEC);
	if (http.wake < 0)
		return err_set(err, "metrics_listen: %s", strerror(errno));
	if (pthread_create(&http.thread, NULL, serve, NULL) != 0)
		return err_set(err, "cannot start a thread");
	http.started = true;
	log_info("metrics can be read at %s", http.spelling);
	return 0;
}

void http_stop(void)
{
	uint64_t one = 1;

	if (http.started) {
		http.stopping = true;
		if (write(http.wake, &one, sizeof(one)) < 0)
			abort();
		pthread_join(http.thread, NULL);
		http.started = false;
	}
	if (http.mhd != NULL)
		MHD_stop_daemon(http.mhd);
	http.mhd = NULL;
	db_close(http.db);
	http.db = NULL;
	/* before the listener closes: then it is nobody else's */
	if (http.path != NULL)
		unlink(http.path);
	http.path = NULL;
	if (http.listener >= 0)
		close(http.listener);
	http.listener = -1;
}
