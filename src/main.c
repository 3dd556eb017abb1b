/*
 * themisd: starts everything in order, waits for a signal, stops everything in
 * the opposite order.  The main thread handles the signals; libmilter runs on a
 * thread of its own.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/http.h"
#include "admin/server.h"
#include "base/clock.h"
#include "base/episode.h"
#include "base/log.h"
#include "base/pulse.h"
#include "base/str.h"
#include "conf.h"
#include "config.h"
#include "counter/mem.h"
#include "db/keeper.h"
#include "db/schema.h"
#include "doors.h"
#include "engine/alerts.h"
#include "engine/feed.h"
#include "engine/housekeep.h"
#include "engine/pending.h"
#include "engine/retry.h"
#include "engine/traffic.h"
#include "engine/trouble.h"
#include "front/accept.h"
#include "front/milter.h"
#include "front/policyd.h"
#include "notify/notify.h"
#include "options.h"
#include "policy/load.h"
#include "process.h"
#include "service.h"
#include "spf/pool.h"
#include "trial.h"
#include "watchdog.h"

#include <errno.h>
#include <limits.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#define DRAIN_MILLISECONDS 10000
#define WATCH_EVERY	   1000 /* milliseconds */
#define HEAP_KEPT	   (8 * 1024 * 1024)
#define CLOCKS_DIFFER	   (60 * CLOCK_SECOND)

/* Everything that is started; stopped in the opposite order. */
struct daemon {
	struct conf conf;
	int pidfile, control; /* -1: not ours */
	int ready; /* the parent waits at the other end of this pipe; -1: none */
	struct engine engine;
	struct housekeeper *housekeeper;
	struct trouble_log *troubles;
	int64_t house; /* when the housekeeping is due */
	struct admin admin;
	struct roles roles;
	struct keeper *keeper;
	struct server *server;
	struct notify *notify;
	struct db *readers[ADMIN_THREADS];
};

/* Written by the signal handler and by the milter's thread, read by main. */
static int stop_event = -1;
static atomic_bool ordered; /* by a signal */
static atomic_bool gave_up; /* written by the milter's thread */

static void order_stop(void)
{
	uint64_t one = 1;

	if (write(stop_event, &one, sizeof(one)) < 0)
		abort();
}

static void on_signal(int signal_number)
{
	int saved = errno;

	(void)signal_number;
	ordered = true;
	order_stop();
	errno = saved;
}

/* SIGTERM and SIGINT are left open in the main thread alone; libmilter's own thread for
 * them is given none (front/signals.h). */
static int catch_signals(struct err *err)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };

	stop_event = eventfd(0, EFD_CLOEXEC);
	if (stop_event < 0)
		return err_set(err, "eventfd: %s", strerror(errno));
	sigemptyset(&action.sa_mask);
	sigaddset(&action.sa_mask, SIGTERM);
	sigaddset(&action.sa_mask, SIGINT);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	return 0;
}

/* Threads are started with these blocked. */
static void block_signals(bool block)
{
	sigset_t ours;

	sigemptyset(&ours);
	sigaddset(&ours, SIGTERM);
	sigaddset(&ours, SIGINT);
	pthread_sigmask(block ? SIG_BLOCK : SIG_UNBLOCK, &ours, NULL);
}

static int test_all(const struct options *o, struct err *err)
{
	struct conf conf;
	int rc = options_conf(&conf, o, err);

	if (rc == 0)
		rc = trial_run(&conf, err);
	conf_free(&conf);
	return rc;
}

/* One daemon for a database, whatever their pidfiles: counters are in memory.  The
 * lock is on a file of its own, since closing a descriptor of the database itself
 * would drop SQLite's locks.  It stays; removing it would free it for two. */
