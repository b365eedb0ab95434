/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arm64: kimage_voffset (4.6, arch/arm64/mm/mmu.c) is the distance of the image's virtual
 * from its physical place, memstart_addr what VMCOREINFO calls PHYS_OFFSET, vabits_actual
 * (5.4 to 6.8, with some configurations) the bits of an address on this very machine. All
 * are variables in the image, so that the slide follows. It is a multiple of 64 KiB at
 * least. A kernel made for 52 bits is linked like one for 48, and may run with either: it
 * is as the page tables say.
 */
#include <elf.h>
#include <inttypes.h>
#include <stdio.h>

#include "place.h"
#include "vmcore.h"

enum { LINES = 256, ALIGN = 1 << 16, NARROW = 48, WIDE = 52 };

struct bits {
	unsigned configured, actual;	/* VA_BITS, and those of this machine */
};

static void numbers(const struct place *pl, const struct bits *b, uint64_t voffset,
		    char lines[LINES])
{
	uint64_t memstart;
	int n = snprintf(lines, LINES, "NUMBER(VA_BITS)=%u\nNUMBER(TCR_EL1_T1SZ)=0x%x\n"
			 "NUMBER(kimage_voffset)=0x%" PRIx64 "\n", b->configured,
			 64 - b->actual, voffset);

	if (place_value(pl, "memstart_addr", 8, &memstart))
		snprintf(lines + n, (size_t)(LINES - n), "NUMBER(PHYS_OFFSET)=0x%" PRIx64 "\n",
			 memstart);
}

/* the ways that a kernel linked so can run, the likeliest first; how many */
static int ways(const struct place *pl, struct bits b[3])
{
	uint64_t actual = 0, memstart = 0;
	int64_t linked;
	int n = 0, kept = 0;

	if (!kinfo_number(pl->ki, "VA_BITS", &linked) || linked < 36 || linked > WIDE)
		linked = NARROW;
	/* this far below 0 it is only where the linear map of 52 bits is meant */
	place_value(pl, "memstart_addr", 8, &memstart);
	if ((int64_t)memstart >= -(INT64_C(1) << NARROW))
		b[n++] = (struct bits){ (unsigned)linked, (unsigned)linked };
	if (linked >= NARROW) {
		b[n++] = (struct bits){ WIDE, WIDE };
		b[n++] = (struct bits){ WIDE, NARROW };
	}
	place_value(pl, "vabits_actual", 8, &actual);
	for (int i = 0; i < n; i++)
		if (!actual || b[i].actual == actual)
			b[kept++] = b[i];
	return kept;
}

/* with pages of 4 or 16 KiB, who uses 52 bits of addresses has physical ones of 52 (LPA2) */
static void say_sections(struct place *pl)
{
	uint64_t length;
	int64_t bits;

	if (!kinfo_length(pl->ki, "mem_section", &length) ||
	    !kinfo_number(pl->ki, "MAX_PHYSMEM_BITS", &bits) || bits != NARROW ||
	    length > UINT32_MAX)
		return;
	place_line(pl, "LENGTH(mem_section)=%" PRIu64, length << (WIDE - NARROW));
	place_line(pl, "NUMBER(MAX_PHYSMEM_BITS)=%d", WIDE);
}

static bool find(struct place *pl)
{
	struct bits b[3], *found = NULL;
	char lines[LINES];
	uint64_t voffset, slide;
	int n = ways(pl, b);

	if (!place_value(pl, "kimage_voffset", 8, &voffset))
		return false;
	slide = pl->phys + voffset - pl->virt;
	if (slide % ALIGN)
		return false;
	for (int i = 0; i < n; i++) {
		int rc;

		/* as linked, for the tables */
		numbers(pl, &b[i], pl->virt - pl->phys, lines);
		rc = place_slide(pl, lines, slide, slide + 1, 1);
		if (rc == 1 || (rc < 0 && !found))
			found = &b[i];
		if (rc == 1)
			break;
	}
	if (!found)
		return false;
	pl->slide = slide;
	numbers(pl, found, voffset, lines);
	pl->extra_len = (size_t)snprintf(pl->extra, sizeof pl->extra, "%s", lines);
	place_line(pl, "KERNELOFFSET=%" PRIx64, pl->slide);
	if (found->actual == WIDE && pl->ki->page_size < 65536)
		say_sections(pl);
	return true;
}

const struct place_ops place_arm64 = {
	.machine = EM_AARCH64,
	.find = find,
	.lowest = UINT64_C(1) << 63,
};
