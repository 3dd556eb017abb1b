/*
 * The findings.  Called by do_doctor.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "doctor_show.h"

#include "doctor_address.h"
#include "text.h"

#include <string.h>

#define INDENT 2

static const struct {
	const char *name;
	const char *one, *many; /* how they are counted */
	enum paint paint;
} severities[] = {
	[SEVERITY_ERROR] = { "error", "error", "errors", PAINT_BAD },
	[SEVERITY_WARNING] = { "warning", "warning", "warnings", PAINT_WARN },
	[SEVERITY_ADVICE] = { "advice", "piece of advice", "pieces of advice",
		PAINT_HEADER },
};

_Static_assert(sizeof(severities) / sizeof(severities[0]) == SEVERITIES,
	"a severity has no name");

static void show_text(FILE *to, const struct view *view, const char *text)
{
	text_pad(to, INDENT);
	text_wrap(to, view, PAINT_PLAIN, text, INDENT);
	fputc('\n', to);
}

static void show_finding(FILE *to, const struct view *view, const struct doctor *d,
	const struct finding *f)
{
	const struct finding_kind *kind = &finding_kinds[f->id];
	const char *title = severities[kind->severity].name;

	text_paint(to, view, severities[kind->severity].paint, title);
	fputs(": ", to);
	text_wrap(to, view, PAINT_HEADER,
		text_printable(d->arena,
			arena_printf(d->arena, "%s (%s)", f->where, kind->name)),
		text_width(title) + 2);
	fputc('\n', to);
	show_text(to, view,
		text_printable(
			d->arena, arena_printf(d->arena, "%s. %s", f->what, kind->why)));
	text_pad(to, INDENT);
	text_paint(to, view, PAINT_GOOD, text_printable(d->arena, f->fix));
	fputs("\n\n", to);
}

/* "2 errors, 1 warning", "nothing is wrong". */
static const char *say_count(const struct doctor *d)
{
	const char *text = "";

	for (enum severity s = 0; s < SEVERITIES; s++) {
		size_t n = doctor_count(d, s);

		if (n > 0)
			text = arena_printf(d->arena, "%s%s%zu %s", text,
				*text != '\0' ? ", " : "", n,
				n == 1 ? severities[s].one : severities[s].many);
	}
	return *text != '\0' ? text : "nothing is wrong";
}

/* "the milter at inet:127.0.0.1:8440", as Postfix spells it. */
static const char *say_doors(const struct doctor *d)
{
	static const char *const names[] = { "the milter", "the policy service" };
	const char *text = "";

	for (enum door door = 0; door < DOORS; door++)
		if (d->themis.open[door])
			text = arena_printf(d->arena, "%s%s%s at %s", text,
				*text != '\0' ? ", " : "", names[door],
				address_spell(d->arena, &d->themis.address[door],
					d->postfix->queue));
	return text;
}

static const char *say_services(const struct doctor *d)
{
	const char *text = "";

	for (size_t i = 0; i < d->postfix->n; i++)
		if (strcmp(d->postfix->services[i].command, "smtpd") == 0)
			text = arena_printf(d->arena, "%s%s%s", text,
				*text != '\0' ? ", " : "", d->postfix->services[i].name);
	return *text != '\0' ? text : "no smtpd";
}

void doctor_show(FILE *to, const struct view *view, const struct doctor *d)
{
	for (size_t i = 0; i < d->nfindings; i++)
		show_finding(to, view, d, &d->findings[i]);
	text_wrap(to, view, PAINT_PLAIN,
		text_printable(d->arena,
			arena_printf(d->arena,
				"%s. Looked at: main.cf and master.cf (%s); %s%s.",
				say_count(d), say_services(d), say_doors(d),
				d->themis.has_policies ? "; policies" : "")),
		0);
	fputc('\n', to);
}

void doctor_show_json(FILE *to, const struct doctor *d)
{
	for (size_t i = 0; i < d->nfindings; i++) {
		const struct finding *f = &d->findings[i];
		const struct finding_kind *kind = &finding_kinds[f->id];
		json_t *row = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "finding",
			kind->name, "severity", severities[kind->severity].name, "where",
			text_printable(d->arena, f->where), "what",
			text_printable(d->arena, f->what), "why", kind->why, "fix",
			text_printable(d->arena, f->fix));

		json_dumpf(row, to, JSON_COMPACT | JSON_ENSURE_ASCII);
		fputc('\n', to);
		json_decref(row);
	}
}
