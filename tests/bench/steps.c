/*
 * What an MTA sends to a milter, step by step, and the macros with each.  What Postfix
 * does is in its milter8.c: the macros of a step of the envelope are sent even if the
 * step is left out; what awaits no answer stays in a buffer until one is awaited, or
 * until smtpd(8) hands the session to cleanup(8), which sends the content.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "steps.h"

#include "base/arena.h"

#include <arpa/inet.h>
#include <libmilter/mfapi.h>
#include <libmilter/mfdef.h>
#include <stdlib.h>
#include <string.h>

#define COUNT_OF(a) (sizeof(a) / sizeof((a)[0]))
#define CLIENT_PORT "4711"

static const char body_line[] =
	"The quick brown fox jumps over the lazy dog, and over it again.\r\n";
static const char recipient[] = "recipient@example.net";

/* --- macros --- */

static const char *value_queue_id(const struct mta *m, int stage)
{
	/* Postfix gives a message its id with the first recipient */
	return stage == SMFIM_CONNECT || stage == SMFIM_HELO || stage == SMFIM_ENVFROM
		       ? NULL
		       : m->mail->queue_id;
}

static const char *value_sender(const struct mta *m, int stage)
{
	/* cleanup(8), which speaks at the end, has none */
	return stage == SMFIM_ENVFROM || stage == SMFIM_ENVRCPT ? m->mail->sender : NULL;
}

static const char *value_recipient(const struct mta *m, int stage)
{
	(void)m;
	return stage == SMFIM_ENVRCPT ? recipient : NULL;
}

static const char *value_login(const struct mta *m, int stage)
{
	(void)stage;
	return m->profile->logins && m->mail != NULL ? m->mail->sender : NULL;
}

static const char *value_login_type(const struct mta *m, int stage)
{
	return value_login(m, stage) != NULL ? "PLAIN" : NULL;
}

static const char *value_client(const struct mta *m, int stage)
{
	(void)stage;
	return m->profile->client;
}

/* What is not here has no value: that of TLS, for one. */
static const struct {
	const char *name, *text; /* the text, or what makes it */
	const char *(*value)(const struct mta *m, int stage);
} macros[] = {
	{ "j", "mx.example.org", NULL },
	{ "v", "Postfix 3.7.11", NULL },
	{ "_", "client.example.org [192.0.2.7]", NULL },
	{ "{daemon_name}", "mx.example.org", NULL },
	{ "{daemon_addr}", "192.0.2.1", NULL },
	{ "{daemon_port}", "25", NULL },
	{ "{client_name}", "client.example.org", NULL },
	{ "{client_ptr}", "client.example.org", NULL },
	{ "{client_resolve}", "OK", NULL },
	{ "{client_port}", CLIENT_PORT, NULL },
	{ "{client_addr}", NULL, value_client },
	{ "{auth_type}", NULL, value_login_type },
	{ "{auth_authen}", NULL, value_login },
	{ "{mail_addr}", NULL, value_sender },
	{ "{mail_host}", "example.org", NULL },
	{ "{mail_mailer}", "smtp", NULL },
	{ "{rcpt_addr}", NULL, value_recipient },
	{ "{rcpt_host}", "example.net", NULL },
	{ "{rcpt_mailer}", "smtp", NULL },
	{ "i", NULL, value_queue_id },
};

/* Postfix's defaults, by stage: of TLS only, at HELO. */
static const char *const usual[MTA_STAGES] = {
	[SMFIM_CONNECT] = "j {daemon_name} {daemon_addr} v _",
	[SMFIM_HELO] = "",
	[SMFIM_ENVFROM] = "i {auth_type} {auth_authen} {auth_author} {mail_addr} "
			  "{mail_host} {mail_mailer}",
	[SMFIM_ENVRCPT] = "i {rcpt_addr} {rcpt_host} {rcpt_mailer}",
	[SMFIM_DATA] = "i",
	[SMFIM_EOM] = "i",
	[SMFIM_EOH] = "i",
};

