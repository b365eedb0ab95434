/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Initial RAM disks: cpio archives (newc, newc with checksums), plain or packed, one
 * behind another with zeros between, as init/initramfs.c unpacks them. Read through once,
 * entry by entry; nothing is kept but counts.
 */
#ifndef INITRD_H
#define INITRD_H

#include <stdbool.h>
#include <stdint.h>

struct initrd {
	char kinds[80];		/* what the archives are packed with, in order: "cpio, zstd" */
	unsigned archives;
	uint64_t entries;
	uint64_t unpacked;	/* bytes of pages the files will take, each rounded up to 4 KiB */
	uint64_t modules;	/* of these, bytes of kernel modules (*.ko, packed ones as they are) */
	bool has_init;		/* the program asked for is there: a file, or a link to one */
	bool behind_link;	/* a folder on its path is a symbolic link: it may lie elsewhere */
	bool init_executable;	/* and may be executed */
	bool has_trailer;	/* the last archive ends as it should */
	uint64_t stops_at;	/* there the kernel stops, having what it starts; 0: nowhere */
	bool not_all;		/* part of it is packed with what this build cannot unpack */
};

/*
 * Walks the file of size bytes open at fd. init is the path to look for ("/init", or what
 * rdinit= says). -1: ERR_CORRUPT names the offset and the entry, ERR_UNKNOWN: no cpio at
 * all, ERR_STOPPED. The file name is the caller's to add. Where rd->stops_at is set, it is 0
 * and err_text() says what stands there.
 */
int initrd_walk(struct initrd *rd, int fd, uint64_t size, const char *init);

#endif
