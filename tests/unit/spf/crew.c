/*
 * Tests of src/spf/crew and process: which worker has which questions, and what becomes
 * of them when it is no good.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "workers.h"

#include "base/clock.h"
#include "base/episode.h"

/* What goes wrong costs the message that it is about, not the next. */
static void test_trouble(void **state)
{
	static const struct {
		const char *sender, *words;
	} cases[] = { { "crash", "was killed by signal 11" },
		{ "leave", "ended with status 5" }, { "babble", "nonsense" },
		{ "mistake", "nonsense" }, { "refuse", "no seccomp here" },
		{ "hang", "in time" } };
	const size_t hang = sizeof(cases) / sizeof(cases[0]) - 1;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		long first, second;

		begin(1);
		first = answered("a", LONG, NULL);
		if (i == hang)
			answered_late(cases[i].sender, cases[i].words);
		else
			assert_int_equal(
				answered(cases[i].sender, LONG, cases[i].words), 0);
		second = answered("b", LONG, NULL);
		assert_true(first > 0 && second > 0 && first != second);
		assert_int_equal(counts().crew.replaced, 1);
		assert_int_equal(counts().crew.workers, 1);
		end(NULL);
	}
}

/* The answer to a question that nobody has asked. */
static void test_too_many_answers(void **state)
{
	long first, second;

	(void)state;
	begin(1);
	first = answered("twice", LONG, NULL);
	second = answered("b", LONG, "nonsense");
	if (second == 0)
		second = answered("c", LONG, NULL);
	assert_true(first > 0 && second > 0 && first != second);
}

/* Who dies with nothing to do fails nobody: nothing is degraded until somebody asks. */
static void test_idle(void **state)
{
	struct episode_seen list[EPISODES];
	const uint64_t before = episode_count();
	long first;

	(void)state;
	begin(1);
	first = answered("a", LONG, NULL);
	assert_int_equal(kill((pid_t)first, SIGKILL), 0);
	for (int64_t until = in_a_long_time(); counts().crew.workers > 0;)
		wait_a_moment(until, "its end");
	assert_int_equal(episode_list(list), 0);
	assert_int_not_equal(answered("b", LONG, NULL), first);
	assert_int_equal(counts().crew.replaced, 1);
	assert_int_equal(episode_count(), before);
}

/* --- by a clock of its own --- */

static unsigned answers;
static char last[SPF_TEXT_MAX + 1]; /* the problem of the last one */

static void on_answer(void *arg, struct spf_job *job, struct spf_answer *a)
{
	(void)arg;
	(void)job;
	answers++;
	snprintf(last, sizeof(last), "%s", a->problem);
	spf_answer_clear(a);
}

/* What becomes of a question at that moment; waits for its answer, if a worker has it. */
static enum spf_crew_offer give(struct spf_crew *crew, const char *sender, int64_t now)
{
	struct spf_question q = { .sender = sender, .helo = "mx" };
	static uint64_t id;
	const char *why = NULL;
	enum spf_crew_offer offer;
	struct pollfd fds[SPF_WORKERS_MAX];
	const unsigned before = answers;

	assert_int_equal(cidr_parse("192.0.2.7", &q.client, NULL), 0);
	offer = spf_crew_give(crew, NULL, ++id, &q, now + LONG * 1000, now, &why);
	while (offer == SPF_CREW_TAKEN && answers == before) {
		poll(fds, spf_crew_poll(crew, fds), -1);
		spf_crew_look(crew, now);
	}
	if (offer == SPF_CREW_BROKEN)
		snprintf(last, sizeof(last), "%s", why);
	return offer;
}

/* Who dies is replaced, once a second; questions wait for that.  Only where nobody has
 * been any good does whoever asks learn at once that nobody can answer. */
static void test_replacement(void **state)
{
	struct spf_crew *crew =
		spf_crew_new("/proc/self/exe", "worker", 1, on_answer, NULL);
	int64_t now = clock_monotonic();

	(void)state;
	for (int i = 0; i < 2; i++) { /* the first replacement is at once */
		assert_int_equal(give(crew, "crash", now), SPF_CREW_TAKEN);
		assert_non_null(strstr(last, "signal 11"));
	}
	assert_int_equal(give(crew, "a", now), SPF_CREW_LATER);
	now += SPF_CREW_APART;
	assert_int_equal(spf_crew_wakes(crew, true), now);
	assert_int_equal(give(crew, "a", now - 1), SPF_CREW_LATER);
	assert_int_equal(give(crew, "a", now), SPF_CREW_TAKEN);
	assert_string_equal(last, "");
	for (int i = 0; i < 3; i++) {
		assert_int_equal(give(crew, "crash", now), SPF_CREW_TAKEN);
		assert_int_equal(
			give(crew, "a", now), i < 2 ? SPF_CREW_LATER : SPF_CREW_BROKEN);
		now += SPF_CREW_APART;
	}
	assert_non_null(strstr(last, "signal 11"));
	assert_int_equal(give(crew, "a", now), SPF_CREW_TAKEN);
	assert_string_equal(last, "");
	spf_crew_free(crew);
}

/* Where there may be more workers, nobody waits for a replacement. */
static void test_another(void **state)
{
	struct spf_crew *crew =
		spf_crew_new("/proc/self/exe", "worker", 2, on_answer, NULL);
	int64_t now = clock_monotonic();

	(void)state;
	for (int i = 0; i < 2; i++)
		assert_int_equal(give(crew, "crash", now), SPF_CREW_TAKEN);
	assert_int_equal(give(crew, "a", now), SPF_CREW_TAKEN);
	assert_string_equal(last, "");
	spf_crew_free(crew);
}

