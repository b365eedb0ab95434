/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Small text files in which the kernel shows what it knows (/proc, /sys, /boot).
 *
 * root is put in front of every path: NULL or "" for the running machine, else a
 * directory with another machine's saved tree. A file that is not there is an
 * answer, not an error: kernels differ in what they show.
 */
#ifndef SYSFS_H
#define SYSFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * All of a file, without the newlines at its end, and terminated. 1: there; 0: there
 * is no such file, text is ""; -1: unreadable (ERR_SYS), longer than size - 1 bytes or
 * with a NUL in it (ERR_CORRUPT).
 */
int sysfs_text(const char *root, const char *path, char *text, size_t size);
/* the same for a file that holds one number, decimal or 0x...; 0: *value is untouched */
int sysfs_u64(const char *root, const char *path, uint64_t *value);
/*
 * What /sys/kernel says of kexec: "loaded", "crash_loaded", "crash_size" (bytes),
 * "crash_elfcorehdr_size" (bytes). Linux 6.19 moved these files into /sys/kernel/kexec/;
 * before, their names began with kexec_, the last one's excepted. As sysfs_u64().
 */
int sysfs_kexec(const char *root, const char *name, uint64_t *value);
/* is there no such directory, or nothing in it? what cannot be read counts as filled */
bool sysfs_is_empty(const char *root, const char *path);
/* a file to be read line by line; NULL with errno set, without fail() */
FILE *sysfs_open(const char *root, const char *path);

#endif