static int lock_database(const struct conf *conf, struct err *err)
{
	const char *database = conf->text[CONF_DATABASE];
	char *real = realpath(database, NULL), path[PATH_MAX + sizeof(".lock")];
	struct stat st;
	int fd;

	/* by whatever links it is reached, it is one file with one lock */
	if (real == NULL && lstat(database, &st) == 0)
		return err_set(err, "%s: %s", database, strerror(errno));
	snprintf(path, sizeof(path), "%s.lock", real != NULL ? real : database);
	free(real);
	fd = process_lock(path, err);
	return fd < 0 ? -1 : process_write_pid(fd, path, err);
}

static void say_ready(struct daemon *d)
{
	const char *policy = d->conf.text[CONF_POLICY_SOCKET];
	char words[LOG_LINE_MAX];

	snprintf(words, sizeof(words), "ready on %s%s%s",
		d->conf.text[CONF_MILTER_SOCKET], *policy != '\0' ? " and " : "", policy);
	log_info("themisd " PACKAGE_VERSION " is %s", words);
	service_ready(words);
	if (d->ready >= 0)
		process_ready(d->ready, d->conf.to_syslog);
}

static int open_sockets(struct daemon *d, struct err *err)
{
	d->control = net_listen_unix(d->conf.text[CONF_CONTROL_SOCKET], 0666, err);
	if (d->control < 0)
		return err_prefix(err, "control_socket");
	return doors_open(&d->conf, &d->engine, err);
}

static int open_engine(struct daemon *d, struct err *err)
{
	const char *path = d->conf.text[CONF_DATABASE];
	struct engine *e = &d->engine;
	struct policy_set *set;
	struct writer_hook charges, hook;
	struct db *db, *keeper, *reader;
	int64_t spared;

	schema_tell(service_long_status);
	db = db_open(path, DB_WRITER, err);
	if (db == NULL)
		return -1;
	set = policy_set_load(db, NULL, err);
	if (set == NULL) {
		db_close(db);
		return err_prefix(err, "%s", path);
	}
	policy_slot_publish(e->slot, set);
	reader = db_open(path, DB_READER, err);
	if (reader != NULL)
		e->store = mem_store_open(
			db, reader, d->conf.max_counters, clock_now(), err);
	if (e->store == NULL || engine_resume(e, db, clock_now(), err) < 0 ||
		housekeep_begin(db, clock_now(), &spared, err) < 0 ||
		trouble_log_begin(db, clock_now(), err) < 0) {
		db_close(db);
		return err_prefix(err, "%s", path);
	}
	charges = mem_store_hook(e->store);
	hook = traffic_hook(e->traffic, &charges);
	e->writer = writer_new(db, &hook);
	keeper = db_open(path, DB_KEEPER, err);
	reader = db_open(path, DB_READER, err);
	if (e->writer == NULL || keeper == NULL || reader == NULL)
		return -1;
	d->housekeeper = housekeeper_new(e, reader);
	housekeeper_spare(d->housekeeper, spared);
	d->house = clock_now() + HOUSEKEEPING_EVERY;
	d->troubles = trouble_log_new(e->writer);
	for (int i = 0; i < ADMIN_THREADS; i++)
		if ((d->readers[i] = db_open(path, DB_READER, err)) == NULL)
			return -1;
	d->keeper = keeper_new(keeper, e->writer);
	return d->keeper != NULL ? 0 : err_set(err, "cannot start a thread");
}

/* Its workers come with the first message that they have to check. */
static int open_spf(struct daemon *d, struct err *err)
{
	char path[PATH_MAX];

	d->engine.spf = spf_pool_new(process_find(path, "themis-spf"),
		d->conf.dns_servers, d->conf.spf_workers, err);
	return d->engine.spf != NULL ? 0 : -1;
}

/* What is worth an alert before this waits for it. */
static int open_notify(struct daemon *d, struct err *err)
{
	d->notify = notify_new(
		d->engine.alerts, d->engine.slot, conf_sendmail(&d->conf), err);
	return d->notify != NULL ? 0 : -1;
}

/* libmilter has ended by itself: whoever looks after us should start us again. */
static void give_up(void)
{
	if (!ordered)
		gave_up = true;
	order_stop();
}

