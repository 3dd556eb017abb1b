/*
 * What doctor knows while it looks: Postfix's configuration, Themis, which service asks
 * it where, and what was found.  All in one arena; one thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SHELL_DOCTOR_H
#define THEMIS_SHELL_DOCTOR_H

#include "base/net.h"
#include "doctor_postfix.h"

enum severity { SEVERITY_ERROR, SEVERITY_WARNING, SEVERITY_ADVICE, SEVERITIES };

/* Themis' two: the milter protocol and the policy delegation protocol. */
enum door { DOOR_MILTER, DOOR_POLICY, DOORS };

enum finding_id {
#define FINDING(id, name, severity, check, why) FINDING_##id,
#include "doctor.def"
#undef FINDING
	FINDINGS
};

struct doctor;

/* A line of doctor.def. */
struct finding_kind {
	const char *name;
	enum severity severity;
	void (*check)(struct doctor *d, enum finding_id id);
	const char *why;
};

extern const struct finding_kind finding_kinds[FINDINGS];

struct finding {
	enum finding_id id;
	const char *where, *what;
	const char *fix; /* as it is typed */
};

/* What is known of Themis. */
struct themis {
	bool open[DOORS];
	bool told[DOORS]; /* it is known to be, and not guessed */
	struct net_address address[DOORS];
	bool has_policies; /* what follows is known */
	/* names of policies, NULL if there is none: that depend on recipients, count
	 * bytes, need a milter, check SPF */
	const char *recipients, *bytes, *cannot, *spf;
	int deadline;	   /* the setting spf_deadline, seconds */
	const char *realm; /* the setting login_realm; NULL: it is not known */
	const char *host;  /* the name of its host, which is this one */
};

/* A place where Themis is asked. */
struct ask {
	const struct postfix_service *service;
	enum door door;
	const char *stage; /* the parameter by which: smtpd_milters ... */
	const char *param; /* where it stands: that one, or a restriction class */
	const char *item;
	bool reached; /* from where the service works */
	/* of a policy service, what stands before it: */
	bool guarded;		      /* strangers who relay are refused */
	const char *users, *networks; /* a restriction that lets these through, or NULL */
	const char *end;	      /* one behind which nobody comes */
	bool warns;		      /* warn_if_reject */
};

struct doctor {
	struct arena *arena;
	const struct postfix *postfix;
	const char *directory; /* for -c; NULL: Postfix's own */
	bool elsewhere;	       /* it may be the configuration of another host */
	const char *unseen;    /* out: what could not be looked at; NULL: nothing */
	struct themis themis;
	struct ask *asks;
	size_t nasks, asks_cap;
	json_t *draft; /* parameters as they are with all that was put right */
	struct finding *findings;
	size_t nfindings, findings_cap;
};

/* Looks at everything there is; doctor_free() frees the draft. */
void doctor_look(struct doctor *d);
void doctor_free(struct doctor *d);

/* Notes a finding; fix NULL: a line before has put it right already, and so it is not
 * said again. */
void doctor_find(struct doctor *d, enum finding_id id, const char *where, const char *fix,
	const char *what, ...) __attribute__((format(printf, 5, 6)));

/* How many there are of that severity. */
size_t doctor_count(const struct doctor *d, enum severity severity);

/* "main.cf, smtpd_milters" or "master.cf, submission/inet, smtpd_milters". */
const char *doctor_where(
	const struct doctor *d, const struct postfix_service *service, const char *param);

#endif