void steps_list_macros(struct mta *m, unsigned stage, const char *names)
{
	size_t n = 0, len;

	for (; *names != '\0'; names += len) {
		names += strspn(names, " ,\t");
		len = strcspn(names, " ,\t");
		for (uint8_t i = 0; i < COUNT_OF(macros); i++)
			if (len > 0 && strlen(macros[i].name) == len &&
				n < MTA_MACROS_MAX &&
				memcmp(macros[i].name, names, len) == 0)
				m->macros[stage].known[n++] = i;
	}
	m->macros[stage].n = n;
}

void steps_usual_macros(struct mta *m)
{
	for (unsigned stage = 0; stage < MTA_STAGES; stage++)
		steps_list_macros(m, stage, usual[stage]);
}

/* --- what is sent --- */

void steps_put(struct mta_buffer *b, const void *data, size_t size)
{
	if (b->cap - b->used < size) {
		b->cap = 2 * b->cap + size;
		b->data = mem_realloc(b->data, b->cap, 1);
	}
	memcpy(b->data + b->used, data, size);
	b->used += size;
}

static void put_text(struct mta_buffer *b, const char *text)
{
	steps_put(b, text, strlen(text) + 1);
}

static void put_address(struct mta_buffer *b, const char *address)
{
	steps_put(b, "<", 1);
	steps_put(b, address, strlen(address));
	steps_put(b, ">", 2);
}

/* A packet's length is known when it is whole. */
size_t steps_packet_begin(struct mta *m, char command)
{
	size_t at = m->out.used;

	steps_put(&m->out, "\0\0\0", MILTER_LEN_BYTES);
	steps_put(&m->out, &command, 1);
	return at;
}

void steps_packet_end(struct mta *m, size_t at)
{
	uint32_t size = htonl((uint32_t)(m->out.used - at - MILTER_LEN_BYTES));

	memcpy(m->out.data + at, &size, sizeof(size));
}

static const char *value_of(const struct mta *m, uint8_t known, int stage)
{
	return macros[known].text != NULL ? macros[known].text
					  : macros[known].value(m, stage);
}

/* No packet where none has a value. */
static void put_macros(struct mta *m, int stage, char command)
{
	size_t before = m->out.used, at = steps_packet_begin(m, SMFIC_MACRO);
	bool any = false;

	steps_put(&m->out, &command, 1);
	for (size_t i = 0; i < m->macros[stage].n; i++) {
		uint8_t known = m->macros[stage].known[i];
		const char *value = value_of(m, known, stage);

		if (value == NULL)
			continue;
		put_text(&m->out, macros[known].name);
		put_text(&m->out, value);
		any = true;
	}
	if (any)
		steps_packet_end(m, at);
	else
		m->out.used = before;
}

static void put_connect(struct mta *m)
{
	const char *address = m->profile->client;
	uint16_t port = htons((uint16_t)strtoul(CLIENT_PORT, NULL, 10));

	put_text(&m->out, "client.example.org");
	steps_put(&m->out, strchr(address, ':') != NULL ? "6" : "4", 1);
	steps_put(&m->out, &port, sizeof(port));
	put_text(&m->out, address);
}

static void put_helo(struct mta *m)
{
	put_text(&m->out, "client.example.org");
}

static void put_mail(struct mta *m)
{
	put_address(&m->out, m->mail->sender);
	put_text(&m->out, "SIZE=1000");
}

static void put_rcpt(struct mta *m)
{
	put_address(&m->out, recipient);
}

static void put_header(struct mta *m)
{
	put_text(&m->out, m->nth == 0 ? "Subject" : "X-Header");
	put_text(&m->out, "a message of the load generator");
}

static uint64_t body_chunk(const struct mta *m)
{
	uint64_t left = m->profile->body - m->nth * MILTER_CHUNK_SIZE;

	return left < MILTER_CHUNK_SIZE ? left : MILTER_CHUNK_SIZE;
}

