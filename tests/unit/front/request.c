/*
 * Requests of the policy protocol: which lines are one, how many of them, and what is
 * read of their values.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "front/request.h"
#include "../fixture.h"

#define KIND  "request=smtpd_access_policy"
#define STATE "protocol_state=RCPT"

/* A request, and what it was read as. */
struct heard {
	struct request rq;
	struct session session;
	struct asked asked;
	struct err err;
	int end; /* what its last line came to */
};

static int teardown(void **state)
{
	struct heard *h = *state;

	request_clear(&h->rq);
	free(h);
	return 0;
}

static int setup(void **state)
{
	*state = mem_calloc(1, sizeof(struct heard));
	return 0;
}

#define REQUEST_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

static int say(struct heard *h, const char *line)
{
	*h->err.text = '\0';
	return h->end = request_line(&h->rq, line, &h->err);
}

/* Lines until one is none. */
static int say_all(struct heard *h, const char *const *lines, size_t n)
{
	int rc = 0;

	request_clear(&h->rq);
	for (size_t i = 0; i < n && rc == 0; i++)
		rc = say(h, lines[i]);
	return rc;
}

#define SAY(h, ...)                                                                      \
	say_all(h, (const char *const[]){ __VA_ARGS__ },                                 \
		LENGTH(((const char *const[]){ __VA_ARGS__ })))

static int read_it(struct heard *h)
{
	return request_read(&h->rq, "mail.example.org", &h->session, &h->asked, &h->err);
}

/* A whole request with these lines in it. */
#define READ(h, ...)                                                                     \
	do {                                                                             \
		assert_int_equal(SAY(h, KIND, STATE, __VA_ARGS__, ""), 1);               \
		assert_int_equal(read_it(h), 0);                                         \
	} while (0)

#define ASSERT_REFUSED(h, words, ...)                                                    \
	do {                                                                             \
		assert_int_equal(SAY(h, __VA_ARGS__), -1);                               \
		assert_string_equal((h)->err.text, words);                               \
	} while (0)

static void test_whole(void **state)
{
	struct heard *h = *state;

	assert_false(request_is_begun(&h->rq));
	READ(h, "protocol_name=ESMTP", "instance=4d2.6740.1", "queue_id=4XyZ",
		"sender=bob@example.org", "recipient=alice@example.net",
		"recipient_count=3", "size=12345", "sasl_username=bob",
		"sasl_method=", "helo_name=mail.example.net", "client_address=192.0.2.7",
		"client_port=41526", "client_name=unknown");
	assert_true(request_is_begun(&h->rq));
	assert_int_equal(h->asked.state, ASKED_RCPT);
	assert_string_equal(h->asked.instance, "4d2.6740.1");
	assert_string_equal(h->asked.queue_id, "4XyZ");
	assert_string_equal(h->asked.sender, "bob@example.org");
	assert_string_equal(h->asked.recipient, "alice@example.net");
	assert_string_equal(h->asked.login, "bob");
	assert_int_equal(h->asked.nrecipients, 3);
	assert_int_equal(h->asked.size, 12345);
	assert_string_equal(h->session.helo, "mail.example.net");
	assert_int_equal(h->session.port, 41526);
	assert_string_equal(h->session.mta, "mail.example.org");
	assert_null(h->session.also[0]);
	assert_null(h->session.also[1]);
	request_clear(&h->rq);
	assert_false(request_is_begun(&h->rq));
}

/* In any order the same. */
static void test_order(void **state)
{
	static const char *const lines[] = { KIND, STATE, "sender=a=b@example.org",
		"recipient=c@example.net", "size=7", "x=y" };
	struct heard *h = *state;

	for (size_t first = 0; first < LENGTH(lines); first++) {
		request_clear(&h->rq);
		for (size_t i = 0; i < LENGTH(lines); i++)
			assert_int_equal(say(h, lines[(first + i) % LENGTH(lines)]), 0);
		assert_int_equal(say(h, ""), 1);
		assert_int_equal(read_it(h), 0);
		assert_int_equal(h->asked.state, ASKED_RCPT);
		assert_string_equal(h->asked.sender, "a=b@example.org");
		assert_string_equal(h->asked.recipient, "c@example.net");
		assert_int_equal(h->asked.size, 7);
	}
}

