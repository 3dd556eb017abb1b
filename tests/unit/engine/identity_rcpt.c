/*
 * The recipients of a message: their addresses, where the MTA takes them, their groups
 * and their objects.  The sender's half of src/engine/identity.c is in identity.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "../fixture.h"
#include "engine/identity.h"

#define TO(recipient) identity_recipient(b->m, recipient, NULL)

static void test_recipients(void **state)
{
	struct site *s = *state;
	struct begun *b;

	site_group(s, "friends", "alice@example.net", "@example.com", NULL);
	b = site_begin(
		s, &(struct mail){ .mta = "MX.example.com", .client = "192.0.2.7" });
	assert_string_equal(TO("<Alice@Example.net>")->address.text, "alice@example.net");
	assert_true(group_list_has(&TO("<Alice@Example.net>")->groups, 1));
	assert_true(group_list_has(&TO("<x@example.com>")->groups, 1));
	assert_false(group_list_has(&TO("<eve@example.net>")->groups, 1));
	assert_string_equal(TO("<root>")->address.text, "root@mx.example.com");
	assert_false(group_list_has(&TO("<root>")->groups, 1));
	assert_string_equal(TO("<a b@x>")->address.text, "<invalid>");
	assert_false(group_list_has(&TO("<a b@x>")->groups, 1));
	site_finish(b);
}

/* Whence a message comes and who has logged in says nothing of whom it is for, and a
 * recipient is no login, whatever he is called. */
static void test_networks_and_logins_are_no_destination(void **state)
{
	struct site *s = *state;
	struct begun *b;

	site_group(s, "senders", "192.0.2.0/24", "alice", "carol@example.org", NULL);
	b = site_begin(s, &(struct mail){ .mta = "mx.example.net",
				  .client = "192.0.2.7",
				  .login = "alice" });
	assert_true(group_list_has(&b->m->login_groups, 1));
	assert_true(group_list_has(&b->m->sender_groups, 1));
	assert_true(group_list_has(&TO("<carol@example.org>")->groups, 1));
	assert_false(group_list_has(&TO("<eve@example.org>")->groups, 1));
	assert_false(group_list_has(&TO("<alice@mx.example.net>")->groups, 1));
	assert_false(group_list_has(&TO("<alice>")->groups, 1));
	assert_false(group_list_has(&TO("<a b@[192.0.2.7]>")->groups, 1));
	assert_false(group_list_has(&TO("<x@[192.0.2.7]>")->groups, 1));
	site_finish(b);
}

/* What does not parse stays that, but is also in the groups of what the MTA makes of
 * it. */
static void test_invalid_is_in_groups(void **state)
{
	static const struct {
		const char *given, *routed;
		bool in;
	} cases[] = {
		{ "<alice(c)@example.net>", "alice@example.net", true },
		{ "<Al <alice@example.net>>", "alice@example.net", true },
		{ "<alice(c)@example.net>", "bob@example.net", false },
		{ "<alice(c)@example.net>", "", false },
		{ "<alice(c)@example.net>", NULL, false },
		{ "<bob@example.net>", "alice@example.net", false },
	};
	struct site *s = *state;
	struct session session = { .mta = (char *)(uintptr_t) "mx.example.net" };
	struct recipient *r;
	struct message *m;

	site_group(s, "friends", "alice@example.net", NULL);
	site_publish(s);
	for (size_t i = 0; i < LENGTH(cases); i++) {
		m = engine_mail(
			&s->engine, &session, "<bob@example.org>", NULL, NULL, NOW);
		r = identity_recipient(m, cases[i].given, cases[i].routed);
		assert_int_equal(group_list_has(&r->groups, 1), cases[i].in);
		if (cases[i].in)
			assert_string_equal(r->address.text, "<invalid>");
		engine_drop(m);
	}
}

