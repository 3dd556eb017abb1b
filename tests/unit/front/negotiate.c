/*
 * What a session asks of the MTA, and what it can see and answer then.  libmilter's
 * function for lists of macros is defined here: what it is told is looked at.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "front/negotiate.h"
#include "../fixture.h"

#define EVERYTHING                                                                       \
	(SMFIP_NOCONNECT | SMFIP_NOHELO | SMFIP_NOMAIL | SMFIP_NORCPT | SMFIP_NOBODY |   \
		SMFIP_NOHDRS | SMFIP_NOEOH | SMFIP_NOUNKNOWN | SMFIP_NODATA |            \
		SMFIP_SKIP | SMFIP_RCPT_REJ | SMFIP_NR_CONN | SMFIP_NR_HELO |            \
		SMFIP_NR_MAIL | SMFIP_NR_RCPT | SMFIP_NR_DATA | SMFIP_NR_HDR |           \
		SMFIP_NR_EOH | SMFIP_NR_BODY | SMFIP_NR_UNKN | SMFIP_HDR_LEADSPC)
#define NEVER_NEEDED (SMFIP_NODATA | SMFIP_NOUNKNOWN | SMFIP_NOEOH)
#define NO_GREETING  (SMFIP_NOCONNECT | SMFIP_NOHELO)
#define NO_TEXT	     (SMFIP_NOHDRS | SMFIP_NOBODY)

static char asked[8][200];
static int refuse_at;

int smfi_setsymlist(SMFICTX *ctx, int where, char *macros)
{
	(void)ctx;
	if (where == refuse_at)
		return MI_FAILURE;
	snprintf(asked[where], sizeof(asked[where]), " %s ", macros);
	return MI_SUCCESS;
}

static const struct {
	unsigned needs;
	bool told;
	unsigned long want; /* beyond those that never are */
	unsigned steps;
	bool shows_mail;
} cases[] = {
	/* the end alone */
	{ 0, true, NO_GREETING | SMFIP_NOMAIL | SMFIP_NORCPT | NO_TEXT, 0, false },
	{ 0, false, SMFIP_NR_CONN | SMFIP_NOHELO | SMFIP_NR_MAIL | SMFIP_NORCPT | NO_TEXT,
		0, true },
	/* how the client greets, told without a reply */
	{ STEP_HELO, true,
		SMFIP_NOCONNECT | SMFIP_NR_HELO | SMFIP_NR_MAIL | SMFIP_NORCPT | NO_TEXT,
		STEP_HELO, true },
	{ STEP_MAIL_ANSWER, true, NO_GREETING | SMFIP_NORCPT | NO_TEXT, STEP_MAIL_ANSWER,
		true },
	{ STEP_MAIL_ANSWER, false, SMFIP_NR_CONN | SMFIP_NOHELO | SMFIP_NORCPT | NO_TEXT,
		STEP_MAIL_ANSWER, true },
	/* counted, never refused one by one: without a reply */
	{ STEP_RCPT, true, NO_GREETING | SMFIP_NR_MAIL | SMFIP_NR_RCPT | NO_TEXT,
		STEP_RCPT, true },
	{ STEP_RCPT | STEP_RCPT_ANSWER, true, NO_GREETING | SMFIP_NR_MAIL | NO_TEXT,
		STEP_RCPT | STEP_RCPT_ANSWER, true },
	{ STEP_HEADERS, true,
		NO_GREETING | SMFIP_NR_MAIL | SMFIP_NORCPT | SMFIP_NR_HDR | SMFIP_NOBODY,
		STEP_HEADERS, true },
	/* the size: without a reply for each piece */
	{ STEPS_SIZE, true,
		NO_GREETING | SMFIP_NR_MAIL | SMFIP_NORCPT | SMFIP_NR_HDR | SMFIP_NR_BODY,
		STEPS_SIZE, true },
	{ STEPS_ALL, false, SMFIP_NR_CONN | SMFIP_NR_HELO | SMFIP_NR_HDR | SMFIP_NR_BODY,
		STEPS_ALL, true },
	{ STEPS_ALL, true, SMFIP_NOCONNECT | SMFIP_NR_HELO | SMFIP_NR_HDR | SMFIP_NR_BODY,
		STEPS_ALL, true },
};

/* Asks for no step that no policy needs, and for no answer that nobody gives. */
static void test_steps(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct negotiated n =
			negotiate_steps(cases[i].needs, cases[i].told, EVERYTHING);

		if (n.want != (cases[i].want | NEVER_NEEDED) ||
			n.steps != cases[i].steps || n.shows_mail != cases[i].shows_mail)
			fail_msg("%zu: want 0x%lx, steps %u", i, n.want, n.steps);
		assert_int_equal(n.answers_connect, (n.want & SMFIP_NR_CONN) == 0);
		assert_int_equal(n.answers_helo, (n.want & SMFIP_NR_HELO) == 0);
		assert_int_equal(n.answers_mail, (n.want & SMFIP_NR_MAIL) == 0);
		assert_int_equal(n.answers_rcpt, (n.want & SMFIP_NR_RCPT) == 0);
		assert_int_equal(n.answers_header, (n.want & SMFIP_NR_HDR) == 0);
		assert_int_equal(n.answers_body, (n.want & SMFIP_NR_BODY) == 0);
	}
}