/* Attributes of other versions, also such as begin or end like a known one. */
static void test_unknown(void **state)
{
	struct heard *h = *state;

	READ(h, "send=x", "senders=x", "Sender=x", "sender =x", " sender=x",
		"ccert_subject=", "x=", "sender_=x", "sende=x", "recipient_=x",
		"sende=again", "sende=and again");
	assert_null(h->asked.sender);
	assert_null(h->asked.recipient);
}

static void test_empty_values(void **state)
{
	struct heard *h = *state;

	READ(h, "instance=", "queue_id=", "sender=", "recipient=", "recipient_count=",
		"size=", "sasl_username=", "helo_name=", "client_address=",
		"client_port=", "server_address=", "policy_context=");
	assert_string_equal(h->asked.instance, "");
	assert_null(h->asked.queue_id);
	assert_string_equal(h->asked.sender, "");
	assert_string_equal(h->asked.recipient, "");
	assert_string_equal(h->asked.login, "");
	assert_int_equal(h->asked.nrecipients, 0);
	assert_int_equal(h->asked.size, 0);
	assert_int_equal(h->session.client.family, 0);
	assert_int_equal(h->session.port, 0);
	assert_string_equal(h->session.mta, "mail.example.org");
	assert_null(h->session.also[0]);
	assert_null(h->session.also[1]);
}

/* Without any of them. */
static void test_nothing_said(void **state)
{
	struct heard *h = *state;

	assert_int_equal(SAY(h, STATE, KIND, ""), 1);
	assert_int_equal(read_it(h), 0);
	assert_null(h->asked.instance);
	assert_null(h->asked.sender);
	assert_null(h->asked.login);
	assert_null(h->asked.queue_id);
	assert_null(h->session.helo);
	assert_int_equal(h->session.client.family, 0);
	assert_int_equal(request_read(&h->rq, NULL, &h->session, &h->asked, &h->err), 0);
	assert_null(h->session.mta);
}

static void test_twice(void **state)
{
	struct heard *h = *state;

	ASSERT_REFUSED(h, "sender is given twice", KIND, "sender=", "sender=");
	ASSERT_REFUSED(h, "request is given twice", KIND, KIND);
	/* of one that is passed over it does not matter */
	assert_int_equal(SAY(h, KIND, STATE, "x=1", "x=1", ""), 1);
}

static void test_no_attribute(void **state)
{
	struct heard *h = *state;

	ASSERT_REFUSED(h, "not name=value: \"sender\"", "sender");
	ASSERT_REFUSED(h, "not name=value: \"=x\"", "=x");
	ASSERT_REFUSED(h, "not name=value: \"=\"", "=");
	ASSERT_REFUSED(h, "not name=value: \" \"", " ");
	ASSERT_REFUSED(h, "not name=value: \"GET / HTTP/1.1\\x0d\"", "GET / HTTP/1.1\r");
	ASSERT_REFUSED(h, "not name=value: \"\\x1b[2J\"", "\x1b[2J");
}

static void test_request_and_state(void **state)
{
	struct heard *h = *state;

	ASSERT_REFUSED(h, "a request without request=smtpd_access_policy", "");
	ASSERT_REFUSED(h, "a request without request=smtpd_access_policy", STATE, "");
	ASSERT_REFUSED(h, "a request without protocol_state", KIND, "");
	ASSERT_REFUSED(h, "request=\"\" (only smtpd_access_policy is known)",
		"request=", STATE, "");
	ASSERT_REFUSED(h, "request=\"junk\\x07\" (only smtpd_access_policy is known)",
		"request=junk\a", STATE, "");
	assert_int_equal(SAY(h, KIND, "protocol_state=", ""), 1);
	assert_int_equal(read_it(h), 0);
	assert_int_equal(h->asked.state, ASKED_NOTHING);
}

