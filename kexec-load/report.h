/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What goes to standard output. */
#ifndef REPORT_H
#define REPORT_H

struct load;
struct machine;

/* is a panic kernel loaded? 0: yes, 3: no, 5: no memory is reserved; quiet: no text */
int report_status(const struct machine *m);
/* -n: what would be loaded */
void report_plan(const struct load *ld, const struct machine *m);

#endif
