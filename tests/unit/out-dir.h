/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For the tests of out: each runs in an empty directory, which goes away. */
#ifndef OUT_DIR_H
#define OUT_DIR_H

#include <dirent.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "out.h"
#include "unit.h"

static char dir[] = "/tmp/unit-out.XXXXXX";

#define PATH "dump"
#define TEMP "dump-incomplete"

static inline int enter_dir(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	return mkdtemp(dir) ? chdir(dir) : -1;
}

static inline void clean(void)
{
	DIR *d = opendir(".");
	struct dirent *e;

	while ((e = readdir(d)))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 &&
		    unlink(e->d_name))
			rmdir(e->d_name);
	closedir(d);
}

static inline int clean_before(void **state)
{
	(void)state;
	clean();
	return 0;
}

static inline int leave_dir(void **state)
{
	(void)state;
	clean();
	return chdir("/") || rmdir(dir);
}

static inline void put(const char *name, const char *text)
{
	FILE *f = fopen(name, "w");

	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

static inline bool exists(const char *name)
{
	struct stat st;

	return lstat(name, &st) == 0;
}

/* the file holds exactly these bytes */
static inline void holds(const char *name, const void *bytes, size_t len)
{
	static char got[1 << 20];
	FILE *f = fopen(name, "r");

	assert_non_null(f);
	assert_int_equal(fread(got, 1, sizeof got, f), len);
	assert_memory_equal(got, bytes, len);
	fclose(f);
}

static inline void opens(struct out *o, const char *path, bool force)
{
	if (out_open(o, path, force))
		fail_msg("%s", err_text());
}

/* standard output becomes this descriptor for a while */
static int saved_stdout;

static inline void redirect(int fd)
{
	fflush(stdout);
	saved_stdout = dup(STDOUT_FILENO);
	assert_true(dup2(fd, STDOUT_FILENO) >= 0);
}

static inline void restore(void)
{
	dup2(saved_stdout, STDOUT_FILENO);
	close(saved_stdout);
}

#endif