static void test_states(void **state)
{
	static const struct {
		const char *line;
		enum asked_state state;
	} states[] = {
		{ "protocol_state=CONNECT", ASKED_NOTHING },
		{ "protocol_state=EHLO", ASKED_NOTHING },
		{ "protocol_state=HELO", ASKED_NOTHING },
		{ "protocol_state=MAIL", ASKED_MAIL },
		{ "protocol_state=RCPT", ASKED_RCPT },
		{ "protocol_state=DATA", ASKED_DATA },
		{ "protocol_state=END-OF-MESSAGE", ASKED_END },
		{ "protocol_state=VRFY", ASKED_NOTHING },
		{ "protocol_state=ETRN", ASKED_NOTHING },
		{ "protocol_state=rcpt", ASKED_NOTHING },
		{ "protocol_state=RCPT ", ASKED_NOTHING },
		{ "protocol_state=END", ASKED_NOTHING },
		{ "protocol_state=END-OF-MESSAGES", ASKED_NOTHING },
	};
	struct heard *h = *state;

	for (size_t i = 0; i < LENGTH(states); i++) {
		assert_int_equal(SAY(h, KIND, states[i].line, ""), 1);
		assert_int_equal(read_it(h), 0);
		assert_int_equal(h->asked.state, states[i].state);
	}
}

/* The known ones count like the others. */
static void test_most_attributes(void **state)
{
	struct heard *h = *state;
	char line[20];

	assert_int_equal(SAY(h, KIND, STATE), 0);
	for (int i = 2; i < REQUEST_ATTRIBUTES_MAX; i++) {
		snprintf(line, sizeof(line), "x%d=", i);
		assert_int_equal(say(h, line), 0);
	}
	assert_int_equal(say(h, ""), 1);
	assert_int_equal(read_it(h), 0);
	assert_int_equal(say(h, "x=one more"), -1);
	assert_string_equal(h->err.text, "more than 200 attributes");
	/* the next request begins at none */
	request_clear(&h->rq);
	assert_int_equal(say(h, "x=one more"), 0);
}

/* As long as a line may be (net_lines refuses more). */
static void test_longest_line(void **state)
{
	static char line[REQUEST_LINE_MAX + 1], name[REQUEST_LINE_MAX + 1];
	struct heard *h = *state;

	memset(line, 'x', REQUEST_LINE_MAX);
	memcpy(line, "sender=", strlen("sender="));
	memset(name, 'x', REQUEST_LINE_MAX);
	name[REQUEST_LINE_MAX - 1] = '=';
	READ(h, line, name);
	assert_string_equal(h->asked.sender, line + strlen("sender="));
	memcpy(line, "client_address=", strlen("client_address="));
	memset(name, 'x', REQUEST_LINE_MAX);
	memcpy(name, "policy_context=", strlen("policy_context="));
	READ(h, line, name);
	assert_int_equal(h->session.client.family, 0);
	assert_null(h->session.also[0]);
	memset(line, '9', REQUEST_LINE_MAX);
	memcpy(line, "client_port=", strlen("client_port="));
	READ(h, line);
	assert_int_equal(h->session.port, 0);
	memcpy(line, "recipient_count=", strlen("recipient_count="));
	assert_int_equal(SAY(h, KIND, STATE, line, ""), 1);
	assert_int_equal(read_it(h), -1);
	memset(line, 'x', REQUEST_LINE_MAX);
	assert_int_equal(SAY(h, line), -1);
}

static void test_numbers(void **state)
{
	static const char *const wrong[] = { "-1", "+1", " 1", "1 ", "0x10", "1.5", "1k",
		"9223372036854775808", "99999999999999999999", "many", "\xff" };
	struct heard *h = *state;
	char line[60], words[100];

	READ(h, "size=9223372036854775807", "recipient_count=0");
	assert_true(h->asked.size == INT64_MAX);
	assert_int_equal(h->asked.nrecipients, 0);
	READ(h, "size=007", "recipient_count=4294967296");
	assert_int_equal(h->asked.size, 7);
	assert_true(h->asked.nrecipients == (uint64_t)1 << 32);
	for (size_t i = 0; i < LENGTH(wrong); i++) {
		snprintf(line, sizeof(line), "size=%s", wrong[i]);
		assert_int_equal(SAY(h, KIND, STATE, line, ""), 1);
		assert_int_equal(read_it(h), -1);
		snprintf(words, sizeof(words), "size is no number: \"%s\"",
			*wrong[i] == '\xff' ? "\\xff" : wrong[i]);
		assert_string_equal(h->err.text, words);
		snprintf(line, sizeof(line), "recipient_count=%s", wrong[i]);
		assert_int_equal(SAY(h, KIND, STATE, line, ""), 1);
		assert_int_equal(read_it(h), -1);
	}
}

static void assert_client(struct heard *h, const char *line, const char *client)
{
	char text[CIDR_TEXT_MAX];

	READ(h, line);
	if (client == NULL)
		assert_int_equal(h->session.client.family, 0);
	else
		assert_string_equal(cidr_format(text, &h->session.client), client);
}

