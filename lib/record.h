/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What kexec-load loaded last, so that it can be loaded again and judged later:
 * /run/crashpipe/capture-kernel, a line "name=value" each. It is gone after a boot, as is
 * what it describes. Another program may have loaded or unloaded since: that a kernel is
 * loaded at all is what /sys says, never this.
 */
#ifndef RECORD_H
#define RECORD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

struct record_file {
	char *path;		/* absolute, owned; NULL: there was none */
	uint64_t dev, ino, size;
	int64_t mtime_ns;
};

struct record {
	uint64_t time;		/* seconds since 1970 */
	char *call;		/* "kexec_file_load" or "kexec_load", owned */
	struct record_file kernel, initrd;
	char *type;		/* -t, NULL: found out */
	char *cmdline;		/* as it was given to the call, owned */
	uint64_t used;		/* bytes of the reservation that segments take */
	uint64_t init_size;	/* of the kernel, bytes */
	uint64_t kernel_size;	/* of the kernel once it runs; 0: unknown */
	uint64_t modules;	/* bytes of modules in the initial RAM disk */
	uint64_t unpacked;	/* of the initial RAM disk, bytes; 0: unknown */
	bool hotplug;
	char *serial;		/* --serial, owned; NULL: by the command line */
	bool no_checks, no_efi;	/* --no-checks, --noefi */
	char *boot;		/* the kernel's boot_id; record_write() sets it. Owned */
};

/* 1: there; 0: there is none; -1: unreadable or nonsense. root: as in sysfs.h */
int record_read(struct record *rec, const char *root);
/* makes the folder if need be (mode 0700), writes beside and renames; -1 after fail() */
int record_write(const struct record *rec);
/* nothing is loaded any more */
void record_forget(void);
/*
 * Is the file at path still the one that was loaded? Of a tree below root, which is a
 * copy, only size and time are compared. No file at all is the same as none.
 */
bool record_same(const struct record_file *file, const char *root);
/*
 * Fills file for a file opened under this name, symbolic links followed: the kernel that
 * was loaded stays that, whatever /vmlinuz points to later. -1 after fail()
 */
int record_file_set(struct record_file *file, const char *path, const struct stat *st);
void record_free(struct record *rec);

/*
 * One kexec-load at a time: takes the lock beside the record, waiting up to ten seconds.
 * Returns a descriptor to close, or -1: ERR_AGAIN when it is taken, ERR_STOPPED, or
 * ERR_SYS when there can be no lock (/run cannot be written to).
 */
int record_lock(void);

#endif
