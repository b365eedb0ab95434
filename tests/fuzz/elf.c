/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: dumpfilter/plan.c dumpfilter/scan.c dumpfilter/scan-look.c dumpfilter/memory.c dumpfilter/vmemmap.c dumpmsg/log.c dumpmsg/caller.c dumpmsg/ring.c dumpmsg/ring-open.c dumpmsg/ring-layout.c dumpmsg/window.c dumpmsg/chunk.c dumpmsg/records.c dumpmsg/records-find.c dumpmsg/records-layout.c dumpmsg/text.c dumpmsg/judge.c dumpmsg/salvage.c dumpmsg/salvage-look.c dumpmsg/salvage-find.c dumpmsg/salvage-solve.c dumpmsg/salvage-ring.c dumpmsg/salvage-records.c dumpmsg/salvage-text.c */
/* an ELF vmcore: headers, notes, VMCOREINFO, page tables, struct pages, the log */
#include <string.h>

#include "dump.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const char magic[] = "\177ELF";

	/* what begins otherwise is another target's */
	if (len < sizeof magic - 1 || memcmp(data, magic, sizeof magic - 1) != 0)
		return -1;
	dump_check_bytes(data, len);
	return 0;
}
