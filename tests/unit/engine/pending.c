/*
 * The table of messages that have paid before their end: how each is found again, by what
 * it is not, for how long, and how many there are.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/pending.h"

#include "../fixture.h"
#include "base/episode.h"

#define LONG_AGO (NOW - PENDING_LIFE)

/* A table, and a message that looks for others in it. */
struct desk {
	struct pending_table *t;
	struct arena *arena;
	struct session session;
	struct message m;
};

static int setup(void **state)
{
	struct desk *d = *state = mem_calloc(1, sizeof(*d));

	d->t = pending_table_new();
	d->arena = arena_new();
	d->m.arena = d->arena;
	d->m.session = &d->session;
	return 0;
}

static int teardown(void **state)
{
	struct desk *d = *state;

	pending_table_free(d->t);
	arena_free(d->arena);
	free(d);
	return 0;
}

#define DESK_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

/* The message is one from there. */
static const struct message *from(
	struct desk *d, const char *client, unsigned port, const char *sender)
{
	struct err err;

	d->session = (struct session){ .port = port };
	if (client != NULL)
		must(cidr_parse(client, &d->session.client, &err), &err);
	d->m.asked = true; /* the milter's door is tied() */
	d->m.sender_given = d->m.sender.text = sender;
	d->m.sender.domain = strchr(sender, '@') != NULL ? strchr(sender, '@') + 1 : NULL;
	return &d->m;
}

static const struct message *bob(struct desk *d)
{
	return from(d, "192.0.2.7", 41526, "bob@example.org");
}

/* One more in the table, as a request of the message leaves it. */
static struct pending *put(struct desk *d, const char *instance, const char *queue_id,
	int64_t now, const struct message *m)
{
	struct pending *p = pending_new(instance, now);

	pending_put(d->t, p, m, queue_id);
	return p;
}

/* It is found, and goes back as it was. */
static void assert_there(struct desk *d, const char *instance, const struct pending *p)
{
	struct pending *found = pending_take(d->t, instance, NOW);

	assert_non_null(found);
	assert_ptr_equal(found, p);
	pending_put(d->t, found, from(d, NULL, 0, ""), NULL);
}

/* Which one is tied to the message?  NULL: none.  It goes. */
static const char *tied(struct desk *d, const struct message *m, const char *queue_id)
{
	static const char *const names[] = { "a", "b", "c" };
	struct pending *p;
	const char *name = NULL;

	d->m.asked = false;
	p = pending_take_tied(d->t, m, queue_id, NOW);

	for (size_t i = 0; p != NULL && i < LENGTH(names); i++)
		if (pending_has_recipient(p, names[i]))
			name = names[i];
	pending_free(p);
	return name;
}

/* One that tells its name. */
static void put_named(
	struct desk *d, const char *name, const char *queue_id, const struct message *m)
{
	struct pending *p = pending_new(name, NOW);

	pending_add_recipient(p, name);
	pending_put(d->t, p, m, queue_id);
}

static void test_instance(void **state)
{
	struct desk *d = *state;
	struct pending *a = put(d, "a", NULL, NOW, bob(d)),
		       *b = put(d, "b", NULL, NOW, bob(d));

	assert_int_equal(pending_count(d->t), 2);
	assert_there(d, "a", a);
	assert_there(d, "b", b);
	assert_null(pending_take(d->t, "", NOW));
	assert_null(pending_take(d->t, "A", NOW));
	assert_null(pending_take(d->t, "ab", NOW));
	assert_ptr_equal(pending_take(d->t, "a", NOW), a);
	/* who has it has it alone */
	assert_null(pending_take(d->t, "a", NOW));
	assert_int_equal(pending_count(d->t), 1);
	pending_free(a);
	pending_free(NULL);
	pending_table_free(NULL);
}

static void test_without_an_instance(void **state)
{
	struct desk *d = *state;

	put(d, NULL, "4XyZ", NOW, bob(d));
	assert_int_equal(pending_count(d->t), 0);
	assert_null(pending_take_tied(d->t, bob(d), "4XyZ", NOW));
}

/* Two of them at the same moment: the one that ends last is it. */
static void test_twins(void **state)
{
	struct desk *d = *state;
	struct pending *second;

	put(d, "a", "4XyZ", NOW, bob(d));
	second = put(d, "a", NULL, NOW, from(d, "192.0.2.8", 1, "eve@example.com"));
	assert_int_equal(pending_count(d->t), 1);
	assert_null(pending_take_tied(d->t, bob(d), "4XyZ", NOW));
	assert_there(d, "a", second);
}

