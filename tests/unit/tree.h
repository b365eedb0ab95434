/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A directory with another machine's /proc and /sys, for the tests that read them. */
#ifndef TREE_H
#define TREE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "unit.h"

/* the root of an empty tree; tree_remove() is due */
static inline char *tree_make(void)
{
	char *root = strdup("/tmp/crashpipe-tree-XXXXXX");

	assert_non_null(root);
	assert_non_null(mkdtemp(root));
	return root;
}

/* a file of the tree, its directories too */
static inline void tree_put_bytes(const char *root, const char *path, const void *bytes, size_t len)
{
	char full[512];

	snprintf(full, sizeof full, "%s%s", root, path);
	for (char *p = full + strlen(root) + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		mkdir(full, 0700);
		*p = '/';
	}
	FILE *out = fopen(full, "w");

	assert_non_null(out);
	assert_int_equal(fwrite(bytes, 1, len, out), len);
	assert_int_equal(fclose(out), 0);
}

static inline void tree_put(const char *root, const char *path, const char *text)
{
	tree_put_bytes(root, path, text, strlen(text));
}

static inline void tree_remove(char *root)
{
	char command[64];

	snprintf(command, sizeof command, "rm -rf %s", root);
	assert_int_equal(system(command), 0);
	free(root);
}

#endif
