/*
 * Tests of spf/worker/dns: libunbound against a server in a thread, which answers some
 * names, refuses others and keeps silent about the rest.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "spf/worker/dns.h"

#include "base/clock.h"
#include "zone.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEADER	 12    /* octets of RFC 1035, 4.1.1 */
#define PATIENCE 20000 /* milliseconds for an answer that comes at once */
#define LONG	 60000 /* longer than any test may take */
#define QUICK	 2000  /* longer than libunbound would wait for who is always quick */

/* The moment that is so many milliseconds from now. */
static int64_t in(int64_t milliseconds)
{
	return clock_monotonic() + milliseconds * 1000;
}

struct server {
	int fd;
	char address[64];
	pthread_t thread;
	_Atomic unsigned asked;
	_Atomic bool speaks; /* about names that it keeps silent about, too */
};

/* What stands behind the question, by the first letter of the asked name. */
static size_t answer_to(const struct server *s, unsigned char *packet, size_t len)
{
	static const unsigned char record[] =
		"\300\014\0\001\0\001\0\0\0\074\0\004\300\0\002\007";
	enum { REFUSED = 5, NXDOMAIN = 3 };

	packet[2] |= 0x84; /* an answer, with authority */
	packet[3] = 0x80;
	packet[10] = packet[11] = 0; /* nothing additional */
	switch (packet[HEADER + 1]) {
	case 's':
		if (!s->speaks)
			return 0;
		/* fall through */
	case 'a':
		packet[7] = 1;
		memcpy(packet + len, record, sizeof(record) - 1);
		return len + sizeof(record) - 1;
	case 'r':
		packet[3] |= REFUSED;
		return len;
	case 'x':
		packet[3] |= NXDOMAIN;
		return len;
	case 'e':
		return len;
	default:
		return 0;
	}
}

/* The octets of the question's end: a name, type and class. */
static size_t question_end(const unsigned char *packet, size_t len)
{
	size_t at = HEADER;

	while (at < len && packet[at] != 0)
		at += packet[at] + 1u;
	return at + 5;
}

static void *serve(void *arg)
{
	struct server *s = arg;
	unsigned char packet[600];
	struct sockaddr_in from;
	socklen_t from_len = sizeof(from);
	ssize_t n;

	while ((n = recvfrom(s->fd, packet, 512, 0, (struct sockaddr *)&from,
			&from_len)) > 0) {
		size_t len = answer_to(s, packet, question_end(packet, (size_t)n));

		s->asked++;
		if (len > 0)
			sendto(s->fd, packet, len, 0, (struct sockaddr *)&from, from_len);
	}
	return NULL;
}

