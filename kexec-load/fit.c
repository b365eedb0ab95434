/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's order on x86_64 (arch/x86/kernel/kexec-bzimage64.c, kernel/kexec_file.c,
 * Linux 6.1 to 7.2), all of it within the last "Crash kernel" range: ELF headers as low
 * as they go; then, each as high as it goes: purgatory, boot parameters, the kernel at
 * its alignment, the initrd. What remains must hold the control pages: two for the code,
 * one for the copy of VMCOREINFO, the rest for page tables.
 *
 * And on arm64 (kexec_image.c, machine_kexec_file.c): the kernel as low as it goes; above
 * it the ELF headers, as high as they go at 64 KiB, the initrd as low, and the device
 * tree as high as it goes at 2 MiB. There is no purgatory.
 */
#include "fit.h"
#include "num.h"

enum {
	PAGE = 4096,
	MIB = 1 << 20,
	PURGATORY = 2 * PAGE,		/* 5 pages in Debian's 6.12 and 7.2 */
	CONTROL = 4 * PAGE,
	LOWEST_INITRD = 16 << 20,
	LARGEST_PAGE = 64 << 10,	/* of arm64 */
	TREE_ALIGN = 2 * MIB,
};

static bool round_up_all(struct fit_need *n)
{
	uint64_t least = n->order == FIT_ARM64 ? TREE_ALIGN : PAGE;
	uint64_t align = n->align > least ? n->align : least;

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

static void put(struct fit *fit, const char *what, uint64_t at, uint64_t size)
{
	if (size > 0 && fit->n < FIT_PLACES)
		fit->place[fit->n++] = (struct fit_place){ what, at, size };
}

static bool place_x86_64(const struct fit_need *n, struct range region, struct fit *fit)
{
	uint64_t bottom = region.start, top = region.end;
	uint64_t lowest_initrd = LOWEST_INITRD;

	if (region.end - region.start < n->headers)
		return false;
	put(fit, "elfcorehdr", bottom, n->headers);
	bottom += n->headers;
	if (!take_high(&top, bottom, PURGATORY, PAGE))
		return false;
	put(fit, "purgatory", top, PURGATORY);
	if (!take_high(&top, bottom, n->params, PAGE))
		return false;
	put(fit, "boot parameters", top, n->params);

	uint64_t above = top;
	uint64_t lowest = n->lowest > bottom ? n->lowest : bottom;
	if (!take_high(&top, lowest, n->kernel, n->align))
		return false;
	put(fit, "kernel", top, n->kernel);

	/* the initrd goes into the gap that alignment left above the kernel, or below it */
	uint64_t gap = above - (top + n->kernel), rest = top - bottom;
	if (lowest_initrd < bottom)
		lowest_initrd = bottom;
	if (n->initrd <= gap) {
		gap -= n->initrd;
		put(fit, "initrd", above - n->initrd, n->initrd);
	} else if (take_high(&top, lowest_initrd, n->initrd, PAGE)) {
		rest = top - bottom;
		put(fit, "initrd", top, n->initrd);
	} else {
		return false;
	}
	return gap + rest >= CONTROL;
}

static bool place_arm64(const struct fit_need *n, struct range region, struct fit *fit)
{
	uint64_t bottom, top = region.end, tree;

	if (!num_round_up(region.start, n->align, &bottom) ||
	    !num_add(bottom, n->kernel, &bottom) ||
	    !take_high(&top, bottom, n->headers, LARGEST_PAGE) || top - bottom < n->initrd)
		return false;
	put(fit, "kernel", bottom - n->kernel, n->kernel);
	put(fit, "elfcorehdr", top, n->headers);
	put(fit, "initrd", bottom, n->initrd);
	bottom += n->initrd;
	tree = top;
	if (!take_high(&tree, bottom, n->params, TREE_ALIGN))
		return false;
	put(fit, "device tree", tree, n->params);
	return top - bottom - n->params >= CONTROL;
}

static bool place(const struct fit_need *n, struct range region, struct fit *fit)
{
	fit->n = 0;
	return n->order == FIT_ARM64 ? place_arm64(n, region, fit) :
	       place_x86_64(n, region, fit);
}

struct fit fit_compute(const struct fit_need *need, struct range region)
{
	struct fit_need n = *need;
	struct fit fit = { 0 };
	uint64_t sum;

	if (!round_up_all(&n) || !num_add(n.kernel, n.initrd, &sum) ||
	    !num_add(sum, n.headers, &sum) || !num_add(sum, n.params, &sum) ||
	    (n.order == FIT_X86_64 && !num_add(sum, PURGATORY, &sum)))
		return fit;
	fit.used = sum;
	fit.fits = place(&n, region, &fit);
	if (fit.fits)
		return fit;

	/* no more than two alignments are ever lost, and none is above 2 GiB */
	uint64_t have = region.end - region.start, least = sum > have ? sum - have : 0;
	for (fit.missing = num_div_up(least, MIB) * MIB;; fit.missing += MIB) {
		struct range larger = { region.start, region.end + fit.missing, 0 };

		if (place(&n, larger, &fit) || fit.missing > least + 2 * n.align + MIB)
			break;
	}
	fit.n = 0;
	return fit;
}
