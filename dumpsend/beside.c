/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "beside.h"
#include "err.h"
#include "small.h"
#include "store.h"

/* a name, or one in the folder above */
static bool is_name(const char *name)
{
	if (strncmp(name, "../", 3) == 0)
		name += 3;
	return name[0] && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && !strchr(name, '/');
}

static int read_end(struct beside *b, int fd, const char *file)
{
	struct stat st;
	off_t at;

	if (fstat(fd, &st))
		return fail_sys("%s", file);
	if (!S_ISREG(st.st_mode))
		return fail(ERR_SYS, "%s: is no plain file", file);
	at = st.st_size > BESIDE_BYTES ? st.st_size - BESIDE_BYTES : 0;
	while (b->len < BESIDE_BYTES) {
		ssize_t n = pread(fd, (char *)b->bytes + b->len, BESIDE_BYTES - b->len,
				  at + (off_t)b->len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail_sys("%s", file);
		if (n == 0)
			break;
		b->len += (size_t)n;
	}
	return 0;
}

int beside_open(struct beside *b, const char *text)
{
	char *file = strdup(text), *colon;
	int fd = -1, rc = -1;

	*b = (struct beside){ 0 };
	if (!file)
		return fail(ERR_MEMORY, "%s: out of memory", text);
	colon = strrchr(file, ':');
	if (colon) {
		*colon = '\0';
		b->name = strdup(colon + 1);
	} else {
		const char *slash = strrchr(file, '/');

		b->name = strdup(slash ? slash + 1 : file);
	}
	b->bytes = malloc(BESIDE_BYTES);
	if (!b->name || !b->bytes)
		fail(ERR_MEMORY, "%s: out of memory", text);
	else if (!is_name(b->name))
		fail(ERR_USAGE, "--beside %s: %s is no name of a file", text, b->name);
	else if ((fd = open(file, O_RDONLY | O_CLOEXEC)) < 0)
		fail_sys("%s", file);
	else
		rc = read_end(b, fd, file);
	if (fd >= 0)
		close(fd);
	free(file);
	if (rc)
		beside_close(b);
	return rc;
}

void beside_close(struct beside *b)
{
	free(b->name);
	free(b->bytes);
	*b = (struct beside){ 0 };
}

/* the path of name in the folder above the one that path is in; NULL: no memory */
static char *path_above(const char *name, const char *path, size_t folder_len)
{
	size_t at = folder_len, n;
	char *to = NULL;
	int rc;

	while (at > 0 && path[at - 1] == '/')
		at--;
	n = at;
	while (at > 0 && path[at - 1] != '/')
		at--;
	/* what is above "." and ".." is not in the text */
	if (n > at && n - at <= 2 && strspn(path + at, ".") >= n - at)
		rc = asprintf(&to, "%.*s/../%s", (int)n, path, name);
	else
		rc = asprintf(&to, "%.*s%s", n ? (int)at : 1, path, name);
	return rc < 0 ? NULL : to;
}

/* the path of name, which begins with "../" once at most; NULL: no memory */
static char *path_of(const char *name, const char *path)
{
	const char *slash = strrchr(path, '/');
	size_t n = slash ? (size_t)(slash - path) : 0;
	char *to = NULL;

	if (!slash)
		return strdup(name);
	if (strncmp(name, "../", 3) == 0)
		return path_above(name + strlen("../"), path, n);
	if (asprintf(&to, "%.*s/%s", (int)n, path, name) < 0)
		return NULL;
	return to;
}

int beside_write(const struct beside *b, struct store *s, const char *path)
{
	char *to = path_of(b->name, path), *temp = NULL;
	int rc = -1;

	if (to && asprintf(&temp, "%s-incomplete", to) < 0)
		temp = NULL;
	if (!to || !temp)
		fail(ERR_MEMORY, "%s: out of memory", b->name);
	else if (s->ops->remove(s, temp) == 0 && small_write(s, temp, b->bytes, b->len) == 0)
		rc = s->ops->rename(s, temp, to, true);
	free(temp);
	free(to);
	return rc;
}
