/*
 * Drives one fuzz target without libFuzzer, as a test that speaks TAP: the seeds of
 * tests/fuzz/corpus/TARGET, then mutations of them.  Environment: FUZZ_SEED repeats a
 * run, FUZZ_RUNS is its length.  With files as arguments it runs just those.  An input
 * that kills the target is printed in hex (`xxd -r -p` makes a file of it).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "fuzz.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "../unit/random.h"

#define SIZE_MAX_INPUT 512
#define SEEDS_MAX      64
#define RUNS_DEFAULT   30000

struct input {
	size_t size;
	uint8_t data[SIZE_MAX_INPUT];
};

static struct input seeds[SEEDS_MAX], current;
static size_t nseeds;
static uint64_t state;

/* The sanitizers ask for these: they too are to end in a signal. */
const char *__asan_default_options(void);
const char *__tsan_default_options(void);
const char *__ubsan_default_options(void);

const char *__asan_default_options(void)
{
	return "abort_on_error=1";
}

const char *__tsan_default_options(void)
{
	return "abort_on_error=1";
}

const char *__ubsan_default_options(void)
{
	return "abort_on_error=1:print_stacktrace=1";
}

/* Called while dying: nothing but write(). */
static void tell_input(void)
{
	static const char hex[] = "0123456789abcdef";
	char line[2 * SIZE_MAX_INPUT + 16] = "# input: ";
	size_t n = 9;

	for (size_t i = 0; i < current.size; i++) {
		line[n++] = hex[current.data[i] >> 4];
		line[n++] = hex[current.data[i] & 15];
	}
	line[n++] = '\n';
	if (write(STDOUT_FILENO, line, n) < 0)
		_exit(1);
}

static void on_signal(int sig)
{
	tell_input();
	signal(sig, SIG_DFL);
	raise(sig);
}

/* On memory of exactly its size, so that a sanitizer sees what reads beyond. */
static void run(void)
{
	uint8_t *data = mem_calloc(1, current.size);

	memcpy(data, current.data, current.size);
	LLVMFuzzerTestOneInput(data, current.size);
	free(data);
}

static int read_input(const char *path, struct input *in)
{
	FILE *f = fopen(path, "rb");

	if (f == NULL) {
		printf("Bail out! %s: %s\n", path, strerror(errno));
		return -1;
	}
	in->size = fread(in->data, 1, sizeof(in->data), f);
	fclose(f);
	return 0;
}

/* In the order of their names, so that FUZZ_SEED means the same everywhere. */
static int read_corpus(const char *target)
{
	const char *source = getenv("THEMIS_SOURCE");
	char dir[2048], path[4096];
	struct dirent **names;
	int n, rc = 0;

	snprintf(dir, sizeof(dir), "%s/tests/fuzz/corpus/%s", source ? source : ".",
		target);
	n = scandir(dir, &names, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]->d_name);
		if (names[i]->d_name[0] != '.' && nseeds < SEEDS_MAX && rc == 0)
			rc = read_input(path, &seeds[nseeds++]);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
	if (nseeds == 0)
		printf("Bail out! no seeds in %s\n", dir);
	return nseeds > 0 ? rc : -1;
}

static size_t below(size_t n)
{
	return n > 0 ? (size_t)(next_random(&state) % n) : 0;
}

/* Replaces old octets at a place by those given; what does not fit is left out. */
static void splice(size_t at, size_t old, const uint8_t *data, size_t size)
{
	struct input was = current;

	if (at + size + (was.size - at - old) > SIZE_MAX_INPUT)
		return;
	memcpy(current.data + at, data, size);
	memcpy(current.data + at + size, was.data + at + old, was.size - at - old);
	current.size = was.size - old + size;
}

/* One small change: a bit, an octet, a piece gone, doubled, or from another seed. */
static void mutate(void)
{
	static const uint8_t marks[] =
		"\0\t\n \"#%'(),-./0:;<=>@AZ[\\]az{}\x7f\x80\xc3\xff";
	const struct input *other = &seeds[below(nseeds)];
	size_t at = below(current.size + 1), rest = current.size - at, from, n;
	uint8_t octet = (uint8_t)next_random(&state);
	const struct input was = current;

	switch (below(6)) {
	case 0:
		if (rest > 0)
			current.data[at] ^= (uint8_t)(1 << below(8));
		break;
	case 1:
		splice(at, below(2) && rest > 0, &octet, 1);
		break;
	case 2:
		splice(at, below(2) && rest > 0, &marks[below(sizeof(marks))], 1);
		break;
	case 3:
		splice(at, below(rest + 1), marks, 0);
		break;
	case 4:
		splice(at, 0, was.data + at, below(rest + 1));
		break;
	default:
		from = below(other->size + 1);
		n = below(other->size - from + 1);
		splice(at, below(2) ? below(rest + 1) : 0, other->data + from, n);
	}
}

static uint64_t from_environment(const char *name, uint64_t otherwise)
{
	const char *value = getenv(name);

	return value != NULL ? strtoull(value, NULL, 0) : otherwise;
}

int main(int argc, char **argv)
{
	static const int deaths[] = { SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL };
	uint64_t seed, runs = from_environment("FUZZ_RUNS", RUNS_DEFAULT);

	setvbuf(stdout, NULL, _IONBF, 0);
	for (size_t i = 0; i < sizeof(deaths) / sizeof(deaths[0]); i++)
		signal(deaths[i], on_signal);
	for (int i = 1; i < argc; i++) {
		if (read_input(argv[i], &current) < 0)
			return 1;
		run();
	}
	if (argc > 1)
		return 0;
	if (getrandom(&seed, sizeof(seed), 0) != (ssize_t)sizeof(seed))
		return 1;
	state = seed = from_environment("FUZZ_SEED", seed);
	printf("1..1\n# FUZZ_SEED=%" PRIu64 " FUZZ_RUNS=%" PRIu64 "\n", seed, runs);
	if (read_corpus(program_invocation_short_name) < 0)
		return 1;
	for (size_t i = 0; i < nseeds; i++) {
		current = seeds[i];
		run();
	}
	for (uint64_t i = 0; i < runs; i++) {
		current = seeds[below(nseeds)];
		for (size_t n = 1 + below(5); n > 0; n--)
			mutate();
		run();
	}
	printf("ok 1 - %s\n", program_invocation_short_name);
	return 0;
}
