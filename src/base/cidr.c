/*
 * IP prefixes and the trie of them: a binary trie with compressed paths, one
 * for each family, its nodes in blocks that a copy shares until one of them is
 * written to: a network more costs a trie of a million as little as any other.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/cidr.h"

#include "base/arena.h"
#include "base/str.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };

static unsigned family_bits(unsigned char family)
{
	return family == 4 ? 32 : 128;
}

static void fold_mapped(struct cidr *c)
{
	if (c->family != 6 || c->bits < 96 || memcmp(c->addr, mapped, 12) != 0)
		return;
	memmove(c->addr, c->addr + 12, 4);
	memset(c->addr + 4, 0, 12);
	c->family = 4;
	c->bits = (unsigned char)(c->bits - 96);
}

void cidr_truncate(struct cidr *c, unsigned bits)
{
	if (bits >= c->bits)
		return;
	c->bits = (unsigned char)bits;
	for (unsigned i = 0; i < 16; i++) {
		if (i * 8 >= bits)
			c->addr[i] = 0;
		else if (i * 8 + 8 > bits)
			c->addr[i] &= (unsigned char)(0xff << (i * 8 + 8 - bits));
	}
}

static int parse_address(const char *text, struct cidr *out)
{
	memset(out, 0, sizeof(*out));
	if (inet_pton(AF_INET, text, out->addr) == 1) {
		out->family = 4;
		out->bits = 32;
		return 0;
	}
	if (strncasecmp(text, "IPv6:", 5) == 0)
		text += 5;
	if (inet_pton(AF_INET6, text, out->addr) != 1)
		return -1;
	out->family = 6;
	out->bits = 128;
	return 0;
}

int cidr_parse(const char *text, struct cidr *out, struct err *err)
{
	char address[CIDR_TEXT_MAX], should[CIDR_TEXT_MAX];
	const char *slash = strchr(text, '/');
	size_t n = slash != NULL ? (size_t)(slash - text) : strlen(text);
	struct cidr whole;
	uint64_t bits;

	if (n >= sizeof(address))
		return err_set(err, "not an address or network: \"%.60s...\"", text);
	memcpy(address, text, n);
	address[n] = '\0';
	if (parse_address(address, &whole) < 0)
		return err_set(err,
			"not an address or network: \"%s\" (try 192.0.2.7, "
			"192.0.2.0/24 or 2001:db8::/32)",
			text);
	*out = whole;
	if (slash != NULL) {
		if (str_to_u64(slash + 1, family_bits(whole.family), &bits) < 0)
			return err_set(err,
				"not a prefix length: \"/%.20s\" in \"%s\" (0 to %u)",
				slash + 1, text, family_bits(whole.family));
		cidr_truncate(out, (unsigned)bits);
		if (memcmp(out->addr, whole.addr, sizeof(out->addr)) != 0)
			return err_set(err,
				"\"%s\" has bits set behind its prefix (did you mean "
				"%s?)",
				text, cidr_format(should, out));
	}
	fold_mapped(out);
	return 0;
}

bool cidr_is_address(const struct cidr *c)
{
	return c->family != 0 && c->bits == family_bits(c->family);
}

void cidr_take_client(struct cidr *c, const char *text)
{
	struct cidr told = { 0 };

	if (*text == '\0' || strcmp(text, "unknown") == 0 ||
		(cidr_parse(text, &told, NULL) == 0 && strchr(text, '/') == NULL))
		*c = told;
}

unsigned cidr_port(const char *text)
{
	uint64_t port;

	return text != NULL && str_to_u64(text, UINT16_MAX, &port) == 0 ? (unsigned)port
									: 0;
}

bool cidr_from_sockaddr(const struct sockaddr *sa, struct cidr *out)
{
	memset(out, 0, sizeof(*out));
	if (sa == NULL)
		return false;
	if (sa->sa_family == AF_INET) {
		struct sockaddr_in in;

		memcpy(&in, sa, sizeof(in));
		memcpy(out->addr, &in.sin_addr, 4);
		out->family = 4;
		out->bits = 32;
		return true;
	}
	if (sa->sa_family == AF_INET6) {
		struct sockaddr_in6 in6;

		memcpy(&in6, sa, sizeof(in6));
		memcpy(out->addr, &in6.sin6_addr, 16);
		out->family = 6;
		out->bits = 128;
		fold_mapped(out);
		return true;
	}
	return false;
}

char *cidr_format(char buf[CIDR_TEXT_MAX], const struct cidr *c)
{
	if (c->family == 0 || inet_ntop(c->family == 4 ? AF_INET : AF_INET6, c->addr, buf,
				      CIDR_TEXT_MAX) == NULL) {
		snprintf(buf, CIDR_TEXT_MAX, "unknown");
		return buf;
	}
	if (c->bits != family_bits(c->family))
		str_append(buf, CIDR_TEXT_MAX, "/%u", c->bits);
	return buf;
}

static unsigned bit_at(const struct cidr *c, unsigned i)
{
	return c->addr[i / 8] >> (7 - i % 8) & 1;
}

/* How many of their leading bits two prefixes share. */
static unsigned common_bits(const struct cidr *a, const struct cidr *b)
{
	unsigned max = a->bits < b->bits ? a->bits : b->bits, i = 0;

	while (i + 8 <= max && a->addr[i / 8] == b->addr[i / 8])
		i += 8;
	while (i < max && bit_at(a, i) == bit_at(b, i))
		i++;
	return i;
}

