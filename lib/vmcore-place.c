/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel runs where KASLR has put it: in virtual memory, which shifts all symbols, and
 * in physical memory. The strings of utsname, with the right release among them, are
 * found by looking through memory; their distance from all other variables is as linked.
 * Some of those variables hold the rest (phys_base, kimage_voffset), and the page tables
 * have the last word. Copies of utsname, such as those of containers, do not pass.
 */
#include <elf.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "num.h"
#include "place.h"
#include "space.h"
#include "stop.h"
#include "vmcore-info.h"
#include "vmcore.h"

static const struct place_ops *const machines[] = { &place_x86_64, &place_arm64 };
enum { NMACHINES = sizeof machines / sizeof machines[0] };

struct placing {
	struct place pl;
	const struct place_ops *ops;
	char *text;		/* the result */
	size_t len;
};

void place_line(struct place *pl, const char *fmt, ...)
{
	size_t room = PLACE_EXTRA - pl->extra_len;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(pl->extra + pl->extra_len, room, fmt, ap);
	va_end(ap);
	if (n > 0 && (size_t)n + 1 < room) {
		pl->extra_len += (size_t)n;
		pl->extra[pl->extra_len++] = '\n';
	}
	pl->extra[pl->extra_len] = '\0';
}

bool place_value(const struct place *pl, const char *symbol, size_t len, uint64_t *value)
{
	uint64_t virt;
	uint8_t raw[8];

	if (!kinfo_symbol(pl->ki, symbol, &virt) ||
	    vmcore_read(pl->vm, raw, len, pl->phys + (virt - pl->virt)))
		return false;
	*value = len == 4 ? vmcore_u32(pl->vm, raw) : vmcore_u64(pl->vm, raw);
	return true;
}

/* is there a line of extra for this key? */
static bool replaced(const char *extra, const char *line, size_t keylen)
{
	for (; *extra; extra += strcspn(extra, "\n"), extra += *extra == '\n')
		if (strncmp(extra, line, keylen + 1) == 0)
			return true;
	return false;
}

/* the text that was given, its symbols shifted, and extra */
static char *compose(const struct place *pl, const char *extra, uint64_t lowest, size_t *len)
{
	size_t room = pl->ki->len * 2 + strlen(extra) + 64, used = 0;
	char *text = malloc(room);
	uint64_t v;

	if (!text) {
		fail_sys("VMCOREINFO");
		return NULL;
	}
	for (const char *line = pl->ki->text; *line; ) {
		size_t n = strcspn(line, "\n"), key = strcspn(line, "=\n");

		if (key < n && !replaced(extra, line, key)) {
			if (strncmp(line, "SYMBOL(", 7) == 0 &&
			    num_parse(line + key + 1, n - key - 1, 16, &v) && v >= lowest)
				used += (size_t)snprintf(text + used, room - used,
							 "%.*s=%" PRIx64 "\n", (int)key,
							 line, v + pl->slide);
			else
				used += (size_t)snprintf(text + used, room - used, "%.*s\n",
							 (int)n, line);
			if (used >= room)
				used = room - 1;
		}
		line += n + (line[n] == '\n');
	}
	used += (size_t)snprintf(text + used, room - used, "%s", extra);
	*len = used < room ? used : room - 1;
	return text;
}

/* with another VMCOREINFO for a while */
static bool open_with(struct place *pl, const char *text, size_t len, struct space *sp,
		      struct kinfo *before)
{
	struct kinfo ki;

	if (kinfo_open(&ki, text, len)) {
		pl->no_memory |= err_code() == ERR_MEMORY;
		return false;
	}
	*before = pl->vm->info;
	pl->vm->info = ki;
	if (space_open(sp, pl->vm) == 0)
		return true;
	kinfo_close(&pl->vm->info);
	pl->vm->info = *before;
	return false;
}

static void close_with(struct place *pl, const struct kinfo *before)
{
	kinfo_close(&pl->vm->info);
	pl->vm->info = *before;
}