static void test_tie(void **state)
{
	struct desk *d = *state;

	put_named(d, "a", NULL, bob(d));
	assert_null(tied(d, from(d, "192.0.2.8", 41526, "bob@example.org"), NULL));
	assert_null(tied(d, from(d, "192.0.2.7", 41527, "bob@example.org"), NULL));
	assert_null(tied(d, from(d, "192.0.2.7", 41526, "eve@example.com"), NULL));
	assert_null(tied(d, from(d, NULL, 41526, "bob@example.org"), NULL));
	assert_null(tied(d, from(d, "192.0.2.7", 0, "bob@example.org"), NULL));
	assert_int_equal(pending_count(d->t), 1);
	assert_string_equal(tied(d, bob(d), NULL), "a");
	assert_int_equal(pending_count(d->t), 0);
	assert_null(tied(d, bob(d), NULL));
}

/* Of a client that is not known nothing is tied by address. */
static void test_no_tie(void **state)
{
	struct desk *d = *state;

	put_named(d, "a", NULL, from(d, NULL, 41526, "bob@example.org"));
	put_named(d, "b", NULL, from(d, "192.0.2.7", 0, "bob@example.org"));
	assert_null(tied(d, from(d, NULL, 41526, "bob@example.org"), NULL));
	assert_null(tied(d, from(d, "192.0.2.7", 0, "bob@example.org"), NULL));
	assert_int_equal(pending_count(d->t), 2);
}

/* Of several messages in one connection the last one is meant. */
/* A client can have its port again where something else listens. */
static void test_elsewhere(void **state)
{
	struct desk *d = *state;
	struct err err;

	for (int i = 0; i < 2; i++) {
		must(cidr_parse("192.0.2.25", &d->session.server, &err), &err);
		bob(d);
		must(cidr_parse("192.0.2.25", &d->session.server, &err), &err);
		d->session.server_port = 587;
		put_named(d, "a", NULL, &d->m);
		d->session.server_port = i == 0 ? 25 : 587;
		assert_int_equal(tied(d, &d->m, NULL) != NULL, i);
	}
	bob(d);
	must(cidr_parse("192.0.2.25", &d->session.server, &err), &err);
	d->session.server_port = 587;
	put_named(d, "b", NULL, &d->m);
	must(cidr_parse("192.0.2.26", &d->session.server, &err), &err);
	assert_null(tied(d, &d->m, NULL));
	/* an MTA that does not say so is believed */
	assert_string_equal(tied(d, bob(d), NULL), "b");
}

/* Each door completes a sender without a domain in its own way. */
static void test_bare(void **state)
{
	struct desk *d = *state;

	from(d, "192.0.2.7", 41526, "bob@mx.example.org");
	d->m.sender_given = "bob";
	put_named(d, "a", NULL, &d->m);
	assert_null(tied(d, from(d, "192.0.2.7", 41526, "eve@example.org"), NULL));
	assert_string_equal(
		tied(d, from(d, "192.0.2.7", 41526, "bob@example.org"), NULL), "a");
	/* with a domain it is another one's */
	put_named(d, "b", NULL, from(d, "192.0.2.7", 41526, "bob@mx.example.org"));
	assert_null(tied(d, bob(d), NULL));
}

static void test_missed_recipients(void **state)
{
	struct desk *d = *state;
	struct episode_seen list[EPISODES];

	pending_miss_recipients(d->t, "outbound", NOW);
	pending_miss_recipients(d->t, "few", NOW + 5);
	assert_int_equal(episode_list(list), 1);
	assert_non_null(strstr(list[0].words, "policy few needs them"));
	pending_sweep(d->t, NOW + 4 + PENDING_CALM);
	assert_int_equal(episode_list(list), 1);
	pending_sweep(d->t, NOW + 5 + PENDING_CALM);
	assert_int_equal(episode_list(list), 0);
}

static void test_newest(void **state)
{
	struct desk *d = *state;

	put_named(d, "a", NULL, bob(d));
	put_named(d, "b", NULL, bob(d));
	assert_string_equal(tied(d, bob(d), NULL), "b");
	/* the one before has come to its end, whatever that was */
	assert_null(tied(d, bob(d), NULL));
	pending_free(pending_take(d->t, "a", NOW));
	assert_int_equal(pending_count(d->t), 0);
}