/* Where the MTA takes an address to counts where the address names another inside. */
static void test_routed_recipients(void **state)
{
	static const struct {
		const char *given, *routed, *address;
	} cases[] = {
		{ "<user%example.net@example.org>", "user@example.net",
			"user@example.net" },
		{ "<\"a@b\"@example.org>", "a@b", "a@b" },
		{ "<\"a@b\"@example.org>", "<A@B.example>", "a@b.example" },
		{ "<host!user@example.org>", "user@host", "user@host" },
		{ "<host!user>", "user@host", "user@host" },
		{ "<user%example.net>", "user@example.net", "user@example.net" },
		/* a plain one is what it is: an alias is not whom it was sent to */
		{ "<alice@example.net>", "bob@example.org", "alice@example.net" },
		{ "<a+b=c@example.net>", "bob@example.org", "a+b=c@example.net" },
		{ "<\"john doe\"@example.net>", "x@y.net", "\"john doe\"@example.net" },
		{ "<root>", "bob@example.org", "root@mx.example.net" },
		{ "<x@[192.0.2.1]>", "bob@example.org", "x@[192.0.2.1]" },
		/* the MTA does not say, or not with an address */
		{ "<user%example.net@example.org>", NULL,
			"user%example.net@example.org" },
		{ "<user%example.net@example.org>", "", "user%example.net@example.org" },
		{ "<user%example.net@example.org>", "user",
			"user%example.net@example.org" },
		{ "<user%example.net@example.org>", "not one@x",
			"user%example.net@example.org" },
		{ "<a b@example.org>", "nobody", "<invalid>" },
		{ "<a b@example.org>", "x@example.org", "<invalid>" },
	};
	struct site *s = *state;
	struct begun *b;

	site_group(s, "friends", "@example.net", NULL);
	b = site_begin(s, &(struct mail){ .mta = "mx.example.net" });
	for (size_t i = 0; i < LENGTH(cases); i++) {
		const struct recipient *r =
			identity_recipient(b->m, cases[i].given, cases[i].routed);

		assert_string_equal(r->given, cases[i].given);
		if (strcmp(r->address.text, cases[i].address) != 0)
			fail_msg("%s: %s", cases[i].given, r->address.text);
		assert_int_equal(group_list_has(&r->groups, 1),
			strstr(cases[i].address, "@example.net") != NULL);
	}
	site_finish(b);
}

static void test_recipient_objects(void **state)
{
	static const struct {
		const char *given, *address, *domain;
	} cases[] = {
		{ "<Alice@Example.net>", "alice@example.net", "@example.net" },
		{ "<\"a@b\"@example.net>", "\"a@b\"@example.net", "@example.net" },
		{ "<a@[192.0.2.1]>", "a@[192.0.2.1]", "@[192.0.2.1]" },
		{ "<root>", "root@mx.example.net", "@mx.example.net" },
		{ "<a b@example.net>", "<invalid>", "<invalid>" },
	};
	const struct policy whole = { .key = KEY_RECIPIENT },
			    domain = { .key = KEY_RECIPIENT_DOMAIN };
	struct begun *b = site_begin(*state, &(struct mail){ .mta = "mx.example.net" });

	for (size_t i = 0; i < LENGTH(cases); i++) {
		const struct recipient *r = TO(cases[i].given);

		assert_string_equal(
			identity_recipient_object(&whole, r), cases[i].address);
		assert_string_equal(
			identity_recipient_object(&domain, r), cases[i].domain);
	}
	site_finish(b);
	b = site_begin(*state, &(struct mail){ .mta = NULL });
	assert_string_equal(identity_recipient_object(&whole, TO("<root>")), "root");
	assert_string_equal(
		identity_recipient_object(&domain, TO("<root>")), "<invalid>");
	/* these keys have no object of a message */
	assert_null(identity_object(b->m, &whole));
	assert_null(identity_object(b->m, &domain));
	site_finish(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(test_recipients),
		SITE_TEST(test_networks_and_logins_are_no_destination),
		SITE_TEST(test_invalid_is_in_groups),
		SITE_TEST(test_routed_recipients),
		SITE_TEST(test_recipient_objects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
