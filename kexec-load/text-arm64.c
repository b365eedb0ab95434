/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * On arm64 the image is mapped among what vmalloc() maps, and /proc/kcore has no program
 * header for it. Physically it lies from "Kernel code" to "Kernel data" of /proc/iomem
 * (arch/arm64/kernel/setup.c); kimage_voffset in VMCOREINFO (since 4.6), of which
 * /proc/kcore has a copy (since 4.19), is how far above the virtual addresses are.
 */
#include <string.h>

#include "err.h"
#include "iomem.h"
#include "kcore.h"
#include "text-arm64.h"

#define IMAGE_MAX (UINT64_C(1) << 31)	/* bytes; with all that Linux has it takes some 100 MiB */

static int find_lines(struct range *text, const char *root)
{
	struct iomem_reader rd;
	struct iomem_line line;
	int more;

	if (iomem_begin(&rd, root))
		return -1;
	while ((more = iomem_next(&rd, &line)) == 1) {
		if (strcmp(line.name, "Kernel code") == 0)
			text->start = line.start;
		else if (strcmp(line.name, "Kernel data") == 0)
			text->end = line.end;
	}
	iomem_end(&rd);
	return more;
}

static bool find_offset(const char *root, uint64_t *offset)
{
	struct kinfo info;
	int64_t number = 0;
	bool found = kcore_info(&info, root) == 1 &&
		     kinfo_number(&info, "kimage_voffset", &number);

	kinfo_close(&info);
	*offset = (uint64_t)number;
	return found;
}

int text_arm64(struct range *text, const char *root)
{
	struct range r = { 0 };
	uint64_t offset;

	*text = r;
	if (find_lines(&r, root))
		return -1;
	if (r.start == 0 || r.end <= r.start || r.end - r.start > IMAGE_MAX ||
	    !find_offset(root, &offset))
		return 0;
	r.at = r.start + offset;
	*text = r;
	return 0;
}
