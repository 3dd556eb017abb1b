/*
 * Names, members and objects: what may be written, its one spelling, and the
 * words of the refusals (behaviour.md, "Identities" and "Groups").
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "../fixture.h"

static void test_names_accepted(void **state)
{
	static const char *const good[] = { "a", "0", "outbound", "A-b_c.9", "-",
		"company", "anything", "many", "lists", "all.of.them", "globally" };
	char longest[NAME_MAX_OCTETS + 1];
	struct err err;

	(void)state;
	for (size_t i = 0; i < LENGTH(good); i++)
		must(name_check("group", good[i], &err), &err);
	memset(longest, 'x', NAME_MAX_OCTETS);
	longest[NAME_MAX_OCTETS] = '\0';
	must(name_check("group", longest, &err), &err);
}

static void test_names_refused(void **state)
{
	static const char *const bad[] = { "", "*", "any", "all", "list", "global", "a b",
		"!staff", "a@b", "a/b", "pool:name",
		"gr\xc3\xbc"
		"n",
		"a\n", "<a>" };
	char too_long[NAME_MAX_OCTETS + 2];
	struct err err;

	(void)state;
	for (size_t i = 0; i < LENGTH(bad); i++) {
		err.text[0] = '\0';
		assert_int_equal(name_check("group", bad[i], &err), -1);
		assert_int_equal(err.code, ERR_BAD);
		assert_non_null(strstr(err.text, "group"));
	}
	memset(too_long, 'x', sizeof(too_long) - 1);
	too_long[sizeof(too_long) - 1] = '\0';
	assert_int_equal(name_check("policy", too_long, &err), -1);
	assert_non_null(strstr(err.text, "policy"));
	assert_non_null(strstr(err.text, "64"));
}

static const struct {
	const char *text, *spelling;
	unsigned char family;
} members[] = {
	{ "user@example.org", "user@example.org", 0 },
	{ "User.Name@Example.ORG", "user.name@example.org", 0 },
	{ "<user@example.org>", "user@example.org", 0 },
	{ "first+tag-x@sub.example.org", "first+tag-x@sub.example.org", 0 },
	{ "\"john doe\"@example.org", "\"john doe\"@example.org", 0 },
	{ "\"plain\"@example.org", "plain@example.org", 0 },
	{ "j\xc3\xbcrgen@b\xc3\xbc"
	  "cher.example",
		"j\xc3\xbcrgen@xn--bcher-kva.example", 0 },
	{ u8"@BÜCHER.example", "@xn--bcher-kva.example", 0 },
	{ "user@[192.0.2.1]", "user@[192.0.2.1]", 0 },
	{ "@example.org", "@example.org", 0 },
	{ "@EXAMPLE.org", "@example.org", 0 },
	{ "@.Example.ORG", "@.example.org", 0 },
	{ "@.org", "@.org", 0 },
	{ "Postmaster@", "postmaster@", 0 },
	{ "first+tag@", "first+tag@", 0 },
	{ "\"john doe\"@", "\"john doe\"@", 0 },
	{ "\"a@b\"@", "\"a@b\"@", 0 },
	{ "\"a@b\"@example.org", "\"a@b\"@example.org", 0 },
	{ "\"Plain\"@", "plain@", 0 },
	{ "bob", "bob", 0 },
	{ "BOB", "bob", 0 },
	{ "100234", "100234", 0 },
	{ "corp\\bob", "corp\\bob", 0 },
	{ "Corp\\Bob", "corp\\bob", 0 },
	{ "ada", "ada", 0 },
	{ "beef", "beef", 0 },
	{ "john.doe", "john.doe", 0 },
	{ "7.up", "7.up", 0 },
	{ "first+tag", "first+tag", 0 },
	{ "o'neil_j-r", "o'neil_j-r", 0 },
	{ "j\xc3\xbcrgen", "j\xc3\xbcrgen", 0 },
	{ "all", "all", 0 },
	{ "192.0.2.7", "192.0.2.7", 4 },
	{ "192.0.2.7/32", "192.0.2.7", 4 },
	{ "192.0.2.0/24", "192.0.2.0/24", 4 },
	{ "0.0.0.0/0", "0.0.0.0/0", 4 },
	{ "2001:DB8::/32", "2001:db8::/32", 6 },
	{ "2001:db8:0:0::7", "2001:db8::7", 6 },
	{ "::1", "::1", 6 },
	{ "::ffff:192.0.2.7", "192.0.2.7", 4 },
	{ "::ffff:192.0.2.0/120", "192.0.2.0/24", 4 },
};

static void test_members_accepted(void **state)
{
	struct arena *arena = arena_new();
	struct cidr network, again;
	struct err err;

	(void)state;
	for (size_t i = 0; i < LENGTH(members); i++) {
		const char *name, *twice;

		memset(&network, 0xff, sizeof(network));
		name = member_parse(arena, members[i].text, &network, &err);
		if (name == NULL)
			fail_msg("%s: %s", members[i].text, err.text);
		assert_string_equal(name, members[i].spelling);
		assert_int_equal(network.family, members[i].family);
		/* the one spelling is its own spelling */
		twice = member_parse(arena, name, &again, &err);
		assert_non_null(twice);
		assert_string_equal(twice, name);
		assert_memory_equal(&network, &again, sizeof(network));
	}
	arena_free(arena);
}