static int begin(void **state)
{
	struct server *s = mem_calloc(1, sizeof(*s));
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t len = sizeof(a);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	s->fd = socket(AF_INET, SOCK_DGRAM, 0);
	assert_int_equal(bind(s->fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(getsockname(s->fd, (struct sockaddr *)&a, &len), 0);
	snprintf(s->address, sizeof(s->address), " 127.0.0.1@%d\t", ntohs(a.sin_port));
	assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
	*state = s;
	return 0;
}

static int end(void **state)
{
	struct server *s = *state;

	shutdown(s->fd, SHUT_RDWR);
	pthread_join(s->thread, NULL);
	close(s->fd);
	free(s);
	return 0;
}

static struct dns *open_it(const char *servers)
{
	struct err err = { ERR_BAD, "" };
	struct dns *dns = dns_open(servers, &err);

	if (dns == NULL)
		fail_msg("%s", err.text);
	return dns;
}

static void test_answers(void **state)
{
	static const struct {
		const char *name;
		enum dns_status status;
	} cases[] = {
		{ "a.example.org", DNS_FOUND },
		{ "a.example.org", DNS_FOUND },
		{ "a\\b c.test", DNS_FOUND },
		{ "x.example.org", DNS_NO_NAME },
		{ "e.example.org", DNS_NO_DATA },
		{ "r.example.org", DNS_FAILED },
	};
	struct server *s = *state;
	struct dns *dns = open_it(s->address);
	struct resolver *r = dns_resolver(dns);

	assert_int_equal(s->asked, 0);
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct dns_answer a;

		dns_begin(r, in(PATIENCE));
		a = r->query(r, cases[i].name, LOOKUP_A, false);
		assert_int_equal(a.status, cases[i].status);
		assert_int_equal(a.n, cases[i].status == DNS_FOUND);
		if (a.status != DNS_FOUND)
			continue;
		assert_int_equal(a.data[0].len, 4);
		assert_memory_equal(a.data[0].octets, "\300\0\002\007", 4);
		assert_true(a.ttl > 0 && a.ttl <= 60);
	}
	dns_resolver_free(r);
	dns_close(dns);
}

/* In time, and what is asked next is answered. */
static void test_deadline(void **state)
{
	struct server *s = *state;
	struct dns *dns = open_it(s->address);
	struct resolver *r = dns_resolver(dns);
	int64_t before = clock_now();

	dns_begin(r, in(50));
	assert_int_equal(r->query(r, "silent.example.org", LOOKUP_A, false).status,
		DNS_TIME_IS_UP);
	assert_true(clock_now() - before >= 50 * CLOCK_SECOND / 1000);
	assert_int_equal(
		r->query(r, "a.example.org", LOOKUP_A, false).status, DNS_TIME_IS_UP);
	dns_begin(r, in(PATIENCE));
	assert_int_equal(r->query(r, "a.example.org", LOOKUP_A, false).status, DNS_FOUND);
	dns_resolver_free(r);
	dns_close(dns);
}

/* The client's names have a part of it: beyond that each of them fails, and the check
 * goes on. */
static void test_client(void **state)
{
	struct server *s = *state;
	struct dns *dns = open_it(s->address);
	struct resolver *r = dns_resolver(dns);

	dns_begin(r, in(LONG));
	assert_int_equal(r->query(r, "a.example.org", LOOKUP_A, true).status, DNS_FOUND);
	/* a quarter of that, which is less than libunbound takes to give up: not even
	 * what is known is told behind it, but to others */
	dns_begin(r, in(8000));
	assert_int_equal(
		r->query(r, "silent.example.org", LOOKUP_A, true).status, DNS_FAILED);
	assert_int_equal(r->query(r, "a.example.org", LOOKUP_A, true).status, DNS_FAILED);
	assert_int_equal(r->query(r, "a.example.org", LOOKUP_A, false).status, DNS_FOUND);
	dns_begin(r, in(LONG));
	assert_int_equal(
		r->query(r, "x.example.org", LOOKUP_A, true).status, DNS_NO_NAME);
	dns_begin(r, clock_monotonic());
	assert_int_equal(
		r->query(r, "a.example.org", LOOKUP_A, true).status, DNS_TIME_IS_UP);
	dns_resolver_free(r);
	dns_close(dns);
}

static void test_none(void **state)
{
	struct err err;

	(void)state;
	assert_null(dns_open("127.0.0.1 moo", &err));
	assert_string_equal(err.text,
		"moo is no DNS server: expected an IP address, as in "
		"192.0.2.53 or 192.0.2.53@5353");
	dns_close(NULL);
	dns_resolver_free(NULL);
}

/* --- threads --- */

struct thread {
	struct resolver *r;
	pthread_t thread;
	_Atomic bool done;
	unsigned number;
};

static void *ask_silent(void *arg)
{
	struct thread *t = arg;
	enum dns_status status;

	dns_begin(t->r, in(LONG));
	status = t->r->query(t->r, "silent.example.org", LOOKUP_A, false).status;
	t->done = true;
	return status == DNS_FOUND ? t : NULL;
}

/* For so many milliseconds, names that were not asked for before are answered at once. */
static void ask_others(struct resolver *r, int64_t milliseconds)
{
	const int64_t until = in(milliseconds);
	char name[40];

	for (unsigned i = 0; clock_monotonic() < until; i++) {
		snprintf(name, sizeof(name), "a%u.example.org", i);
		dns_begin(r, in(LONG));
		assert_int_equal(r->query(r, name, LOOKUP_A, false).status, DNS_FOUND);
		usleep(20000);
	}
}

/* Did others have their answers while one waited for a server that keeps silent?  That
 * they come at once does not make it wait less: a resolver looks far for one name and
 * knows the other. */
static bool others_go_on(struct server *s)
{
	struct dns *dns = open_it(s->address);
	struct thread waiting = { .r = dns_resolver(dns) };
	struct resolver *r = dns_resolver(dns);
	const unsigned before = s->asked;
	void *answered;
	bool gave_up;

	s->speaks = false;
	assert_int_equal(pthread_create(&waiting.thread, NULL, ask_silent, &waiting), 0);
	while (s->asked == before)
		usleep(1000);
	dns_begin(r, in(LONG));
	assert_int_equal(r->query(r, "a.example.org", LOOKUP_A, false).status, DNS_FOUND);
	assert_int_equal(
		r->query(r, "x.example.org", LOOKUP_A, false).status, DNS_NO_NAME);
	ask_others(r, QUICK);
	gave_up = waiting.done;
	s->speaks = true;
	pthread_join(waiting.thread, &answered);
	dns_resolver_free(waiting.r);
	dns_resolver_free(r);
	dns_close(dns);
	return !gave_up && answered != NULL;
}

/* libunbound gives up who is silent for a few seconds, in which a busy machine may not
 * have come to the others. */
static void test_others_go_on(void **state)
{
	int tries = 8;

	while (!others_go_on(*state))
		assert_true(--tries > 0);
}

/* With deadlines about as long as an answer takes. */
static void *ask_in_haste(void *arg)
{
	struct thread *t = arg;

	for (unsigned i = 0; i < 300; i++) {
		char name[40];
		struct dns_answer a;

		snprintf(name, sizeof(name), "a%u.%u.example.org", i, t->number);
		dns_begin(t->r, in(i % 3));
		a = t->r->query(t->r, name, LOOKUP_A, false);
		if (a.status != DNS_TIME_IS_UP &&
			(a.status != DNS_FOUND || a.n != 1 || a.data[0].len != 4))
			return NULL;
	}
	return t;
}

/* An answer and the giving up meet: who comes last frees what they share. */
static void test_haste(void **state)
{
	struct server *s = *state;
	struct dns *dns = open_it(s->address);
	struct thread threads[8];

	for (unsigned i = 0; i < LENGTH(threads); i++) {
		threads[i] = (struct thread){ .r = dns_resolver(dns), .number = i };
		assert_int_equal(pthread_create(&threads[i].thread, NULL, ask_in_haste,
					 &threads[i]),
			0);
	}
	for (unsigned i = 0; i < LENGTH(threads); i++) {
		void *right;

		pthread_join(threads[i].thread, &right);
		assert_non_null(right);
		dns_resolver_free(threads[i].r);
	}
	dns_close(dns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_answers, begin, end),
		cmocka_unit_test_setup_teardown(test_deadline, begin, end),
		cmocka_unit_test_setup_teardown(test_client, begin, end),
		cmocka_unit_test_setup_teardown(test_others_go_on, begin, end),
		cmocka_unit_test_setup_teardown(test_haste, begin, end),
		cmocka_unit_test(test_none),
	};

	clock_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
