/*
 * Metrics: both forms of the text, each family in one piece and once, the numbers in it,
 * which policies are named, and what is escaped.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "../house.h"

#include "admin/metrics.h"
#include "base/episode.h"

#define LINES_MAX 5000

/* The text, and its lines. */
struct told {
	char *text, *lines[LINES_MAX];
	size_t size, n;
};

static struct told *tell(struct house *h, enum metrics_form form)
{
	struct told *t = mem_calloc(1, sizeof(*t));
	char *rest;

	t->text = metrics_text(&h->admin, h->site.db, form, &t->size);
	assert_int_equal(strlen(t->text), t->size);
	assert_int_equal(t->text[t->size - 1], '\n');
	t->text[t->size - 1] = '\0';
	for (rest = t->text; rest != NULL; t->n++) {
		assert_true(t->n < LINES_MAX);
		t->lines[t->n] = strsep(&rest, "\n");
	}
	return t;
}

static void told_free(struct told *t)
{
	free(t->text);
	free(t);
}

static size_t count_line(const struct told *t, const char *line)
{
	size_t found = 0;

	for (size_t i = 0; i < t->n; i++)
		found += strcmp(t->lines[i], line) == 0;
	return found;
}

static size_t count_begun(const struct told *t, const char *with)
{
	size_t found = 0;

	for (size_t i = 0; i < t->n; i++)
		found += strncmp(t->lines[i], with, strlen(with)) == 0;
	return found;
}

static void has(const struct told *t, const char *line)
{
	if (count_line(t, line) != 1)
		fail_msg("%zu times: %s", count_line(t, line), line);
}

/* --- how it is written --- */

static void test_values(void **state)
{
	static const struct {
		const char *value, *written;
	} table[] = {
		{ "", "" },
		{ "mx:out-1.a_b", "mx:out-1.a_b" },
		{ "a\"b", "a\\\"b" },
		{ "a\\b", "a\\\\b" },
		{ "a\nb", "a\\nb" },
		{ "\\n", "\\\\n" },
		{ "\"\n\\\n\"", "\\\"\\n\\\\\\n\\\"" },
		{ "\xc3\xa4\t'{}", "\xc3\xa4\t'{}" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(table); i++) {
		char *text = NULL;
		size_t size;
		FILE *to = open_memstream(&text, &size);

		metrics_put_value(to, table[i].value);
		fclose(to);
		assert_string_equal(text, table[i].written);
		free(text);
	}
}

/* The name at the beginning of a line, without labels; cut there. */
static char *name_of(const char *from)
{
	return strndup(from, strcspn(from, " {"));
}

static bool ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), k = strlen(end);

	return n >= k && strcmp(text + n - k, end) == 0;
}

/* HELP, then TYPE if it is told, then the samples: all of a family together, and no
 * family, and no sample, twice. */
static void check_families(const struct told *t, enum metrics_form form)
{
	size_t n = t->n - (form == METRICS_OPEN);
	char *family = NULL;

	for (size_t i = 0; i < n; i++) {
		const char *line = t->lines[i];
		char *name;

		if (strncmp(line, "# HELP ", 7) == 0) {
			free(family);
			family = name_of(line + 7);
			name = strndup(line, 7 + strlen(family) + 1);
			assert_int_equal(count_begun(t, name), 1);
			assert_null(strpbrk(line, "\\\""));
		} else if (strncmp(line, "# TYPE ", 7) == 0) {
			bool counts = ends_with(line, " counter");

			name = name_of(line + 7);
			assert_string_equal(name, family);
			assert_int_equal(strncmp(t->lines[i - 1], "# HELP ", 7), 0);
			assert_true(counts || ends_with(line, " gauge"));
			assert_int_equal(counts, ends_with(name, "_total"));
			assert_false(counts && form == METRICS_OPEN);
		} else {
			name = name_of(line);
			assert_non_null(family);
			assert_string_equal(name, family);
			free(name);
			name = strndup(line, (size_t)(strrchr(line, ' ') + 1 - line));
			assert_int_equal(count_begun(t, name), 1);
		}
		free(name);
	}
	free(family);
}

static void test_forms(void **state)
{
	struct house *h = *state;
	struct told *open, *old;
	size_t k = 0;

	SEND(&h->site, NOW, .client = "192.0.2.7");
	open = tell(h, METRICS_OPEN);
	old = tell(h, METRICS_PROMETHEUS);
	check_families(open, METRICS_OPEN);
	check_families(old, METRICS_PROMETHEUS);
	assert_string_equal(open->lines[open->n - 1], "# EOF");
	assert_int_equal(count_line(open, "# EOF"), 1);
	assert_int_equal(count_line(old, "# EOF"), 0);
	has(old, "# TYPE themis_messages_total counter");
	/* but for that they are the same */
	for (size_t i = 0; i < old->n; i++)
		if (!ends_with(old->lines[i], " counter"))
			assert_string_equal(old->lines[i], open->lines[k++]);
	assert_int_equal(k, open->n - 1);
	told_free(open);
	told_free(old);
}

