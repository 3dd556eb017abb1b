/*
 * Tasks.  Called on the control server's thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/task.h"

#include "base/str.h"
#include "ctl/wire.h"
#include "ctl/words.h"

#include <string.h>

static int (*const handlers[])(struct request *, struct err *) = {
#define COMMAND(noun, verb, handler, access, ...) COMMAND_SIDE(access, handler, NULL),
#include "ctl/commands.def"
#undef COMMAND
};

int (*task_handler(const struct command *command))(struct request *, struct err *)
{
	return handlers[command - commands];
}

struct task *task_new(
	struct admin *admin, const char *line, uid_t uid, char *user, struct outbox *out)
{
	struct arena *arena = arena_new();
	struct task *task = arena_alloc(arena, sizeof(*task));

	task->rq = (struct request){ .admin = admin,
		.arena = arena,
		.line = arena_strdup(arena, line),
		.uid = uid,
		.user = user,
		.out = out };
	task->user = user;
	err_set(&task->err, "refused");
	return task;
}

/* UTF-8 without controls; tabs may stand between words. */
static int check_line(const struct request *rq, struct err *err)
{
	char *untabbed = arena_strdup(rq->arena, rq->line);

	for (char *p = untabbed; (p = strchr(p, '\t')) != NULL;)
		*p = ' ';
	if (!str_is_utf8(untabbed, strlen(untabbed)) || str_has_control(untabbed))
		return err_set(
			err, "the line is not UTF-8, or has a control character in it");
	return 0;
}

static int is_local(const struct command *c, struct err *err)
{
	return err_code(err, ERR_UNKNOWN,
		"%s%s%s is a command of tmsh: the socket does not have it", c->noun,
		*c->verb != '\0' ? " " : "", c->verb);
}

int task_parse(struct task *task, bool writes)
{
	struct request *rq = &task->rq;
	struct err *err = &task->err;
	char **words;
	size_t used;
	int n;

	if (check_line(rq, err) < 0)
		return -1;
	n = words_split(rq->arena, rq->line, &words, err);
	if (n <= 0)
		return n;
	for (int i = 0; i < n; i++)
		if (strchr(words[i], '\t') != NULL)
			return err_set(err, "a tab within a word: \"%s\"", words[i]);
	rq->command = command_find(words, (size_t)n, &used, err);
	if (rq->command == NULL)
		return -1;
	if (rq->command->access == ACCESS_LOCAL)
		return is_local(rq->command, err);
	rq->args = words + used;
	rq->nargs = (size_t)n - used;
	task->handler = task_handler(rq->command);
	if (command_writes(rq->command) && !writes)
		return 1;
	return command_check(rq->command, rq->args, rq->nargs, err) < 0 ? -1 : 1;
}

enum admin_thread task_thread(const struct task *task)
{
	switch (task->rq.command->access) {
	case ACCESS_READ:
	case ACCESS_LOCAL:
		return THREAD_SERVER;
	case ACCESS_SEARCH:
		return THREAD_SEARCHER;
	case ACCESS_REPORT:
	case ACCESS_COPY:
		return THREAD_REPORTER;
	case ACCESS_ASK:
	case ACCESS_SEND:
		return THREAD_ASKER;
	case ACCESS_WRITE:
	case ACCESS_FLAG:
	case ACCESS_ACT:
	case ACCESS_STAGE:
		return THREAD_CHANGER;
	}
	return THREAD_CHANGER;
}

void task_say(struct outbox *out, int code, const char *fmt, ...)
{
	char text[ERR_TEXT_MAX + 100], line[ERR_TEXT_MAX * 2];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	/* whatever is quoted in it: one line */
	outbox_line(out, code, str_printable(line, sizeof(line), text));
}

void task_answer(struct task *task)
{
	const struct request *rq = &task->rq;

	if (task->result < 0)
		task_say(rq->out, (int)task->err.code, "%s", task->err.text);
	else if (rq->done[0] != '\0')
		task_say(rq->out, rq->quit ? WIRE_BYE : WIRE_DONE, "%s", rq->done);
	else
		task_say(rq->out, WIRE_DONE, "%zu row%s", rq->rows,
			rq->rows == 1 ? "" : "s");
	arena_free(rq->arena);
}
