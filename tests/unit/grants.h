/*
 * Grants for the tests of policy and engine.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_TESTS_GRANTS_H
#define THEMIS_TESTS_GRANTS_H

#include "fixture.h"

/* policy NULL: in every one. */
static inline void site_grant(struct site *s, const char *object, const char *policy,
	int64_t amount, int64_t until)
{
	struct err err = { ERR_BAD, "" };
	int64_t id = 0;
	char sql[200];

	snprintf(sql, sizeof(sql), "SELECT id FROM policy WHERE name = '%s'",
		policy != NULL ? policy : "");
	id = site_number(s, sql);
	assert_int_equal(id != 0, policy != NULL);
	must(db_run(s->db, SQL_GRANT_PUT, &err, "tiiitit", object, id, amount, until,
		     NULL, NOW, "root"),
		&err);
	if (s->engine.slot != NULL)
		site_publish(s);
}

#endif
