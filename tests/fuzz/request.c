/*
 * Fuzz target: whatever octets a client of the policy protocol sends, and in whatever
 * pieces these come, the same requests are read of them; what is none is said in one
 * line.  The first octet says how long a piece is, and a line at most; the rest is sent.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "fuzz.h"

#include "base/net.h"
#include "base/str.h"
#include "front/request.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define HOST	 "mail.example.org"
#define SENT_MAX 60000 /* less than a pipe holds */

/* What was heard, as text. */
struct heard {
	struct arena *arena;
	const char *text;
};

static const char *shown(const char *text)
{
	return text != NULL ? text : "(none)";
}

static void note_refusal(struct heard *h, const struct err *err)
{
	MUST(*err->text != '\0' && !str_has_control(err->text));
	h->text = arena_printf(h->arena, "%s[%s]", h->text, err->text);
}

static void judge_names(const struct request *rq, const struct session *s)
{
	for (int i = 0; i < 2; i++) {
		if (s->also[i] == NULL)
			continue;
		MUST(strcmp(addr_domain(rq->arena, s->also[i]), s->also[i]) == 0);
	}
	MUST(strcmp(s->mta, HOST) == 0 || strcmp(s->mta, s->also[0]) == 0);
}

static void judge(struct heard *h, const struct request *rq)
{
	char client[CIDR_TEXT_MAX];
	struct session s;
	struct asked a;
	struct err err;

	if (request_read(rq, HOST, &s, &a, &err) < 0) {
		note_refusal(h, &err);
		return;
	}
	MUST(a.state <= ASKED_END);
	MUST(a.size <= INT64_MAX && a.nrecipients <= INT64_MAX);
	MUST(s.client.family == 0 || cidr_is_address(&s.client));
	MUST(s.port <= 65535);
	MUST(s.helo == NULL || strlen(s.helo) <= SPF_TEXT_MAX);
	MUST(a.queue_id == NULL ||
		(*a.queue_id != '\0' && strlen(a.queue_id) < QUEUE_ID_SIZE &&
			!str_has_control(a.queue_id)));
	judge_names(rq, &s);
	h->text = arena_printf(h->arena, "%s{%d %s %s %s %s %s %s %u %s %s %s}", h->text,
		(int)a.state, shown(a.instance), shown(a.sender), shown(a.recipient),
		shown(a.login), shown(a.queue_id),
		s.client.family != 0 ? cidr_format(client, &s.client) : "-", s.port,
		shown(s.helo), shown(s.also[0]), shown(s.also[1]));
}

/* What there is of whole lines; false: it is malformed, and nothing behind it is read. */
static bool hear_lines(struct heard *h, struct net_lines *lines, struct request *rq)
{
	char *line;

	for (;;) {
		enum net_line what = net_lines_next(lines, &line);
		struct err err;
		int whole;

		if (what == NET_LINE_MORE)
			return true;
		if (what != NET_LINE) {
			h->text = arena_printf(h->arena, "%s[no line]", h->text);
			return false;
		}
		whole = request_line(rq, line, &err);
		if (whole < 0) {
			note_refusal(h, &err);
			return false;
		}
		if (whole > 0) {
			judge(h, rq);
			request_clear(rq);
			MUST(!request_is_begun(rq));
		}
	}
}

static const char *hear(
	struct arena *arena, const uint8_t *data, size_t size, size_t piece, size_t max)
{
	struct heard h = { arena, "" };
	struct net_lines lines = { .max = max };
	struct request rq = { 0 };
	bool goes_on = true;
	int fds[2];

	MUST(pipe2(fds, O_NONBLOCK | O_CLOEXEC) == 0);
	for (size_t at = 0; at < size && goes_on; at += piece) {
		size_t n = size - at < piece ? size - at : piece;

		MUST(write(fds[1], data + at, n) == (ssize_t)n);
		while (goes_on && net_lines_fill(&lines, fds[0]) > 0)
			goes_on = hear_lines(&h, &lines, &rq);
	}
	close(fds[0]);
	close(fds[1]);
	net_lines_free(&lines);
	request_clear(&rq);
	return h.text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena;
	size_t piece, max;

	if (size < 2 || size > SENT_MAX)
		return 0;
	arena = arena_new();
	piece = 1 + data[0] % 32;
	max = data[0] & 32 ? 40 : REQUEST_LINE_MAX;
	MUST(strcmp(hear(arena, data + 1, size - 1, piece, max),
		     hear(arena, data + 1, size - 1, size, max)) == 0);
	arena_free(arena);
	return 0;
}
