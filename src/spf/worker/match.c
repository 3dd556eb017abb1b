/*
 * libspf2 is handed "v=spf1 +TERM" with an explicit domain and both prefix lengths, from
 * a sender that is always the same: what it makes of senders, HELO names, defaults and
 * explanations never matters.  Lengths are bounded before: a domain has 253 octets at
 * most, its literals may have 255, its mechanisms 511.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "spf/worker/match.h"

#include "base/str.h"

#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <spf2/spf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof(*(array)))

#define MX_MAX 10 /* RFC 7208, 4.6.4 */

/* every octet of a domain may be one to escape */
#define TERM_SIZE (sizeof("v=spf1 +include:/128//128") + 2 * LOOKUP_NAME_SIZE)

/* Stands where libspf2 wants a sender and a host. */
#define SOMEBODY "postmaster@themis.invalid"
#define SOMEHOST "themis.invalid"

struct matcher {
	struct lookup *lookup;
	const struct cidr *client;
	SPF_dns_server_t layer;
	SPF_server_t *server;
	SPF_request_t *request;
	enum term_kind kind; /* of the term that is looked at */
	bool everybody;	     /* its prefix length is 0: any address is the client's */
	bool too_many;	     /* MX records */
};

/* --- the DNS layer --- */

/* libspf2 writes names and addresses into the same place. */
static SPF_dns_rr_data_t *room(SPF_dns_rr_t *to, size_t size)
{
	if (SPF_dns_rr_buf_realloc(to, to->num_rr, size) != SPF_E_SUCCESS)
		mem_exhausted();
	return to->rr[to->num_rr++];
}

static void add_address(const struct matcher *m, const struct dns_datum *d,
	enum lookup_type type, SPF_dns_rr_t *to)
{
	struct cidr address;

	if (!lookup_address(d, type, &address))
		return;
	if (m->everybody)
		address = *m->client;
	memcpy(room(to, sizeof(SPF_dns_rr_data_t)), address.addr,
		type == LOOKUP_A ? sizeof(struct in_addr) : sizeof(struct in6_addr));
}

static void add_name(const struct dns_datum *d, enum lookup_type type, SPF_dns_rr_t *to)
{
	char name[LOOKUP_NAME_SIZE];

	/* of PTR records the first ones count, of MX records all: they were counted */
	if (to->num_rr < LOOKUP_PTR_MAX &&
		lookup_name(d, type == LOOKUP_MX ? LOOKUP_MX_NAME : 0, name))
		memcpy(room(to, strlen(name) + 1)->ptr, name, strlen(name) + 1);
}

/* Of ptr, failures of DNS are no match (5.5); of others they are a temperror. */
static int herrno_of(const struct matcher *m, const struct dns_answer *a)
{
	switch (a->status) {
	case DNS_FOUND:
		return NETDB_SUCCESS;
	case DNS_NO_DATA:
		return NO_DATA;
	case DNS_NO_NAME:
		return HOST_NOT_FOUND;
	default:
		return m->kind == TERM_PTR ? HOST_NOT_FOUND : TRY_AGAIN;
	}
}

/* Of MX records, whose octets begin with it, by preference. */
static int compare_data(const void *a, const void *b)
{
	const struct dns_datum *x = a, *y = b;
	int order = memcmp(x->octets, y->octets, x->len < y->len ? x->len : y->len);

	return order != 0 ? order : (x->len > y->len) - (x->len < y->len);
}

/* Servers rotate their answers.  Which host of mx is asked first, and so whether a void
 * lookup comes before the one that matches, is to be the zone's to say. */
static void sort_mx(struct dns_answer *a, struct dns_datum sorted[MX_MAX])
{
	memcpy(sorted, a->data, a->n * sizeof(*sorted));
	qsort(sorted, a->n, sizeof(*sorted), compare_data);
	a->data = sorted;
}

/* Never NULL: libspf2 would abort. */
static SPF_dns_rr_t *layer_lookup(
	SPF_dns_server_t *layer, const char *domain, ns_type ns, int should_cache)
{
	struct matcher *m = layer->hook;
	const enum lookup_type type = (enum lookup_type)(int)ns;
	struct dns_datum sorted[MX_MAX];
	struct dns_answer a;
	SPF_dns_rr_t *to;

	(void)should_cache;
	m->lookup->of_client = m->kind == TERM_PTR;
	a = lookup_ask(m->lookup, domain, type);
	m->lookup->of_client = false;
	to = SPF_dns_rr_new_init(layer, domain, ns, 0, herrno_of(m, &a));
	if (to == NULL)
		mem_exhausted();
	if (a.status != DNS_FOUND)
		return to;
	m->too_many = type == LOOKUP_MX && a.n > MX_MAX;
	if (type == LOOKUP_MX && !m->too_many)
		sort_mx(&a, sorted);
	for (size_t i = 0; !m->too_many && i < a.n; i++)
		if (type == LOOKUP_A || type == LOOKUP_AAAA)
			add_address(m, &a.data[i], type, to);
		else
			add_name(&a.data[i], type, to);
	return to;
}

/* --- its setting up --- */

/* What libspf2 warns of and debugs is no business of the log. */
static void be_silent(const char *file, int line, const char *text)
{
	(void)file;
	(void)line;
	(void)text;
}

/* The handlers are of the whole process, and all that it shares between its threads. */
static pthread_once_t silenced = PTHREAD_ONCE_INIT;