static void test_queue_id(void **state)
{
	struct desk *d = *state;

	put_named(d, "a", "4XyZ", bob(d));
	/* another message of the same connection */
	assert_null(tied(d, bob(d), "5XyZ"));
	/* a message that has none yet at this door has none at the other one */
	assert_null(tied(d, bob(d), ""));
	assert_null(tied(d, bob(d), NULL));
	assert_string_equal(tied(d, bob(d), "4XyZ"), "a");
	/* not known at the other one yet */
	put_named(d, "a", NULL, bob(d));
	assert_string_equal(tied(d, bob(d), "4XyZ"), "a");
	/* by it alone, also where the connection is not known */
	put_named(d, "a", "4XyZ", from(d, NULL, 0, "bob@example.org"));
	assert_string_equal(tied(d, bob(d), "4XyZ"), "a");
	assert_int_equal(pending_count(d->t), 0);
}

/* The queue id says which of two it is. */
static void test_queue_id_of_two(void **state)
{
	struct desk *d = *state;

	put_named(d, "a", "1", bob(d));
	put_named(d, "b", "2", bob(d));
	assert_string_equal(tied(d, bob(d), "1"), "a");
	assert_string_equal(tied(d, bob(d), "2"), "b");
	/* the same one again is that of a newer message */
	put_named(d, "a", "1", bob(d));
	put_named(d, "b", "1", from(d, "192.0.2.8", 1, "eve@example.com"));
	assert_string_equal(tied(d, bob(d), "1"), "b");
	assert_null(tied(d, bob(d), "3"));
	/* as what it was found to be before */
	d->m.tied = "a";
	assert_string_equal(tied(d, bob(d), ""), "a");
	d->m.tied = NULL;
}

/* A later request knows more. */
static void test_learns(void **state)
{
	struct desk *d = *state;
	struct pending *p;

	put_named(d, "a", NULL, from(d, NULL, 0, "bob@example.org"));
	p = pending_take(d->t, "a", NOW);
	pending_put(d->t, p, bob(d), NULL);
	p = pending_take(d->t, "a", NOW);
	/* what was known stays */
	pending_put(d->t, p, from(d, NULL, 0, "bob@example.org"), "4XyZ");
	assert_null(tied(d, bob(d), "5XyZ"));
	assert_string_equal(tied(d, bob(d), "4XyZ"), "a");
}

static void test_hour(void **state)
{
	struct desk *d = *state;
	struct pending *p;

	put(d, "a", NULL, LONG_AGO, bob(d));
	assert_null(pending_take(d->t, "a", NOW));
	assert_int_equal(pending_count(d->t), 0);
	put(d, "a", "4XyZ", LONG_AGO, bob(d));
	assert_null(pending_take_tied(d->t, bob(d), "4XyZ", NOW));
	assert_int_equal(pending_count(d->t), 0);
	put(d, "a", NULL, LONG_AGO + 1, bob(d));
	p = pending_take_tied(d->t, bob(d), NULL, NOW);
	assert_non_null(p);
	pending_free(p);
}

static void test_forget(void **state)
{
	struct desk *d = *state;

	put(d, "a", "1", NOW, bob(d));
	put(d, "b", "2", NOW, bob(d));
	pending_forget(d->t, "c");
	assert_int_equal(pending_count(d->t), 2);
	pending_forget(d->t, "b");
	assert_int_equal(pending_count(d->t), 1);
	assert_null(pending_take(d->t, "b", NOW));
	assert_null(pending_take_tied(d->t, bob(d), "2", NOW));
	pending_forget(d->t, "b");
	assert_int_equal(pending_count(d->t), 1);
}

static void put_many(struct desk *d, int first, int n, int64_t now)
{
	char instance[20], queue_id[20];

	for (int i = first; i < first + n; i++) {
		snprintf(instance, sizeof(instance), "i%d", i);
		snprintf(queue_id, sizeof(queue_id), "q%d", i);
		put(d, instance, queue_id, now,
			from(d, "192.0.2.7", 1 + (unsigned)i % 60000, "bob@example.org"));
	}
}

static void test_sweep(void **state)
{
	struct desk *d = *state;

	assert_false(pending_sweep(d->t, NOW));
	put_many(d, 0, 2500, LONG_AGO);
	put_many(d, 2500, 10, LONG_AGO + 1);
	assert_false(pending_sweep(d->t, NOW - 1));
	assert_int_equal(pending_count(d->t), 2510);
	/* step by step, lest those wait who come meanwhile */
	assert_true(pending_sweep(d->t, NOW));
	assert_int_equal(pending_count(d->t), 1510);
	assert_true(pending_sweep(d->t, NOW));
	assert_false(pending_sweep(d->t, NOW));
	assert_int_equal(pending_count(d->t), 10);
	assert_false(pending_sweep(d->t, NOW + 1));
	assert_int_equal(pending_count(d->t), 0);
}