/* Whatever an MTA offers: what it needs it has, what it must get it gets, and nothing is
 * wished that was not offered. */
static void test_any_offer(void **state)
{
	static const unsigned long bits[] = { SMFIP_NOCONNECT, SMFIP_NOHELO, SMFIP_NOMAIL,
		SMFIP_NORCPT, SMFIP_NOHDRS, SMFIP_NR_CONN, SMFIP_NR_HELO, SMFIP_NR_MAIL,
		SMFIP_NR_RCPT, SMFIP_NR_HDR, SMFIP_NOBODY, SMFIP_NR_BODY };

	(void)state;
	for (unsigned which = 0; which < 1u << LENGTH(bits); which++)
		for (unsigned needs = 0; needs <= STEPS_ALL; needs++) {
			unsigned long offered = 0;
			struct negotiated n;

			/* a recipient's answer is one of the step */
			if ((needs & STEP_RCPT_ANSWER) && !(needs & STEP_RCPT))
				continue;
			for (size_t i = 0; i < LENGTH(bits); i++)
				offered |= which >> i & 1 ? bits[i] : 0;
			n = negotiate_steps(needs, which % 3, offered);
			assert_int_equal(n.want & ~offered, 0);
			assert_int_equal(needs & ~n.steps, 0);
			assert_int_equal(
				(n.steps & STEP_HELO) != 0, (n.want & SMFIP_NOHELO) == 0);
			assert_int_equal((n.steps & STEP_HEADERS) != 0,
				(n.want & SMFIP_NOHDRS) == 0);
			assert_int_equal(
				(n.steps & STEP_BODY) != 0, (n.want & SMFIP_NOBODY) == 0);
			if ((n.steps & STEP_MAIL_ANSWER) != 0)
				assert_true(n.shows_mail && n.answers_mail);
			if ((n.steps & STEP_RCPT_ANSWER) != 0)
				assert_true((n.steps & STEP_RCPT) && n.answers_rcpt);
			if (needs != 0)
				assert_true(n.shows_mail);
			/* one that cannot do without has to be answered */
			if ((offered & SMFIP_NR_HELO) == 0)
				assert_true(n.answers_helo);
			if ((offered & SMFIP_NR_RCPT) == 0)
				assert_true(n.answers_rcpt);
			if ((offered & SMFIP_NR_MAIL) == 0)
				assert_true(n.answers_mail);
			if ((offered & SMFIP_NR_BODY) == 0)
				assert_true(n.answers_body);
		}
}

static void test_macros(void **state)
{
	static const char *const end[] = { " {auth_authen} ", " {client_addr} ",
		" {client_port} ", " {mail_addr} ", " i " };

	(void)state;
	refuse_at = -1;
	memset(asked, 0, sizeof(asked));
	assert_false(negotiate_macros(NULL, 0, false));
	assert_false(negotiate_macros(NULL, SMFIF_ADDHDRS | SMFIF_QUARANTINE, false));
	assert_string_equal(asked[SMFIM_EOM], "");
	assert_true(negotiate_macros(NULL, SMFIF_SETSYMLIST | SMFIF_ADDHDRS, false));
	for (size_t i = 0; i < LENGTH(end); i++)
		assert_non_null(strstr(asked[SMFIM_EOM], end[i]));
	/* whose name it is depends on who speaks there */
	assert_null(strstr(asked[SMFIM_EOM], " j "));
	assert_non_null(strstr(asked[SMFIM_ENVFROM], " j "));
	assert_non_null(strstr(asked[SMFIM_CONNECT], " j "));
	assert_non_null(strstr(asked[SMFIM_ENVFROM], " {mail_addr} "));
	assert_non_null(strstr(asked[SMFIM_ENVFROM], " {auth_authen} "));
	assert_non_null(strstr(asked[SMFIM_ENVFROM], " {client_port} "));
	assert_non_null(strstr(asked[SMFIM_ENVRCPT], " {rcpt_addr} "));
	assert_non_null(strstr(asked[SMFIM_ENVRCPT], " i "));
	/* of one that has told nothing else it is asked */
	assert_true(negotiate_macros(NULL, SMFIF_SETSYMLIST, true));
	assert_non_null(strstr(asked[SMFIM_EOM], " j "));
	assert_non_null(strstr(asked[SMFIM_EOM], " i "));
	log_open("test", 0, LEVEL_ERROR);
	refuse_at = SMFIM_ENVRCPT;
	assert_false(negotiate_macros(NULL, SMFIF_SETSYMLIST, false));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_steps),
		cmocka_unit_test(test_any_offer),
		cmocka_unit_test(test_macros),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