/* --- what is in it --- */

static void test_mail(void **state)
{
	struct house *h = *state;
	struct told *t;

	site_policy(&h->site, "out", "limit=2/hour", "action=defer", "key=sender", NULL);
	site_policy(&h->site, "idle", "enabled=no", NULL);
	site_group(&h->site, "staff", "@example.org", NULL);
	for (int i = 0; i < 5; i++)
		SEND(&h->site, NOW + i, .client = "192.0.2.7");
	stats_count_spf(h->site.engine.stats, 0, SPF_SOFTFAIL);
	stats_count_header_limit(h->site.engine.stats);
	t = tell(h, METRICS_PROMETHEUS);
	has(t, "themis_messages_total{verdict=\"accept\"} 2");
	has(t, "themis_messages_total{verdict=\"defer\"} 3");
	has(t, "themis_messages_total{verdict=\"hold\"} 0");
	has(t, "themis_policy_messages_total{policy=\"out\",verdict=\"accept\"} 2");
	has(t, "themis_policy_messages_total{policy=\"out\",verdict=\"defer\"} 3");
	assert_int_equal(count_begun(t, "themis_policy_messages_total{"), 2);
	has(t, "themis_policies_left_out 0");
	has(t, "themis_spf_results_total{result=\"softfail\"} 1");
	has(t, "themis_spf_results_total{result=\"pass\"} 0");
	has(t, "themis_header_limits_total 1");
	has(t, "themis_policies 2");
	has(t, "themis_groups 1");
	has(t, "themis_counters 1");
	has(t, "themis_counters_max 1000000");
	has(t, "themis_history_rows 5");
	told_free(t);
	/* the oldest have gone */
	site_sql(&h->site, "DELETE FROM decision WHERE id IN "
			   "(SELECT id FROM decision ORDER BY id LIMIT 2)");
	t = tell(h, METRICS_PROMETHEUS);
	has(t, "themis_history_rows 3");
	told_free(t);
}

static void test_daemon(void **state)
{
	struct house *h = *state;
	struct talk *talk = talk_open(h->socket);
	struct told *t;

	assert_true(hear(talk));
	assert_string_equal(ask(talk, "group add staff @example.org"), "200 1 added");
	assert_int_equal(strncmp(ask(talk, "begin"), "200 ", 4), 0);
	t = tell(h, METRICS_PROMETHEUS);
	has(t, "themis_sessions 3");
	has(t, "themis_messages_in_hand 2");
	has(t, "themis_connections{socket=\"milter\"} 4");
	has(t, "themis_connections_max{socket=\"milter\"} 100");
	has(t, "themis_connections{socket=\"control\"} 1");
	has(t, "themis_connections_max{socket=\"control\"} 64");
	has(t, "themis_transactions 1");
	has(t, "themis_policy_sets_total 2");
	assert_int_equal(count_begun(t, "themis_last_change_timestamp_seconds "), 1);
	assert_int_equal(count_begun(t, "themis_start_time_seconds "), 1);
	assert_int_equal(count_begun(t, "themis_build_info{version=\""), 1);
	assert_int_equal(count_begun(t, "themis_database_bytes 0"), 0);
	/* there is no such socket, so nothing is told of it */
	assert_int_equal(count_begun(t, "themis_connections{socket=\"policy\"}"), 0);
	assert_int_equal(count_begun(t, "themis_pending_messages "), 0);
	told_free(t);
	talk_close(talk);
}

/* One that nobody else begins or ends here. */
static void test_trouble(void **state)
{
	struct house *h = *state;
	struct told *t;

	episode_begin(EPISODE_DNS, NOW, "no \"answer\"");
	t = tell(h, METRICS_PROMETHEUS);
	has(t, "themis_trouble{state=\"dns\"} 1");
	has(t, "themis_trouble_begun_total{state=\"dns\"} 1");
	has(t, "themis_trouble{state=\"store\"} 0");
	assert_int_equal(count_begun(t, "themis_trouble{"), EPISODES);
	assert_int_equal(count_begun(t, "themis_trouble_begun_total{"), EPISODES);
	told_free(t);
	episode_end(EPISODE_DNS, NOW);
	t = tell(h, METRICS_PROMETHEUS);
	has(t, "themis_trouble{state=\"dns\"} 0");
	has(t, "themis_trouble_begun_total{state=\"dns\"} 1");
	told_free(t);
}

