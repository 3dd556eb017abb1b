/*
 * Alerts in words: titles, letters, JSON, mail; whatever strangers have put into them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "notify/words.h"
#include "../fixture.h"

#include "notify/mail.h"

#include <jansson.h>

static const struct alert refused = { .kind = ALERT_REFUSED,
	.time = NOW,
	.policy = "outbound",
	.object = "bob@example.org",
	.verdict = "defer",
	.reason = "Message limit 5/hour reached",
	.limit = "5/hour",
	.count = "messages",
	.free_at = NOW + HOURS,
	.login = "bob@example.org",
	.sender = "b@example.org",
	.client = "192.0.2.7",
	.queue_id = "4XyZ" };
static const struct alert near = { .kind = ALERT_NEAR,
	.time = NOW,
	.policy = "outbound",
	.object = "@example.org",
	.limit = "5M/hour",
	.count = "bytes",
	.used = 4000000,
	.room = 5242880 };
static const struct alert trouble = { .kind = ALERT_TROUBLE,
	.time = NOW,
	.since = NOW,
	.state = "store",
	.words = "cannot store: disk full" };
static const struct alert trouble_end = { .kind = ALERT_TROUBLE_END,
	.time = NOW + HOURS,
	.since = NOW,
	.state = "store",
	.words = "storing again, after 60 minutes" };
static const struct alert suppressed = {
	.kind = ALERT_SUPPRESSED, .time = NOW, .since = NOW - HOURS, .number = 12
};
static const struct alert test = { .kind = ALERT_TEST, .time = NOW, .user = "root" };

static const struct {
	const struct alert *alert;
	const char *title, *letter[3], *json;
} cases[] = {
	{ &refused, "bob@example.org: mail is deferred by policy outbound",
		{ "Limit:      5/hour (messages)\n",
			"Room again: 2023-11-14T23:00:00.000Z\n",
			"object grant bob@example.org 100 policy=outbound for 2h\n" },
		"\"object\":\"bob@example.org\",\"policy\":\"outbound\",\"limit\":\"5/"
		"hour\",\"count\":\"messages\",\"verdict\":\"defer\",\"reason\":"
		"\"Message "
		"limit 5/hour reached\",\"free_at\":\"2023-11-14T23:00:00.000Z\","
		"\"login\":\"bob@example.org\",\"sender\":\"b@example.org\",\"client\":"
		"\"192.0.2.7\",\"mta\":null,\"queue_id\":\"4XyZ\"}" },
	{ &near, "@example.org has used 4000000 of 5M/hour in policy outbound",
		{ "Who:        @example.org\n", "Used:       4000000 of 5242880\n",
			"object show @example.org\n" },
		"\"used\":4000000,\"room\":5242880," },
	{ &trouble, "degraded: cannot store: disk full",
		{ "What:       cannot store: disk full\n",
			"another alert when it is over", "      status\n" },
		"\"state\":\"store\",\"words\":\"cannot store: disk "
		"full\",\"since\":\"2023-11-14T22:00:00.000Z\"}" },
	{ &trouble_end, "storing again, after 60 minutes",
		{ "Since:      2023-11-14T22:00:00.000Z\n",
			"Until:      2023-11-14T23:00:00.000Z\n", "      status\n" },
		"\"words\":\"storing again, after 60 minutes\"" },
	{ &suppressed, "12 alerts were left out, there were too many",
		{ "Since:      2023-11-14T21:00:00.000Z\n", "alert_hourly",
			"top objects by=refused" },
		"\"number\":12,\"since\":\"2023-11-14T21:00:00.000Z\"}" },
	{ &test, "this is a test, as root has asked for",
		{ "nothing to be done", "Themis at mx.example.org\n", "When:" },
		"\"user\":\"root\"}" },
};

static void test_each_kind(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	assert_int_equal(LENGTH(cases), ALERT_KINDS);
	for (size_t i = 0; i < LENGTH(cases); i++) {
		const struct alert *a = cases[i].alert;
		const char *json = words_json(a, "mx.example.org", arena),
			   *letter = words_letter(a, "mx.example.org", arena);
		json_t *row = json_loads(json, 0, NULL);

		assert_string_equal(words_title(a, arena), cases[i].title);
		for (size_t k = 0; k < LENGTH(cases[i].letter); k++)
			assert_non_null(strstr(letter, cases[i].letter[k]));
		assert_non_null(row);
		assert_string_equal(json_string_value(json_object_get(row, "kind")),
			alert_kind_name(a->kind));
		assert_string_equal(
			json_string_value(json_object_get(row, "text")), cases[i].title);
		assert_string_equal(json_string_value(json_object_get(row, "host")),
			"mx.example.org");
		assert_non_null(strstr(json, cases[i].json));
		assert_ptr_equal(strchr(json, '\n'), json + strlen(json) - 1);
		json_decref(row);
	}
	arena_free(arena);
}

/* Blocked by hand; whom one can block; what cannot be granted. */
static void test_what_next(void **state)
{
	struct arena *arena = arena_new();
	struct alert a = refused;

	(void)state;
	assert_non_null(strstr(words_letter(&a, "mx", arena), "object block bob@"));
	a.object = "alice@example.net"; /* a recipient */
	assert_null(strstr(words_letter(&a, "mx", arena), "object block"));
	a.object = a.sender = "<>";
	assert_null(strstr(words_letter(&a, "mx", arena), "object block"));
	a.count = "bytes";
	assert_null(strstr(words_letter(&a, "mx", arena), "object grant"));
	a.object = "two words@example.org";
	assert_non_null(strstr(
		words_letter(&a, "mx", arena), "object show 'two words@example.org'\n"));
	a.free_at = WINDOW_NEVER;
	assert_non_null(
		strstr(words_letter(&a, "mx", arena), "not for a message of that"));
	a.policy = a.limit = NULL;
	a.verdict = "block";
	assert_string_equal(words_title(&a, arena),
		"two words@example.org: mail is refused, as it is blocked by hand");
	assert_non_null(strstr(words_letter(&a, "mx", arena),
		"object clear 'two words@example.org' block\n"));
	assert_null(strstr(words_letter(&a, "mx", arena), "Limit"));
	arena_free(arena);
}

