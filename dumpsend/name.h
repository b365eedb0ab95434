/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names in paths: %h the dead host, %i our own address, %t the time of the crash,
 * %r the kernel's release, %% a percent sign. They come from a machine that has
 * crashed, so of each only A-Z a-z 0-9 . _ : - survive (others become "_"), at most
 * 64 bytes, and never "." or ".." or nothing.
 */
#ifndef NAME_H
#define NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NAME_MAX_LEN = 64 };

struct names {
	char host[NAME_MAX_LEN + 1];
	char address[NAME_MAX_LEN + 1];
	char time[NAME_MAX_LEN + 1];
	char release[NAME_MAX_LEN + 1];
};

/* what an untrusted text becomes; to holds NAME_MAX_LEN + 1 bytes; "" stays "" */
void name_clean(char *to, const char *text, size_t len);

/* 0 if every percent sign in this path begins a name or is doubled; else fail(ERR_USAGE) */
int name_check(const char *path);

/* does this path hold the name with this letter: h, i, t or r? */
bool name_needs(const char *path, char letter);

/*
 * What a dump's first bytes say of host, release and time: a kdump-compressed header
 * (kdump-format.h: utsname and timestamp). Fills only what is still empty in n and
 * what the header has. false when these are no such header. len may be short.
 */
bool name_from_dump(struct names *n, const void *head, size_t len);

/*
 * What is still empty of host, time and release, from this machine: uname, the clock.
 * Returns letters, which of them it filled.
 */
const char *name_from_machine(struct names *n, char letters[8]);

/* seconds since 1970 as YYYY-MM-DD-HH:MM:SS in UTC, as RHEL's kdump writes it */
void name_of_time(char *to, int64_t seconds);

/*
 * path with its names filled in, "unknown" for empty ones; to be freed. NULL after
 * fail(ERR_USAGE) or fail(ERR_MEMORY).
 */
char *name_expand(const char *path, const struct names *n);

/*
 * For --host-dir: a folder "%i-%t" put in front of the last part of path, as RHEL
 * names it ("/var/crash/vmcore" becomes "/var/crash/%i-%t/vmcore"). To be freed.
 */
char *name_host_dir(const char *path);

#endif