static void test_members_refused(void **state)
{
	static const char *const bad[] = { "", "<>", "@", "a b@example.org", "@a b",
		"@-example.org", "@example..org", "user@example.org/24", "192.0.2",
		"192.0.2.256", "192.0.2.0/33", "2001:db8::/129",
		"2001:db8:::", "1.2.3.4.5", "*", "<invalid>", "a@b@c", "\xff@example.org",
		"300.1.1.1", "10.0.0.0/33", "192.168.1.x", "any", "a b", "!x", "@.",
		"@..", "@.[192.0.2.1]", "@.a b", "@.example..org", "x@y@",
		"@example.org@", "a b@", "<>@", "<bob", "b\nob", "\xff", "b\xc2\x85",
		"...", "\\", "10/8", "a,b", "bob;eve", "group/x", "[192.0.2.1]",
		"what?" };
	struct arena *arena = arena_new();
	char login[ADDR_LOCAL_MAX + 2];
	struct cidr network;
	struct err err;

	(void)state;
	for (size_t i = 0; i < LENGTH(bad); i++) {
		err.text[0] = '\0';
		if (member_parse(arena, bad[i], &network, &err) != NULL)
			fail_msg("accepted as a member: %s", bad[i]);
		assert_int_equal(err.code, ERR_BAD);
		assert_string_not_equal(err.text, "");
	}
	/* nothing that is longer than a login without its domain */
	memset(login, 'x', sizeof(login));
	login[ADDR_LOCAL_MAX] = '\0';
	assert_string_equal(member_parse(arena, login, &network, &err), login);
	login[ADDR_LOCAL_MAX] = 'x';
	login[ADDR_LOCAL_MAX + 1] = '\0';
	assert_null(member_parse(arena, login, &network, &err));
	assert_null(member_parse(arena, "bad one", &network, &err));
	assert_non_null(strstr(err.text, "bad one"));
	assert_non_null(strstr(err.text, "@example.org"));
	/* the likely meaning is named */
	assert_null(member_parse(arena, "192.0.2.7/24", &network, &err));
	assert_non_null(strstr(err.text, "192.0.2.0/24"));
	arena_free(arena);
}

static const struct {
	const char *text;
	unsigned prefix;
	const char *spelling;
} objects[] = {
	{ "<>", 64, "<>" },
	{ "<invalid>", 64, "<invalid>" },
	{ "*", 64, "*" },
	{ "Bob@Example.org", 64, "bob@example.org" },
	{ "@Example.org", 64, "@example.org" },
	{ u8"JÜRGEN@Bücher.example", 64, u8"jürgen@xn--bcher-kva.example" },
	/* a login that is no address */
	{ u8"corp\\JÜRGEN@a b", 64, u8"corp\\jÜrgen@a b" },
	{ "192.0.2.7", 64, "192.0.2.7" },
	{ "::ffff:192.0.2.7", 64, "192.0.2.7" },
	{ "192.0.2.7", 8, "192.0.2.7" },
	{ "2001:db8:1:2:3:4:5:6", 64, "2001:db8:1:2::/64" },
	{ "2001:db8:1:2::/64", 64, "2001:db8:1:2::/64" },
	{ "2001:db8:1:2:3::", 48, "2001:db8:1::/48" },
	{ "2001:db8::7", 128, "2001:db8::7" },
	{ "2001:db8::7", 1, "::/1" },
};

static void test_objects(void **state)
{
	static const char *const bad[] = { "", "@", "any one", "all", "10.0.0.256", "< >",
		"bob", "@.example.org", "**", "* ", "@a b", "<INVALID>" };
	struct arena *arena = arena_new();
	struct err err;

	(void)state;
	for (size_t i = 0; i < LENGTH(objects); i++) {
		const char *name =
			object_parse(arena, objects[i].text, objects[i].prefix, &err);

		if (name == NULL)
			fail_msg("%s: %s", objects[i].text, err.text);
		assert_string_equal(name, objects[i].spelling);
	}
	for (size_t i = 0; i < LENGTH(bad); i++) {
		if (object_parse(arena, bad[i], 64, &err) != NULL)
			fail_msg("accepted as an object: %s", bad[i]);
		assert_int_equal(err.code, ERR_BAD);
		assert_non_null(strstr(err.text, "not an object"));
	}
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_accepted),
		cmocka_unit_test(test_names_refused),
		cmocka_unit_test(test_members_accepted),
		cmocka_unit_test(test_members_refused),
		cmocka_unit_test(test_objects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
