/*
 * The kinds of findings, and those that were made.  Called by do_doctor.c and by the
 * checks.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "doctor.h"

#include "doctor_ask.h"
#include "doctor_check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct finding_kind finding_kinds[FINDINGS] = {
#define FINDING(id, name, severity, check, why)                                          \
	[FINDING_##id] = { name, SEVERITY_##severity, check, why },
#include "doctor.def"
#undef FINDING
};

void doctor_look(struct doctor *d)
{
	d->draft = json_object();
	asks_gather(d);
	for (enum severity severity = 0; severity < SEVERITIES; severity++)
		for (size_t i = 0; i < FINDINGS; i++)
			if (finding_kinds[i].severity == severity)
				finding_kinds[i].check(d, (enum finding_id)i);
}

void doctor_free(struct doctor *d)
{
	json_decref(d->draft);
	d->draft = NULL;
}

/* The same line twice puts the same right. */
static bool is_told(const struct doctor *d, enum finding_id id, const char *fix)
{
	for (size_t i = 0; i < d->nfindings; i++)
		if (d->findings[i].id == id && strcmp(d->findings[i].fix, fix) == 0)
			return true;
	return false;
}

void doctor_find(struct doctor *d, enum finding_id id, const char *where, const char *fix,
	const char *what, ...)
{
	char *text = NULL;
	va_list args;

	if (fix == NULL || is_told(d, id, fix))
		return;
	va_start(args, what);
	if (vasprintf(&text, what, args) < 0)
		mem_exhausted();
	va_end(args);
	d->findings = arena_grow(d->arena, d->findings, d->nfindings, &d->findings_cap,
		sizeof(*d->findings));
	d->findings[d->nfindings++] =
		(struct finding){ id, where, arena_strdup(d->arena, text), fix };
	free(text);
}

size_t doctor_count(const struct doctor *d, enum severity severity)
{
	size_t n = 0;

	for (size_t i = 0; i < d->nfindings; i++)
		n += finding_kinds[d->findings[i].id].severity == severity;
	return n;
}

const char *doctor_where(
	const struct doctor *d, const struct postfix_service *service, const char *param)
{
	if (postfix_owns(service, param))
		return arena_printf(d->arena, "master.cf, %s, %s", service->name, param);
	return arena_printf(d->arena, "main.cf, %s", param);
}
