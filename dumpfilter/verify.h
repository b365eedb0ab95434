/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is a dump sound? Its headers, notes, bitmaps and descriptors agree, each page's data
 * decompresses to a page, and where the dump has checksums they are right. All of it is
 * looked at, whatever is found; the first fault is told in words, the others are counted.
 *
 * LZO and snappy data, and pages stored as they are, have nothing in themselves that
 * would tell a changed byte: without checksums such damage is not found.
 */
#ifndef VERIFY_H
#define VERIFY_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct verify_options {
	unsigned threads;	/* 1: no other thread than the caller's */
	FILE *progress;		/* where to tell how far it is, or NULL */
};

/* what is wrong; all but the first are counted in pages, a page once */
enum verify_fault {
	VERIFY_LAYOUT,		/* headers, notes or bitmaps contradict themselves */
	VERIFY_BITMAP,		/* in bitmap 2 (kept), but not in bitmap 1 (exists) */
	VERIFY_UNWRITTEN,	/* the descriptor is empty, the dump not marked as incomplete */
	VERIFY_PLACE,		/* data in the headers or past the end of the file */
	VERIFY_SIZE,		/* more bytes than a page has, or not a page as it is */
	VERIFY_CODEC,		/* flags that no codec has */
	VERIFY_READ,		/* the disk has an error */
	VERIFY_DATA,		/* the data does not decompress to a page */
	VERIFY_SUM,		/* the checksum is not that of the page */
	VERIFY_TWICE,		/* ELF: the page is there twice, and not the same */
	VERIFY_FAULTS
};

struct verify_result {
	const char *format;	/* "kdump-compressed", "ELF" */
	bool compressed;	/* there was something to decompress */
	bool incomplete;	/* the dump says so, or its flattened stream has no end */
	uint64_t npages;	/* that the dump claims to hold */
	uint64_t nsums;		/* of them: have a checksum, and it is right */
	uint64_t nmissing;	/* of them: not there, in a dump that is incomplete */
	uint64_t nunknown;	/* of them: not looked at, as this build lacks the codec */
	uint64_t fault[VERIFY_FAULTS];
	uint64_t first_pfn;	/* of the lowest page with a fault */
	char first[256];	/* the first fault in words, "" if there is none */
	char unknown[128];	/* why pages were not looked at */
};

/*
 * 0: all was looked at, result says what was found. -1 after fail(): the file cannot be
 * read or is no dump (ERR_UNKNOWN), its headers do not even say where the rest is
 * (ERR_CORRUPT), memory is short, or a signal came.
 */
int verify(const char *path, const struct verify_options *opts, struct verify_result *result);
/* pages with a fault */
uint64_t verify_bad(const struct verify_result *result);
/* verify(), and tell the result on standard output, faults on standard error: exit status */
int verify_file(const char *path, const struct verify_options *opts, bool json);

#endif
