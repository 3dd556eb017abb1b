/*
 * alert test, on the thread of an asker, which waits for what comes of it; and which
 * programs alerts can go to.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/alert.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "ctl/words.h"
#include "engine/alerts.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int look_for(const char *what, const char *program, struct err *err)
{
	char shown[300];
	struct stat st;

	str_escape(shown, sizeof(shown), program);
	if (stat(program, &st) < 0)
		return err_set(err, "%s: %s: %s", what, shown, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return err_set(err, "%s: %s is not a file", what, shown);
	if (access(program, X_OK) < 0)
		return err_set(err, "%s: %s cannot be executed by themisd: %s", what,
			shown, strerror(errno));
	return 0;
}

static bool is_set_already(struct request *rq, const char *value)
{
	struct settings settings;
	struct err err;

	return request_settings(rq, &settings, &err) == 0 &&
	       strcmp(settings.alert_program, value) == 0;
}

int alert_check_program(
	struct request *rq, const char *value, const char **note, struct err *err)
{
	char **words;

	*note = "";
	if (words_split(rq->arena, value, &words, err) <= 0)
		return *value == '\0' ? 0 : -1;
	if (geteuid() == 0 && rq->uid != 0)
		return err_code(err, ERR_DENIED,
			"alert_program: themisd runs as root, and so would the program: "
			"root alone can set it");
	if (look_for("alert_program", words[0], err) == 0)
		return 0;
	if (!rq->written_before && !is_set_already(rq, value))
		return -1;
	*note = arena_printf(rq->arena, "; %s", err->text);
	/* one of many: nobody reads its answer */
	if (rq->batch != NULL)
		log_warning("%s: alerts fail until that is mended", err->text);
	return 0;
}

const char *alert_note_on_mail(struct request *rq)
{
	const char *sendmail = rq->admin->sendmail;
	struct err err;

	if (sendmail == NULL || look_for("alert_mail", sendmail, &err) == 0)
		return "";
	return arena_printf(rq->arena, "; %s", err.text);
}

static bool go_anywhere(struct engine *engine)
{
	struct policy_set *set = policy_slot_acquire(engine->slot);
	bool anywhere = settings_alert(&set->settings);

	policy_slot_release(engine->slot, set);
	return anywhere && engine->alerts != NULL;
}

int do_alert_test(struct request *rq, struct err *err)
{
	struct engine *engine = rq->admin->engine;
	struct alert test = { .kind = ALERT_TEST, .time = clock_now(), .user = rq->user };
	char said[ERR_TEXT_MAX];

	if (!go_anywhere(engine))
		return err_set(err,
			"alerts go nowhere: neither alert_program nor alert_mail is set "
			"(setting set alert_mail ADDRESS)");
	if (alerts_test(engine->alerts, &test, said, err) < 0)
		return -1;
	return request_done(rq, "delivered: %s", said);
}