static int start_serving(struct daemon *d, struct err *err)
{
	struct conf *c = &d->conf;

	d->admin = (struct admin){
		.engine = &d->engine,
		.keeper = d->keeper,
		.started = clock_now(),
		.database = c->text[CONF_DATABASE],
		.control_socket = c->text[CONF_CONTROL_SOCKET],
		.milter_socket = c->text[CONF_MILTER_SOCKET],
		.policy_socket = c->text[CONF_POLICY_SOCKET],
		.sendmail = conf_sendmail(c),
		.sessions = milter_count,
		.connections = accept_count,
		.policy_connections = policyd_count,
		.spf_pool = d->engine.spf,
		.max_counters = c->max_counters,
	};
	memcpy(d->admin.readers, d->readers, sizeof(d->readers));
	d->admin.max_clients = SERVER_CLIENTS_MAX;
	d->admin.max_connections = accept_limit(c->max_connections, doors_count(c),
		doors_set_aside(c), &d->admin.max_clients, err);
	if (d->admin.max_connections == 0)
		return -1;
	/* not before it is known that there are descriptors for that; and a database that
	 * was removed can then still be copied and dumped */
	for (int i = 0; i < ADMIN_THREADS; i++)
		if (db_open_log(d->readers[i], err) < 0)
			return -1;
	d->roles = (struct roles){ c->uid, c->write_group, c->read_group,
		c->text[CONF_CONTROL_WRITE_GROUP] };
	d->server = server_new(d->control, &d->admin, &d->roles);
	if (d->server == NULL)
		return err_set(err, "cannot start a thread");
	/* what is pending is to be ours, not libmilter's */
	block_signals(false);
	return doors_start(c, &d->admin, give_up, err);
}

static int start_all(struct daemon *d, const struct options *o, struct err *err)
{
	const char *pidfile;

	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	service_begin();
	if (options_conf(&d->conf, o, err) < 0)
		return -1;
	pidfile = d->conf.text[CONF_PIDFILE];
	d->pidfile = process_lock(pidfile, err);
	if (d->pidfile < 0 ||
		(!o->foreground && process_background(&d->ready, err) < 0) ||
		process_write_pid(d->pidfile, pidfile, err) < 0)
		return -1;
	log_open("themisd", d->conf.to_syslog, d->conf.level);
	/* what a message gives back the next one takes: not to the system and back */
	mallopt(M_TRIM_THRESHOLD, HEAP_KEPT);
	umask(0027); /* who sent what to whom is nobody else's business */
	clock_start();
	d->engine.slot = policy_slot_new();
	d->engine.stats = stats_new();
	d->engine.traffic = traffic_new(d->engine.slot);
	d->engine.feed = feed_new();
	d->engine.alerts = alerts_new();
	episode_tell(alerts_wake, d->engine.alerts);
	d->engine.pending = pending_table_new();
	d->engine.retries = retries_new();
	d->engine.relaxed = d->conf.relaxed;
	block_signals(true);
	if (catch_signals(err) < 0 ||
		db_check_file(d->conf.text[CONF_DATABASE], err) < 0 ||
		open_sockets(d, err) < 0 ||
		process_become(d->conf.text[CONF_USER], d->conf.uid, d->conf.gid, err) <
			0 ||
		db_check_access(
			d->conf.text[CONF_DATABASE], d->conf.text[CONF_USER], err) < 0 ||
		lock_database(&d->conf, err) < 0 || open_engine(d, err) < 0 ||
		open_spf(d, err) < 0 || open_notify(d, err) < 0 ||
		watchdog_start(err) < 0 || start_serving(d, err) < 0)
		return -1;
	return 0;
}

/* Whatever is quoted in it: one line. */
static void complain(const struct err *err)
{
	char shown[2 * ERR_TEXT_MAX];

	str_printable(shown, sizeof(shown), err->text);
	fprintf(stderr, "themisd: %s\n", shown);
	service_status(shown);
}

/* What shows that we are here.  Only what is ours: d->control and d->pidfile are
 * set once we have made the one and locked the other. */
