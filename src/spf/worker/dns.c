/*
 * libunbound asks in its own thread.  Another one takes the answers from its pipe and
 * hands each to its query, for which the thread that asked waits: so a deadline holds
 * whatever the servers do.  No lock is held while libunbound works.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "spf/worker/dns.h"

#include "base/arena.h"
#include "base/clock.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unbound.h>
#include <unistd.h>

#define LENGTH(array) (sizeof(array) / sizeof(*(array)))

#define RESOLV_CONF	 "/etc/resolv.conf"
#define BLANKS		 " \t\r\n"
#define SERVER_MAX	 64  /* of "2001:db8::1@5353", as libunbound writes addresses */
#define DATA_MAX	 512 /* records of an answer that are looked at */
#define NAME_MAX_ESCAPED (2 * 253 + 1)

/* The client's names have a quarter of the time of a check. */
#define CLIENT_PART 4

/* A name that libunbound answers by itself, for a first query that goes nowhere. */
#define OWN_NAME     "ready.themis-spf.invalid"
#define OWN_PATIENCE (5 * CLOCK_SECOND) /* until its thread has begun to answer */

struct dns {
	struct ub_ctx *context;
	int stop; /* an eventfd: no more answers are to be taken */
	bool running;
	pthread_t taker;
};

/* Who asked has it, until the next query, and libunbound until it has answered; the last
 * one frees it. */
struct query {
	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t answered;
	unsigned holders;
	bool done;
	struct ub_result *result;
	int failure; /* what libunbound said instead of an answer, 0 if it did not */
};

struct asker {
	struct resolver base;
	struct dns *dns;
	int64_t until;	     /* of clock_monotonic() */
	int64_t client_left; /* of the time for the client's names */
	struct query *last;  /* whose answer lives; NULL: there is none */
	struct dns_datum data[DATA_MAX];
};

/* --- one query --- */

static struct query *query_new(void)
{
	struct query *q = mem_calloc(1, sizeof(*q));

	pthread_mutex_init(&q->lock, NULL);
	clock_cond_init(&q->answered);
	q->holders = 1;
	return q;
}

/* NULL is fine. */
static void query_release(struct query *q)
{
	unsigned holders;

	if (q == NULL)
		return;
	pthread_mutex_lock(&q->lock);
	holders = --q->holders;
	pthread_mutex_unlock(&q->lock);
	if (holders > 0)
		return;
	if (q->result != NULL)
		ub_resolve_free(q->result);
	pthread_cond_destroy(&q->answered);
	pthread_mutex_destroy(&q->lock);
	free(q);
}

static void on_answer(void *arg, int failure, struct ub_result *result)
{
	struct query *q = arg;

	pthread_mutex_lock(&q->lock);
	q->done = true;
	q->failure = failure;
	q->result = result;
	pthread_cond_signal(&q->answered);
	pthread_mutex_unlock(&q->lock);
	query_release(q);
}

/* Until the answer has come or the time is up; has it come? */
static bool wait_for(struct query *q, struct timespec until)
{
	bool done;

	pthread_mutex_lock(&q->lock);
	while (!q->done &&
		pthread_cond_timedwait(&q->answered, &q->lock, &until) != ETIMEDOUT)
		;
	done = q->done;
	pthread_mutex_unlock(&q->lock);
	return done;
}

/* libunbound reads \. and \\ in names. */
static void escape(char to[NAME_MAX_ESCAPED], const char *name)
{
	size_t n = 0;

	for (; *name != '\0' && n + 2 < NAME_MAX_ESCAPED; name++) {
		if (*name == '\\')
			to[n++] = '\\';
		to[n++] = *name;
	}
	to[n] = '\0';
}

static enum dns_status status_of(const struct query *q)
{
	/* of RFC 1035, 4.1.1 */
	enum { NOERROR = 0, NXDOMAIN = 3 };

	if (q->failure != 0 || q->result == NULL)
		return DNS_FAILED;
	if (q->result->havedata)
		return DNS_FOUND;
	if (q->result->rcode == NXDOMAIN)
		return DNS_NO_NAME;
	return q->result->rcode == NOERROR ? DNS_NO_DATA : DNS_FAILED;
}

static struct dns_answer answer_of(struct asker *asker)
{
	const struct query *q = asker->last;
	struct dns_answer a = { .status = status_of(q), .data = asker->data };

