/*
 * Connections of the policy service.  Called on its thread, but for peer_decide(), and
 * for what the writer tells.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "front/peer.h"

#include "base/clock.h"
#include "engine/mta.h"
#include "engine/pending.h"
#include "front/inflight.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct peer *peer_new(int fd, const struct peer_site *site, int64_t now)
{
	struct peer *p = mem_calloc(1, sizeof(*p));

	p->fd = fd;
	p->site = site;
	p->since = now;
	p->lines.max = REQUEST_LINE_MAX;
	return p;
}

/* Answered, or given up. */
static void let_go(struct peer *p)
{
	for (; p->unsent > 0; p->unsent--)
		inflight_end();
}

void peer_free(struct peer *p)
{
	let_go(p);
	close(p->fd);
	request_clear(&p->request);
	net_lines_free(&p->lines);
	for (unsigned i = 0; i < PEER_INSTANCES; i++)
		free(p->instances[i]);
	free(p);
}

bool peer_is_in_middle(const struct peer *p)
{
	return request_is_begun(&p->request) || net_lines_cut(&p->lines) ||
	       p->out_len > 0;
}

/* The request of another message: those before, but for a few, have come to their end. */
static void note_instance(struct peer *p)
{
	const char *instance = p->asked.instance;
	char **place;

	if (instance == NULL || *instance == '\0')
		return;
	for (unsigned i = 0; i < PEER_INSTANCES; i++)
		if (p->instances[i] != NULL && strcmp(p->instances[i], instance) == 0)
			return;
	place = &p->instances[p->next_instance++ % PEER_INSTANCES];
	if (*place != NULL)
		pending_forget(p->site->engine->pending, *place);
	free(*place);
	*place = mem_strdup(instance);
}

static void answer(struct peer *p, const struct verdict *v)
{
	p->out_len += action_write(p->out + p->out_len, v);
	p->answered = true;
	if (p->m != NULL)
		asked_end(p->m, &p->asked);
	p->m = NULL;
	request_clear(&p->request);
	p->unsent++;
}

/* On the writer's thread. */
static void tell_stored(void *arg, bool committed)
{
	struct peer *p = arg;

	p->stored = committed;
	p->site->came(p);
}

void peer_decide(struct peer *p)
{
	int64_t now;

	do
		now = clock_now();
	while (p->asked.state != ASKED_MAIL && engine_wait_end(p->m, now));
	p->verdict = asked_decide(p->m, &p->asked, now);
	p->waited = true;
	p->site->came(p);
}

/* Decides on the message; true: the result comes later. */
static bool decide(struct peer *p, int64_t now)
{
	enum asked_step step;
	struct verdict v;

	p->waited = false;
	if (asked_waits(p->m, &p->asked, now)) {
		p->site->wait(p);
		return true;
	}
	step = asked_begin_decision(p->m, &p->asked, now, tell_stored, p);
	if (step == ASKED_POSTED)
		return true;
	v = asked_finish_decision(p->m, step);
	answer(p, &v);
	return false;
}

/* A whole request.  1: it is answered; 0: it is in hand; -1: it is none. */
static int take_request(struct peer *p, struct err *err)
{
	const struct verdict nothing = { .kind = VERDICT_ACCEPT };
	const char *mta = mta_known();
	int64_t now = clock_now();

	if (request_read(&p->request, mta != NULL ? mta : p->site->host, &p->session,
		    &p->asked, err) < 0)
		return -1;
	/* we are stopping: no answer, and Postfix tries again */
	if (!inflight_begin())
		return err_set(err, "%s", "");
	if (p->asked.state == ASKED_NOTHING) {
		answer(p, &nothing);
		return 1;
	}
	p->session.steps = asked_steps(p->site->engine, now);
	note_instance(p);
	p->m = asked_begin(p->site->engine, &p->session, &p->asked, now);
	return decide(p, now) ? 0 : 1;
}

/* The next line.  1: it was there; 0: it was not; -1: it is none. */
static int next_line(struct peer *p, char **line, struct err *err)
{
	switch (net_lines_next(&p->lines, line)) {
	case NET_LINE:
		return 1;
	case NET_LINE_TOO_LONG:
		return err_set(err, "a line of more than %d octets", REQUEST_LINE_MAX);
	case NET_LINE_NUL:
		return err_set(err, "a line with a NUL octet");
	case NET_LINE_MORE:
		break;
	}
	return 0;
}

/* Answers what was read.  PEER_READS: that is all; PEER_ENDS: something of it is no
 * request. */
static enum peer_state answer_lines(struct peer *p, unsigned *answered, struct err *err)
{
	char *line;

	/* a burst is what there is room for, with what the peer has not taken yet */
	while (*answered < PEER_BURST && p->out_len + ACTION_TEXT_MAX <= sizeof(p->out)) {
		int rc = next_line(p, &line, err);

		if (rc <= 0)
			return rc < 0 ? PEER_ENDS : PEER_READS;
		rc = request_line(&p->request, line, err);
		if (rc > 0)
			rc = take_request(p, err) * 2;
		else if (rc == 0)
			continue;
		if (rc < 0)
			return PEER_ENDS;
		if (rc == 0)
			return PEER_WAITS;
		++*answered;
	}
	return PEER_MORE;
}

/* 1: all is sent; 0: not yet; -1: it cannot be. */
static int flush(struct peer *p)
{
	while (p->out_sent < p->out_len) {
		ssize_t n = send(p->fd, p->out + p->out_sent, p->out_len - p->out_sent,
			MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -1;
		p->out_sent += (size_t)n;
	}
	p->out_sent = p->out_len = 0;
	let_go(p);
	return 1;
}

/* What there is to do next is done once the answers are out. */
static enum peer_state flush_and(struct peer *p, enum peer_state next)
{
	int sent = flush(p);

	if (sent < 0 && next != PEER_WAITS)
		return PEER_ENDS;
	return sent == 0 && next != PEER_WAITS && next != PEER_ENDS ? PEER_WRITES : next;
}

/* Reads if nothing is left of what was read, and answers. */
static enum peer_state go_on(struct peer *p, bool may_read, struct err *err)
{
	unsigned answered = 0;
	enum peer_state next = answer_lines(p, &answered, err);
	int filled;

	if (next == PEER_READS && answered == 0 && may_read) {
		filled = net_lines_fill(&p->lines, p->fd);
		if (filled < 0 && errno != EAGAIN && errno != EINTR)
			return PEER_ENDS;
		if (filled == 0)
			return PEER_ENDS;
		if (filled > 0)
			next = answer_lines(p, &answered, err);
	}
	return flush_and(p, next);
}

enum peer_state peer_turn(struct peer *p, struct err *err)
{
	int sent;

	err_set(err, "%s", "");
	sent = flush(p);
	if (sent <= 0)
		return sent < 0 ? PEER_ENDS : PEER_WRITES;
	return go_on(p, true, err);
}

enum peer_state peer_resume(struct peer *p, struct err *err)
{
	struct verdict v;
	int sent;

	err_set(err, "%s", "");
	v = p->waited ? p->verdict
		      : asked_finish_decision(
				p->m, p->stored ? ASKED_STORED : ASKED_FAILED);
	answer(p, &v);
	/* it takes the answer before it is asked for more */
	sent = flush(p);
	if (sent <= 0)
		return sent < 0 ? PEER_ENDS : PEER_WRITES;
	return go_on(p, false, err);
}
