/*
 * Identities: who a message is from, and the object of each key
 * (behaviour.md, "Identities"; sources in "Groups").
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/identity.h"
#include "../fixture.h"

static void check_object(struct site *s, enum policy_key key, const char *expected,
	const struct mail *mail)
{
	const struct policy p = { .key = key };
	struct begun *b = site_begin(s, mail);
	const char *object = identity_object(b->m, &p);

	if (expected == NULL ? object != NULL
			     : object == NULL || strcmp(object, expected) != 0)
		fail_msg("key %d: sender %s login %s client %s: %s, not %s", (int)key,
			mail->sender, mail->login, mail->client, object, expected);
	site_finish(b);
}

#define OBJECT(site, key, expected, ...)                                                 \
	check_object(site, key, expected, &(struct mail){ __VA_ARGS__ })

/* As KEY_DOMAIN has it. */
static const char *domain_of(const char *object)
{
	return strchr(object, '@') != NULL ? strchr(object, '@') : "<invalid>";
}

static void test_sender(void **state)
{
	static const struct {
		const char *sender, *object;
	} senders[] = {
		{ "<Bob@Example.ORG>", "bob@example.org" },
		{ "bob@example.org", "bob@example.org" },
		{ "<\"john doe\"@example.org>", "\"john doe\"@example.org" },
		{ "<\"bob\"@example.org>", "bob@example.org" },
		{ "<@a.example,@b.example:bob@example.org>", "bob@example.org" },
		{ "<j\xc3\xbcrgen@example.org>", "j\xc3\xbcrgen@example.org" },
		{ "<bob@[192.0.2.1]>", "bob@[192.0.2.1]" },
		{ "<postmaster>", "postmaster@mx.example.net" },
		{ "<bob@>", "<invalid>" },
		{ "<a b@example.org>", "<invalid>" },
		{ "<bob@example..org>", "<invalid>" },
		{ "<\xff@example.org>", "<invalid>" },
	};
	struct site *s = *state;

	for (size_t i = 0; i < LENGTH(senders); i++) {
		OBJECT(s, KEY_SENDER, senders[i].object, .sender = senders[i].sender,
			.mta = "MX.example.net");
		OBJECT(s, KEY_SENDER_PLUS, senders[i].object, .sender = senders[i].sender,
			.mta = "MX.example.net");
		OBJECT(s, KEY_LOGIN, NULL, .sender = senders[i].sender,
			.mta = "MX.example.net");
		/* its domain, where it has one */
		OBJECT(s, KEY_DOMAIN, domain_of(senders[i].object),
			.sender = senders[i].sender, .mta = "MX.example.net");
		OBJECT(s, KEY_DOMAIN_PLUS, domain_of(senders[i].object),
			.sender = senders[i].sender, .mta = "MX.example.net");
		OBJECT(s, KEY_POLICY, "*", .sender = senders[i].sender);
	}
}

static const struct {
	const char *login, *realm, *mta, *object;
} logins[] = {
	{ "bob", "", "MX.Example.net", "bob@mx.example.net" },
	{ "BOB", "Example.org", "mx.example.net", "bob@example.org" },
	{ "Bob@Other.Example", "example.org", "mx.example.net", "bob@other.example" },
	{ "bob", "", NULL, "bob" },
	{ "bob", "example.org", NULL, "bob@example.org" },
	{ "J\xc3\x9cRGEN", "example.org", NULL, "j\xc3\xbcrgen@example.org" },
	{ "bo\nb", "example.org", NULL, "<invalid>" },
	{ "b\xff", "example.org", NULL, "<invalid>" },
	{ "b\xc2\x85", "example.org", NULL, "<invalid>" },
};

static void test_login(void **state)
{
	struct site *s = *state;

	for (size_t i = 0; i < LENGTH(logins); i++) {
		site_setting(s, "login_realm", logins[i].realm);
		OBJECT(s, KEY_LOGIN, logins[i].object, .login = logins[i].login,
			.mta = logins[i].mta);
		OBJECT(s, KEY_SENDER_PLUS, logins[i].object, .login = logins[i].login,
			.mta = logins[i].mta);
		/* it is no sender */
		OBJECT(s, KEY_SENDER, "bob@example.org", .login = logins[i].login,
			.mta = logins[i].mta);
		OBJECT(s, KEY_DOMAIN, "@example.org", .login = logins[i].login,
			.mta = logins[i].mta);
		OBJECT(s, KEY_DOMAIN_PLUS, domain_of(logins[i].object),
			.login = logins[i].login, .mta = logins[i].mta);
	}
}

