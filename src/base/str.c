/*
 * Small work on text.  Called by everyone, on every thread; the only state is
 * the hash key, drawn once.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/str.h"

#include <endian.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <unictype.h>
#include <unistr.h>

int str_to_u64(const char *text, uint64_t max, uint64_t *out)
{
	uint64_t n = 0;

	if (*text == '\0')
		return -1;
	for (; *text != '\0'; text++) {
		unsigned digit = (unsigned)(unsigned char)*text - '0';

		if (digit > 9 || n > (UINT64_MAX - digit) / 10)
			return -1;
		n = n * 10 + digit;
	}
	if (n > max)
		return -1;
	*out = n;
	return 0;
}

int str_choose(const char *text, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(text, names[i]) == 0)
			return (int)i;
	return -1;
}

bool str_is_named(const char *word, size_t len, const char *name, const char *old)
{
	return (strlen(name) == len && memcmp(name, word, len) == 0) ||
	       (len > 0 && strlen(old) == len && memcmp(old, word, len) == 0);
}

int str_to_bool(const char *text, bool *out)
{
	static const char *const yes[] = { "yes", "true", "on", "1" };
	static const char *const no[] = { "no", "false", "off", "0" };

	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
		if (strcasecmp(text, yes[i]) == 0) {
			*out = true;
			return 0;
		}
		if (strcasecmp(text, no[i]) == 0) {
			*out = false;
			return 0;
		}
	}
	return -1;
}

/* The length of the UTF-8 character at s, 0 if there is none (RFC 3629, 4). */
static size_t utf8_char(const unsigned char *s, size_t len)
{
	unsigned low = 0x80, high = 0xbf;
	size_t n;

	if (len == 0)
		return 0;
	if (s[0] < 0x80)
		return 1;
	if (s[0] >= 0xc2 && s[0] <= 0xdf)
		n = 2;
	else if (s[0] >= 0xe0 && s[0] <= 0xef)
		n = 3;
	else if (s[0] >= 0xf0 && s[0] <= 0xf4)
		n = 4;
	else
		return 0;
	if (s[0] == 0xe0)
		low = 0xa0;
	else if (s[0] == 0xed)
		high = 0x9f;
	else if (s[0] == 0xf0)
		low = 0x90;
	else if (s[0] == 0xf4)
		high = 0x8f;
	if (n > len || s[1] < low || s[1] > high)
		return 0;
	for (size_t i = 2; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

bool str_is_utf8(const char *s, size_t len)
{
	const unsigned char *p = (const unsigned char *)s;

	while (len > 0) {
		size_t n = utf8_char(p, len);

		if (n == 0)
			return false;
		p += n;
		len -= n;
	}
	return true;
}

bool str_is_ascii(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)s[i] >= 0x80)
			return false;
	return true;
}

size_t str_utf8_length(const char *s)
{
	size_t n = 0;

	for (; *s != '\0'; s++)
		if ((*s & 0xc0) != 0x80)
			n++;
	return n;
}

void str_utf8_cut(char *s, size_t max)
{
	if (strlen(s) <= max)
		return;
	while (max > 0 && (s[max] & 0xc0) == 0x80)
		max--;
	s[max] = '\0';
}

#define LINE_SEPARATOR	    0x2028
#define PARAGRAPH_SEPARATOR 0x2029
#define TAG_FIRST	    0xe0000
#define TAG_LAST	    0xe007f

/* One of more than an octet. */
static bool is_control_beyond_ascii(const unsigned char *s, size_t char_len)
{
	ucs4_t c;

	u8_mbtouc_unsafe(&c, s, char_len);
	return c < 0xa0 || c == LINE_SEPARATOR || c == PARAGRAPH_SEPARATOR ||
	       (c >= TAG_FIRST && c <= TAG_LAST) || uc_is_property_bidi_control(c) ||
	       uc_is_property_not_a_character(c);
}

static bool is_control(const unsigned char *s, size_t char_len)
{
	return char_len > 1 ? is_control_beyond_ascii(s, char_len)
			    : s[0] < 0x20 || s[0] == 0x7f;
}

