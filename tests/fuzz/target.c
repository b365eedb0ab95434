/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: dumpsend/target.c dumpsend/target-server.c dumpsend/name.c */
/* targets: what is taken can be used without another look at it */
#include <stdlib.h>
#include <string.h>

#include "../../dumpsend/name.h"
#include "../../dumpsend/target.h"
#include "err.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

static void check(const struct target *t)
{
	size_t len = strlen(t->path);

	if (len == 0 || t->path[len - 1] == '/' || name_check(t->path))
		abort();
	if (t->kind != TARGET_NFS && t->kind != TARGET_SSH)
		return;
	if (!t->host || !t->host[0] || t->host[0] == '-' || strpbrk(t->host, "/@[] ;$`'\"\\"))
		abort();
	if (t->user && (!t->user[0] || t->user[0] == '-' || strpbrk(t->user, "/: ;$`'\"")))
		abort();
	if (t->path[0] != '/' || strstr(t->path, "//") || strstr(t->path, "/../"))
		abort();
	if (t->version && t->version != 3 && t->version != 4)
		abort();
	if (t->uid < -1 || t->uid >= UINT32_MAX || t->gid < -1 || t->gid >= UINT32_MAX)
		abort();
	if (t->export && t->export[0] != '/')
		abort();
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	char *text = malloc(len + 1);
	struct target t;

	if (!text)
		abort();
	memcpy(text, data, len);
	text[len] = '\0';
	if (target_parse(&t, text) == 0)
		check(&t);
	else if (err_code() != ERR_USAGE || !err_text()[0])
		abort();
	target_close(&t);
	free(text);
	return 0;
}
