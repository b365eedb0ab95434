/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: dumpsend/name.c */
/* names from a dump's first bytes, put into a path: none of them leaves its folder */
#include <stdlib.h>
#include <string.h>

#include "../../dumpsend/name.h"
#include "err.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

static void check(const char *name)
{
	size_t len = strlen(name);

	if (len > NAME_MAX_LEN || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		abort();
	if (strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._:-") != len)
		abort();
}

static unsigned slashes(const char *text)
{
	unsigned n = 0;

	while ((text = strchr(text, '/'))) {
		text++;
		n++;
	}
	return n;
}

/* a path, a zero byte, and a dump's first bytes */
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	const unsigned char *zero = memchr(data, 0, len);
	const char *path = (const char *)data;
	struct names n = { 0 };
	char *full, *folder;

	if (!zero)
		return -1;
	name_from_dump(&n, zero + 1, len - (size_t)(zero + 1 - data));
	check(n.host);
	check(n.release);
	check(n.time);
	full = name_expand(path, &n);
	if (!full && err_code() != ERR_USAGE)
		abort();
	if (full && slashes(full) != slashes(path))
		abort();
	free(full);
	folder = name_host_dir(path);
	if (!folder || slashes(folder) != slashes(path) + 1 || !name_needs(folder, 't'))
		if (name_check(path) == 0)
			abort();
	free(folder);
	return 0;
}
