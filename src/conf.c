/*
 * The configuration file, parsed by libconfuse; every value is judged here, by
 * one function a key, for the file and for -o alike.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conf.h"

#include "base/arena.h"
#include "base/str.h"
#include "config.h"
#include "spf/crew.h"

#include <arpa/inet.h>
#include <confuse.h>
#include <ctype.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_OCTETS_MAX 400
#define FILE_OCTETS_MAX 1000000

#define SERVERS_BETWEEN " ,"

#define LINES_ARE "lines are KEY = \"VALUE\""
#define KEY_ENDS  " \t\r\n=+{(#\"'"

static const struct {
	const char *name, *default_value, *values;
} keys[CONF_KEYS] = {
#define KEY(id, name, def, values, meaning) [CONF_##id] = { name, def, values },
#include "conf.def"
#undef KEY
};

static int refuse_value(
	enum conf_key key, const char *value, const char *expected, struct err *err)
{
	char shown[160];

	return err_set(err, "%s: not a value: \"%s\" (%s)", keys[key].name,
		str_escape(shown, sizeof(shown), value), expected);
}

static int not_a_value(enum conf_key key, const char *value, struct err *err)
{
	return refuse_value(key, value, keys[key].values, err);
}

static int judge_mode(struct conf *conf, const char *value)
{
	char *end;
	unsigned long mode = strtoul(value, &end, 8);

	if (*value == '\0' || value[strspn(value, "01234567")] != '\0' || *end != '\0' ||
		mode < 0600 || mode > 0777)
		return -1;
	conf->milter_mode = (mode_t)mode;
	return 0;
}

static int judge_log(struct conf *conf, const char *value)
{
	conf->to_syslog = strcmp(value, "syslog") == 0;
	return conf->to_syslog || strcmp(value, "stderr") == 0 ? 0 : -1;
}

static int judge_durability(struct conf *conf, const char *value)
{
	conf->relaxed = strcmp(value, "relaxed") == 0;
	return conf->relaxed || strcmp(value, "commit") == 0 ? 0 : -1;
}

static int judge_number(struct conf *conf, enum conf_key key, const char *value)
{
	const struct {
		enum conf_key key;
		unsigned *out, min, max;
	} numbers[] = {
		{ CONF_MAX_CONNECTIONS, &conf->max_connections, 1, 1000000 },
		{ CONF_MAX_COUNTERS, &conf->max_counters, 100, 100000000 },
		{ CONF_SPF_WORKERS, &conf->spf_workers, 1, SPF_WORKERS_MAX },
	};
	size_t i = 0;
	uint64_t n;

	while (numbers[i].key != key)
		i++;
	if (str_to_u64(value, numbers[i].max, &n) < 0 || n < numbers[i].min)
		return -1;
	*numbers[i].out = (unsigned)n;
	return 0;
}

/* 192.0.2.53, 2001:db8::53, 192.0.2.53@5353 */
static bool is_server(const char *text)
{
	char address[INET6_ADDRSTRLEN];
	size_t n = strcspn(text, "@");
	struct in6_addr parsed;
	uint64_t port = 0;

	if (n >= sizeof(address) ||
		(text[n] == '@' &&
			(str_to_u64(text + n + 1, 65535, &port) < 0 || port == 0)))
		return false;
	snprintf(address, sizeof(address), "%.*s", (int)n, text);
	return inet_pton(AF_INET, address, &parsed) == 1 ||
	       inet_pton(AF_INET6, address, &parsed) == 1;
}

static int judge_servers(struct conf *conf, const char *value)
{
	char words[CONF_SERVERS_MAX + 1], *rest = words;
	const char *server;

	if (strlen(value) > CONF_SERVERS_MAX)
		return -1;
	snprintf(words, sizeof(words), "%s", value);
	conf->dns_servers[0] = '\0';
	while ((server = strsep(&rest, SERVERS_BETWEEN)) != NULL) {
		if (*server == '\0')
			continue;
		if (!is_server(server))
			return -1;
		str_append(conf->dns_servers, sizeof(conf->dns_servers), "%s ", server);
	}
	return 0;
}

