/*
 * Health, by the episodes that go on.  Called by the HTTP server, on its thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/health.h"

#include "base/arena.h"
#include "base/episode.h"
#include "base/str.h"

#include <stdio.h>

/* While these go on, on_error decides on mail, or it waits at the door. */
static const bool is_grave[EPISODES] = {
	[EPISODE_STORE] = true,
	[EPISODE_READ] = true,
	[EPISODE_FILE] = true,
	[EPISODE_CONNECTIONS] = true,
};

bool health_text(char **text)
{
	struct episode_seen list[EPISODES];
	size_t n = episode_list(list), size;
	char since[CLOCK_TEXT_MAX], words[2 * sizeof(list->words)];
	FILE *to = open_memstream(text, &size);
	bool well = true;

	if (to == NULL)
		mem_exhausted();
	if (n == 0)
		fputs("ok\n", to);
	for (size_t i = 0; i < n; i++) {
		fprintf(to, "%s since %s: %s\n", list[i].state,
			clock_format(since, list[i].since),
			str_printable(words, sizeof(words), list[i].words));
		well = well && !is_grave[list[i].kind];
	}
	if (fclose(to) != 0)
		mem_exhausted();
	return well;
}