/* No name is as good as none; one too long for an object is <invalid>. */
static void test_login_bounds(void **state)
{
	struct site *s = *state;
	char longest[ADDR_LOCAL_MAX + 1 + ADDR_DOMAIN_MAX + 2];

	OBJECT(s, KEY_LOGIN, NULL, .login = "");
	OBJECT(s, KEY_SENDER_PLUS, "bob@example.org", .login = "");
	memset(longest, 'x', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	OBJECT(s, KEY_LOGIN, "<invalid>", .login = longest);
	longest[sizeof(longest) - 2] = '\0';
	OBJECT(s, KEY_LOGIN, longest, .login = longest);
}

static void test_null_sender(void **state)
{
	static const char *const rules[] = { "skip", "count" };
	struct site *s = *state;

	for (size_t i = 0; i < LENGTH(rules); i++) {
		const char *null = i == 0 ? NULL : "<>";

		site_setting(s, "null_sender", rules[i]);
		OBJECT(s, KEY_SENDER, null, .sender = "<>");
		OBJECT(s, KEY_SENDER_PLUS, null, .sender = "<>");
		OBJECT(s, KEY_SENDER, null, .sender = "");
		OBJECT(s, KEY_DOMAIN, null, .sender = "<>");
		OBJECT(s, KEY_DOMAIN_PLUS, null, .sender = "<>");
		OBJECT(s, KEY_LOGIN, NULL, .sender = "<>");
		/* with a login it frees nobody */
		OBJECT(s, KEY_SENDER, "bob@x.net", .sender = "<>", .login = "bob@x.net");
		OBJECT(s, KEY_SENDER_PLUS, "bob@x.net", .sender = "<>",
			.login = "bob@x.net");
		OBJECT(s, KEY_LOGIN, "bob@x.net", .sender = "<>", .login = "bob@x.net");
		OBJECT(s, KEY_DOMAIN, "@x.net", .sender = "<>", .login = "bob@x.net");
		OBJECT(s, KEY_DOMAIN_PLUS, "@x.net", .sender = "<>",
			.login = "bob@x.net");
		OBJECT(s, KEY_DOMAIN, "<invalid>", .sender = "<>", .login = "bob");
		OBJECT(s, KEY_CLIENT, "192.0.2.7", .sender = "<>", .client = "192.0.2.7");
		OBJECT(s, KEY_POLICY, "*", .sender = "<>");
	}
}

static void test_client(void **state)
{
	static const struct {
		const char *prefix, *client, *object;
	} clients[] = {
		{ "64", "192.0.2.7", "192.0.2.7" },
		{ "64", "::ffff:192.0.2.7", "192.0.2.7" },
		{ "64", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64" },
		{ "48", "2001:db8:1:2:3:4:5:6", "2001:db8:1::/48" },
		{ "128", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2:3:4:5:6" },
		{ "1", "192.0.2.7", "192.0.2.7" },
		{ "64", NULL, NULL },
	};
	struct site *s = *state;

	for (size_t i = 0; i < LENGTH(clients); i++) {
		site_setting(s, "ipv6_prefix", clients[i].prefix);
		OBJECT(s, KEY_CLIENT, clients[i].object, .client = clients[i].client);
		OBJECT(s, KEY_CLIENT, clients[i].object, .client = clients[i].client,
			.login = "bob@example.org");
	}
}

/* The sender is whom the MTA takes it for; the command counts where that is missing or
 * does not parse. */
static void test_routed_sender(void **state)
{
	static const struct {
		const char *given, *routed, *sender;
	} cases[] = {
		{ "<bob@example.org>", "Alice@example.net", "alice@example.net" },
		{ "<bob@example.org>", "<alice@example.net>", "alice@example.net" },
		{ "<alice(c)@example.net>", "alice@example.net", "alice@example.net" },
		{ "<user%example.net@example.org>", "user@example.net",
			"user@example.net" },
		{ "<alice(c)@example.net>", NULL, "<invalid>" },
		{ "<alice(c)@example.net>", "a b@c", "<invalid>" },
		{ "<bob@example.org>", NULL, "bob@example.org" },
		{ "<bob@example.org>", "not one@x", "bob@example.org" },
		{ NULL, "alice@example.net", "alice@example.net" },
		{ NULL, "root", "root@mx.example.net" },
		{ "<bob@example.org>", "root", "root@mx.example.net" },
		{ "<bob@example.org>", "", "<>" },
		{ "<>", "", "<>" },
		{ NULL, "", "<>" },
	};
	struct site *s = *state;
	struct session session = { .mta = (char *)(uintptr_t) "mx.example.net" };
	struct message *m;

	site_group(s, "friends", "alice@example.net", "user@example.net", "root@", NULL);
	for (size_t i = 0; i < LENGTH(cases); i++) {
		m = engine_mail(
			&s->engine, &session, cases[i].given, cases[i].routed, NULL, NOW);
		assert_string_equal(m->sender.text, cases[i].sender);
		assert_int_equal(group_list_has(&m->sender_groups, 1),
			strstr(cases[i].sender, "example.net") != NULL);
		engine_drop(m);
	}
}

/* Asking for one policy's object changes no other's. */
static void test_no_leak(void **state)
{
	static const enum policy_key order[] = { KEY_CLIENT, KEY_SENDER_PLUS, KEY_SENDER,
		KEY_LOGIN, KEY_SENDER, KEY_DOMAIN_PLUS, KEY_CLIENT, KEY_DOMAIN,
		KEY_SENDER_PLUS, KEY_POLICY, KEY_DOMAIN, KEY_DOMAIN_PLUS, KEY_SENDER };
	static const char *const objects[] = {
		[KEY_LOGIN] = "carol@example.net",
		[KEY_SENDER] = "bob@example.org",
		[KEY_SENDER_PLUS] = "carol@example.net",
		[KEY_DOMAIN] = "@example.org",
		[KEY_DOMAIN_PLUS] = "@example.net",
		[KEY_CLIENT] = "2001:db8::/64",
		[KEY_POLICY] = "*",
	};
	struct begun *b = site_begin(*state,
		&(struct mail){ .login = "carol@example.net", .client = "2001:db8::1" });

	for (size_t i = 0; i < LENGTH(order); i++) {
		const struct policy p = { .key = order[i] };

		assert_string_equal(identity_object(b->m, &p), objects[order[i]]);
	}
	site_finish(b);
}

/* What is counted can be named in commands: one spelling everywhere. */
static void test_object_can_be_named(void **state)
{
	static const struct mail mails[] = {
		{ .sender = "<Bob+x@Example.org>" },
		{ .sender = "<\"john doe\"@example.org>" },
		{ .sender = "<bob>" },
		{ .sender = "<a b@c>" },
		{ .client = "2001:db8::1" },
		{ .client = "192.0.2.7" },
		{ .login = "Bob" },
		{ .login = "bob@example.org" },
		{ .login = "\"bob\"@example.org" },
		{ .login = "DOMAIN\\bob" },
		{ .login = "bob smith" },
		{ .login = "bob@example.org@realm" },
	};
	struct site *s = *state;
	struct arena *arena = arena_new();
	int wrong = 0;

	for (size_t i = 0; i < LENGTH(mails); i++) {
		const struct policy p = {
			.key = mails[i].client != NULL ? KEY_CLIENT : KEY_SENDER_PLUS
		};
		struct mail mail = mails[i];
		const char *object, *named;
		struct begun *b;

		mail.mta = "mx.example.net";
		b = site_begin(s, &mail);
		object = identity_object(b->m, &p);
		named = object_parse(arena, object, 64, NULL);
		if (named == NULL || strcmp(named, object) != 0) {
			print_error("the object %s is read as %s\n", object,
				named != NULL ? named : "no object");
			wrong++;
		}
		site_finish(b);
	}
	arena_free(arena);
	assert_int_equal(wrong, 0);
}

/* Is the message's source, for that key, in the group? */
static bool in_group(
	struct site *s, enum policy_key key, const char *group, const struct mail *mail)
{
	const struct policy p = { .key = key };
	struct begun *b = site_begin(s, mail);
	char sql[100];
	bool in;

	snprintf(
		sql, sizeof(sql), "SELECT id FROM member_group WHERE name = '%s'", group);
	in = group_list_has(identity_source(b->m, &p), site_number(s, sql));
	site_finish(b);
	return in;
}

#define IN(key, group, ...) in_group(*state, key, group, &(struct mail){ __VA_ARGS__ })

/* By the identity of the key, by its domain, by the client's network. */
static void test_source(void **state)
{
	site_group(*state, "people", "bob@example.org", "carol@x.net", NULL);
	site_group(*state, "domain", "@example.org", NULL);
	site_group(*state, "realm", "@mx.example.net", NULL);
	site_group(*state, "net", "192.0.2.0/24", "2001:db8::/32", NULL);
	assert_true(IN(KEY_SENDER, "people", .sender = "<BOB@example.org>"));
	assert_false(IN(KEY_SENDER, "people", .sender = "<eve@example.org>"));
	assert_true(IN(KEY_SENDER, "domain", .sender = "<eve@example.org>"));
	assert_false(IN(KEY_SENDER, "domain", .sender = "<eve@sub.example.org>"));
	/* the login for keys that prefer it, the sender for the others */
	assert_true(
		IN(KEY_LOGIN, "people", .login = "carol@x.net", .sender = "<e@e.net>"));
	assert_true(IN(KEY_SENDER_PLUS, "people", .login = "carol@x.net",
		.sender = "<e@e.net>"));
	assert_false(
		IN(KEY_SENDER, "people", .login = "carol@x.net", .sender = "<e@e.net>"));
	assert_false(IN(KEY_SENDER_PLUS, "domain", .login = "e@e.net",
		.sender = "<a@example.org>"));
	assert_true(IN(
		KEY_SENDER, "domain", .login = "e@e.net", .sender = "<a@example.org>"));
	assert_true(IN(KEY_SENDER_PLUS, "domain", .sender = "<a@example.org>"));
	assert_true(IN(KEY_LOGIN, "realm", .login = "bob", .mta = "mx.example.net"));
	/* the client, whatever the key */
	for (int key = KEY_LOGIN; key <= KEY_POLICY; key++) {
		assert_true(IN((enum policy_key)key, "net", .client = "192.0.2.7"));
		assert_true(
			IN((enum policy_key)key, "net", .client = "::ffff:192.0.2.7"));
		assert_true(IN((enum policy_key)key, "net", .client = "2001:db8::9",
			.login = "bob@example.org"));
		assert_true(IN((enum policy_key)key, "net", .client = "192.0.2.7",
			.sender = "<>"));
		assert_true(IN((enum policy_key)key, "net", .client = "192.0.2.7",
			.sender = "<a b@x>"));
		assert_false(IN((enum policy_key)key, "net", .client = "192.0.3.7"));
		assert_false(IN((enum policy_key)key, "net", .sender = "<a@b.net>"));
	}
}

/* MAIL FROM:<> of a login is matched as that login, and its domain. */
static void test_source_of_null_sender(void **state)
{
	static const enum policy_key keys[] = { KEY_LOGIN, KEY_SENDER, KEY_SENDER_PLUS,
		KEY_DOMAIN, KEY_DOMAIN_PLUS, KEY_CLIENT, KEY_RECIPIENT, KEY_POLICY };

	site_group(*state, "people", "carol@x.net", NULL);
	site_group(*state, "domain", "@x.net", NULL);
	for (size_t i = 0; i < LENGTH(keys); i++) {
		assert_true(
			IN(keys[i], "people", .sender = "<>", .login = "Carol@X.net"));
		assert_true(IN(keys[i], "domain", .sender = "<>", .login = "eve@x.net"));
		assert_false(IN(keys[i], "domain", .sender = "<>"));
	}
}

/* A login that is no valid address still has its domain. */
static void test_odd_login_has_its_domain(void **state)
{
	site_group(*state, "domain", "@example.org", NULL);
	assert_true(IN(KEY_LOGIN, "domain", .login = "bob smith@example.org"));
	assert_true(IN(KEY_LOGIN, "domain", .login = "corp\\bob@Example.org"));
	assert_false(IN(KEY_LOGIN, "domain", .login = "bob smith@example.net"));
	assert_false(IN(KEY_LOGIN, "domain", .login = "bob smith@"));
}

/* A login that is no address has the domain behind its last @, if that is one. */
static void test_domain_of_an_odd_login(void **state)
{
	struct site *s = *state;

	OBJECT(s, KEY_DOMAIN_PLUS, "@example.org", .login = "bob smith@Example.org");
	OBJECT(s, KEY_DOMAIN_PLUS, "@example.org", .login = "bob@x@example.org");
	OBJECT(s, KEY_DOMAIN_PLUS, "<invalid>", .login = "bob smith@");
	OBJECT(s, KEY_DOMAIN_PLUS, "<invalid>", .login = "bob@-not-");
	OBJECT(s, KEY_LOGIN, "bob smith@example.org", .login = "bob smith@Example.org");
	OBJECT(s, KEY_LOGIN, "corp\\bob@mx.example.net", .login = "CORP\\bob",
		.mta = "mx.example.net");
}

/* A group names a login without its domain: that is the one of the realm. */
static void test_bare_logins(void **state)
{
	site_group(*state, "crew", "bob", "corp\\eve", "100234", NULL);
	assert_true(IN(KEY_LOGIN, "crew", .login = "bob"));
	assert_true(IN(KEY_LOGIN, "crew", .login = "BOB", .mta = "mx.example.net"));
	assert_true(IN(KEY_SENDER_PLUS, "crew", .login = "bob@MX.example.net",
		.mta = "mx.example.net"));
	assert_true(IN(
		KEY_DOMAIN_PLUS, "crew", .login = "Corp\\Eve", .mta = "mx.example.net"));
	assert_true(IN(KEY_LOGIN, "crew", .login = "100234", .mta = "mx.example.net"));
	assert_false(IN(KEY_LOGIN, "crew", .login = "bobby", .mta = "mx.example.net"));
	assert_false(IN(
		KEY_LOGIN, "crew", .login = "bob@example.org", .mta = "mx.example.net"));
	assert_false(IN(KEY_LOGIN, "crew", .login = "bob@sub.mx.example.net",
		.mta = "mx.example.net"));
	assert_false(IN(KEY_LOGIN, "crew", .login = "bob@example.org"));
	/* a sender is no login, whatever he is called */
	assert_false(IN(KEY_SENDER, "crew", .login = "bob", .mta = "example.org"));
	assert_false(IN(KEY_SENDER_PLUS, "crew", .mta = "example.org"));
	assert_true(IN(KEY_SENDER, "crew", .login = "bob", .sender = "<>"));
	site_setting(*state, "login_realm", "Example.ORG");
	assert_true(IN(KEY_LOGIN, "crew", .login = "bob", .mta = "mx.example.net"));
	assert_true(IN(KEY_LOGIN, "crew", .login = "bob@example.org"));
	assert_false(IN(KEY_LOGIN, "crew", .login = "bob@mx.example.net",
		.mta = "mx.example.net"));
}

/* A login is in what has its address as well. */
static void test_groups_of_a_login(void **state)
{
	site_group(*state, "local", "bob@", NULL);
	site_group(*state, "below", "@.example.org", NULL);
	assert_true(IN(KEY_LOGIN, "local", .login = "bob", .mta = "mx.example.net"));
	assert_true(IN(KEY_LOGIN, "local", .login = "bob@anywhere.example"));
	assert_false(IN(KEY_LOGIN, "local", .login = "bob"));
	assert_true(IN(KEY_LOGIN, "below", .login = "eve", .mta = "mx.example.org"));
	assert_true(IN(KEY_LOGIN, "below", .login = "odd one@a.b.example.org"));
	assert_false(IN(KEY_LOGIN, "below", .login = "eve@xexample.org"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(test_sender),
		SITE_TEST(test_login),
		SITE_TEST(test_login_bounds),
		SITE_TEST(test_null_sender),
		SITE_TEST(test_client),
		SITE_TEST(test_routed_sender),
		SITE_TEST(test_no_leak),
		SITE_TEST(test_object_can_be_named),
		SITE_TEST(test_source),
		SITE_TEST(test_source_of_null_sender),
		SITE_TEST(test_odd_login_has_its_domain),
		SITE_TEST(test_domain_of_an_odd_login),
		SITE_TEST(test_bare_logins),
		SITE_TEST(test_groups_of_a_login),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
