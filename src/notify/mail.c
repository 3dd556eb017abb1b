/*
 * Mail of alerts.  Called by the thread that delivers them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "notify/mail.h"

#include "base/clock.h"
#include "base/str.h"
#include "policy/setting.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define SUBJECT_MAX   300 /* octets of it; a line has 998 */
#define ENCODED_START "=?UTF-8?Q?"
#define ENCODED_MAX   75 /* octets of an encoded word (RFC 2047 2) */

/* The octets of the character that begins here. */
static size_t character(const char *p)
{
	size_t n = 1;

	while (((unsigned char)p[n] & 0xc0) == 0x80)
		n++;
	return n;
}

/* A character as it stands in an encoded word (RFC 2047 4.2). */
static void encode(char out[16], const char *p, size_t n)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789!*+-/";

	*out = '\0';
	if (*p == ' ' || strchr(plain, *p) != NULL) {
		snprintf(out, 16, "%c", *p == ' ' ? '_' : *p);
		return;
	}
	for (size_t i = 0; i < n; i++)
		str_append(out, 16, "=%02X", (unsigned char)p[i]);
}

/* As encoded words, each on a line of its own, none of which ends within a character. */
static const char *encode_subject(struct arena *arena, const char *subject)
{
	const char *text = "";
	char word[ENCODED_MAX + 1] = ENCODED_START, one[16];

	for (const char *p = subject; *p != '\0'; p += character(p)) {
		encode(one, p, character(p));
		if (strlen(word) + strlen(one) + strlen("?=") > ENCODED_MAX) {
			text = arena_printf(arena, "%s%s?=\n ", text, word);
			snprintf(word, sizeof(word), ENCODED_START);
		}
		str_append(word, sizeof(word), "%s", one);
	}
	return arena_printf(arena, "%s%s?=", text, word);
}

/* A stranger's name in it may look like an encoded word: it is to be read as it is. */
static const char *write_subject(struct arena *arena, const char *subject)
{
	char *text = arena_strdup(arena, subject);

	str_utf8_cut(text, SUBJECT_MAX);
	return str_is_ascii(text, strlen(text)) && strstr(text, "=?") == NULL
		       ? text
		       : encode_subject(arena, text);
}

/* RFC 5322 3.3, whatever the locale. */
static void write_date(char date[40], int64_t now)
{
	static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri",
		"Sat" },
				 *const months[] = { "Jan", "Feb", "Mar", "Apr", "May",
					 "Jun", "Jul", "Aug", "Sep", "Oct", "Nov",
					 "Dec" };
	time_t seconds = (time_t)(now / CLOCK_SECOND);
	struct tm tm;

	gmtime_r(&seconds, &tm);
	snprintf(date, 40, "%s, %d %s %d %02d:%02d:%02d +0000", days[tm.tm_wday],
		tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min,
		tm.tm_sec);
}

/* One address a line: all of them may be longer than a line. */
static const char *write_to(struct arena *arena, const char *addresses)
{
	char *list = arena_strdup(arena, addresses), *address;
	const char *to = strsep(&list, ",");

	while ((address = strsep(&list, ",")) != NULL)
		to = arena_printf(arena, "%s,\n %s", to, address);
	return to;
}

const char *mail_write(struct arena *arena, const char *addresses, const char *subject,
	const char *text, int64_t now)
{
	char date[40];

	write_date(date, now);
	return arena_printf(arena,
		"From: Themis <postmaster>\n"
		"To: %s\n"
		"Subject: %s\n"
		"Date: %s\n"
		"Auto-Submitted: auto-generated\n"
		"MIME-Version: 1.0\n"
		"Content-Type: text/plain; charset=utf-8\n"
		"Content-Transfer-Encoding: 8bit\n"
		"\n"
		"%s",
		write_to(arena, addresses), write_subject(arena, subject), date, text);
}

char **mail_command(struct arena *arena, const char *sendmail, const char *addresses)
{
	const char *const first[] = { sendmail, "-i", "-f", "<>", "--" };
	const size_t nfirst = sizeof(first) / sizeof(first[0]);
	char *list = arena_strdup(arena, addresses), *address;
	char **words =
		arena_alloc(arena, (nfirst + ALERT_ADDRESSES_MAX + 1) * sizeof(*words));
	size_t n = 0;

	for (; n < nfirst; n++)
		words[n] = arena_strdup(arena, first[n]);
	while ((address = strsep(&list, ",")) != NULL && n < nfirst + ALERT_ADDRESSES_MAX)
		words[n++] = address;
	return words;
}