/* No line is broken by what is quoted, and none is longer than a mail's may be. */
static void test_strangers(void **state)
{
	struct arena *arena = arena_new();
	struct alert a = refused;
	char object[3000];
	const char *letter;
	json_t *row;

	(void)state;
	memset(object, 'x', sizeof(object));
	memcpy(object, "a\nBcc: eve@example.org\r\n\x1b\xff\xe2\x80\xae", 28);
	object[sizeof(object) - 1] = '\0';
	a.object = a.login = a.sender = a.reason = a.client = object;
	letter = words_letter(&a, "mx", arena);
	assert_true(str_is_utf8(letter, strlen(letter)));
	assert_null(strstr(letter, "\nBcc"));
	assert_null(strpbrk(letter, "\r\x1b"));
	for (const char *p = letter; *p != '\0'; p += strcspn(p, "\n") + 1)
		assert_true(strcspn(p, "\n") < 998);
	assert_false(str_has_control(words_title(&a, arena)));
	assert_true(strlen(words_title(&a, arena)) < 300);
	row = json_loads(words_json(&a, "mx", arena), 0, NULL);
	assert_non_null(row);
	json_decref(row);
	arena_free(arena);
}

static void test_mail(void **state)
{
	struct arena *arena = arena_new();
	const char *mail = mail_write(
		arena, "root,bob@example.org", "it works", "text\n", NOW + CLOCK_SECOND);
	char **words = mail_command(arena, "/usr/sbin/sendmail", "root,bob@example.org");
	static const char *const wanted[] = { "/usr/sbin/sendmail", "-i", "-f", "<>",
		"--", "root", "bob@example.org" };

	(void)state;
	assert_non_null(strstr(mail, "\nTo: root,\n bob@example.org\n"));
	assert_non_null(strstr(mail, "\nSubject: it works\n"));
	assert_non_null(strstr(mail, "\nDate: Tue, 14 Nov 2023 22:00:01 +0000\n"));
	assert_non_null(strstr(mail, "\nAuto-Submitted: auto-generated\n"));
	assert_non_null(strstr(mail, "\n\ntext\n"));
	for (size_t i = 0; i < LENGTH(wanted); i++)
		assert_string_equal(words[i], wanted[i]);
	assert_null(words[LENGTH(wanted)]);
	arena_free(arena);
}

/* Characters beyond ASCII: encoded words of 75 octets at most, none within a character.
 */
static void test_subject(void **state)
{
	struct arena *arena = arena_new();
	char subject[500] = "";
	const char *mail, *at;
	size_t words = 0;

	(void)state;
	mail = mail_write(arena, "root",
		"b\xc3\xb6"
		"b = 1",
		"", NOW);
	assert_non_null(strstr(mail, "\nSubject: =?UTF-8?Q?b=C3=B6b_=3D_1?=\n"));
	/* what looks like one in a name is no word of ours */
	mail = mail_write(arena, "root", "\"x =?utf-8?q?well?= y\"@a.b", "", NOW);
	assert_non_null(strstr(mail, "\nSubject: =?UTF-8?Q?=22x_=3D=3Futf-8=3Fq=3Fwell=3F"
				     "=3D_y=22=40a=2Eb?=\n"));
	for (int i = 0; i < 100; i++)
		str_append(subject, sizeof(subject), "\xe2\x82\xac");
	mail = mail_write(arena, "root", subject, "", NOW);
	at = strstr(mail, "\nSubject: ") + strlen("\nSubject:");
	for (; *at == ' '; at += strcspn(at, "\n") + 1, words++) {
		assert_true(strcspn(at + 1, "\n") <= 75);
		assert_memory_equal(at, " =?UTF-8?Q?=E2=82=AC", 20);
		assert_memory_equal(at + strcspn(at, "\n") - 5, "=AC?=", 5);
	}
	assert_int_equal(words, 15);
	assert_memory_equal(at, "Date: ", 6);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_kind),
		cmocka_unit_test(test_what_next),
		cmocka_unit_test(test_strangers),
		cmocka_unit_test(test_mail),
		cmocka_unit_test(test_subject),
	};

	return cmocka_run_group_tests_name("notify/words", tests, NULL, NULL);
}
