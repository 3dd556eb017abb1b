/*
 * The index of a set's policies: by the groups of their sources, and by the headers that
 * their rules look at.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "policy/index.h"
#include "../fixture.h"

static const struct policy *with_rules(const char *const *headers, size_t n)
{
	struct policy *p = mem_calloc(1, sizeof(*p));
	struct err err = { ERR_BAD, "" };

	policy_init(p, "p");
	p->rules = mem_calloc(n, sizeof(*p->rules));
	for (size_t i = 0; i < n; i++) {
		p->rules[p->nrules] = rule_new(headers[i], "/x/", &err);
		must(p->rules[p->nrules++] != NULL ? 0 : -1, &err);
	}
	return p;
}

static void free_policy(const struct policy *p)
{
	policy_clear((struct policy *)(uintptr_t)p);
	free((struct policy *)(uintptr_t)p);
}

static void test_headers(void **state)
{
	static const char *const one[] = { "X-Spam", "Subject" }, *const other[] = {
		"SUBJECT", "From", "X-Spam-Flag"
	};
	static const struct {
		const char *name, *found;
	} cases[] = {
		{ "subject", "Subject" },
		{ "SuBJect", "Subject" },
		{ "FROM", "From" },
		{ "x-spam", "X-Spam" },
		{ "X-Spam-Flag", "X-Spam-Flag" },
		{ "X-Spa", NULL },
		{ "X-Spam-", NULL },
		{ "To", NULL },
		{ "", NULL },
	};
	const struct policy *policies[] = { with_rules(one, LENGTH(one)),
		with_rules(NULL, 0), with_rules(other, LENGTH(other)) };
	struct policy_index index;

	(void)state;
	policy_index_init(&index, policies, LENGTH(policies));
	assert_int_equal(index.nheaders, 4);
	for (size_t i = 0; i < LENGTH(cases); i++) {
		const char *found = policy_index_header(&index, cases[i].name);

		if (cases[i].found == NULL)
			assert_null(found);
		else
			assert_int_equal(strcasecmp(found, cases[i].found), 0);
	}
	policy_index_clear(&index);
	for (size_t i = 0; i < LENGTH(policies); i++)
		free_policy(policies[i]);
}

static void test_sources(void **state)
{
	static const struct policy any = { .enabled = true, .source.any = true },
				   not = { .enabled = true,
					   .source = { .inverted = true,
						   .group_id = 9 } },
				   nine = { .enabled = true, .source.group_id = 9 },
				   four = { .enabled = true, .source.group_id = 4 },
				   off = { .source.group_id = 4 };
	const struct policy *policies[] = { &nine, &any, &four, &off, &nine, &not };
	const struct source *first;
	struct policy_index index;

	(void)state;
	policy_index_init(&index, policies, LENGTH(policies));
	assert_int_equal(index.nopen, 2);
	assert_int_equal(index.open[0], 1);
	assert_int_equal(index.open[1], 5);
	assert_int_equal(policy_index_sources(&index, 9, &first), 2);
	assert_int_equal(first[0].place, 0);
	assert_int_equal(first[1].place, 4);
	assert_int_equal(policy_index_sources(&index, 4, &first), 1);
	assert_int_equal(first->place, 2);
	assert_int_equal(policy_index_sources(&index, 1, &first), 0);
	assert_int_equal(policy_index_sources(&index, 5, &first), 0);
	assert_int_equal(policy_index_sources(&index, 10, &first), 0);
	policy_index_clear(&index);
	policy_index_init(&index, NULL, 0);
	assert_int_equal(policy_index_sources(&index, 4, &first), 0);
	assert_null(policy_index_header(&index, "Subject"));
	policy_index_clear(&index);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_sources),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
