/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is asked for on kexec-load's own command line. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>

enum call { CALL_AUTO, CALL_FILE, CALL_CLASSIC };

struct request {
	const char *kernel, *initrd, *append, *root, *type, *serial, *rules;
	bool panic, unload, status, check, dry_run, reuse, debug, json;
	bool hotplug, no_checks, no_efi;
	bool appended_twice;
	enum call call;
};

/*
 * Fills rq from the words after argv[0], which are reordered. -1: go on; else what main()
 * is to return, everything being said already.
 */
int options_read(struct request *rq, char **words);

#endif