static void test_refusal(void **state)
{
	struct spf_crew *crew =
		spf_crew_new("/proc/self/exe", "worker", 1, on_answer, NULL);
	int64_t now = clock_monotonic();

	(void)state;
	for (int i = 0; i < 2; i++)
		assert_int_equal(give(crew, "refuse", now), SPF_CREW_TAKEN);
	assert_int_equal(give(crew, "a", now), SPF_CREW_BROKEN);
	assert_non_null(strstr(last, "no seccomp here"));
	spf_crew_free(crew);
}

/* --- in the pool --- */

static void test_no_program(void **state)
{
	(void)state;
	pool = spf_pool_new("/nonexistent/themis-spf", "", 2, NULL);
	for (int i = 0; i < 4; i++)
		assert_int_equal(answered("a", LONG, "/nonexistent/themis-spf"), 0);
	assert_int_equal(counts().crew.workers, 0);
}

static void assert_temperror(struct spf_ask *a, const char *words)
{
	const struct spf_answer *got = pool->wait(pool, a, 0);

	assert_int_equal(got->result, SPF_TEMPERROR);
	assert_non_null(strstr(got->problem, words));
	pool->drop(pool, a);
}

/* One worker has many questions, and answers them in another order. */
static void test_at_once(void **state)
{
	struct spf_ask *asks[SPF_CHECKS_MAX];
	struct spf_ask *another;
	long who;

	(void)state;
	begin(1);
	who = answered("a", LONG, NULL);
	for (unsigned i = 0; i < SPF_CHECKS_MAX; i++)
		asks[i] = ask_kept(i, LONG);
	another = ask("b", LONG);
	wait_for_busy(SPF_CHECKS_MAX);
	kill((pid_t)who, SIGUSR1);
	for (unsigned i = 0; i < SPF_CHECKS_MAX; i++)
		assert_kept(asks[i], i, who);
	assert_kept(another, 0, who);
	assert_int_equal(counts().crew.busy, 0);
	assert_int_equal(counts().crew.workers, 1);
}

/* Idle workers first, then one more, then who has the least to do. */
static void test_least(void **state)
{
	struct spf_ask *asks[4];
	long first, second;

	(void)state;
	begin(2);
	first = answered("a", LONG, NULL);
	asks[0] = ask_kept(0, LONG);
	wait_for_busy(1);
	second = answered("b", LONG, NULL);
	assert_true(first > 0 && second > 0 && first != second);
	asks[1] = ask_kept(1, LONG); /* to the second */
	asks[2] = ask_kept(2, LONG); /* to the first, then: it has two */
	wait_for_busy(3);
	assert_int_equal(answered("c", LONG, NULL), second);
	asks[3] = ask_kept(3, LONG);
	wait_for_busy(4);
	kill((pid_t)first, SIGUSR1);
	assert_kept(asks[0], 0, first);
	assert_kept(asks[2], 2, first);
	assert_int_equal(counts().crew.busy, 2);
	assert_int_equal(answered("d", LONG, NULL), first);
	kill((pid_t)second, SIGUSR1);
	assert_kept(asks[1], 1, second);
	assert_kept(asks[3], 3, second);
	assert_int_equal(counts().crew.workers, 2);
}

/* What one question does to a worker is a temperror for all that this worker has in hand,
 * and for nobody else. */
static void test_companions(void **state)
{
	static const struct {
		const char *sender, *words, *companions;
	} cases[] = { { "crash", "signal 11", "signal 11" },
		{ "mistake", "nonsense", "nonsense" },
		{ "keep9", "in time", "does not answer, and was killed" } };
	const size_t hang = sizeof(cases) / sizeof(cases[0]) - 1;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct spf_ask *asks[4];
		long other;

		begin(2);
		asks[0] = ask_kept(0, LONG); /* to the first */
		wait_for_busy(1);
		other = answered("a", LONG, NULL);
		for (unsigned n = 1; n < 4; n++) /* to the other, the first, the other */
			asks[n] = ask_kept(n, LONG);
		wait_for_busy(4);
		if (i == hang)
			answered_late(cases[i].sender, cases[i].words);
		else
			answered(cases[i].sender, LONG, cases[i].words);
		assert_temperror(asks[0], cases[i].companions);
		assert_temperror(asks[2], cases[i].companions);
		assert_int_equal(counts().crew.busy, 2);
		kill((pid_t)other, SIGUSR1);
		assert_kept(asks[1], 1, other);
		assert_kept(asks[3], 3, other);
		end(NULL);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		/* first: what was told before is not told again so soon */
		cmocka_unit_test_teardown(test_idle, end),
		cmocka_unit_test_teardown(test_trouble, end),
		cmocka_unit_test_teardown(test_too_many_answers, end),
		cmocka_unit_test(test_replacement),
		cmocka_unit_test(test_another),
		cmocka_unit_test(test_refusal),
		cmocka_unit_test_teardown(test_no_program, end),
		cmocka_unit_test_teardown(test_at_once, end),
		cmocka_unit_test_teardown(test_least, end),
		cmocka_unit_test_teardown(test_companions, end),
	};

	(void)argv;
	if (argc == 2)
		return work();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