bool str_has_control(const char *s)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t left = strlen(s), n;

	for (; left > 0; p += n, left -= n) {
		n = utf8_char(p, left);
		if (n == 0)
			n = 1;
		if (is_control(p, n))
			return true;
	}
	return false;
}

static char *escape(char *dst, size_t size, const char *src, bool backslash)
{
	const unsigned char *p = (const unsigned char *)src;
	size_t left = strlen(src), used = 0, cut = 0, n;
	char piece[8];

	for (; left > 0; p += n, left -= n) {
		n = utf8_char(p, left);
		if (n == 0 || is_control(p, n)) {
			n = 1;
			snprintf(piece, sizeof(piece), "\\x%02x", p[0]);
		} else if (backslash && p[0] == '\\') {
			snprintf(piece, sizeof(piece), "\\\\");
		} else {
			memcpy(piece, p, n);
			piece[n] = '\0';
		}
		if (used + strlen(piece) >= size) {
			snprintf(dst + cut, size - cut, "...");
			return dst;
		}
		memcpy(dst + used, piece, strlen(piece));
		used += strlen(piece);
		if (used + sizeof("...") <= size)
			cut = used;
	}
	dst[used] = '\0';
	return dst;
}

char *str_escape(char *dst, size_t size, const char *src)
{
	return escape(dst, size, src, true);
}

char *str_printable(char *dst, size_t size, const char *src)
{
	return escape(dst, size, src, false);
}

void str_append(char *buf, size_t size, const char *fmt, ...)
{
	size_t used = strlen(buf);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buf + used, size - used, fmt, ap);
	va_end(ap);
}

void str_fold(char *s)
{
	for (; *s != '\0'; s++)
		if (*s >= 'A' && *s <= 'Z')
			*s = (char)(*s - 'A' + 'a');
}

struct sip {
	uint64_t v0, v1, v2, v3;
};

static uint64_t rotate(uint64_t x, unsigned bits)
{
	return x << bits | x >> (64 - bits);
}

static inline void sip_round(struct sip *s)
{
	s->v0 += s->v1;
	s->v2 += s->v3;
	s->v1 = rotate(s->v1, 13) ^ s->v0;
	s->v3 = rotate(s->v3, 16) ^ s->v2;
	s->v0 = rotate(s->v0, 32) + s->v3;
	s->v2 += s->v1;
	s->v1 = rotate(s->v1, 17) ^ s->v2;
	s->v3 = rotate(s->v3, 21) ^ s->v0;
	s->v2 = rotate(s->v2, 32);
}

static inline void sip_word(struct sip *s, uint64_t word)
{
	s->v3 ^= word;
	sip_round(s);
	s->v0 ^= word;
}

/* Eight octets, the lowest first. */
static inline uint64_t word_at(const unsigned char *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return le64toh(word);
}

/* Fewer than eight. */
static inline uint64_t rest_at(const unsigned char *p, size_t n)
{
	uint64_t word = 0;

	for (size_t i = 0; i < n; i++)
		word |= (uint64_t)p[i] << (8 * i);
	return word;
}

uint64_t str_hash_keyed(const void *data, size_t len, uint64_t k0, uint64_t k1)
{
	struct sip s = { k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d,
		k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573 };
	const unsigned char *p = data;
	size_t left = len;

	for (; left >= 8; p += 8, left -= 8)
		sip_word(&s, word_at(p));
	/* what is left, and the length behind it */
	sip_word(&s, rest_at(p, left) | (uint64_t)len << 56);
	s.v2 ^= 0xff;
	for (int i = 0; i < 3; i++)
		sip_round(&s);
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

static uint64_t hash_key[2]; /* written once, by draw_key() */

static void draw_key(void)
{
	if (getrandom(hash_key, sizeof(hash_key), 0) != (ssize_t)sizeof(hash_key)) {
		fputs("themis: no random numbers from the kernel\n", stderr);
		abort();
	}
}

uint64_t str_hash(const void *data, size_t len)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, draw_key);
	return str_hash_keyed(data, len, hash_key[0], hash_key[1]);
}
