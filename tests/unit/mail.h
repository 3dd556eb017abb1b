/*
 * A mail to send through the engine of a site (fixture.h, which has this one with it), as
 * a front end would.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_TESTS_MAIL_H
#define THEMIS_TESTS_MAIL_H

#include "fixture.h"

/* A mail; what is left out: from bob@example.org to one recipient, in a session that
 * shows and answers everything. */
struct mail {
	const char *sender, *routed, *login, *client, *mta, *helo, *queue_id;
	bool local;
	bool early; /* MAIL is asked about, as by a front end; else RCPT and the end */
	unsigned hides; /* enum step: what the session has not asked for */
	unsigned port;	/* of the client; 0: not known */
	size_t size;	/* of its body; headers are no part of it */
	const char *rcpt[64];
	const char *header[4]; /* name and value, one after the other */
};

/* A verdict that outlives its message. */
struct outcome {
	enum verdict_kind kind;
	char code[4], enhanced[8], text[600];
	char policy[POLICY_NAME_MAX + 1], object[600], reason[600];
	int64_t free_at;
	char spf[20];	 /* the result; "": not checked */
	char drops[600]; /* the recipients taken out, with a blank behind each */
	char told[400];	 /* the code that each recipient got, "250" where accepted */
	bool at_mail;	 /* refused there, and nothing behind it was sent */
	bool aborted;	 /* no recipient was left; the verdict is the first refusal */
};

#define KEEP(to, from) snprintf(to, sizeof(to), "%s", (from) != NULL ? (from) : "")

static inline void outcome_keep(struct outcome *o, const struct verdict *v)
{
	const struct recipient *r;

	o->kind = v->kind;
	o->free_at = v->free_at;
	KEEP(o->code, v->code);
	KEEP(o->enhanced, v->enhanced);
	KEEP(o->text, v->text);
	KEEP(o->policy, v->policy != NULL ? v->policy->name : NULL);
	KEEP(o->object, v->object);
	KEEP(o->reason, v->reason);
	KEEP(o->spf, v->spf != NULL ? spf_result_name(v->spf->result) : NULL);
	if (v->drops != NULL)
		STAILQ_FOREACH(r, v->drops, link)
			str_append(o->drops, sizeof(o->drops), "%s ", r->given);
}

/* A mail that has come as far as MAIL; its session as a front end makes it. */
struct begun {
	struct arena *arena;
	struct session session;
	struct message *m;
};

static inline struct begun *site_begin(struct site *s, const struct mail *mail)
{
	struct begun *b = mem_calloc(1, sizeof(*b));
	struct err err = { ERR_BAD, "" };

	b->arena = arena_new();
	b->session.steps = STEPS_ALL & ~mail->hides;
	b->session.local = mail->local;
	b->session.port = mail->port;
	if (mail->mta != NULL)
		b->session.mta = (char *)(uintptr_t)addr_domain(b->arena, mail->mta);
	if (mail->helo != NULL)
		b->session.helo = arena_strdup(b->arena, mail->helo);
	if (mail->client != NULL)
		must(cidr_parse(mail->client, &b->session.client, &err), &err);
	b->m = engine_mail(&s->engine, &b->session,
		mail->sender != NULL ? mail->sender : "<bob@example.org>", mail->routed,
		mail->login, NOW);
	return b;
}

static inline void site_finish(struct begun *b)
{
	engine_drop(b->m);
	arena_free(b->arena);
	free(b);
}

/* Is somebody waiting for SPF where a front end waits?  Nobody may anywhere else. */
static bool mail_waits;

static inline void mail_wait_rcpt(struct begun *b, const char *rcpt, int64_t now)
{
	mail_waits = true;
	while (engine_wait_rcpt(b->m, rcpt, NULL, now))
		continue;
	mail_waits = false;
}

static inline void mail_wait_end(struct begun *b, int64_t now)
{
	mail_waits = true;
	while (engine_wait_end(b->m, now))
		continue;
	mail_waits = false;
}

static inline const char *mail_queue_id(const struct mail *mail)
{
	return mail->queue_id != NULL ? mail->queue_id : "4XyZ";
}

/* RCPT for all of them; false, with the first refusal in o: nobody is left. */
static inline bool site_recipients(
	struct begun *b, const struct mail *mail, int64_t now, struct outcome *o)
{
	const char *const one[2] = { "<alice@example.net>", NULL };
	const char *const *rcpt = mail->rcpt[0] != NULL ? mail->rcpt : one;
	bool left = false;

	for (size_t i = 0; i < LENGTH(mail->rcpt) && rcpt[i] != NULL; i++) {
		struct verdict v;

		mail_wait_rcpt(b, rcpt[i], now);
		v = engine_rcpt(b->m, rcpt[i], NULL, mail_queue_id(mail), now);
		str_append(o->told, sizeof(o->told), "%s%s", i > 0 ? " " : "",
			v.text != NULL ? v.code : "250");
		if (v.text == NULL)
			left = true;
		else if (*o->text == '\0')
			outcome_keep(o, &v);
	}
	return left;
}

static inline struct outcome site_send(
	struct site *s, int64_t now, const struct mail *mail)
{
	struct begun *b = site_begin(s, mail);
	struct outcome o = { 0 };
	struct verdict v = { .kind = VERDICT_ACCEPT };

	if (mail->early)
		v = engine_early(b->m, now);
	if (v.text != NULL) {
		outcome_keep(&o, &v);
		o.at_mail = true;
	} else if (!site_recipients(b, mail, now, &o)) {
		engine_abort(b->m, now);
		o.aborted = true;
	} else {
		for (size_t i = 0; i < LENGTH(mail->header) && mail->header[i]; i += 2)
			engine_header(b->m, mail->header[i], mail->header[i + 1]);
		engine_body(b->m, mail->size);
		mail_wait_end(b, now);
		v = engine_end(b->m, mail_queue_id(mail), now);
		outcome_keep(&o, &v);
	}
	site_finish(b);
	return o;
}

/* SEND(site, NOW, .login = "bob") */
#define SEND(site, now, ...) site_send(site, now, &(struct mail){ __VA_ARGS__ })

#endif
