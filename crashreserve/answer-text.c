/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>

#include "answer.h"
#include "map.h"
#include "tables.h"

#define MIB 1048576.0

enum { SIZE_TEXT = 48 };

static void print_files(const struct answer *a)
{
	const struct needs *n = a->needs;
	char size[SIZE_TEXT];

	printf("kernel     %s: %s%s%s\n", n->kernel, n->image.format,
	       n->image.wrapper ? " in a " : "", n->image.wrapper ? n->image.wrapper : "");
	if (n->initrd_fd < 0)
		printf("initrd     none\n");
	else
		printf("initrd     %s: %s%s\n",
		       n->initrd ? n->initrd : "in the kernel's file", n->rd.kinds,
		       n->general ? ", not made for captures: one that is needs less" : "");
	map_size(size, a->ram);
	printf("to dump    %s of memory (%s), target %s\n\n", size, a->ram_from,
	       n->in.target == ESTIMATE_NFS ? "nfs" :
	       n->in.target == ESTIMATE_SSH ? "ssh" : "local");
}

static void print_number(const struct estimate_line *l, unsigned when)
{
	if (l->when & when)
		printf("%8.1f", (double)l->bytes / MIB);
	else
		printf("%8s", "-");
}

static void print_sum(const struct estimate *est)
{
	printf("%8s%8s%8s\n", "to load", "boot", "capture");
	for (unsigned i = 0; i < est->nlines; i++) {
		const struct estimate_line *l = &est->lines[i];

		if (l->when == ESTIMATE_LOW)
			continue;
		print_number(l, ESTIMATE_LOAD);
		print_number(l, ESTIMATE_UNPACK);
		print_number(l, ESTIMATE_CAPTURE);
		printf("  %s: %s\n", l->what, l->why);
	}
	printf("%8.1f%8.1f%8.1f  MiB in all\n\n", (double)est->load_bytes / MIB,
	       (double)est->unpack_bytes / MIB, (double)est->capture_bytes / MIB);
}

static void print_measured(const struct answer *a)
{
	const struct measured *m = &a->measured;

	printf("measured   %" PRIu64 " MiB work, ", m->works >> 20);
	if (m->fails)
		printf("%" PRIu64 " MiB do not (%s)", m->fails >> 20, m->why);
	else
		printf("less was not tried");
	printf("; %u boots in QEMU, in steps of %d MiB\n", m->boots, MEASURE_STEP_MIB);
	printf("           %s; what capturing takes besides is from the sum\n", m->how);
}

static void print_table(const struct answer *a, const struct table *t)
{
	uint64_t bytes = answer_table(a, t);
	char size[SIZE_TEXT];

	printf("%-10s %s: crashkernel=%s", t->name, t->who, t->value);
	if (t->second)
		printf(" crashkernel=%s", t->second);
	map_size(size, bytes);
	printf(" would be %s here", bytes ? size : "nothing");
	if (bytes < a->size)
		printf(", too little");
	printf("%s%s\n", t->note ? "; " : "", t->note ? t->note : "");
}

static void print_tables(const struct answer *a)
{
	const struct table *t = NULL;
	bool any = false;

	while ((t = table_next(t, a->table, a->needs->in.arch, a->needs->in.page_size))) {
		print_table(a, t);
		any = true;
	}
	if (!any)
		printf("%-10s has nothing for %s\n", a->table, a->needs->in.arch);
}

static void print_high(const struct answer *a)
{
	uint64_t low = a->est.recommended_low;

	if (a->no_room)
		printf("high       there is hardly room for it below 4 GiB; above:\n");
	else
		printf("high       if there is no room for it below 4 GiB:\n");
	printf("           crashkernel=%" PRIu64 "M,high crashkernel=%" PRIu64 "M,low\n",
	       a->size >> 20, low >> 20);
}

void answer_text(const struct answer *a)
{
	print_files(a);
	print_sum(&a->est);
	if (a->has_measured)
		print_measured(a);
	if (a->table)
		print_tables(a);
	if (a->has_high)
		print_high(a);
	printf("crashkernel=%" PRIu64 "M\n", a->size >> 20);
}
