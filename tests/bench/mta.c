/*
 * The MTA's side of one milter session: negotiation, messages, and what a milter may
 * answer, held against what was negotiated.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "mta.h"

#include "base/arena.h"
#include "steps.h"

#include <arpa/inet.h>
#include <libmilter/mfapi.h>
#include <libmilter/mfdef.h>
#include <stdlib.h>
#include <string.h>

#define VERSION	    6
#define ACTIONS	    SMFI_CURR_ACTS
#define STEPS	    SMFI_CURR_PROT
#define PAYLOAD_MAX (1 << 20)
#define HEAD	    (MILTER_LEN_BYTES + 1)
#define COUNT_OF(a) (sizeof(a) / sizeof((a)[0]))

static void put_command(struct mta *m, char command)
{
	steps_packet_end(m, steps_packet_begin(m, command));
}

void mta_begin(struct mta *m, const struct mta_profile *profile)
{
	const uint32_t offer[] = { htonl(VERSION), htonl(ACTIONS), htonl(STEPS) };
	size_t at;

	*m = (struct mta){ .profile = profile, .step = STEP_NONE };
	steps_usual_macros(m);
	at = steps_packet_begin(m, SMFIC_OPTNEG);
	steps_put(&m->out, offer, sizeof(offer));
	steps_packet_end(m, at);
	steps_flush(m);
}

void mta_send(struct mta *m, const struct mta_mail *mail)
{
	/* Postfix's own goes out with the next message, too */
	if (m->mail != NULL)
		put_command(m, SMFIC_ABORT);
	m->mail = mail;
	m->step = STEP_MAIL;
	m->nth = m->refused = 0;
	m->at_end = false;
	m->verdict = VERDICT_ACCEPTED;
	steps_advance(m);
}

void mta_quit(struct mta *m)
{
	put_command(m, SMFIC_QUIT);
	steps_flush(m);
}

void mta_sent(struct mta *m, size_t octets)
{
	m->out.used -= octets;
	m->due -= octets;
	m->handed -= octets < m->handed ? octets : m->handed;
	memmove(m->out.data, m->out.data + octets, m->out.used);
}

/* --- what has come --- */

struct packet {
	char command;
	const char *payload;
	size_t size;
};

/* What a milter may change at the end of a message, if it has asked for it. */
static const struct {
	char reply;
	uint32_t action;
} edits[] = {
	{ SMFIR_ADDHEADER, SMFIF_ADDHDRS },
	{ SMFIR_INSHEADER, SMFIF_ADDHDRS },
	{ SMFIR_CHGHEADER, SMFIF_CHGHDRS },
	{ SMFIR_ADDRCPT, SMFIF_ADDRCPT },
	{ SMFIR_ADDRCPT_PAR, SMFIF_ADDRCPT_PAR },
	{ SMFIR_DELRCPT, SMFIF_DELRCPT },
	{ SMFIR_REPLBODY, SMFIF_CHGBODY },
	{ SMFIR_CHGFROM, SMFIF_CHGFROM },
	{ SMFIR_QUARANTINE, SMFIF_QUARANTINE },
};

/* Answers that settle the message, or at RCPT (those with a refusal) the recipient. */
static const struct {
	char reply;
	enum verdict verdict;
	bool closes; /* the session ends, too */
} settles[] = {
	{ SMFIR_ACCEPT, VERDICT_ACCEPTED, false },
	{ SMFIR_DISCARD, VERDICT_DISCARDED, false },
	{ SMFIR_TEMPFAIL, VERDICT_DEFERRED, false },
	{ SMFIR_REJECT, VERDICT_REFUSED, false },
	{ SMFIR_SHUTDOWN, VERDICT_DEFERRED, true },
	{ SMFIR_CONN_FAIL, VERDICT_DEFERRED, true },
};

static uint32_t number_at(const char *bytes)
{
	uint32_t n;

	memcpy(&n, bytes, sizeof(n));
	return ntohl(n);
}

/* Stages that the milter names get its list, if that is not empty. */
static int take_lists(struct mta *m, const char *p, size_t size, struct err *err)
{
	while (size > 0) {
		const char *end = size > MILTER_LEN_BYTES
					  ? memchr(p + MILTER_LEN_BYTES, '\0',
						    size - MILTER_LEN_BYTES)
					  : NULL;

		if (end == NULL)
			return err_set(err, "its lists of macros are cut");
		if (number_at(p) >= MTA_STAGES)
			return err_set(err, "it names a stage of macros that is none: %u",
				number_at(p));
		if (end > p + MILTER_LEN_BYTES)
			steps_list_macros(m, number_at(p), p + MILTER_LEN_BYTES);
		size -= (size_t)(end + 1 - p);
		p = end + 1;
	}
	return 0;
}

static enum mta_event look_negotiation(
	struct mta *m, const struct packet *p, struct err *err)
{
	uint32_t version;

	if (p->command != SMFIC_OPTNEG || p->size < MILTER_OPTLEN) {
		err_set(err, "it does not negotiate, but says '%c'", p->command);
		return MTA_FAILED;
	}
	version = number_at(p->payload);
	m->actions = number_at(p->payload + MILTER_LEN_BYTES);
	m->steps = number_at(p->payload + 2 * MILTER_LEN_BYTES);
	if (version < 2 || version > VERSION || (m->actions & ~(uint32_t)ACTIONS) != 0 ||
		(m->steps & ~(uint32_t)STEPS) != 0) {
		err_set(err,
			"it wants what was not offered: version %u, actions 0x%x, "
			"steps 0x%x",
			version, m->actions, m->steps);
		return MTA_FAILED;
	}
	if (take_lists(m, p->payload + MILTER_OPTLEN, p->size - MILTER_OPTLEN, err) < 0)
		return MTA_FAILED;
	m->negotiated = true;
	m->step = STEP_CONNECT;
	m->nth = 0;
	steps_advance(m);
	return m->step == STEP_NONE ? MTA_READY : MTA_WAITS;
}

