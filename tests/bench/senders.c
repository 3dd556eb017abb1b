/*
 * See senders.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "senders.h"

#include "tool.h"

#include <stdio.h>

#include "../unit/random.h"

#define USERS_MAX 1000000000

int senders_take_option(struct senders *s, int letter, char *text)
{
	const struct tool_number numbers[] = {
		{ 'u', &s->users, 1, USERS_MAX },
		{ 'b', &s->busy, 0, 100 },
	};

	if (letter == 'c')
		s->cycle = true;
	else if (letter == 'd')
		s->domain = text;
	else
		return tool_take_number(
			numbers, sizeof(numbers) / sizeof(numbers[0]), letter, text);
	return 1;
}

static uint64_t next_user(struct senders *s)
{
	if (s->number % 100 < s->busy)
		return 0;
	return s->cycle ? s->number % s->users : next_random(&s->seed) % s->users;
}

uint64_t senders_next(struct senders *s, char sender[SENDERS_TEXT_MAX])
{
	snprintf(sender, SENDERS_TEXT_MAX, "user%ju@%s", (uintmax_t)next_user(s),
		s->domain);
	return s->number++;
}
