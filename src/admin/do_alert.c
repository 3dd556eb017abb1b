/*
 * alert test, on the thread of an asker, which waits for what comes of it; and which
 * programs alerts can go to.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/alert.h"

#include "base/clock.h"
#include "base/str.h"
#include "ctl/words.h"
#include "engine/alerts.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int alert_check_program(struct request *rq, const char *value, struct err *err)
{
	char **words, shown[300];
	struct stat st;

	if (words_split(rq->arena, value, &words, err) <= 0)
		return *value == '\0' ? 0 : -1;
	if (geteuid() == 0 && rq->uid != 0)
		return err_code(err, ERR_DENIED,
			"alert_program: themisd runs as root, and so would the program: "
			"root alone can set it");
	str_escape(shown, sizeof(shown), words[0]);
	if (stat(words[0], &st) < 0)
		return err_set(err, "alert_program: %s: %s", shown, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return err_set(err, "alert_program: %s is not a file", shown);
	if (access(words[0], X_OK) < 0)
		return err_set(err, "alert_program: %s cannot be executed by themisd: %s",
			shown, strerror(errno));
	return 0;
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
