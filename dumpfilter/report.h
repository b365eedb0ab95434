/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What dumpfilter tells when it is done: one line, and more of it after -v. */
#ifndef REPORT_H
#define REPORT_H

#include <stdint.h>

struct copy_result;
struct plan;
struct scan;
struct vmcore;
struct writer;

/* what the user must know before: page kinds that cannot be told apart */
void report_plan(const struct plan *plan);
/* the same for --mem-usage; unknown: pages whose struct page cannot be read */
void report_usage(const struct scan *scan, uint64_t unknown);
/* so many pages of a sample could not be read; what was said of the last is in err_text() */
void report_unreadable(const struct vmcore *vm, uint64_t pages);
void report_done(const struct plan *plan, const struct writer *w,
		 const struct copy_result *result, double seconds);

#endif
