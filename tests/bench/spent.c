/*
 * The CPU time that processes have had so far, in microseconds: that of process groups
 * with all their processes, as Postfix's master and what it starts, and of single ones.
 *
 *	spent [-g GROUP] [-p PID] ...
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cpu.h"

#include "base/str.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int64_t sum = 0, one;
	uint64_t id;
	int c;

	while ((c = getopt(argc, argv, "g:p:")) != -1) {
		if (c == '?' || str_to_u64(optarg, INT32_MAX, &id) < 0)
			break;
		one = c == 'g' ? cpu_of_group((pid_t)id) : cpu_of_process((pid_t)id);
		if (one < 0) {
			fprintf(stderr, "spent: %s: %s\n", optarg, strerror(errno));
			return 1;
		}
		sum += one;
	}
	if (c != -1 || optind != argc) {
		fputs("usage: spent [-g GROUP] [-p PID] ...\n", stderr);
		return 2;
	}
	printf("%" PRId64 "\n", sum / 1000);
	return 0;
}
