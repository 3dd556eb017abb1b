/*
 * The least that a milter can cost: a program on libmilter that continues with
 * everything.  What themisd costs is measured against it.
 *
 *	floor end SOCKET	is shown the end of each message alone, with the macros
 *for which themisd asks floor steps SOCKET	is shown every step, and answers each
 *
 * SOCKET as libmilter spells it.  Runs until it is killed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <libmilter/mfapi.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static sfsistat on_connect(SMFICTX *ctx, char *name, _SOCK_ADDR *address)
{
	(void)ctx;
	(void)name;
	(void)address;
	return SMFIS_CONTINUE;
}

static sfsistat on_word(SMFICTX *ctx, char *word)
{
	(void)ctx;
	(void)word;
	return SMFIS_CONTINUE;
}

static sfsistat on_words(SMFICTX *ctx, char **words)
{
	(void)ctx;
	(void)words;
	return SMFIS_CONTINUE;
}

static sfsistat on_header(SMFICTX *ctx, char *name, char *value)
{
	(void)ctx;
	(void)name;
	(void)value;
	return SMFIS_CONTINUE;
}

static sfsistat on_body(SMFICTX *ctx, unsigned char *bytes, size_t size)
{
	(void)ctx;
	(void)bytes;
	(void)size;
	return SMFIS_CONTINUE;
}

static sfsistat on_nothing(SMFICTX *ctx)
{
	(void)ctx;
	return SMFIS_CONTINUE;
}

/* The lists are those of src/front/negotiate.c. */
static sfsistat on_negotiate(SMFICTX *ctx, unsigned long actions, unsigned long steps,
	unsigned long unused0, unsigned long unused1, unsigned long *want_actions,
	unsigned long *want_steps, unsigned long *want_unused0,
	unsigned long *want_unused1)
{
	const unsigned long leave_out = SMFIP_NOCONNECT | SMFIP_NOHELO | SMFIP_NOMAIL |
					SMFIP_NORCPT | SMFIP_NODATA | SMFIP_NOHDRS |
					SMFIP_NOEOH | SMFIP_NOBODY | SMFIP_NOUNKNOWN;
	static const struct {
		int stage;
		const char *names;
	} macros[] = {
		{ SMFIM_CONNECT, "j" },
		{ SMFIM_ENVFROM,
			"{auth_authen} {client_addr} {client_port} {mail_addr} j" },
		{ SMFIM_ENVRCPT, "{rcpt_addr} i" },
		{ SMFIM_EOM, "{auth_authen} {client_addr} {client_port} {mail_addr} i" },
	};

	(void)unused0;
	(void)unused1;
	for (size_t i = 0; i < sizeof(macros) / sizeof(macros[0]); i++)
		if (smfi_setsymlist(ctx, macros[i].stage, (char *)macros[i].names) !=
			MI_SUCCESS)
			return SMFIS_REJECT;
	*want_actions = actions & SMFIF_SETSYMLIST;
	*want_steps = steps & leave_out;
	*want_unused0 = 0;
	*want_unused1 = 0;
	return SMFIS_CONTINUE;
}

static struct smfiDesc at_end = {
	.xxfi_name = (char *)"floor",
	.xxfi_version = SMFI_VERSION,
	.xxfi_flags = SMFIF_SETSYMLIST,
	.xxfi_eom = on_nothing,
	.xxfi_negotiate = on_negotiate,
};

static struct smfiDesc all_steps = {
	.xxfi_name = (char *)"floor",
	.xxfi_version = SMFI_VERSION,
	.xxfi_connect = on_connect,
	.xxfi_helo = on_word,
	.xxfi_envfrom = on_words,
	.xxfi_envrcpt = on_words,
	.xxfi_data = on_nothing,
	.xxfi_header = on_header,
	.xxfi_eoh = on_nothing,
	.xxfi_body = on_body,
	.xxfi_eom = on_nothing,
};

int main(int argc, char **argv)
{
	bool end = argc == 3 && strcmp(argv[1], "end") == 0;

	if (!end && !(argc == 3 && strcmp(argv[1], "steps") == 0)) {
		fputs("usage: floor end|steps SOCKET\n", stderr);
		return 2;
	}
	smfi_setbacklog(SOMAXCONN);
	if (smfi_setconn(argv[2]) != MI_SUCCESS ||
		smfi_register(end ? at_end : all_steps) != MI_SUCCESS ||
		smfi_opensocket(true) != MI_SUCCESS) {
		fprintf(stderr, "floor: libmilter refuses %s\n", argv[2]);
		return 1;
	}
	return smfi_main() == MI_SUCCESS ? 0 : 1;
}