	if (q->result == NULL)
		return a;
	a.ttl = q->result->ttl > 0 ? (unsigned)q->result->ttl : 0;
	if (a.status != DNS_FOUND)
		return a;
	for (; a.n < DATA_MAX && q->result->data[a.n] != NULL; a.n++)
		asker->data[a.n] = (struct dns_datum){
			.octets = (const unsigned char *)q->result->data[a.n],
			.len = (size_t)q->result->len[a.n],
		};
	return a;
}

/* --- a resolver --- */

/* Until when the query may take; 0: its time is used up. */
static int64_t until_of(const struct asker *asker, bool of_client, int64_t now)
{
	if (!of_client || now >= asker->until || asker->client_left >= asker->until - now)
		return asker->until;
	return asker->client_left > 0 ? now + asker->client_left : 0;
}

static struct dns_answer ask(
	struct resolver *r, const char *name, int type, bool of_client)
{
	struct asker *asker = (struct asker *)r;
	const int internet = 1; /* the class, RFC 1035, 3.2.4 */
	const int64_t began = clock_monotonic();
	const int64_t until = until_of(asker, of_client, began);
	const enum dns_status late = until == asker->until ? DNS_TIME_IS_UP : DNS_FAILED;
	char escaped[NAME_MAX_ESCAPED];
	struct query *q;
	bool answered;
	int id;

	query_release(asker->last);
	asker->last = NULL;
	if (began >= until)
		return (struct dns_answer){ .status = late };
	escape(escaped, name);
	asker->last = q = query_new();
	q->holders++;
	if (ub_resolve_async(asker->dns->context, escaped, type, internet, q, on_answer,
		    &id) != 0) {
		query_release(q);
		return (struct dns_answer){ .status = DNS_FAILED };
	}
	answered = wait_for(q, clock_at(until));
	if (of_client)
		asker->client_left -= clock_monotonic() - began;
	if (answered)
		return answer_of(asker);
	/* where it is too late to cancel, the answer still comes: on_answer() lets go */
	if (ub_cancel(asker->dns->context, id) == 0)
		query_release(q);
	return (struct dns_answer){ .status = late };
}

struct resolver *dns_resolver(struct dns *dns)
{
	struct asker *asker = mem_calloc(1, sizeof(*asker));

	asker->base.query = ask;
	asker->dns = dns;
	return &asker->base;
}

void dns_resolver_free(struct resolver *r)
{
	struct asker *asker = (struct asker *)r;

	if (asker == NULL)
		return;
	query_release(asker->last);
	free(asker);
}

void dns_begin(struct resolver *r, int64_t until)
{
	struct asker *asker = (struct asker *)r;

	asker->until = until;
	asker->client_left = (until - clock_monotonic()) / CLIENT_PART;
}

/* --- the thread that takes answers --- */

static void *take_answers(void *arg)
{
	struct dns *dns = arg;
	struct pollfd fds[] = {
		{ .fd = ub_fd(dns->context), .events = POLLIN },
		{ .fd = dns->stop, .events = POLLIN },
	};

	while (fds[1].revents == 0) {
		int n = poll(fds, LENGTH(fds), -1);

		/* without libunbound the process is good for nothing; it is replaced */
		if ((n < 0 && errno != EINTR) ||
			(n > 0 && fds[0].revents != 0 && ub_process(dns->context) != 0))
			abort();
	}
	return NULL;
}

static int start_taker(struct dns *dns, struct err *err)
{
	int rc;

	dns->stop = eventfd(0, EFD_CLOEXEC);
	rc = dns->stop >= 0 ? pthread_create(&dns->taker, NULL, take_answers, dns)
			    : errno;
	if (rc != 0)
		return err_set(err, "no thread for the answers of DNS: %s", strerror(rc));
	dns->running = true;
	return 0;
}

static void stop_taker(struct dns *dns)
{
	if (dns->running) {
		eventfd_write(dns->stop, 1);
		pthread_join(dns->taker, NULL);
	}
	if (dns->stop >= 0)
		close(dns->stop);
}

/* --- its settings --- */