static void put_body(struct mta *m)
{
	uint64_t left = body_chunk(m), piece;

	for (; left > 0; left -= piece) {
		piece = left < sizeof(body_line) - 1 ? left : sizeof(body_line) - 1;
		steps_put(&m->out, body_line, piece);
	}
}

static uint64_t count_rcpt(const struct mta *m)
{
	return m->profile->recipients;
}

static uint64_t count_header(const struct mta *m)
{
	return m->profile->headers;
}

static uint64_t count_body(const struct mta *m)
{
	return (m->profile->body + MILTER_CHUNK_SIZE - 1) / MILTER_CHUNK_SIZE;
}

/* --- the steps --- */

static const struct step {
	char command;
	int stage;	       /* of its macros */
	uint32_t no, no_reply; /* what leaves it out, and what the answer to it */
	void (*payload)(struct mta *m);
	uint64_t (*count)(const struct mta *m); /* NULL: once */
	bool content; /* cleanup(8) sends it, and nothing at all if it is left out */
} steps[] = {
	[STEP_CONNECT] = { SMFIC_CONNECT, SMFIM_CONNECT, SMFIP_NOCONNECT, SMFIP_NR_CONN,
		put_connect, NULL, false },
	[STEP_HELO] = { SMFIC_HELO, SMFIM_HELO, SMFIP_NOHELO, SMFIP_NR_HELO, put_helo,
		NULL, false },
	[STEP_MAIL] = { SMFIC_MAIL, SMFIM_ENVFROM, SMFIP_NOMAIL, SMFIP_NR_MAIL, put_mail,
		NULL, false },
	[STEP_RCPT] = { SMFIC_RCPT, SMFIM_ENVRCPT, SMFIP_NORCPT, SMFIP_NR_RCPT, put_rcpt,
		count_rcpt, false },
	[STEP_DATA] = { SMFIC_DATA, SMFIM_DATA, SMFIP_NODATA, SMFIP_NR_DATA, NULL, NULL,
		false },
	[STEP_HEADER] = { SMFIC_HEADER, SMFIM_EOH, SMFIP_NOHDRS, SMFIP_NR_HDR, put_header,
		count_header, true },
	[STEP_EOH] = { SMFIC_EOH, SMFIM_EOH, SMFIP_NOEOH, SMFIP_NR_EOH, NULL, NULL,
		true },
	[STEP_BODY] = { SMFIC_BODY, SMFIM_EOM, SMFIP_NOBODY, SMFIP_NR_BODY, put_body,
		count_body, true },
	[STEP_END] = { SMFIC_BODYEOB, SMFIM_EOM, 0, 0, NULL, NULL, true },
};
_Static_assert(COUNT_OF(steps) == STEP_NONE, "a step has no line");

void steps_flush(struct mta *m)
{
	m->due = m->out.used;
}

/* True: an answer is awaited. */
static bool put_step(struct mta *m)
{
	const struct step *s = &steps[m->step];
	bool left_out = (m->steps & s->no) != 0;
	size_t at;

	if (left_out && s->content)
		return false;
	put_macros(m, s->stage, s->command);
	if (left_out)
		return false;
	at = steps_packet_begin(m, s->command);
	if (s->payload != NULL)
		s->payload(m);
	steps_packet_end(m, at);
	return (m->steps & s->no_reply) == 0;
}

uint64_t steps_count(const struct mta *m)
{
	const struct step *s = &steps[m->step];

	return s->count != NULL ? s->count(m) : 1;
}

bool steps_repeats(const struct mta *m)
{
	return steps[m->step].count != NULL;
}

void steps_advance(struct mta *m)
{
	while (m->step < STEP_NONE) {
		if (m->nth >= steps_count(m)) {
			m->nth = 0;
			m->step++;
			if (m->step == STEP_HEADER)
				m->handed = m->out.used;
			if (m->step == STEP_MAIL)
				m->step = STEP_NONE;
			continue;
		}
		if (put_step(m)) {
			m->at_end = m->step == STEP_END;
			steps_flush(m);
			return;
		}
		m->nth++;
	}
}
