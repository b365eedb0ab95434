/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a person asks first of a crash, from its log and from its memory. The log's part
 * is taken record by record (summary-log.c), so that nothing grows with the log:
 *
 *	s = summary_open();
 *	while (log_next(&log, &r) == 1)
 *		summary_take(s, &r);
 *	summary_dump(s, &vm, &space);
 *	summary_print(s, path, stdout, false);
 *	summary_close(s);
 */
#ifndef SUMMARY_H
#define SUMMARY_H

#include <stdbool.h>
#include <stdio.h>

struct record;
struct space;
struct summary;
struct vmcore;

struct summary *summary_open(void);	/* NULL: ERR_MEMORY */
/* one record, in the log's order; gaps too */
void summary_take(struct summary *s, const struct record *r);
/* there is no log, or it ended too soon: why, in fail()'s words, for the line that says so */
void summary_log_failed(struct summary *s, const char *why);
/*
 * What the dump's notes and memory add, after the last record: release, registers, trace
 * by unwinding. sp is NULL if it could not be opened (no VMCOREINFO). What fails is said
 * in its place and costs only itself; -1: ERR_STOPPED. Both are borrowed until
 * summary_close().
 */
int summary_dump(struct summary *s, struct vmcore *vm, struct space *sp);
/* the same without all that needs symbols, and without counting or reading pages: quick */
void summary_notes(struct summary *s, struct vmcore *vm, struct space *sp);
/* path: of the dump, for the first line; every: the trace of each processor, not only one */
void summary_print(struct summary *s, const char *path, FILE *to, bool every);
/* one object on one line, always with every processor's trace */
void summary_json(struct summary *s, const char *path, FILE *to);
/* HOST=, TIME=, RELEASE=, PANIC=, ... in lines that a shell can read safely */
void summary_facts(const struct summary *s, FILE *to);
/* something that the dump should have is missing or damaged: exit status 6 */
bool summary_is_partial(const struct summary *s);
/* accepts NULL */
void summary_close(struct summary *s);

#endif
