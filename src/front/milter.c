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
#include "front/accept.h"
#include "front/packet.h"
#include "policy/reply.h"

#include <dlfcn.h>
#include <errno.h>
#include <libmilter/mfapi.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LINE_SIZE     (REPLY_TEXT_MAX + 1)
#define QUEUE_ID_SIZE (64 + 1)

struct milter_session {
	struct session session;
	struct message *message; /* NULL: none in hand */
};

static struct {
	struct engine *engine;	     /* set by milter_open() */
	void (*gave_up)(void);	     /* set by milter_start() */
	pthread_mutex_t lock;	     /* guards what follows */
	pthread_cond_t fewer;	     /* a message left our hands */
	unsigned sessions, messages; /* in hand */
	bool draining;
} front = { .lock = PTHREAD_MUTEX_INITIALIZER, .fewer = PTHREAD_COND_INITIALIZER };

static char *macro(SMFICTX *ctx, const char *name)
{
	return smfi_getsymval(ctx, (char *)name);
}

static struct milter_session *session_of(SMFICTX *ctx)
{
	return smfi_getpriv(ctx);
}

static void count_session(int by)
{
	pthread_mutex_lock(&front.lock);
	front.sessions += (unsigned)by;
	pthread_mutex_unlock(&front.lock);
}

/* False: we are stopping and take no new message into our hands. */
static bool take_message(void)
{
	bool taken;

	pthread_mutex_lock(&front.lock);
	taken = !front.draining;
	front.messages += taken;
	pthread_mutex_unlock(&front.lock);
	return taken;
}

static void drop_message(struct milter_session *s)
{
	if (s->message == NULL)
		return;
	engine_drop(s->message);
	s->message = NULL;
	pthread_mutex_lock(&front.lock);
	front.messages--;
	pthread_cond_signal(&front.fewer);
	pthread_mutex_unlock(&front.lock);
}

/* Whatever words libmilter is told: one line of UTF-8 without controls. */
static char *one_line(char line[LINE_SIZE], const char *text)
{
	return str_printable(line, LINE_SIZE, text);
}

/* The one place where a verdict becomes an SMTP reply: 4xx goes with TEMPFAIL,
 * 5xx with REJECT.  libmilter takes the text for a format: each % is doubled. */
static sfsistat reply(
	SMFICTX *ctx, const char *code, const char *enhanced, const char *text)
{
	char line[LINE_SIZE], doubled[2 * LINE_SIZE];
	size_t n = 0;

	for (const char *p = one_line(line, text); *p != '\0'; p++) {
		if (*p == '%')
			doubled[n++] = '%';
		doubled[n++] = *p;
	}
	doubled[n] = '\0';
	if (smfi_setreply(ctx, (char *)code, (char *)enhanced, doubled) != MI_SUCCESS)
		log_error("libmilter refuses the reply: %s %s %s", code, enhanced, text);
	return code[0] == '4' ? SMFIS_TEMPFAIL : SMFIS_REJECT;
}

/* Every action and every macro that a verdict may need; only the steps that the
 * engine looks at.  A recipient that Postfix itself refuses is not sent, since
 * SMFIP_RCPT_REJ is not asked for. */
static sfsistat on_negotiate(SMFICTX *ctx, unsigned long actions, unsigned long steps,
	unsigned long unused0, unsigned long unused1, unsigned long *want_actions,
	unsigned long *want_steps, unsigned long *want_unused0,
	unsigned long *want_unused1)
{
	static const struct {
		int where;
		const char *names;
	} macros[] = {
		{ SMFIM_CONNECT, "j" },
		/* {mail_addr} is always there: without any macro to send, an MTA leaves
		 * those of the message before in force */
		{ SMFIM_ENVFROM, "{auth_authen} {mail_addr}" },
		{ SMFIM_ENVRCPT, "{rcpt_addr}" },
		{ SMFIM_EOM, "i" },
	};
	const unsigned long needed = SMFIF_ADDHDRS | SMFIF_QUARANTINE | SMFIF_DELRCPT;
	const unsigned long unneeded = SMFIP_NOHELO | SMFIP_NODATA | SMFIP_NOHDRS |
				       SMFIP_NOEOH | SMFIP_NOBODY | SMFIP_NOUNKNOWN;

	(void)unused0;
	(void)unused1;
	if ((actions & needed) != needed) {
		log_error("the MTA offers the actions 0x%lx, and 0x%lx are needed: is it "
			  "older than Postfix 2.6?",
			actions, needed);
		return SMFIS_REJECT;
	}
	for (size_t i = 0; (actions & SMFIF_SETSYMLIST) != 0 &&
			   i < sizeof(macros) / sizeof(macros[0]);
		i++)
		if (smfi_setsymlist(ctx, macros[i].where, (char *)macros[i].names) !=
			MI_SUCCESS)
			log_warning("libmilter refuses to ask for the macros %s",
				macros[i].names);
	*want_actions = needed | (actions & SMFIF_SETSYMLIST);
	*want_steps = steps & unneeded;
	*want_unused0 = 0;
	*want_unused1 = 0;
	return SMFIS_CONTINUE;
}