bool cidr_contains(const struct cidr *outer, const struct cidr *inner)
{
	return outer->family == inner->family && outer->bits <= inner->bits &&
	       common_bits(outer, inner) == outer->bits;
}

struct node {
	struct cidr prefix;
	bool used;	   /* was added; else it only joins two branches */
	unsigned child[2]; /* 0: none */
};

#define BLOCK 256 /* nodes, which are shared or copied together */

struct block {
	atomic_uint references; /* of tries; one with others is never written to */
	struct node nodes[BLOCK];
};

struct cidr_trie {
	struct block **blocks;
	unsigned n, nblocks, cap; /* nodes; 0 is never used, so that 0 can say "none" */
	unsigned root[2];	  /* IPv4, IPv6 */
};

struct cidr_trie *cidr_trie_new(void)
{
	struct cidr_trie *t = mem_calloc(1, sizeof(*t));

	t->n = 1;
	return t;
}

struct cidr_trie *cidr_trie_copy(const struct cidr_trie *t)
{
	struct cidr_trie *copy = mem_calloc(1, sizeof(*copy));

	*copy = *t;
	copy->cap = t->nblocks;
	copy->blocks = mem_calloc(t->nblocks, sizeof(*t->blocks));
	for (unsigned i = 0; i < t->nblocks; i++) {
		copy->blocks[i] = t->blocks[i];
		atomic_fetch_add_explicit(
			&t->blocks[i]->references, 1, memory_order_relaxed);
	}
	return copy;
}

static void block_release(struct block *block)
{
	if (atomic_fetch_sub_explicit(&block->references, 1, memory_order_acq_rel) == 1)
		free(block);
}

void cidr_trie_free(struct cidr_trie *t)
{
	if (t == NULL)
		return;
	for (unsigned i = 0; i < t->nblocks; i++)
		block_release(t->blocks[i]);
	free(t->blocks);
	free(t);
}

static const struct node *node_at(const struct cidr_trie *t, unsigned at)
{
	return &t->blocks[at / BLOCK]->nodes[at % BLOCK];
}

static struct block *block_new(const struct block *from)
{
	struct block *block = mem_calloc(1, sizeof(*block));

	atomic_init(&block->references, 1);
	if (from != NULL)
		memcpy(block->nodes, from->nodes, sizeof(block->nodes));
	return block;
}

/* The node, to be written to: if others have its block, this trie gets a copy. */
static struct node *node_own(struct cidr_trie *t, unsigned at)
{
	struct block **block = &t->blocks[at / BLOCK], *shared = *block;

	if (atomic_load_explicit(&shared->references, memory_order_acquire) > 1) {
		*block = block_new(shared);
		block_release(shared);
	}
	return &(*block)->nodes[at % BLOCK];
}

static unsigned node_new(struct cidr_trie *t, const struct cidr *prefix, bool used)
{
	if (t->n / BLOCK == t->nblocks) {
		if (t->nblocks == t->cap) {
			t->cap = t->cap ? t->cap * 2 : 16;
			t->blocks = mem_realloc(t->blocks, t->cap, sizeof(*t->blocks));
		}
		t->blocks[t->nblocks++] = block_new(NULL);
	}
	*node_own(t, t->n) = (struct node){ .prefix = *prefix, .used = used };
	return t->n++;
}

static void node_link(struct cidr_trie *t, unsigned parent, unsigned root, unsigned child)
{
	if (parent == 0)
		t->root[root] = child;
	else
		node_own(t, parent)->child[bit_at(&node_at(t, child)->prefix,
			node_at(t, parent)->prefix.bits)] = child;
}

/* Between the parent and what stands there, which shares no more than some bits. */
static void node_join(
	struct cidr_trie *t, unsigned parent, unsigned root, unsigned at, unsigned fresh)
{
	struct cidr shared = node_at(t, fresh)->prefix;
	unsigned join;

	cidr_truncate(&shared, common_bits(&shared, &node_at(t, at)->prefix));
	join = node_new(t, &shared, false);
	node_link(t, parent, root, join);
	node_link(t, join, root, at);
	node_link(t, join, root, fresh);
}

void cidr_trie_add(struct cidr_trie *t, const struct cidr *prefix)
{
	unsigned root = prefix->family == 6, at = t->root[root], parent = 0, fresh;

	while (at != 0 && cidr_contains(&node_at(t, at)->prefix, prefix)) {
		const struct node *node = node_at(t, at);

		if (node->prefix.bits == prefix->bits) {
			if (!node->used)
				node_own(t, at)->used = true;
			return;
		}
		parent = at;
		at = node->child[bit_at(prefix, node->prefix.bits)];
	}
	fresh = node_new(t, prefix, true);
	if (at == 0) {
		node_link(t, parent, root, fresh);
	} else if (cidr_contains(prefix, &node_at(t, at)->prefix)) {
		node_link(t, parent, root, fresh);
		node_link(t, fresh, root, at);
	} else {
		node_join(t, parent, root, at, fresh);
	}
}

void cidr_trie_match(const struct cidr_trie *t, const struct cidr *addr,
	void (*fn)(void *arg, const struct cidr *prefix), void *arg)
{
	unsigned at;

	if (addr->family == 0)
		return;
	at = t->root[addr->family == 6];
	while (at != 0 && cidr_contains(&node_at(t, at)->prefix, addr)) {
		const struct node *node = node_at(t, at);

		if (node->used)
			fn(arg, &node->prefix);
		if (node->prefix.bits == addr->bits)
			return;
		at = node->child[bit_at(addr, node->prefix.bits)];
	}
}