static void remove_traces(const struct daemon *d)
{
	doors_remove();
	if (d->control >= 0)
		unlink(d->conf.text[CONF_CONTROL_SOCKET]);
	if (d->pidfile >= 0)
		unlink(d->conf.text[CONF_PIDFILE]);
}

/* The system's clock was set, or the machine slept: ours follows slowly. */
static void watch_clock(int64_t now)
{
	int64_t ahead = clock_follow();
	char by[DURATION_TEXT_MAX];

	if (llabs(ahead) > CLOCKS_DIFFER)
		episode_begin(EPISODE_CLOCK, now,
			"the system's clock is %s %s that of themisd, which goes on "
			"evenly and catches up slowly; a restart takes it over at once",
			duration_say(by, llabs(ahead) / CLOCK_SECOND),
			ahead > 0 ? "ahead of" : "behind");
	else
		episode_end(EPISODE_CLOCK, now);
}

static void wait_for_stop(struct daemon *d)
{
	struct pollfd fd = { stop_event, POLLIN, 0 };
	int64_t now = clock_now(), watch = now;
	int wait = WATCH_EVERY;
	bool more = false;

	while (poll(&fd, 1, wait) <= 0) {
		pulse_set(PULSE_MAIN, PULSE_BUSY);
		now = clock_now();
		if (now >= watch) {
			watch_clock(now);
			accept_watch(now);
			trouble_log_watch(d->troubles, now);
			watch = now + WATCH_EVERY * 1000;
		}
		wait = WATCH_EVERY;
		if (more || now >= d->house) {
			/* it looks through tables, and waits for the writer */
			pulse_set(PULSE_MAIN, PULSE_SLOW);
			more = housekeep(d->housekeeper, now);
			d->house = now + HOUSEKEEPING_EVERY;
			if (more)
				wait = housekeep_wait(d->housekeeper);
		}
		pulse_set(PULSE_MAIN, PULSE_IDLE);
	}
}

/* Messages in hand first.  What callbacks of open sessions could still touch is not
 * freed: the process ends. */
static void stop_all(struct daemon *d)
{
	unsigned left;

	service_stopping();
	http_stop(); /* who asks whether we are well is to send mail elsewhere */
	left = milter_stop(DRAIN_MILLISECONDS);
	if (left > 0)
		log_warning("stopping with %u messages in hand", left);
	/* before the listener closes: then it is nobody else's */
	unlink(d->conf.text[CONF_CONTROL_SOCKET]);
	d->control = -1;
	/* commands may wait for these */
	spf_pool_stop(d->engine.spf);
	notify_stop(d->notify);
	server_stop(d->server);
	for (int i = 0; i < ADMIN_THREADS; i++)
		db_close(d->readers[i]);
	housekeeper_free(d->housekeeper);
	trouble_log_watch(d->troubles, clock_now());
	trouble_log_free(d->troubles);
	engine_suspend(&d->engine);
	mem_store_stop(d->engine.store);
	writer_stop(d->engine.writer);
	keeper_stop(d->keeper); /* the last connection puts the log into the file */
	watchdog_stop();
	remove_traces(d);
	log_info("themisd has stopped");
}

int main(int argc, char **argv)
{
	static struct daemon d = { .pidfile = -1, .control = -1, .ready = -1 };
	struct options o = { 0 };
	struct err err;
	int status = options_read(argc, argv, &o);

	if (status == 0) {
		err_set(&err, "cannot start");
		if (o.test ? test_all(&o, &err) < 0 : start_all(&d, &o, &err) < 0) {
			complain(&err);
			remove_traces(&d);
			status = EXIT_FAILURE + 1;
		} else if (o.test) {
			status = EXIT_SUCCESS + 1;
		}
	}
	options_free(&o);
	if (status != 0)
		return status - 1;
	say_ready(&d);
	wait_for_stop(&d);
	stop_all(&d);
	return gave_up ? EXIT_FAILURE : EXIT_SUCCESS;
}