#define MANY (METRICS_POLICIES_MAX + 3)

/* Those with the most messages. */
static void test_many_policies(void **state)
{
	struct house *h = *state;
	struct policy_set *set;
	struct told *t;

	site_policy(&h->site, "p", NULL);
	site_sql(&h->site,
		"WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i "
		"< "
		"600) "
		"INSERT INTO policy (name, enabled, type, priority, source_not, "
		"destination_not, key, strategy, count, action) SELECT 'p' || i, 'yes', "
		"'regular', i, 0, 0, 'sender', 'moving', "
		"'messages', 'defer' FROM c");
	site_publish(&h->site);
	set = policy_slot_acquire(h->site.engine.slot);
	for (size_t i = 0; i < MANY; i++)
		for (size_t k = 0; k < 2 + (i >= 3); k++)
			stats_count(h->site.engine.stats, set->policies[i]->id,
				k > 0 ? VERDICT_ACCEPT : VERDICT_HOLD, NOW);
	policy_slot_release(h->site.engine.slot, set);
	t = tell(h, METRICS_OPEN);
	check_families(t, METRICS_OPEN);
	assert_int_equal(count_begun(t, "themis_policy_messages_total{"),
		2 * METRICS_POLICIES_MAX);
	has(t, "themis_policies_left_out 3");
	has(t, "themis_policies 601");
	has(t, "themis_policy_messages_total{policy=\"p500\",verdict=\"accept\"} 2");
	assert_int_equal(
		count_begun(t, "themis_policy_messages_total{policy=\"p1\","), 0);
	told_free(t);
}

/* A message that has come to another verdict leaves every counter where it was. */
static void test_revised(void **state)
{
	struct house *h = *state;
	struct stats *stats = h->site.engine.stats;
	struct policy_set *set;
	struct told *t;

	site_policy(&h->site, "out", NULL);
	set = policy_slot_acquire(h->site.engine.slot);
	for (int i = 0; i < 2; i++) {
		int64_t id = i == 0 ? 0 : set->policies[0]->id;

		stats_count(stats, id, VERDICT_ACCEPT, NOW);
		stats_recount(stats, id, VERDICT_ACCEPT, VERDICT_DEFER, NOW);
	}
	policy_slot_release(h->site.engine.slot, set);
	t = tell(h, METRICS_PROMETHEUS);
	has(t, "themis_messages_total{verdict=\"accept\"} 1");
	has(t, "themis_messages_total{verdict=\"defer\"} 1");
	has(t, "themis_messages_revised_total{verdict=\"accept\"} 1");
	has(t, "themis_messages_revised_total{verdict=\"defer\"} 0");
	has(t, "themis_policy_messages_total{policy=\"out\",verdict=\"accept\"} 1");
	has(t, "themis_policy_messages_total{policy=\"out\",verdict=\"defer\"} 1");
	has(t, "themis_policy_messages_revised_total{policy=\"out\",verdict=\"accept\"} "
	       "1");
	assert_int_equal(count_begun(t, "themis_policy_messages_revised_total{"), 1);
	told_free(t);
}

/* What the command says is the same text, a row a line. */
static void test_command(void **state)
{
	struct house *h = *state;
	struct talk *talk = talk_open(h->socket);
	struct told *t;

	assert_true(hear(talk));
	assert_string_equal(ask(talk, "group list"), "200 0 rows");
	t = tell(h, METRICS_OPEN);
	say(talk, "metrics\n", 8);
	for (size_t i = 0; i < t->n; i++) {
		json_t *row;

		assert_true(hear(talk));
		assert_int_equal(strncmp(talk->line, "150 ", 4), 0);
		row = json_loads(talk->line + 4, 0, NULL);
		assert_string_equal(
			json_string_value(json_object_get(row, "line")), t->lines[i]);
		json_decref(row);
	}
	assert_true(hear(talk));
	assert_int_equal(strncmp(talk->line, "200 ", 4), 0);
	told_free(t);
	talk_close(talk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		HOUSE_TEST(test_forms),
		HOUSE_TEST(test_mail),
		HOUSE_TEST(test_revised),
		HOUSE_TEST(test_daemon),
		HOUSE_TEST(test_trouble),
		HOUSE_TEST(test_many_policies),
		HOUSE_TEST(test_command),
	};

	return cmocka_run_group_tests_name("metrics", tests, NULL, NULL);
}
