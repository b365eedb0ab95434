/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What dumpfilter tells when it is done: one line, and more of it after -v. */
#ifndef REPORT_H
#define REPORT_H

#include <stdint.h>

struct copy_result;
struct plan;
struct vmcore;
struct writer;

/* what the user must know before: page kinds that cannot be told apart */
void report_plan(const struct plan *plan, const struct vmcore *vm);
void report_done(const struct plan *plan, const struct vmcore *vm, const struct writer *w,
		 const struct copy_result *result, double seconds);

#endif