/* SQLite takes a little more, and what a refusal quotes has room in its words. */
static int judge_path(const char *value)
{
	return value[0] == '/' && strlen(value) <= PATH_OCTETS_MAX ? 0 : -1;
}

static int judge_socket(enum conf_key key, const char *value, struct net_address *address,
	struct err *err)
{
	if (net_address_parse(value, address, err) < 0)
		return err_prefix(err, "%s", keys[key].name);
	return 0;
}

/* Without a host it is this one alone: what is told there asks for no password. */
static int judge_metrics(struct conf *conf, const char *value, struct err *err)
{
	struct net_address *address = &conf->metrics_address;

	if (judge_socket(CONF_METRICS_LISTEN, value, address, err) < 0)
		return -1;
	if (address->family != NET_UNIX && *address->host == '\0')
		snprintf(address->host, sizeof(address->host), "%s",
			address->family == NET_INET6 ? "::1" : "127.0.0.1");
	return 0;
}

/* What can be said of a value without looking at the system.  All of them end up in
 * lines of text: the log, `status`, a refusal. */
static int judge(struct conf *conf, enum conf_key key, const char *value, struct err *err)
{
	struct net_address path;
	int ok = 0;

	if (!str_is_utf8(value, strlen(value)) || str_has_control(value))
		return refuse_value(
			key, value, "text in UTF-8 without control characters", err);
	switch (key) {
	case CONF_MILTER_SOCKET:
		return judge_socket(key, value, &conf->milter_address, err);
	case CONF_CONTROL_SOCKET:
		if (value[0] != '/')
			return not_a_value(key, value, err);
		return judge_socket(key, value, &path, err);
	case CONF_MILTER_SOCKET_MODE:
		ok = judge_mode(conf, value);
		break;
	case CONF_DATABASE:
	case CONF_PIDFILE:
		ok = judge_path(value);
		break;
	case CONF_SENDMAIL:
		ok = *value == '\0' ? 0 : judge_path(value);
		break;
	case CONF_USER:
		ok = *value != '\0' ? 0 : -1;
		break;
	case CONF_LOG:
		ok = judge_log(conf, value);
		break;
	case CONF_LOG_LEVEL:
		ok = log_level_parse(value, &conf->level);
		break;
	case CONF_DURABILITY:
		ok = judge_durability(conf, value);
		break;
	case CONF_MAX_CONNECTIONS:
	case CONF_MAX_COUNTERS:
	case CONF_SPF_WORKERS:
		ok = judge_number(conf, key, value);
		break;
	case CONF_DNS_SERVERS:
		ok = judge_servers(conf, value);
		break;
	case CONF_POLICY_SOCKET:
		return *value == '\0'
			       ? 0
			       : judge_socket(key, value, &conf->policy_address, err);
	case CONF_METRICS_LISTEN:
		return *value == '\0' ? 0 : judge_metrics(conf, value, err);
	case CONF_MILTER_SOCKET_GROUP:
	case CONF_CONTROL_WRITE_GROUP:
	case CONF_CONTROL_READ_GROUP:
	case CONF_KEYS:
		break;
	}
	return ok < 0 ? not_a_value(key, value, err) : 0;
}

static int take(struct conf *conf, enum conf_key key, const char *value, struct err *err)
{
	if (judge(conf, key, value, err) < 0)
		return -1;
	free(conf->text[key]);
	conf->text[key] = mem_strdup(value);
	conf->line[key] = 0;
	return 0;
}

void conf_init(struct conf *conf)
{
	memset(conf, 0, sizeof(*conf));
	for (int i = 0; i < CONF_KEYS; i++)
		take(conf, (enum conf_key)i, keys[i].default_value, NULL);
}

void conf_free(struct conf *conf)
{
	for (int i = 0; i < CONF_KEYS; i++) {
		free(conf->text[i]);
		conf->text[i] = NULL;
	}
	free(conf->file);
	conf->file = NULL;
}

static int find_key(const char *name, size_t len)
{
	for (int i = 0; i < CONF_KEYS; i++)
		if (strlen(keys[i].name) == len && strncmp(keys[i].name, name, len) == 0)
			return i;
	return -1;
}

