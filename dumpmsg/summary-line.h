/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lines of the kernel's reports, one at a time: terminated, printable text without the
 * time in front of it. Each function is false if the line is not what it looks for, and
 * changes nothing then.
 */
#ifndef SUMMARY_LINE_H
#define SUMMARY_LINE_H

#include <stdbool.h>
#include <stddef.h>

struct call;
struct report;

/* len bytes as a line: what a terminal could take for an order becomes '?'; cut to fit size */
void line_clean(char *to, size_t size, const char *from, size_t len);
/* as much of it as fits; a character of UTF-8 is not cut in two */
void line_copy(char *to, size_t size, const char *from);

/* with these words */
bool line_begins(const char *line, const char *words);

/* " ? name+0x12/0x34 [module]" and what older and other kernels make of it */
bool line_call(const char *line, struct call *c);
/* the first "name+0x12/0x34 [module]" anywhere in it */
bool line_has_call(const char *line, struct call *c);
/* "RIP: 0010:name+0x12/0x34", "pc : name+0x12/0x34"; *user: of a process, c is not set */
bool line_pc(const char *line, struct call *c, bool *user);
/* "CPU: 1 UID: 0 PID: 1 Comm: init Tainted: G OE 6.1.0 #1": processor, task, taint */
bool line_cpu(const char *line, struct report *r);
/* "Tainted: G   OE  6.1.0", "Not tainted": letters without G and spaces */
bool line_taint(const char *line, struct report *r);
/* "kernel BUG at mm/slub.c:305!", "WARNING: CPU: 0 PID: 1 at mm/slub.c:305 name+..." */
bool line_place(const char *line, struct report *r);
/* "INFO: task NAME:PID blocked for more than": the task that the report is of */
bool line_hung(const char *line, struct report *r);
/* "Modules linked in: a(OE) b c(O)": those with letters, as far as there is room */
bool line_modules(const char *line, struct report *r);

#endif
