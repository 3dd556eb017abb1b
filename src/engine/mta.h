/*
 * The name by which MTAs call themselves (macro j).  The milter is told it, requests of
 * the policy protocol are not: there it is what the first session of the milter has said,
 * and stays that, since a login without a domain is counted by it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ENGINE_MTA_H
#define THEMIS_ENGINE_MTA_H

/* A session of the milter has this name, as addr_domain() has it.  Any thread. */
void mta_meet(const char *name);

/* What the first one had; NULL: there was none yet.  Stays valid.  Any thread. */
const char *mta_known(void);

#endif