/* Logins and local parts become addresses with it, so it is unknown unless it is
 * the name of a domain. */
static char *mta_name(SMFICTX *ctx)
{
	struct arena *arena = arena_new();
	const char *j = macro(ctx, "j");
	char *name = mem_strdup(j != NULL ? addr_domain(arena, j) : NULL);

	arena_free(arena);
	return name;
}

static sfsistat on_connect(SMFICTX *ctx, char *name, _SOCK_ADDR *address)
{
	struct milter_session *s = mem_calloc(1, sizeof(*s));

	(void)name;
	cidr_from_sockaddr((const struct sockaddr *)address, &s->session.client);
	s->session.mta = mta_name(ctx);
	if (smfi_setpriv(ctx, s) != MI_SUCCESS) {
		log_error("libmilter refuses the private data of a session");
		free(s->session.mta);
		free(s);
		return SMFIS_TEMPFAIL;
	}
	count_session(1);
	return SMFIS_CONTINUE;
}

static sfsistat on_mail(SMFICTX *ctx, char **args)
{
	struct milter_session *s = session_of(ctx);

	if (s == NULL)
		return SMFIS_TEMPFAIL;
	/* a MAIL without the end of the one before: some MTAs leave out the abort */
	drop_message(s);
	if (!take_message())
		return reply(ctx, "421", "4.3.2", "Mail policy service is stopping");
	s->message = engine_mail(front.engine, &s->session, args[0],
		macro(ctx, "{mail_addr}"), macro(ctx, "{auth_authen}"));
	return SMFIS_CONTINUE;
}

static sfsistat on_rcpt(SMFICTX *ctx, char **args)
{
	struct milter_session *s = session_of(ctx);

	if (s != NULL && s->message != NULL)
		engine_rcpt(s->message, args[0], macro(ctx, "{rcpt_addr}"));
	return SMFIS_CONTINUE;
}

/* As it may stand in the history, in the log and in a reply. */
static const char *queue_id_of(SMFICTX *ctx, char id[QUEUE_ID_SIZE])
{
	const char *i = macro(ctx, "i");

	return i != NULL && *i != '\0' ? str_printable(id, QUEUE_ID_SIZE, i) : NULL;
}

/* Into Postfix's hold queue, with the reason in a header.  Without the header
 * the message is held all the same. */
static sfsistat hold(SMFICTX *ctx, const char *queue_id, const char *reason)
{
	char line[LINE_SIZE];

	one_line(line, reason);
	if (smfi_insheader(ctx, 0, (char *)"X-Themis-Hold", line) != MI_SUCCESS)
		log_event(LEVEL_ERROR, queue_id,
			"held without a header (libmilter refused it)");
	if (smfi_quarantine(ctx, line) != MI_SUCCESS) {
		log_event(LEVEL_ERROR, queue_id, "cannot be held (libmilter refused it)");
		return reply(
			ctx, "451", "4.3.0", "Message cannot be held, try again later");
	}
	return SMFIS_CONTINUE;
}

/* By the name that it came with, and by that which the MTA has for it: Postfix passes
 * over what is none of its own, and says nothing. */
static bool drop_recipient(SMFICTX *ctx, const struct recipient *r)
{
	return smfi_delrcpt(ctx, (char *)r->given) == MI_SUCCESS &&
	       (r->routed == NULL || smfi_delrcpt(ctx, (char *)r->routed) == MI_SUCCESS);
}

