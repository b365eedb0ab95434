/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What distributions write on the kernel's command line by default: for comparison only.
 * They know nothing of the machine's own kernel and initial RAM disk.
 */
#ifndef TABLES_H
#define TABLES_H

#include <stdint.h>

struct table {
	const char *name;	/* for --table: "rhel9" */
	const char *arch;	/* as uname -m says it */
	uint64_t page_size;	/* bytes; 0: any */
	const char *who;	/* "RHEL 9" */
	const char *value;	/* what follows crashkernel= */
	const char *second;	/* of a second crashkernel=, or NULL */
	const char *note;	/* what is added on some machines, or NULL */
};

/* "debian, fedora, ..." for messages */
extern const char table_names[];
/*
 * The tables of that name ("all": of every name) for an architecture, one by one: last
 * is the one before, NULL for the first. NULL: no more of them.
 */
const struct table *table_next(const struct table *last, const char *name, const char *arch,
			       uint64_t page_size);
/* is there such a name? -1 after ERR_USAGE */
int table_check(const char *name);

#endif
