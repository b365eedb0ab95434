/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "err.h"
#include "kinfo.h"
#include "log.h"
#include "ring.h"
#include "space.h"
#include "vmcore.h"

/* the symbols that VMCOREINFO has of each: kernel/printk/printk.c (kernel/printk.c) */
static const struct log_format formats[] = {
	{ "5.10 and later", "prb", ring_open, ring_next, ring_close },
	{ "3.5 to 5.9", "log_first_idx" },
	{ "before 3.5", "log_end" },
};
enum { NFORMATS = sizeof formats / sizeof formats[0] };

int log_open(struct log *log, struct space *sp)
{
	const struct kinfo *ki = &sp->vm->info;
	const struct log_format *f = NULL;
	uint64_t symbol;

	*log = (struct log){ .sp = sp };
	for (int i = 0; i < NFORMATS && !f; i++)
		if (kinfo_symbol(ki, formats[i].symbol, &symbol))
			f = &formats[i];
	if (!f)
		return fail(ERR_UNKNOWN, "VMCOREINFO does not say where the log is; keep the "
			    "dump and read it with a debugger and the kernel's symbols");
	if (!f->open)
		return fail(ERR_UNKNOWN, "the log of a kernel %s%s%s; this version reads those "
			    "of 5.10 and later: try makedumpfile --dump-dmesg", f->name,
			    ki->release[0] ? ", " : "", ki->release);
	log->format = f;
	if (f->open(log) == 0)
		return 0;
	/* what cannot be read looks like damage */
	if (err_code() == ERR_CORRUPT && log->trouble[0])
		return fail(ERR_SYS, "the log's ring buffer: %s", log->trouble);
	return -1;
}

int log_next(struct log *log, struct record *r)
{
	return log->format->next(log, r);
}

int log_read(struct log *log, void *buf, size_t len, uint64_t virt)
{
	if (space_read(log->sp, buf, len, virt) == 0)
		return 0;
	if (!log->trouble[0] && err_code() != ERR_CORRUPT && err_code() != ERR_UNKNOWN)
		snprintf(log->trouble, sizeof log->trouble, "%s", err_text());
	return -1;
}

void log_close(struct log *log)
{
	if (log->format)
		log->format->close(log);
	*log = (struct log){ 0 };
}
