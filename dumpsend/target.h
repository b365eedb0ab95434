/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where to: a target as the user writes it.
 *
 *	nfs://HOST[:PORT]/EXPORT/PATH[?version=3|4&uid=N&gid=N&nfsport=N&mountport=N&export=/E]
 *	ssh://[USER@]HOST[:PORT]/PATH		(/~/PATH is in USER's home; sftp:// is the same)
 *	file:///PATH, or a PATH with no scheme
 *	raw:/dev/X
 *
 * HOST may be a name, an IPv4 address or an IPv6 address in brackets. PATH may
 * hold %-names (name.h) and, in a URL, other bytes as %XX with two hexadecimal
 * digits; "%h", "%i", "%r", "%t" and "%%" win where both would be possible.
 */
#ifndef TARGET_H
#define TARGET_H

#include <stdbool.h>
#include <stdint.h>

enum target_kind {
	TARGET_NFS,
	TARGET_SSH,
	TARGET_FILE,
	TARGET_RAW,
};

struct target {
	enum target_kind kind;
	const char *text;	/* borrowed: as the user wrote it, for messages */
	char *user;		/* ssh; NULL when not given */
	char *host;		/* nfs, ssh; without brackets */
	uint16_t port;		/* 0: the protocol's own; for nfs the same as nfsport */
	char *path;		/* absolute for nfs and ssh; still with its %-names */

	/* nfs */
	unsigned version;	/* 3 or 4; 0 when not given */
	uint16_t mountport;	/* 0: ask the portmapper */
	int64_t uid, gid;	/* -1 when not given */
	char *export;		/* NULL when not given */
};

/*
 * text stays borrowed. -1: ERR_USAGE, and the text says what is wrong with it.
 * A password in the URL is refused: others would see it.
 */
int target_parse(struct target *t, const char *text);
/* accepts a closed or zeroed one */
void target_close(struct target *t);

#endif
