/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * stamp - copy lines, each with the seconds since the start in front of it, and the seconds
 * of processor time that a process has used by then, which a busy machine changes less
 *
 * usage: stamp PIDFILE <LINES
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int read_line(const char *path, char *line, int size)
{
	FILE *file = fopen(path, "r");

	if (!file)
		return -1;
	char *got = fgets(line, size, file);

	fclose(file);
	return got ? 0 : -1;
}

/* utime and stime are fields 14 and 15 of proc(5)'s stat; field 2 may hold anything */
static double used(const char *pidfile)
{
	char line[1024], path[64];
	unsigned long user, system;

	if (read_line(pidfile, line, sizeof(line)) < 0)
		return 0;
	snprintf(path, sizeof(path), "/proc/%ld/stat", strtol(line, NULL, 10));
	if (read_line(path, line, sizeof(line)) < 0)
		return 0;
	const char *field = strrchr(line, ')');

	if (!field || sscanf(field + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
			     &user, &system) != 2)
		return 0;
	return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

int main(int argc, char **argv)
{
	char *line = NULL;
	size_t size = 0;
	double start = seconds();

	if (argc != 2) {
		fprintf(stderr, "usage: stamp PIDFILE\n");
		return 2;
	}
	while (getline(&line, &size, stdin) > 0) {
		printf("%8.2f %8.2f %s", seconds() - start, used(argv[1]), line);
		fflush(stdout);
	}
	free(line);
	return 0;
}
