/*
 * The milter front end.  libmilter calls back on a pool of threads, one callback
 * of a session at a time but each on any of them: what belongs to a session is
 * in its private data and nowhere else.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "front/milter.h"

#include "base/addr.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "engine/mta.h"
#include "front/accept.h"
#include "front/answer.h"
#include "front/inflight.h"
#include "front/negotiate.h"
#include "front/packet.h"
#include "front/request.h"
#include "front/signals.h"
#include "front/written.h"
#include "spf/spf.h"

#include <dlfcn.h>
#include <errno.h>
#include <libmilter/mfapi.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define ODD_FOR (600 * CLOCK_SECOND)
#define ACTIONS (SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_QUARANTINE | SMFIF_DELRCPT)

struct milter_session {
	struct session session;
	struct message *message; /* NULL: none in hand */
	struct negotiated has;
	bool late; /* was asked for the MTA's name at the end of messages, too */
};

static struct {
	struct engine *engine; /* set by milter_open() */
	void (*gave_up)(void); /* set by milter_start() */
	/* until then MTAs are taken for such as give no macros at the end of a message,
	 * since one did not */
	_Atomic int64_t poor;
	/* likewise for such as tell their name only there */
	_Atomic int64_t late;
} front;

static char *macro(SMFICTX *ctx, const char *name)
{
	return smfi_getsymval(ctx, (char *)name);
}

static struct milter_session *session_of(SMFICTX *ctx)
{
	return smfi_getpriv(ctx);
}

static void drop_message(struct milter_session *s)
{
	if (s->message == NULL)
		return;
	engine_drop(s->message);
	s->message = NULL;
	inflight_end();
}

/* Of which the MTA does not know yet. */
static void drop_decided(struct milter_session *s)
{
	engine_drop(s->message);
	s->message = NULL;
	inflight_end_written();
}

static sfsistat say_stopping(SMFICTX *ctx)
{
	return answer_reply(ctx, "421", "4.3.2", "Mail policy service is stopping");
}

static struct milter_session *session_new(SMFICTX *ctx)
{
	struct milter_session *s = mem_calloc(1, sizeof(*s));

	if (smfi_setpriv(ctx, s) != MI_SUCCESS) {
		log_error("libmilter refuses the private data of a session");
		free(s);
		return NULL;
	}
	/* until it is negotiated otherwise: all is shown and answered */
	s->has = negotiate_steps(0, false, 0);
	s->session.steps = s->has.steps;
	inflight_count_session(1);
	return s;
}

static sfsistat on_negotiate(SMFICTX *ctx, unsigned long actions, unsigned long steps,
	unsigned long unused0, unsigned long unused1, unsigned long *want_actions,
	unsigned long *want_steps, unsigned long *want_unused0,
	unsigned long *want_unused1)
{
	int64_t now = clock_now();
	unsigned needs = engine_steps(front.engine, now);
	struct milter_session *s = session_new(ctx);
	bool late = atomic_load(&front.late) > now;
	bool told =
		negotiate_macros(ctx, actions, late) && atomic_load(&front.poor) <= now;

	(void)unused0;
	(void)unused1;
	if ((actions & ACTIONS) != ACTIONS)
		log_error("the MTA offers the actions 0x%lx, and 0x%lx are needed: is it "
			  "older than Postfix 2.6?",
			actions, (unsigned long)ACTIONS);
	if (s == NULL || (actions & ACTIONS) != ACTIONS)
		return SMFIS_REJECT;
	s->late = late;
	s->has = negotiate_steps(needs, told, steps);
	s->session.steps = s->has.steps;
	*want_actions = ACTIONS | (actions & SMFIF_SETSYMLIST);
	*want_steps = s->has.want;
	*want_unused0 = 0;
	*want_unused1 = 0;
	return SMFIS_CONTINUE;
}

/* Logins and local parts become addresses with it, so it is unknown unless it is
 * the name of a domain. */
static void note_mta(struct milter_session *s, const char *j)
{
	struct arena *arena;

	if (j == NULL || s->session.mta != NULL)
		return;
	arena = arena_new();
	s->session.mta = mem_strdup(addr_domain(arena, j));
	arena_free(arena);
	if (s->session.mta != NULL)
		mta_meet(s->session.mta);
}