static int unknown_key(const char *name, size_t len, struct err *err)
{
	char all[500] = "", shown[160], cut[100];

	snprintf(cut, sizeof(cut), "%.*s", (int)len, name);
	for (int i = 0; i < CONF_KEYS; i++)
		str_append(all, sizeof(all), "%s%s", i > 0 ? ", " : "", keys[i].name);
	return err_set(err, "no key \"%s\" (there are: %s)",
		str_escape(shown, sizeof(shown), cut), all);
}

int conf_override(struct conf *conf, const char *pair, struct err *err)
{
	size_t len = strcspn(pair, "=");
	int key = find_key(pair, len);
	char shown[160];

	if (pair[len] == '\0')
		return err_set(err, "-o %s: not KEY=VALUE",
			str_escape(shown, sizeof(shown), pair));
	if (key < 0)
		return unknown_key(pair, len, err);
	return take(conf, (enum conf_key)key, pair + len + 1, err);
}

/* What libconfuse's callbacks, which get no argument of ours, report to: set for
 * the time of conf_read(), which the main thread calls before there are others. */
static struct {
	struct conf *conf;
	struct err *err;
	bool seen[CONF_KEYS];
	bool told; /* err says what is wrong already */
	int line;
} reading;

/* Says where in the file the refusal is.  Always -1. */
static int refuse_here(void)
{
	reading.told = true;
	return err_prefix(reading.err, "%s:%d", reading.conf->file, reading.line);
}

static int judge_option(cfg_t *cfg, cfg_opt_t *opt)
{
	const char *name = cfg_opt_name(opt);
	int key = find_key(name, strlen(name));
	const char *value = cfg_opt_getnstr(opt, 0);
	int rc;

	(void)cfg;
	if (reading.seen[key])
		rc = err_set(reading.err, "%s: given twice", name);
	else
		rc = take(reading.conf, (enum conf_key)key, value, reading.err);
	reading.seen[key] = true;
	if (rc < 0)
		return refuse_here();
	reading.conf->line[key] = reading.line;
	return 0;
}

static int refuse_line(const char *why)
{
	char shown[300];

	err_set(reading.err, "%s (" LINES_ARE ")", str_escape(shown, sizeof(shown), why));
	return refuse_here();
}

static void __attribute__((format(printf, 2, 0)))
note_error(cfg_t *cfg, const char *fmt, va_list ap)
{
	char text[300];

	(void)cfg;
	if (reading.told)
		return;
	vsnprintf(text, sizeof(text), fmt, ap);
	refuse_line(text);
}

static int check_file(const char *path, struct err *err)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return err_set(err, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return err_set(err, "%s: not a regular file", path);
	if (st.st_size > FILE_OCTETS_MAX)
		return err_set(err, "%s: more than %d octets, which no configuration has",
			path, FILE_OCTETS_MAX);
	return 0;
}

static int parse_line(cfg_t *cfg, const char *line, size_t size)
{
	const char *key = line + strspn(line, " \t");
	size_t len = isalnum((unsigned char)*key) ? strcspn(key, KEY_ENDS) : 0;

	if (strlen(line) != size)
		return refuse_line("a NUL octet");
	/* libconfuse would not say which there are */
	if (len > 0 && find_key(key, len) < 0) {
		unknown_key(key, len, reading.err);
		return refuse_here();
	}
	if (cfg_parse_buf(cfg, line) != CFG_SUCCESS)
		return -1;
	if (len == 0 || reading.seen[find_key(key, len)])
		return 0;
	cfg_parse_buf(cfg, "*/"); /* libconfuse would stay in it for the next file */
	return refuse_line("within a comment that is not closed");
}

