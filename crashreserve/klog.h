/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel said about its reservation while it booted. These are among the first
 * lines of its log: after some days on a busy machine the ring has lost them.
 */
#ifndef KLOG_H
#define KLOG_H

#include <stdbool.h>

enum { KLOG_LINES = 16, KLOG_TEXT = 200 };

enum klog_kind {
	KLOG_RESERVED,	/* a region, low or high */
	KLOG_REFUSED,	/* why there is none */
	KLOG_OTHER,
};

struct klog_line {
	enum klog_kind kind;
	char text[KLOG_TEXT];	/* without time stamp, printable */
};

enum klog_state {
	KLOG_READ,	/* from its first line on */
	KLOG_CUT,	/* the first lines are lost: what is missing in it may have been said */
	KLOG_NONE,	/* may not be read, or was not saved */
};

struct klog {
	enum klog_state state;
	const char *source;	/* "/dev/kmsg", "/var/log/dmesg" */
	unsigned n;
	struct klog_line lines[KLOG_LINES];
};

/*
 * The kernel's own lines that speak of crashkernel, in order, the first KLOG_LINES of
 * them: from /dev/kmsg, or with a root (as in sysfs.h) from its /var/log/dmesg. What other
 * programs have written to the log is not believed.
 */
void klog_read(struct klog *log, const char *root);
/* one line of a saved log, with its "[    0.000000] " or "<6>" or without */
void klog_take(struct klog *log, const char *line);
/* the last line of this kind, or NULL */
const char *klog_last(const struct klog *log, enum klog_kind kind);

#endif