/* The macros of a message's begin, or of its end where that is all it shows. */
static void note_client(SMFICTX *ctx, struct milter_session *s)
{
	const char *address = macro(ctx, "{client_addr}"),
		   *port = macro(ctx, "{client_port}"),
		   *server = macro(ctx, "{daemon_addr}");

	note_mta(s, macro(ctx, "j"));
	if (address != NULL)
		cidr_take_client(&s->session.client, address);
	if (port != NULL)
		s->session.local = strcmp(port, "0") == 0;
	s->session.port = cidr_port(port);
	if (server != NULL)
		cidr_take_client(&s->session.server, server);
	s->session.server_port = cidr_port(macro(ctx, "{daemon_port}"));
}

/* An MTA that waits for no answer must not get one. */
static sfsistat go_on(bool answers)
{
	return answers ? SMFIS_CONTINUE : SMFIS_NOREPLY;
}

/* Only of an MTA that cannot tell with macros. */
static sfsistat on_connect(SMFICTX *ctx, char *name, _SOCK_ADDR *address)
{
	struct milter_session *s = session_of(ctx);

	(void)name;
	if (s == NULL)
		s = session_new(ctx);
	if (s == NULL)
		return SMFIS_TEMPFAIL;
	cidr_from_sockaddr((const struct sockaddr *)address, &s->session.client);
	note_mta(s, macro(ctx, "j"));
	return go_on(s->has.answers_connect);
}

/* The message as macros and, if it is shown, the command tell it.  False: we are
 * stopping. */
static bool begin_message(SMFICTX *ctx, struct milter_session *s, const char *sender)
{
	if (!inflight_begin())
		return false;
	note_client(ctx, s);
	s->message = engine_mail(front.engine, &s->session, sender,
		macro(ctx, "{mail_addr}"), macro(ctx, "{auth_authen}"), clock_now());
	return true;
}

/* As it may stand in the history, in the log and in a reply. */
static const char *queue_id_of(SMFICTX *ctx, char id[QUEUE_ID_SIZE])
{
	const char *i = macro(ctx, "i");

	return i != NULL && *i != '\0' ? str_printable(id, QUEUE_ID_SIZE, i) : NULL;
}

/* Before its end: it was given up, or another one begins. */
static void abandon_message(struct milter_session *s)
{
	if (s->message == NULL)
		return;
	engine_abort(s->message, clock_now());
	drop_message(s);
}

/* Said again it takes the place of the one before, and ends what was begun under that
 * (RFC 5321 4.1.4), as some MTAs do without a word. */
static sfsistat on_helo(SMFICTX *ctx, char *name)
{
	struct milter_session *s = session_of(ctx);

	if (s == NULL)
		return SMFIS_TEMPFAIL;
	abandon_message(s);
	free(s->session.helo);
	s->session.helo = mem_strdup(name);
	str_utf8_cut(s->session.helo, SPF_TEXT_MAX);
	return go_on(s->has.answers_helo);
}

static sfsistat on_mail(SMFICTX *ctx, char **args)
{
	struct milter_session *s = session_of(ctx);
	struct verdict v;
	sfsistat said;

	if (s == NULL)
		return SMFIS_TEMPFAIL;
	/* a MAIL without the end of the one before: some MTAs leave out the abort */
	abandon_message(s);
	if (!begin_message(ctx, s, args[0]))
		return s->has.answers_mail ? say_stopping(ctx) : SMFIS_NOREPLY;
	v = engine_early(s->message, clock_now());
	if (v.text == NULL)
		return go_on(s->has.answers_mail);
	said = answer_reply(ctx, v.code, v.enhanced, v.text);
	drop_decided(s);
	return said;
}

/* The moment at which the recipient is decided on: not before what that waits for. */
static int64_t time_of_rcpt(struct message *m, const char *recipient, const char *routed)
{
	int64_t now;

	do
		now = clock_now();
	while (engine_wait_rcpt(m, recipient, routed, now));
	return now;
}

