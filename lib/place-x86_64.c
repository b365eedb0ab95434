/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * x86_64: address TEXT_BASE is at physical phys_base, which is a variable, too. Physical
 * and virtual place are multiples of CONFIG_PHYSICAL_ALIGN, at least 2 MiB
 * (arch/x86/Kconfig), and independent of each other; symbols slide by less than 1 GiB.
 */
#include <elf.h>
#include <inttypes.h>
#include <stdio.h>

#include "place.h"
#include "vmcore.h"

#define TEXT_BASE	UINT64_C(0xffffffff80000000)
#define KERNEL_HALF	UINT64_C(0xff00000000000000)
#define SLIDE_MAX	UINT64_C(0x40000000)
#define ALIGN		UINT64_C(0x200000)
enum { LINES = 192, WIDE_BITS = 52, USUAL_BITS = 46, SECTION_BITS = 27, SECTIONS_PER_ROOT = 256 };

struct tables {
	uint64_t base;		/* phys_base as it would be if nothing had slid */
	uint64_t sme;		/* bits of table entries that are no address */
	bool five;		/* levels */
};

/*
 * With a variable phys_base there is one slide to ask the tables for, else all that are
 * possible: 1; 0: it is none; -1: there are no tables, and the variable has to be believed.
 */
static int find_slide(struct place *pl, const struct tables *t)
{
	char lines[LINES];
	uint64_t base, from = 0, to = SLIDE_MAX;
	bool known = place_value(pl, "phys_base", 8, &base);
	int rc;

	snprintf(lines, sizeof lines, "NUMBER(phys_base)=%" PRId64 "\n"
		 "NUMBER(pgtable_l5_enabled)=%d\nNUMBER(sme_mask)=%" PRId64 "\n",
		 (int64_t)t->base, t->five, (int64_t)t->sme);
	if (known) {
		from = t->base - base;
		if (from >= SLIDE_MAX || from % ALIGN)
			return 0;
		to = from + ALIGN;
	}
	rc = place_slide(pl, lines, from, to, ALIGN);
	if (rc < 0)
		pl->slide = from;
	return rc < 0 && !known ? 0 : rc;
}

/* the array of pointers is as long as memory can be large, which the levels decide */
static void say_sections(struct place *pl, bool five)
{
	const struct kinfo *ki = pl->ki;
	uint64_t length, at;

	if (ki->version < KINFO_VERSION(4, 15, 0) || !kinfo_symbol(ki, "mem_section", &at))
		return;
	if (place_value(pl, "mem_section", 8, &at) && at >= KERNEL_HALF && at < TEXT_BASE &&
	    at % 64 == 0)
		place_line(pl, "SYMBOL(mem_section)=%" PRIx64, at);
	length = (UINT64_C(1) << (USUAL_BITS - SECTION_BITS)) / SECTIONS_PER_ROOT;
	if (kinfo_length(ki, "mem_section", &at) && at != length)
		return;
	if (five)
		length <<= WIDE_BITS - USUAL_BITS;
	place_line(pl, "LENGTH(mem_section)=%" PRIu64, length);
	place_line(pl, "NUMBER(SECTION_SIZE_BITS)=%d", SECTION_BITS);
	place_line(pl, "NUMBER(MAX_PHYSMEM_BITS)=%d", five ? WIDE_BITS : USUAL_BITS);
}

static void say(struct place *pl, const struct tables *t)
{
	uint64_t at;
	int64_t size;

	place_line(pl, "NUMBER(phys_base)=%" PRId64, (int64_t)(t->base - pl->slide));
	place_line(pl, "NUMBER(pgtable_l5_enabled)=%d", t->five);
	place_line(pl, "NUMBER(sme_mask)=%" PRId64, (int64_t)t->sme);
	place_line(pl, "KERNELOFFSET=%" PRIx64, pl->slide);
	/* a kernel that slides has twice the room */
	if (pl->slide && !kinfo_number(pl->ki, "KERNEL_IMAGE_SIZE", &size))
		place_line(pl, "NUMBER(KERNEL_IMAGE_SIZE)=%" PRIu64, SLIDE_MAX);
	say_sections(pl, t->five);
	if (pl->ki->version >= KINFO_VERSION(6, 9, 0) && place_value(pl, "vmalloc_base", 8, &at))
		place_line(pl, "NUMBER(VMALLOC_START)=0x%" PRIx64, at);
	if (pl->ki->version >= KINFO_VERSION(6, 11, 0) && place_value(pl, "vmemmap_base", 8, &at))
		place_line(pl, "SYMBOL(vmemmap)=%" PRIx64, at);
}

static bool find(struct place *pl)
{
	struct tables t = { .base = pl->phys - (pl->virt - TEXT_BASE) };
	uint64_t enabled;
	int64_t sme = 0;
	bool told, unreadable = false;

	if (t.base % ALIGN)
		return false;
	if (!place_value(pl, "sme_me_mask", 8, &t.sme))
		t.sme = kinfo_number(pl->ki, "sme_mask", &sme) ? (uint64_t)sme : 0;
	told = place_value(pl, "__pgtable_l5_enabled", 4, &enabled);
	for (int five = 0; five < 2; five++) {
		int rc;

		if (told && (enabled == 1) != five)
			continue;
		t.five = five;
		rc = find_slide(pl, &t);
		if (rc == 1) {
			say(pl, &t);
			return true;
		}
		unreadable |= rc < 0;
	}
	t.five = told && enabled == 1;
	if (unreadable)
		say(pl, &t);
	return unreadable;
}

const struct place_ops place_x86_64 = {
	.machine = EM_X86_64,
	.find = find,
	.lowest = TEXT_BASE,
};
