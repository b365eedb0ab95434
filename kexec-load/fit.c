/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's order (arch/x86/kernel/kexec-bzimage64.c, kernel/kexec_file.c, Linux 6.1
 * to 7.2), all of it within the last "Crash kernel" range: ELF headers as low as they
 * go; then, each as high as it goes: purgatory, boot parameters, the kernel at its
 * alignment, the initrd. What remains must hold the control pages: two for the code,
 * one for the copy of VMCOREINFO, the rest for page tables.
 */
#include "fit.h"
#include "num.h"

enum {
	PAGE = 4096,
	MIB = 1 << 20,
	PURGATORY = 2 * PAGE,		/* 5 pages in Debian's 6.12 and 7.2 */
	CONTROL = 4 * PAGE,
	LOWEST_INITRD = 16 << 20,
};

static bool round_up_all(struct fit_need *n)
{
	uint64_t align = n->align > PAGE ? n->align : PAGE;

	n->align = align;
	return num_round_up(n->headers, PAGE, &n->headers) &&
	       num_round_up(n->params, PAGE, &n->params) &&
	       num_round_up(n->kernel, PAGE, &n->kernel) &&
	       num_round_up(n->initrd, PAGE, &n->initrd);
}

/* take len bytes below *top, not below bottom; false if they do not fit */
static bool take_high(uint64_t *top, uint64_t bottom, uint64_t len, uint64_t align)
{
	if (*top < bottom || *top - bottom < len)
		return false;

	uint64_t start = (*top - len) & ~(align - 1);
	if (start < bottom)
		return false;
	*top = start;
	return true;
}

static bool place(const struct fit_need *n, struct range region)
{
	uint64_t bottom = region.start, top = region.end;
	uint64_t lowest_initrd = LOWEST_INITRD;

	if (region.end - region.start < n->headers)
		return false;
	bottom += n->headers;
	if (!take_high(&top, bottom, PURGATORY, PAGE) ||
	    !take_high(&top, bottom, n->params, PAGE))
		return false;

	uint64_t above = top;
	uint64_t lowest = n->lowest > bottom ? n->lowest : bottom;
	if (!take_high(&top, lowest, n->kernel, n->align))
		return false;

	/* the initrd goes into the gap that alignment left above the kernel, or below it */
	uint64_t gap = above - (top + n->kernel), rest = top - bottom;
	if (lowest_initrd < bottom)
		lowest_initrd = bottom;
	if (n->initrd <= gap)
		gap -= n->initrd;
	else if (take_high(&top, lowest_initrd, n->initrd, PAGE))
		rest = top - bottom;
	else
		return false;
	return gap + rest >= CONTROL;
}

struct fit fit_compute(const struct fit_need *need, struct range region)
{
	struct fit_need n = *need;
	struct fit fit = { 0 };
	uint64_t sum;

	if (!round_up_all(&n) || !num_add(n.kernel, n.initrd, &sum) ||
	    !num_add(sum, n.headers, &sum) || !num_add(sum, n.params, &sum) ||
	    !num_add(sum, PURGATORY, &sum))
		return fit;
	fit.used = sum;
	fit.fits = place(&n, region);
	if (fit.fits)
		return fit;

	/* no more than two alignments are ever lost, and none is above 2 GiB */
	uint64_t have = region.end - region.start, least = sum > have ? sum - have : 0;
	for (fit.missing = num_div_up(least, MIB) * MIB;; fit.missing += MIB) {
		struct range larger = { region.start, region.end + fit.missing, 0 };

		if (place(&n, larger) || fit.missing > least + 2 * n.align + MIB)
			return fit;
	}
}