static sfsistat on_rcpt(SMFICTX *ctx, char **args)
{
	struct milter_session *s = session_of(ctx);
	const char *routed = macro(ctx, "{rcpt_addr}");
	char id[QUEUE_ID_SIZE];
	struct verdict v;

	if (s == NULL)
		return SMFIS_TEMPFAIL;
	if (s->message == NULL)
		return go_on(s->has.answers_rcpt);
	v = engine_rcpt(s->message, args[0], routed, queue_id_of(ctx, id),
		time_of_rcpt(s->message, args[0], routed));
	if (v.text == NULL)
		return go_on(s->has.answers_rcpt);
	return answer_reply(ctx, v.code, v.enhanced, v.text);
}

static sfsistat on_header(SMFICTX *ctx, char *name, char *value)
{
	struct milter_session *s = session_of(ctx);

	if (s == NULL)
		return SMFIS_TEMPFAIL;
	if (s->message != NULL)
		engine_header(s->message, name, value);
	return go_on(s->has.answers_header);
}

static sfsistat on_body(SMFICTX *ctx, unsigned char *body, size_t len)
{
	struct milter_session *s = session_of(ctx);

	(void)body;
	if (s == NULL)
		return SMFIS_TEMPFAIL;
	if (s->message != NULL)
		engine_body(s->message, len);
	return go_on(s->has.answers_body);
}

/* Where a session shows only the end of a message, that tells all of it. */
static sfsistat begin_at_end(SMFICTX *ctx, struct milter_session *s)
{
	int64_t now = clock_now();

	if (macro(ctx, "{mail_addr}") == NULL) {
		if (atomic_exchange(&front.poor, now + ODD_FOR) <= now)
			log_warning(
				"an MTA gives no {mail_addr} at the end of a message: "
				"for ten minutes new sessions are asked for MAIL");
		return answer_reply(ctx, "421", "4.3.2", "please reconnect");
	}
	if (macro(ctx, "j") == NULL && !s->late) {
		atomic_store(&front.late, now + ODD_FOR);
		if (engine_needs_mta(front.engine, macro(ctx, "{auth_authen}"),
			    macro(ctx, "{mail_addr}")))
			return answer_reply(ctx, "421", "4.3.2", "please reconnect");
	}
	return begin_message(ctx, s, NULL) ? SMFIS_CONTINUE : say_stopping(ctx);
}

/* Likewise of the message: all that is counted and written down has this moment. */
static int64_t time_of_end(struct message *m)
{
	int64_t now;

	do
		now = clock_now();
	while (engine_wait_end(m, now));
	return now;
}

static sfsistat on_end(SMFICTX *ctx)
{
	struct milter_session *s = session_of(ctx);
	char id[QUEUE_ID_SIZE];
	const char *queue_id = queue_id_of(ctx, id);
	struct verdict v;
	sfsistat said;

	if (s != NULL && s->message == NULL && !s->has.shows_mail) {
		said = begin_at_end(ctx, s);
		if (said != SMFIS_CONTINUE)
			return said;
	}
	if ((s == NULL || s->message == NULL) && inflight_is_draining())
		return say_stopping(ctx);
	if (s == NULL || s->message == NULL)
		return answer_reply(
			ctx, "451", "4.3.0", "No message to decide on, try again later");
	v = engine_end(s->message, queue_id, time_of_end(s->message));
	said = answer_verdict(ctx, queue_id, &v);
	drop_decided(s);
	return said;
}

static sfsistat on_abort(SMFICTX *ctx)
{
	struct milter_session *s = session_of(ctx);

	if (s != NULL)
		abandon_message(s);
	return SMFIS_CONTINUE;
}

static sfsistat on_close(SMFICTX *ctx)
{
	struct milter_session *s = session_of(ctx);

	if (s == NULL)
		return SMFIS_CONTINUE;
	abandon_message(s);
	free(s->session.mta);
	free(s->session.helo);
	free(s);
	smfi_setpriv(ctx, NULL);
	inflight_count_session(-1);
	return SMFIS_CONTINUE;
}