static void silence(void)
{
	SPF_warning_handler = be_silent;
	SPF_info_handler = be_silent;
	SPF_debug_handler = be_silent;
}

static void must(int failed)
{
	if (failed)
		mem_exhausted();
}

struct matcher *match_new(struct lookup *lookup, const struct cidr *client)
{
	struct matcher *m = mem_calloc(1, sizeof(*m));
	SPF_response_t *response = NULL;

	pthread_once(&silenced, silence);
	m->lookup = lookup;
	m->client = client;
	m->layer.lookup = layer_lookup;
	m->layer.name = "themis";
	m->layer.hook = m;
	m->server = SPF_server_new_dns(&m->layer, 0);
	must(m->server == NULL);
	must(SPF_server_set_rec_dom(m->server, SOMEHOST) != SPF_E_SUCCESS);
	must(SPF_server_set_explanation(m->server, "none", &response) != SPF_E_SUCCESS);
	SPF_response_free(response);
	m->request = SPF_request_new(m->server);
	must(m->request == NULL);
	must(SPF_request_set_env_from(m->request, SOMEBODY) != SPF_E_SUCCESS);
	must(SPF_request_set_helo_dom(m->request, SOMEHOST) != SPF_E_SUCCESS);
	m->request->cur_dom = m->request->env_from_dp;
	if (client->family == 4) {
		struct in_addr four;

		memcpy(&four, client->addr, sizeof(four));
		SPF_request_set_ipv4(m->request, four);
	} else {
		struct in6_addr six;

		memcpy(&six, client->addr, sizeof(six));
		SPF_request_set_ipv6(m->request, six);
	}
	return m;
}

void match_free(struct matcher *m)
{
	if (m == NULL)
		return;
	SPF_request_free(m->request);
	SPF_server_free(m->server);
	free(m);
}

/* --- one term --- */

/* Behind what is there, with macros' own characters escaped (7.1). */
static void append_domain(char text[TERM_SIZE], const char *domain)
{
	char *to = text + strlen(text);

	for (*to++ = ':'; *domain != '\0'; domain++) {
		if (*domain == '%' || *domain == ' ')
			*to++ = '%';
		*to++ = *domain == ' ' ? '_' : *domain;
	}
	*to = '\0';
}

/* libspf2 cannot take a length of 0, and would take it for the whole address: the
 * client's own address stands for what that length lets in. */
static unsigned bits_for_libspf2(unsigned bits, unsigned whole)
{
	return bits == 0 ? whole : bits;
}

static void write_term(
	struct matcher *m, const struct term *t, const char *domain, char text[TERM_SIZE])
{
	char network[CIDR_TEXT_MAX];
	struct cidr address = t->network;

	snprintf(text, TERM_SIZE, "v=spf1 +%s", term_kind_name(t->kind));
	switch (t->kind) {
	case TERM_ALL:
		return;
	case TERM_IP4:
	case TERM_IP6:
		if (address.bits == 0 && address.family == m->client->family)
			address = *m->client;
		address.bits = (unsigned char)bits_for_libspf2(
			address.bits, address.family == 4 ? 32 : 128);
		str_append(text, TERM_SIZE, ":%s", cidr_format(network, &address));
		return;
	case TERM_A:
	case TERM_MX:
		append_domain(text, domain);
		str_append(text, TERM_SIZE, "/%u//%u", bits_for_libspf2(t->bits4, 32),
			bits_for_libspf2(t->bits6, 128));
		m->everybody = (m->client->family == 4 ? t->bits4 : t->bits6) == 0;
		return;
	default:
		append_domain(text, domain);
	}
}

/* What DNS or memory are to blame for can be otherwise next time. */
static enum match judge(SPF_errcode_t code, SPF_result_t result, struct err *err)
{
	if (result == SPF_RESULT_PASS)
		return MATCH_YES;
	if (result == SPF_RESULT_NEUTRAL)
		return MATCH_NO;
	err_set(err, "%s", SPF_strerror(code));
	return code == SPF_E_DNS_ERROR || code == SPF_E_NO_MEMORY ||
			       code == SPF_E_INTERNAL_ERROR
		       ? MATCH_TEMPERROR
		       : MATCH_PERMERROR;
}

enum match match_term(
	struct matcher *m, const struct term *t, const char *domain, struct err *err)
{
	SPF_response_t *response;
	SPF_record_t *record = NULL;
	char text[TERM_SIZE];
	SPF_errcode_t code;
	enum match r;

	m->kind = t->kind;
	m->everybody = m->too_many = false;
	if (term_kind_asks(t->kind) && !spf_is_name(domain)) {
		trace_say(m->lookup->trace, "%s: no name that DNS can hold", domain);
		return MATCH_NO;
	}
	write_term(m, t, domain, text);
	response = SPF_response_new(m->request);
	must(response == NULL);
	code = SPF_record_compile(m->server, response, &record, text);
	if (code == SPF_E_SUCCESS) {
		response->spf_record_exp = record;
		code = SPF_record_interpret(record, m->request, response, 0);
	}
	r = judge(code, response->result, err);
	if (m->too_many) {
		err_set(err, "%s: more than %d MX records", t->shown, MX_MAX);
		r = MATCH_PERMERROR;
	}
	if (record != NULL)
		SPF_record_free(record);
	SPF_response_free(response);
	return r;
}