int place_slide(struct place *pl, const char *lines, uint64_t from, uint64_t to, uint64_t step)
{
	struct kinfo before;
	struct space sp;
	uint64_t phys;
	size_t len;
	char *text = compose(pl, lines, UINT64_MAX, &len);
	int rc = -1;

	pl->no_memory |= !text;
	if (text && open_with(pl, text, len, &sp, &before)) {
		for (uint64_t slide = from; slide < to && rc != 1 && !stop_check(); slide += step)
			if (space_walk(&sp, pl->virt + slide, &phys, NULL) == 0) {
				pl->slide = slide;
				rc = phys == pl->phys;
			}
		close_with(pl, &before);
	}
	free(text);
	return rc;
}

static int see_release(void *arg, uint64_t phys)
{
	struct placing *p = arg;
	char utsname[UTSNAME_LEN];

	if (phys < UTSNAME_RELEASE ||
	    vmcore_read(p->pl.vm, utsname, UTSNAME_LEN, phys - UTSNAME_RELEASE) ||
	    !utsname_is(utsname, p->pl.ki->release))
		return 0;
	p->pl.phys = phys - UTSNAME_RELEASE;
	p->pl.extra_len = 0;
	p->pl.extra[0] = '\0';
	if (!p->ops->find(&p->pl) ||
	    !vmcore_loads_allow(p->pl.vm, p->pl.virt + p->pl.slide, p->pl.phys))
		return p->pl.no_memory ? fail(ERR_MEMORY, "out of memory") : 0;
	p->text = compose(&p->pl, p->pl.extra, p->ops->lowest, &p->len);
	return p->text ? 1 : -1;
}

/* text that says itself where the kernel lay: is it of this boot? */
static int check_boot(struct vmcore *vm, const struct kinfo *ki)
{
	int fits = vmcore_fits_info(vm, ki);

	if (fits == 1 || (fits < 0 && vm->cut_short))
		return 0;
	return fail(ERR_USAGE, "it is of another boot of kernel %s: this dump's lies elsewhere",
		    ki->release);
}

static int same_release(const struct vmcore *vm, const struct kinfo *ki)
{
	const char *its = vm->info.release;
	char text[UTSNAME_FIELD] = "";

	if (!its[0] && vm->header.known)
		its = vm->header.utsname + UTSNAME_RELEASE;
	if (!its[0] || strncmp(its, ki->release, UTSNAME_FIELD) == 0)
		return 0;
	kinfo_printable(text, its, strnlen(its, sizeof text - 1));
	return fail(ERR_USAGE, "it is of kernel %s, the dump of %s", ki->release, text);
}

static int find_kernel(struct vmcore *vm, const struct kinfo *ki, char **placed, size_t *len)
{
	struct placing p = { .pl = { .vm = vm, .ki = ki } };
	int rc;

	for (int i = 0; i < NMACHINES; i++)
		if (machines[i]->machine == vm->machine)
			p.ops = machines[i];
	if (!p.ops)
		return fail(ERR_UNKNOWN, "where a kernel for machine type %u lies cannot be worked "
			    "out", vm->machine);
	if (!utsname_address(ki, &p.pl.virt))
		return fail(ERR_CORRUPT, "VMCOREINFO without SYMBOL(init_uts_ns)");
	rc = vmcore_find(vm, ki->release, strlen(ki->release) + 1, see_release, &p);
	if (rc == 0)
		return fail(ERR_CORRUPT, "kernel %s is not in this dump's memory", ki->release);
	if (rc < 0)
		return -1;
	*placed = p.text;
	*len = p.len;
	return 0;
}

int vmcore_place_info(struct vmcore *vm, const char *text, size_t size, char **placed,
		      size_t *len)
{
	struct kinfo ki;
	uint64_t offset;
	int rc;

	if (kinfo_open(&ki, text, size))
		return -1;
	if (!ki.release[0] || !ki.page_size)
		rc = fail(ERR_CORRUPT, "no VMCOREINFO: it lacks OSRELEASE or PAGESIZE");
	else if (same_release(vm, &ki))
		rc = -1;
	else if (!kinfo_hex(&ki, "KERNELOFFSET", &offset))
		rc = find_kernel(vm, &ki, placed, len);
	else if ((rc = check_boot(vm, &ki)) == 0) {
		*placed = ki.text;
		*len = ki.len;
		ki.text = NULL;
	}
	kinfo_close(&ki);
	return rc;
}