static int open_socket(const struct milter_socket *where, struct err *err)
{
	const char *path = where->address.path;
	bool is_unix = where->address.family == NET_UNIX;
	char spelling[sizeof("unix:") + sizeof(where->address.path)];
	mode_t old;
	int rc;

	if (is_unix && net_claim_path(path, err) < 0)
		return -1;
	/* to libmilter, a bare path with a colon in it would be something else */
	snprintf(spelling, sizeof(spelling), "unix:%s", path);
	if (smfi_setconn(is_unix ? spelling : (char *)where->spelling) != MI_SUCCESS)
		return err_set(err, "%s: libmilter refuses it", where->spelling);
	/* closed to all until it has its group and mode */
	old = umask(0177);
	rc = smfi_opensocket(false);
	umask(old);
	if (rc != MI_SUCCESS) {
		/* its reason goes to syslog alone */
		if (net_try_listen(&where->address, err) < 0)
			return err_prefix(err, "%s: cannot listen", where->spelling);
		return err_set(err, "%s: libmilter cannot listen", where->spelling);
	}
	if (is_unix && (chown(path, where->uid, where->gid) < 0 ||
			       chmod(path, where->mode) < 0)) {
		err_set(err, "%s: %s", path, strerror(errno));
		unlink(path);
		return -1;
	}
	return 0;
}

/* libmilter calls each by name, and has to find ours. */
static void check_replaced(const char *name, const void *ours, const char *otherwise)
{
	if (dlsym(RTLD_DEFAULT, name) != ours)
		log_warning(
			"something else has taken the place of %s(): libmilter may %s",
			name, otherwise);
}

int milter_open(const struct milter_socket *where, struct engine *engine, struct err *err)
{
	struct smfiDesc description = {
		.xxfi_name = (char *)"themis",
		.xxfi_version = SMFI_VERSION,
		.xxfi_flags = ACTIONS | SMFIF_SETSYMLIST,
		.xxfi_connect = on_connect,
		.xxfi_helo = on_helo,
		.xxfi_envfrom = on_mail,
		.xxfi_envrcpt = on_rcpt,
		.xxfi_header = on_header,
		.xxfi_body = on_body,
		.xxfi_eom = on_end,
		.xxfi_abort = on_abort,
		.xxfi_close = on_close,
		.xxfi_negotiate = on_negotiate,
	};

	/* libmilter's own 20 are few for newcomers that have to wait */
	smfi_setbacklog(SOMAXCONN);
	check_replaced("accept", (void *)accept_within_limits, "be overrun by its peers");
	check_replaced("mi_rd_cmd", (void *)mi_rd_cmd, "be overrun by its peers");
	check_replaced(
		"mi_wr_cmd", (void *)mi_wr_cmd, "stop before an answer is written");
	check_replaced("sigwait", (void *)sigwait, "stop amid messages");
	written_begin();
	packet_begin(dlsym(RTLD_DEFAULT, "mi_pool_controller_init") != NULL);
	front.engine = engine;
	if (smfi_register(description) != MI_SUCCESS)
		return err_set(err, "libmilter refuses to register");
	return open_socket(where, err);
}

static void *run(void *arg)
{
	(void)arg;
	if (smfi_main() != MI_SUCCESS)
		log_error("libmilter has given up");
	front.gave_up();
	return NULL;
}

int milter_start(void (*gave_up)(void), struct err *err)
{
	pthread_t thread;

	front.gave_up = gave_up;
	if (pthread_create(&thread, NULL, run, NULL) != 0)
		return err_set(err, "cannot start a thread");
	pthread_detach(thread);
	return 0;
}

/* A callback has returned before libmilter writes what it returned. */
#define WRITE_GRACE_NS 100000000

unsigned milter_stop(unsigned milliseconds)
{
	const struct timespec grace = { .tv_nsec = WRITE_GRACE_NS };
	unsigned left = inflight_drain(milliseconds);

	if (!inflight_is_told())
		nanosleep(&grace, NULL);
	return left;
}

void milter_count(unsigned *sessions, unsigned *messages)
{
	inflight_count(sessions, messages);
}