static const struct {
	const char *name, *value;
} options[] = {
	/* SPF says nothing of DNSSEC, and trust anchors would be one more file */
	{ "module-config:", "iterator" },
	{ "do-not-query-localhost:", "no" },
	/* senders' networks may be private ones, and have names there */
	{ "unblock-lan-zones:", "yes" },
	/* many at once, also while those that were given up wait for a dead server */
	{ "outgoing-range:", "256" },
	{ "outgoing-num-tcp:", "16" },
	{ "rrset-cache-size:", "4m" },
	{ "msg-cache-size:", "2m" },
	{ "key-cache-size:", "64k" },
	{ "neg-cache-size:", "64k" },
	{ "infra-cache-numhosts:", "100" },
	/* A resolver that is silent about some names is asked for others all the same:
	 * what its timeouts have taught is forgotten in the next second. */
	{ "infra-host-ttl:", "0" },
	{ "infra-keep-probing:", "yes" },
	/* Nor is it expected to be as quick with a name that it has to look for as with
	 * those that it knows: it would be given up after one second.  So it is asked ten
	 * times, in somewhat more than five seconds. */
	{ "infra-cache-min-rtt:", "400" },
	{ "cache-max-ttl:", "86400" },
	{ "cache-max-negative-ttl:", "300" },
	/* which of many names comes first is not to change with each check */
	{ "rrset-roundrobin:", "no" },
	{ "use-syslog:", "no" },
	{ "verbosity:", "0" },
};

static int set_options(struct ub_ctx *context, struct err *err)
{
	for (size_t i = 0; i < LENGTH(options); i++) {
		int failure =
			ub_ctx_set_option(context, options[i].name, options[i].value);

		if (failure != 0)
			return err_set(err,
				"libunbound does not take %s %s (%s): is it 1.13 "
				"or newer?",
				options[i].name, options[i].value, ub_strerror(failure));
	}
	return 0;
}

static int use_servers(struct ub_ctx *context, const char *servers, struct err *err)
{
	size_t len;

	for (servers += strspn(servers, BLANKS); *servers != '\0';
		servers += len + strspn(servers + len, BLANKS)) {
		char server[SERVER_MAX];

		len = strcspn(servers, BLANKS);
		snprintf(server, sizeof(server), "%.*s", (int)len, servers);
		if (len >= sizeof(server) || ub_ctx_set_fwd(context, server) != 0)
			return err_set(err,
				"%s is no DNS server: expected an IP address, as "
				"in 192.0.2.53 or 192.0.2.53@5353",
				server);
	}
	return 0;
}

/* The servers that the system asks. */
static int use_system(struct ub_ctx *context, struct err *err)
{
	FILE *file = fopen(RESOLV_CONF, "re");
	char line[512], server[SERVER_MAX];
	size_t n = 0;
	int r = 0;

	if (file == NULL)
		return err_set(err, RESOLV_CONF ": %s; name DNS servers with dns_servers",
			strerror(errno));
	while (r == 0 && fgets(line, sizeof(line), file) != NULL) {
		if (sscanf(line, " nameserver %63s", server) != 1)
			continue;
		n++;
		r = use_servers(context, server, err);
	}
	fclose(file);
	if (r == 0 && n == 0)
		return err_set(err, RESOLV_CONF " names no nameserver; name DNS servers "
						"with dns_servers");
	return r == 0 ? 0 : err_prefix(err, RESOLV_CONF);
}

static int configure(struct ub_ctx *context, const char *servers, struct err *err)
{
	if (set_options(context, err) != 0)
		return -1;
	if (servers[strspn(servers, BLANKS)] == '\0') {
		if (use_system(context, err) != 0)
			return -1;
	} else if (use_servers(context, servers, err) != 0) {
		return -1;
	}
	/* Its settings are final from here on.  "test" is a zone that it would answer. */
	if (ub_ctx_async(context, 1) != 0 || ub_ctx_zone_remove(context, "test.") != 0 ||
		ub_ctx_zone_add(context, OWN_NAME ".", "static") != 0)
		return err_set(err, "libunbound does not take its settings");
	return 0;
}

/* The first query starts libunbound's thread. */
static int ask_itself(struct dns *dns, struct err *err)
{
	struct resolver *r = dns_resolver(dns);
	enum dns_status status;

	dns_begin(r, clock_monotonic() + OWN_PATIENCE);
	status = r->query(r, OWN_NAME, 1, false).status;
	dns_resolver_free(r);
	return status == DNS_NO_NAME
		       ? 0
		       : err_set(err, "libunbound's thread does not answer");
}

struct dns *dns_open(const char *servers, struct err *err)
{
	struct dns *dns = mem_calloc(1, sizeof(*dns));

	dns->stop = -1;
	dns->context = ub_ctx_create();
	if (dns->context == NULL)
		err_set(err, "libunbound does not start: %s", strerror(errno));
	else if (configure(dns->context, servers, err) == 0 &&
		 start_taker(dns, err) == 0 && ask_itself(dns, err) == 0)
		return dns;
	dns_close(dns);
	return NULL;
}

void dns_close(struct dns *dns)
{
	if (dns == NULL)
		return;
	stop_taker(dns);
	if (dns->context != NULL)
		ub_ctx_delete(dns->context);
	free(dns);
}