/* The answer to a step is in: what comes next? */
static enum mta_event go_on(struct mta *m)
{
	bool opening = m->step < STEP_MAIL;

	m->nth++;
	/* smtpd(8) refuses DATA when no recipient is left */
	if (m->step == STEP_RCPT && m->nth == m->profile->recipients &&
		m->refused == m->nth)
		m->step = STEP_NONE;
	else if (m->step == STEP_END)
		m->step = STEP_NONE;
	else
		steps_advance(m);
	if (m->step != STEP_NONE)
		return MTA_WAITS;
	return opening ? MTA_READY : MTA_SETTLED;
}

static enum mta_event settle(
	struct mta *m, enum verdict verdict, bool closes, struct err *err)
{
	bool refusal = verdict == VERDICT_DEFERRED || verdict == VERDICT_REFUSED;

	if (m->step < STEP_MAIL) {
		err_set(err,
			"it settles the whole session, so there is nothing to measure");
		return MTA_FAILED;
	}
	if (m->step == STEP_RCPT && refusal && !closes) {
		m->refused++;
		if (m->refused == m->profile->recipients)
			m->verdict = verdict;
		return go_on(m);
	}
	if (m->verdict != VERDICT_HELD || refusal)
		m->verdict = verdict;
	m->step = STEP_NONE;
	return closes ? MTA_OVER : MTA_SETTLED;
}

/* An SMTP reply in the milter's words. */
static enum mta_event look_reply(struct mta *m, const struct packet *p, struct err *err)
{
	if (p->size < sizeof("450 ") || p->payload[p->size - 1] != '\0' ||
		(p->payload[0] != '4' && p->payload[0] != '5')) {
		err_set(err, "its reply is none: %.*s", (int)p->size, p->payload);
		return MTA_FAILED;
	}
	return settle(m, p->payload[0] == '4' ? VERDICT_DEFERRED : VERDICT_REFUSED,
		strncmp(p->payload, "421", 3) == 0, err);
}

static enum mta_event look_edit(
	struct mta *m, const struct packet *p, uint32_t action, struct err *err)
{
	if (m->step != STEP_END || (m->actions & action) == 0) {
		err_set(err, "it wants a change ('%c') %s", p->command,
			m->step != STEP_END ? "before the end of the message"
					    : "that it has not asked for");
		return MTA_FAILED;
	}
	if (p->command == SMFIR_QUARANTINE)
		m->verdict = VERDICT_HELD;
	return MTA_WAITS;
}

/* "No more of these": only steps that repeat can be skipped. */
static enum mta_event look_skip(struct mta *m, struct err *err)
{
	if ((m->steps & SMFIP_SKIP) == 0 || !steps_repeats(m)) {
		err_set(err, "it skips what cannot be skipped");
		return MTA_FAILED;
	}
	m->nth = steps_count(m) - 1;
	return go_on(m);
}

static enum mta_event look_answer(struct mta *m, const struct packet *p, struct err *err)
{
	for (size_t i = 0; i < COUNT_OF(edits); i++)
		if (edits[i].reply == p->command)
			return look_edit(m, p, edits[i].action, err);
	if (p->command == SMFIR_REPLYCODE)
		return look_reply(m, p, err);
	if (p->size > 0) {
		err_set(err, "its answer '%c' has %zu octets too many", p->command,
			p->size);
		return MTA_FAILED;
	}
	for (size_t i = 0; i < COUNT_OF(settles); i++)
		if (settles[i].reply == p->command)
			return settle(m, settles[i].verdict, settles[i].closes, err);
	if (p->command == SMFIR_PROGRESS)
		return MTA_WAITS;
	if (p->command == SMFIR_SKIP)
		return look_skip(m, err);
	if (p->command == SMFIR_CONTINUE)
		return go_on(m);
	err_set(err, "its answer is none: '%c'", p->command);
	return MTA_FAILED;
}

static enum mta_event look_packet(struct mta *m, const struct packet *p, struct err *err)
{
	if (!m->negotiated)
		return look_negotiation(m, p, err);
	if (m->step == STEP_NONE || m->due > 0) {
		err_set(err, "it says '%c' when no answer is awaited", p->command);
		return MTA_FAILED;
	}
	return look_answer(m, p, err);
}

char *mta_room(struct mta *m, size_t size)
{
	if (m->in.cap - m->in.used < size) {
		m->in.cap = m->in.used + size;
		m->in.data = mem_realloc(m->in.data, m->in.cap, 1);
	}
	return m->in.data + m->in.used;
}

enum mta_event mta_look(struct mta *m, struct err *err)
{
	enum mta_event event = MTA_WAITS;
	size_t taken = 0;

	while (event == MTA_WAITS && m->in.used - taken >= HEAD) {
		const char *at = m->in.data + taken;
		uint32_t size = number_at(at);
		struct packet p;

		if (size < 1 || size > PAYLOAD_MAX) {
			err_set(err, "this is not the milter protocol");
			return MTA_FAILED;
		}
		if (m->in.used - taken < MILTER_LEN_BYTES + size)
			break;
		p = (struct packet){ at[MILTER_LEN_BYTES], at + HEAD, size - 1 };
		taken += MILTER_LEN_BYTES + size;
		event = look_packet(m, &p, err);
	}
	m->in.used -= taken;
	memmove(m->in.data, m->in.data + taken, m->in.used);
	return event;
}

void mta_free(struct mta *m)
{
	free(m->in.data);
	free(m->out.data);
	*m = (struct mta){ .step = STEP_NONE };
}