static void test_client(void **state)
{
	struct heard *h = *state;

	assert_client(h, "client_address=192.0.2.7", "192.0.2.7");
	assert_client(h, "client_address=2001:DB8::0:7", "2001:db8::7");
	assert_client(h, "client_address=::ffff:192.0.2.7", "192.0.2.7");
	assert_client(h, "client_address=unknown", NULL);
	assert_client(h, "client_address=192.0.2.0/24", NULL);
	assert_client(h, "client_address=bob", NULL);
}

static void test_port(void **state)
{
	static const struct {
		const char *line;
		unsigned port;
	} ports[] = { { "client_port=1", 1 }, { "client_port=65535", 65535 },
		{ "client_port=0", 0 }, { "client_port=unknown", 0 },
		{ "client_port=65536", 0 }, { "client_port=-1", 0 },
		{ "client_port=25x", 0 } };
	struct heard *h = *state;

	for (size_t i = 0; i < LENGTH(ports); i++) {
		READ(h, ports[i].line);
		assert_int_equal(h->session.port, ports[i].port);
	}
}

/* A policy_context that is the name of a host in full is that of the MTA. */
static void test_context(void **state)
{
	struct heard *h = *state;

	READ(h, "policy_context=MX1.Example.Org");
	assert_string_equal(h->session.also[0], "mx1.example.org");
	assert_string_equal(h->session.mta, "mx1.example.org");
	READ(h, "policy_context=submission");
	assert_string_equal(h->session.also[0], "submission");
	assert_string_equal(h->session.mta, "mail.example.org");
	READ(h, "policy_context=not a name");
	assert_null(h->session.also[0]);
	assert_string_equal(h->session.mta, "mail.example.org");
}

/* As pools have addresses of their MTAs. */
static void test_server(void **state)
{
	struct heard *h = *state;

	READ(h, "server_address=192.0.2.25");
	assert_string_equal(h->session.also[1], "192.0.2.25");
	assert_string_equal(h->session.mta, "mail.example.org");
	READ(h, "server_address=::ffff:192.0.2.25");
	assert_string_equal(h->session.also[1], "192.0.2.25");
	READ(h, "server_address=2001:DB8:0:0::25");
	assert_string_equal(
		h->session.also[1], addr_domain(h->rq.arena, "[IPv6:2001:db8::25]"));
	assert_string_equal(h->session.mta, "mail.example.org");
	READ(h, "server_address=unknown", "policy_context=submission");
	assert_null(h->session.also[1]);
	READ(h, "server_address=mx.example.org");
	assert_null(h->session.also[1]);
}

/* What goes on into the log and the history. */
static void test_texts(void **state)
{
	char line[20 + 3 * SPF_TEXT_MAX] = "helo_name=x", id[200] = "queue_id=";
	struct heard *h = *state;

	for (int i = 0; i < SPF_TEXT_MAX; i++)
		str_append(line, sizeof(line), "\xc3\xa4");
	memset(id + strlen(id), 'Q', 150);
	READ(h, line, id);
	assert_int_equal(strlen(h->session.helo), SPF_TEXT_MAX - 1);
	assert_true(str_is_utf8(h->session.helo, strlen(h->session.helo)));
	assert_true(strlen(h->asked.queue_id) < QUEUE_ID_SIZE);
	READ(h, "queue_id=4\x1bXyZ\r");
	assert_string_equal(h->asked.queue_id, "4\\x1bXyZ\\x0d");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		REQUEST_TEST(test_whole),
		REQUEST_TEST(test_order),
		REQUEST_TEST(test_unknown),
		REQUEST_TEST(test_empty_values),
		REQUEST_TEST(test_nothing_said),
		REQUEST_TEST(test_twice),
		REQUEST_TEST(test_no_attribute),
		REQUEST_TEST(test_request_and_state),
		REQUEST_TEST(test_states),
		REQUEST_TEST(test_most_attributes),
		REQUEST_TEST(test_longest_line),
		REQUEST_TEST(test_numbers),
		REQUEST_TEST(test_client),
		REQUEST_TEST(test_port),
		REQUEST_TEST(test_context),
		REQUEST_TEST(test_server),
		REQUEST_TEST(test_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
