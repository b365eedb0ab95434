/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bootconf.h"

static const char word[] = "crashkernel=";

enum { LINES = 10000 };

/* from "crashkernel=" on, up to a blank or the quote that ends the assignment */
static void take(struct bootconf *bc, const char *path, const char *at)
{
	struct bootconf_hit *hit = &bc->hits[bc->n++];

	snprintf(hit->path, sizeof hit->path, "%s", path);
	snprintf(hit->token, sizeof hit->token, "%.*s", (int)strcspn(at, " \t\n\"'\\"), at);
	for (char *p = hit->token; *p; p++)
		if (!isprint((unsigned char)*p))
			*p = '?';
}

/* the last word of the last line counts, as for the kernel */
static void read_file(struct bootconf *bc, const char *full, size_t root_len)
{
	struct stat st;
	char *line = NULL, found[4096] = "";
	size_t room = 0;

	if (bc->n >= BOOTCONF_MOST || stat(full, &st) || !S_ISREG(st.st_mode))
		return;
	FILE *in = fopen(full, "re");

	if (!in)
		return;
	for (unsigned i = 0; i < LINES && getline(&line, &room, in) > 0; i++) {
		const char *text = line + strspn(line, " \t"), *last = NULL;

		if (*text == '#')
			continue;
		for (const char *p = text; (p = strstr(p, word)); p++)
			last = p;
		if (last)
			snprintf(found, sizeof found, "%s", last);
	}
	free(line);
	fclose(in);
	if (found[0])
		take(bc, full + root_len, found);
}

void bootconf_read(struct bootconf *bc, const char *root)
{
	static const char *const patterns[] = {
		"/etc/default/grub", "/etc/default/grub.d/*.cfg", "/etc/kernel/cmdline",
		"/boot/loader/entries/*.conf", "/efi/loader/entries/*.conf",
		"/boot/efi/loader/entries/*.conf",
	};
	char pattern[PATH_MAX];
	glob_t found;

	*bc = (struct bootconf){ 0 };
	for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
		size_t len = root ? strlen(root) : 0, at = 0;

		/* the root's own name is no pattern */
		for (size_t k = 0; k < len && at < sizeof pattern - 80; k++) {
			if (strchr("*?[\\", root[k]))
				pattern[at++] = '\\';
			pattern[at++] = root[k];
		}
		snprintf(pattern + at, sizeof pattern - at, "%s", patterns[i]);
		if (glob(pattern, 0, NULL, &found))
			continue;
		for (size_t k = 0; k < found.gl_pathc; k++)
			read_file(bc, found.gl_pathv[k], len);
		globfree(&found);
	}
}