/* One that was asked about again stands behind younger ones, and goes with them. */
static void test_sweep_out_of_order(void **state)
{
	struct desk *d = *state;

	put(d, "old", NULL, LONG_AGO, bob(d));
	put(d, "young", NULL, NOW, bob(d));
	pending_put(d->t, pending_take(d->t, "old", NOW - 1), bob(d), NULL);
	assert_false(pending_sweep(d->t, NOW));
	assert_int_equal(pending_count(d->t), 2);
	assert_null(pending_take(d->t, "old", NOW));
	assert_false(pending_sweep(d->t, NOW + PENDING_LIFE));
	assert_int_equal(pending_count(d->t), 0);
}

/* So many at most: then the oldest makes room. */
static void test_most(void **state)
{
	struct desk *d = *state;

	put_many(d, 0, PENDING_MOST, NOW);
	assert_int_equal(pending_count(d->t), PENDING_MOST);
	put_many(d, PENDING_MOST, 2, NOW);
	assert_int_equal(pending_count(d->t), PENDING_MOST);
	assert_null(pending_take(d->t, "i0", NOW));
	assert_null(pending_take(d->t, "i1", NOW));
	assert_null(pending_take_tied(d->t, bob(d), "q1", NOW));
	pending_free(pending_take(d->t, "i2", NOW));
	assert_int_equal(pending_count(d->t), PENDING_MOST - 1);
	/* for one that is there already nobody has to go */
	put_many(d, PENDING_MOST, 1, NOW);
	pending_free(pending_take(d->t, "i3", NOW));
	assert_int_equal(pending_count(d->t), PENDING_MOST - 2);
}

static void append(void *arg, const char *address)
{
	str_append(arg, 100, "%s ", address);
}

static void test_recipients(void **state)
{
	struct pending *p = pending_new("a", NOW);
	char all[100] = "";

	(void)state;
	assert_int_equal(pending_recipients(p), 0);
	pending_each_recipient(p, append, all);
	assert_string_equal(all, "");
	pending_add_recipient(p, "b@x.net");
	pending_add_recipient(p, "a@x.net");
	pending_add_recipient(p, "b@x.net");
	pending_add_recipient(p, "");
	assert_int_equal(pending_recipients(p), 3);
	assert_true(pending_has_recipient(p, "a@x.net"));
	assert_true(pending_has_recipient(p, ""));
	assert_false(pending_has_recipient(p, "a@x"));
	pending_each_recipient(p, append, all);
	assert_string_equal(all, "b@x.net a@x.net  ");
	pending_free(p);
}

static void test_told(void **state)
{
	struct pending *p = pending_new("a", NOW);
	enum verdict_kind kind = VERDICT_ERROR;

	(void)state;
	assert_false(pending_told(p, 0, &kind));
	assert_int_equal(kind, VERDICT_ERROR);
	for (int64_t id = 0; id < 20; id++)
		pending_tell(p, id, VERDICT_ACCEPT);
	pending_tell(p, 7, VERDICT_BLOCK);
	assert_true(pending_told(p, 7, &kind));
	assert_int_equal(kind, VERDICT_BLOCK);
	assert_true(pending_told(p, 19, &kind));
	assert_int_equal(kind, VERDICT_ACCEPT);
	assert_false(pending_told(p, 20, &kind));
	pending_free(p);
}

/* The message may go while the writer still has its row. */
static void test_row(void **state)
{
	struct pending *p = pending_new("a", NOW);
	struct pending_row *row = pending_row_new(7, NOW);

	(void)state;
	pending_facts(p)->row = row;
	pending_row_acquire(row);
	pending_free(p);
	assert_int_equal(row->id, 7);
	assert_int_equal(row->time, NOW);
	pending_row_release(row);
	pending_row_acquire(NULL);
	pending_row_release(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DESK_TEST(test_instance),
		DESK_TEST(test_without_an_instance),
		DESK_TEST(test_twins),
		DESK_TEST(test_tie),
		DESK_TEST(test_no_tie),
		DESK_TEST(test_elsewhere),
		DESK_TEST(test_bare),
		DESK_TEST(test_missed_recipients),
		DESK_TEST(test_newest),
		DESK_TEST(test_queue_id),
		DESK_TEST(test_queue_id_of_two),
		DESK_TEST(test_learns),
		DESK_TEST(test_hour),
		DESK_TEST(test_forget),
		DESK_TEST(test_sweep),
		DESK_TEST(test_sweep_out_of_order),
		DESK_TEST(test_most),
		cmocka_unit_test(test_recipients),
		cmocka_unit_test(test_told),
		cmocka_unit_test(test_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
