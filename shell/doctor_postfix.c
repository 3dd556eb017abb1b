/*
 * The configuration of Postfix.  Called by do_doctor.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "doctor_postfix.h"

#include "doctor_postconf.h"

#include <stdlib.h>
#include <string.h>

static json_t *keep(struct postfix *p, json_t *value)
{
	json_array_append_new(p->kept, value);
	return value;
}

static const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text != NULL ? text : "";
}

/* Each line of a text that is cut up by it. */
static char *next_line(char **rest)
{
	char *line = strsep(rest, "\n");

	return line != NULL && (*line != '\0' || *rest != NULL) ? line : NULL;
}

/* "name = value" in its parts; false if it is none. */
static bool cut_value(char *line, char **value)
{
	char *sign = strstr(line, " =");

	if (sign == NULL)
		return false;
	*sign = '\0';
	*value = sign + 2 + strspn(sign + 2, " ");
	return true;
}

static json_t *read_values(struct postfix *p, const char *text)
{
	json_t *values = keep(p, json_object());
	char *rest = arena_strdup(p->arena, text), *line, *value;

	while ((line = next_line(&rest)) != NULL)
		if (cut_value(line, &value))
			json_object_set_new(values, line, json_string(value));
	return values;
}

/* Where nothing stands in the column, services work in a chroot up to compatibility level
 * 0, and with every Postfix that knows no levels (master(5)). */
static bool is_chroot(const struct postfix *p, const char *column)
{
	if (strcmp(column, "-") != 0)
		return strcmp(column, "y") == 0;
	return strtol(text_of(p->values, "compatibility_level"), NULL, 10) < 1;
}

/* A line of "postconf -M": name, type, private, unprivileged, chroot, wakeup, how many,
 * command. */
static void read_service(struct postfix *p, char *line, size_t *cap)
{
	enum { NAME, TYPE, CHROOT = 4, COMMAND = 7, FIELDS };
	char *field[FIELDS], *rest = line;
	size_t n = 0;

	while (n < FIELDS && (field[n] = strsep(&rest, " \t")) != NULL)
		if (*field[n] != '\0')
			n++;
	if (n < FIELDS)
		return;
	p->services = arena_grow(p->arena, p->services, p->n, cap, sizeof(*p->services));
	p->services[p->n++] = (struct postfix_service){ .type = field[TYPE],
		.name = arena_printf(p->arena, "%s/%s", field[NAME], field[TYPE]),
		.command = field[COMMAND],
		.chroot = is_chroot(p, field[CHROOT]),
		.own = keep(p, json_object()),
		.values = p->values };
}

static struct postfix_service *service_named(struct postfix *p, const char *name)
{
	for (size_t i = 0; i < p->n; i++)
		if (strcmp(p->services[i].name, name) == 0)
			return &p->services[i];
	return NULL;
}

/* "submission/inet/smtpd_milters = ..." of "postconf -P"; a service's name can have
 * slashes, a parameter's has none. */
static void read_own(struct postfix *p, char *line)
{
	struct postfix_service *service;
	char *value, *slash;

	if (!cut_value(line, &value) || (slash = strrchr(line, '/')) == NULL)
		return;
	*slash = '\0';
	service = service_named(p, line);
	if (service != NULL)
		json_object_set_new(service->own, slash + 1, json_string(value));
}

static void read_services(struct postfix *p, const char *services, const char *own)
{
	char *rest = arena_strdup(p->arena, services), *line;
	size_t cap = 0;

	while ((line = next_line(&rest)) != NULL)
		read_service(p, line, &cap);
	rest = arena_strdup(p->arena, own);
	while ((line = next_line(&rest)) != NULL)
		read_own(p, line);
}

/* What all parameters come to with those that the service has for itself: others may be
 * made of them. */
static int read_effective(struct postfix *p, struct postfix_service *service,
	struct postconf *postconf, struct err *err)
{
	const char *args[POSTCONF_WORDS_MAX] = { "-x" }, *name;
	size_t n = 1;
	json_t *value;
	char *text;

	if (json_object_size(service->own) == 0)
		return 0;
	json_object_foreach(service->own, name, value) {
		if (n + 2 >= POSTCONF_WORDS_MAX)
			return err_set(err,
				"%s has more than %d parameters of its own in master.cf",
				service->name, POSTCONF_WORDS_MAX / 2);
		args[n++] = "-o";
		args[n++] =
			arena_printf(p->arena, "%s=%s", name, json_string_value(value));
	}
	text = postconf_ask(postconf, args, n, err);
	if (text == NULL)
		return -1;
	service->values = read_values(p, text);
	return 0;
}

/* Only these ask somebody about mail, or take it in. */
static bool is_asked_about(const struct postfix_service *service)
{
	return strcmp(service->command, "smtpd") == 0 ||
	       strcmp(service->command, "cleanup") == 0 ||
	       strcmp(service->command, "pickup") == 0;
}

static int read_all(struct postfix *p, struct postconf *postconf, struct err *err)
{
	/* that -x warns of the same as the first would be said twice */
	const char *values = postconf_ask(postconf, (const char *[]){ "-x" }, 1, err);
	const char *stands, *services, *own;

	if (values == NULL || (stands = postconf_ask(postconf, NULL, 0, err)) == NULL ||
		(services = postconf_ask(postconf, (const char *[]){ "-M" }, 1, err)) ==
			NULL ||
		(own = postconf_ask(postconf, (const char *[]){ "-P" }, 1, err)) == NULL)
		return -1;
	p->values = read_values(p, values);
	p->stands = read_values(p, stands);
	p->queue = text_of(p->values, "queue_directory");
	read_services(p, services, own);
	for (size_t i = 0; i < p->n; i++)
		if (is_asked_about(&p->services[i]) &&
			read_effective(p, &p->services[i], postconf, err) < 0)
			return -1;
	p->warnings = postconf->warnings;
	return 0;
}

static void begin(struct postfix *p, struct arena *arena)
{
	*p = (struct postfix){ .arena = arena, .kept = json_array(), .warnings = "" };
}

int postfix_read(
	struct arena *arena, const char *directory, struct postfix *out, struct err *err)
{
	struct postconf postconf = { arena, directory, "" };

	begin(out, arena);
	return read_all(out, &postconf, err);
}

int postfix_read_files(struct arena *arena, const char *main, const char *master,
	struct postfix *out, struct err *err)
{
	struct postconf postconf = { arena, NULL, "" };
	int rc = -1;

	begin(out, arena);
	postconf.directory = postconf_gather(arena, main, master, err);
	if (postconf.directory != NULL) {
		rc = read_all(out, &postconf, err);
		postconf_scatter(arena, postconf.directory);
	}
	return rc;
}

void postfix_take(
	struct postfix *p, const char *stands, const char *services, const char *own)
{
	p->stands = p->values = read_values(p, stands);
	p->queue = text_of(p->values, "queue_directory");
	read_services(p, services, own);
	for (size_t i = 0; i < p->n; i++) {
		p->services[i].values = keep(p, json_copy(p->values));
		json_object_update(p->services[i].values, p->services[i].own);
	}
}

void postfix_free(struct postfix *p)
{
	json_decref(p->kept);
	p->kept = NULL;
}

const char *postfix_value(
	const struct postfix *p, const struct postfix_service *service, const char *name)
{
	return text_of(service != NULL ? service->values : p->values, name);
}

bool postfix_has(const struct postfix *p, const char *name)
{
	return json_object_get(p->values, name) != NULL;
}

bool postfix_owns(const struct postfix_service *service, const char *name)
{
	return service != NULL && json_object_get(service->own, name) != NULL;
}
