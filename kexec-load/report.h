/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What -n and --check write to standard output. */
#ifndef REPORT_H
#define REPORT_H

struct attempt;
struct load;
struct machine;

/* --check: an item, and what was found */
void report_item(const char *item, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void report_reservation(const struct machine *m);
void report_kernel(const struct load *ld);
void report_initrd(const struct load *ld);
void report_placement(const struct attempt *a, const struct machine *m);
/* the last line: would a load succeed? */
void report_verdict(int status, const struct machine *m);

/* -n: what would be loaded */
void report_plan(const struct attempt *a, const struct machine *m);

#endif
