/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The machine and the types of a test of BTF, opened as its users do. */
#ifndef BTF_OPEN_H
#define BTF_OPEN_H

#include "btf-image.h"
#include "btf.h"
#include "kallsyms.h"

static struct machine m;
static struct types t;
static struct kallsyms *ks;

static struct btf *try_open(void)
{
	ks = kallsyms_open(&m.sp);
	if (!ks)
		fail_msg("%s", err_text());
	return btf_open(&m.sp, ks);
}

static void closed(struct btf *b)
{
	btf_close(b);
	kallsyms_close(ks);
}

static void refused(enum err code, const char *words)
{
	assert_null(try_open());
	assert_failed(code, words);
	kallsyms_close(ks);
}

#endif