/* Line by line: libconfuse 3.3 counts three lines for each comment. */
static int parse_lines(cfg_t *cfg, FILE *file)
{
	char *line = NULL;
	size_t size = 0;
	bool empty = true;
	int rc = 0;
	ssize_t n;

	while (rc == 0 && (n = getline(&line, &size, file)) >= 0) {
		reading.line++;
		empty &= line[strspn(line, " \t\r\n")] == '\0' &&
			 strlen(line) == (size_t)n;
		rc = parse_line(cfg, line, (size_t)n);
	}
	if (rc == 0 && ferror(file))
		rc = err_set(reading.err, "%s: %s", reading.conf->file, strerror(errno));
	else if (rc == 0 && empty)
		rc = err_set(reading.err,
			"%s: there is nothing in it (" LINES_ARE
			", and # begins a comment; without a file the defaults hold)",
			reading.conf->file);
	free(line);
	return rc;
}

int conf_read(struct conf *conf, const char *path, struct err *err)
{
	cfg_opt_t opts[CONF_KEYS + 1] = { 0 };
	cfg_t *cfg;
	FILE *file;
	int rc;

	if (check_file(path, err) < 0)
		return -1;
	for (int i = 0; i < CONF_KEYS; i++)
		opts[i] = (cfg_opt_t)CFG_STR(keys[i].name, NULL, CFGF_NODEFAULT);
	opts[CONF_KEYS] = (cfg_opt_t)CFG_END();
	cfg = cfg_init(opts, CFGF_NONE);
	if (cfg == NULL)
		return err_set(err, "%s: %s", path, strerror(errno));
	free(conf->file);
	conf->file = mem_strdup(path);
	memset(conf->line, 0, sizeof(conf->line));
	memset(&reading, 0, sizeof(reading));
	reading.conf = conf;
	reading.err = err;
	cfg_set_error_function(cfg, note_error);
	for (int i = 0; i < CONF_KEYS; i++)
		cfg_set_validate_func(cfg, keys[i].name, judge_option);
	file = fopen(path, "re");
	err_set(err, "%s: cannot be read", path);
	rc = file != NULL ? parse_lines(cfg, file)
			  : err_set(err, "%s: %s", path, strerror(errno));
	if (file != NULL)
		fclose(file);
	cfg_free(cfg);
	return rc;
}

int conf_refuse(const struct conf *conf, enum conf_key key, struct err *err)
{
	return conf->line[key] > 0 ? err_prefix(err, "%s:%d", conf->file, conf->line[key])
				   : -1;
}

/* There is no such user or group.  Always -1. */
static int not_there(
	const struct conf *conf, enum conf_key key, const char *what, struct err *err)
{
	char shown[160];

	err_set(err, "%s: no %s \"%s\" on this system", keys[key].name, what,
		str_escape(shown, sizeof(shown), conf->text[key]));
	return conf_refuse(conf, key, err);
}

static int find_group(
	const struct conf *conf, enum conf_key key, gid_t *gid, struct err *err)
{
	const char *name = conf->text[key];
	const struct group *g;

	*gid = (gid_t)-1;
	if (*name == '\0')
		return 0;
	g = getgrnam(name);
	if (g == NULL)
		return not_there(conf, key, "group", err);
	*gid = g->gr_gid;
	return 0;
}

int conf_resolve(struct conf *conf, struct err *err)
{
	const char *write = conf->text[CONF_CONTROL_WRITE_GROUP];
	const struct passwd *pw = getpwnam(conf->text[CONF_USER]);

	if (conf_check_sockets(conf, err) < 0)
		return -1;
	if (pw == NULL)
		return not_there(conf, CONF_USER, "user", err);
	conf->uid = pw->pw_uid;
	conf->gid = pw->pw_gid;
	if (find_group(conf, CONF_MILTER_SOCKET_GROUP, &conf->milter_gid, err) < 0 ||
		find_group(conf, CONF_CONTROL_READ_GROUP, &conf->read_group, err) < 0)
		return -1;
	/* the default group need not exist: root and the daemon's user remain */
	if (find_group(conf, CONF_CONTROL_WRITE_GROUP, &conf->write_group, err) < 0 &&
		strcmp(write, keys[CONF_CONTROL_WRITE_GROUP].default_value) != 0)
		return -1;
	return 0;
}

const char *conf_sendmail(const struct conf *conf)
{
	const char *path = conf->text[CONF_SENDMAIL];

	return *path != '\0' ? path : SENDMAIL_PATH;
}
