/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a machine says of its reservation, gathered before anybody judges it. What cannot
 * be read is left out and noted, each for itself: an answer about the rest is still due.
 */
#ifndef LOOK_H
#define LOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bootconf.h"
#include "iomem.h"
#include "klog.h"
#include "record.h"

enum { CMDLINE_MAX = 1 << 15, LOOK_NOTES = 12, LOOK_NOTE = 200 };

/* a number that a file held; not every kernel has the file */
struct setting {
	bool known;
	uint64_t value;
};

/* how a file that was loaded looks today */
enum file_state { FILE_NONE, FILE_SAME, FILE_CHANGED, FILE_GONE, FILE_UNKNOWN };

struct state {
	const char *root;		/* borrowed; as in sysfs.h */
	char release[80], arch[32];	/* "" if unknown */
	bool has_cmdline;		/* /proc/cmdline was readable */
	char *cmdline;			/* owned; "" if unknown */

	/* the reservation */
	bool has_sysfs;			/* /sys shows anything at all */
	struct setting crash_size;	/* bytes; main + low since 6.12, main alone before */
	struct setting loaded;		/* 0 or 1 */
	bool has_iomem;			/* readable, but perhaps hidden */
	struct iomem iomem;		/* addresses all zero without CAP_SYS_ADMIN: .hidden */
	uint64_t ram;			/* sum of System RAM, 0 if unknown */
	struct setting mem_total;	/* bytes; less than that sum */
	uint64_t main_size, low_size;	/* of the regions, 0 if unknown */
	uint64_t cma;			/* bytes besides that this kernel goes on using (,cma) */

	/* what is loaded */
	int has_record;			/* as record_read() returned it */
	struct record record;
	enum file_state kernel, initrd;

	struct klog log;
	struct bootconf boot;		/* what the boot loader will say next time */

	/* what else decides whether a crash is captured */
	struct setting panic_on_oops, sysrq, disabled, post_notifiers;
	char panic[32];			/* kernel.panic; "" if unknown */
	struct setting hotplug_cpu, hotplug_memory;
	struct setting cpus;		/* that may come, or are there */

	uint64_t modules;		/* bytes of those that are loaded; 0: unknown */

	unsigned nnotes;
	bool kexec_unreadable;	/* what the kernel says of its reservation: there, but not readable */
	char notes[LOOK_NOTES][LOOK_NOTE];	/* what could not be read, and why */
};

/* -1 after fail() only when memory ran out or a signal came; look_close() is due anyway */
int look(struct state *st, const char *root);
void look_close(struct state *st);
/* crashkernel= anywhere on the command line, as the kernel searches it */
bool look_asked(const struct state *st);
/*
 * Bytes that modules will take of so many in an initial RAM disk: not all that are there
 * will be loaded, those of other machines' hardware will not.
 */
uint64_t look_modules(const struct state *st, uint64_t in_initrd);
/* bytes that are reserved in all, as well as can be known; false: it cannot */
bool look_reserved(const struct state *st, uint64_t *bytes);

#endif