/* Takes recipients out of a message that goes on without them. */
static sfsistat drop_recipients(
	SMFICTX *ctx, const char *queue_id, const struct recipient_list *drops)
{
	const struct recipient *r;

	STAILQ_FOREACH(r, drops, link) {
		if (drop_recipient(ctx, r))
			continue;
		log_event(LEVEL_ERROR, queue_id,
			"a recipient cannot be discarded (libmilter refused it): %s",
			r->given);
		return reply(ctx, "451", "4.3.0",
			"Recipients cannot be discarded, try again later");
	}
	return SMFIS_CONTINUE;
}

/* The verdict as libmilter takes it. */
static sfsistat answer(SMFICTX *ctx, const char *queue_id, const struct verdict *v)
{
	sfsistat answer = SMFIS_CONTINUE;

	if (v->text != NULL)
		return reply(ctx, v->code, v->enhanced, v->text);
	if (v->kind == VERDICT_DISCARD && v->drops == NULL)
		return SMFIS_DISCARD;
	if (v->drops != NULL)
		answer = drop_recipients(ctx, queue_id, v->drops);
	if (v->kind == VERDICT_HOLD && answer == SMFIS_CONTINUE)
		answer = hold(ctx, queue_id, v->reason);
	return answer;
}

static sfsistat on_end(SMFICTX *ctx)
{
	struct milter_session *s = session_of(ctx);
	char id[QUEUE_ID_SIZE];
	const char *queue_id = queue_id_of(ctx, id);
	struct verdict v;
	sfsistat said;

	if (s == NULL || s->message == NULL)
		return reply(
			ctx, "451", "4.3.0", "No message to decide on, try again later");
	v = engine_end(s->message, queue_id, clock_now());
	said = answer(ctx, queue_id, &v);
	drop_message(s);
	return said;
}

static sfsistat on_abort(SMFICTX *ctx)
{
	struct milter_session *s = session_of(ctx);

	if (s != NULL)
		drop_message(s);
	return SMFIS_CONTINUE;
}

static sfsistat on_close(SMFICTX *ctx)
{
	struct milter_session *s = session_of(ctx);

	if (s == NULL)
		return SMFIS_CONTINUE;
	drop_message(s);
	free(s->session.mta);
	free(s);
	smfi_setpriv(ctx, NULL);
	count_session(-1);
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

/* libmilter calls both by name, and has to find ours. */
static void check_replaced(const char *name, const void *ours)
{
	if (dlsym(RTLD_DEFAULT, name) != ours)
		log_warning("something else has taken the place of %s(): libmilter may "
			    "be overrun by its peers",
			name);
}

int milter_open(const struct milter_socket *where, struct engine *engine, struct err *err)
{
	struct smfiDesc description = {
		.xxfi_name = (char *)"themis",
		.xxfi_version = SMFI_VERSION,
		.xxfi_flags = SMFIF_ADDHDRS | SMFIF_QUARANTINE | SMFIF_DELRCPT |
			      SMFIF_SETSYMLIST,
		.xxfi_connect = on_connect,
		.xxfi_envfrom = on_mail,
		.xxfi_envrcpt = on_rcpt,
		.xxfi_eom = on_end,
		.xxfi_abort = on_abort,
		.xxfi_close = on_close,
		.xxfi_negotiate = on_negotiate,
	};

	/* libmilter's own 20 are few for newcomers that have to wait */
	smfi_setbacklog(SOMAXCONN);
	check_replaced("accept", (void *)accept_within_limits);
	check_replaced("mi_rd_cmd", (void *)mi_rd_cmd);
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
	struct timespec until;
	unsigned left;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += milliseconds / 1000;
	pthread_mutex_lock(&front.lock);
	front.draining = true;
	while (front.messages > 0)
		if (pthread_cond_timedwait(&front.fewer, &front.lock, &until) ==
			ETIMEDOUT)
			break;
	left = front.messages;
	pthread_mutex_unlock(&front.lock);
	nanosleep(&grace, NULL);
	return left;
}

void milter_count(unsigned *sessions, unsigned *messages)
{
	pthread_mutex_lock(&front.lock);
	*sessions = front.sessions;
	*messages = front.messages;
	pthread_mutex_unlock(&front.lock);
}
