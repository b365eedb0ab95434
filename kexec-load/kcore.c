/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /proc/kcore is an ELF file of the kernel's virtual memory (fs/proc/kcore.c, seen from
 * 5.10 to 7.2). Its program headers give p_paddr for ordinary memory in the direct mapping
 * and for the kernel's text; all others, modules and vmalloc areas, have ~0 there. The
 * text is the one that maps memory which the direct mapping maps too, and lies above it
 * on x86_64 and arm64 alike.
 */
#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cursor.h"
#include "err.h"
#include "kcore.h"
#include "note.h"
#include "num.h"
#include "sysfs.h"

static const char path[] = "/proc/kcore";

enum { HEADER = 64, PROGRAM_HEADER = 56, NOTES_MAX = 1 << 20 };

static int read_exactly(FILE *in, long at, void *buf, size_t len)
{
	if (fseek(in, at, SEEK_SET))
		return fail_sys("%s", path);
	if (fread(buf, 1, len, in) == len)
		return 0;
	return ferror(in) ? fail_sys("%s", path) :
			    fail(ERR_CORRUPT, "%s: ends at its headers", path);
}

static struct cursor over(const uint8_t *bytes, size_t len)
{
	return cursor_over(bytes, len, __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__);
}

/* where the program headers are, and how many */
static int read_header(FILE *in, uint64_t *phoff, uint16_t *phnum)
{
	static const char ident[] = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB };
	uint8_t head[HEADER];

	if (read_exactly(in, 0, head, sizeof head))
		return -1;
	if (memcmp(head, ident, sizeof ident) != 0)
		return fail(ERR_CORRUPT, "%s: no ELF file of 64 bits, little endian", path);

	struct cursor c = over(head, sizeof head);

	cursor_take(&c, 32);
	*phoff = cursor_u64(&c);
	cursor_take(&c, 14);
	uint16_t phentsize = cursor_u16(&c);

	*phnum = cursor_u16(&c);
	if (phentsize != PROGRAM_HEADER || *phoff < HEADER || *phoff > 1 << 20)
		return fail(ERR_CORRUPT, "%s: program headers of %u bytes at %#" PRIx64, path,
			    phentsize, *phoff);
	return 0;
}

/* a range if this program header maps memory whose physical address it tells */
static struct range mapped(struct cursor *c)
{
	struct range r = { 0 };
	uint32_t type = cursor_u32(c);

	cursor_take(c, 12);
	r.at = cursor_u64(c);
	r.start = cursor_u64(c);
	cursor_take(c, 8);
	uint64_t len = cursor_u64(c);

	cursor_take(c, 8);
	if (type != PT_LOAD || r.start == UINT64_MAX || !num_add(r.start, len, &r.end))
		return (struct range){ 0 };
	return r;
}

static bool is_inside(const struct range *r, const struct ranges *rs)
{
	for (size_t i = 0; i < rs->n; i++)
		if (&rs->r[i] != r && rs->r[i].start <= r->start && r->end <= rs->r[i].end)
			return true;
	return false;
}

/* the mapping at the highest virtual addresses, if it is of memory mapped elsewhere too */
static void find_text(struct kcore *kc)
{
	struct ranges *rs = &kc->direct;
	size_t highest = 0;

	for (size_t i = 1; i < rs->n; i++)
		if (rs->r[i].at > rs->r[highest].at)
			highest = i;
	if (rs->n == 0 || !is_inside(&rs->r[highest], rs))
		return;
	kc->text = rs->r[highest];
	rs->r[highest] = rs->r[--rs->n];
}

/* len bytes at an offset, to be freed; NULL after fail() */
static uint8_t *read_new(FILE *in, uint64_t at, size_t len)
{
	uint8_t *bytes = malloc(len ? len : 1);

	if (!bytes) {
		fail_sys("%s", path);
	} else if (read_exactly(in, (long)at, bytes, len)) {
		free(bytes);
		bytes = NULL;
	}
	return bytes;
}

/* all program headers, to be freed; NULL after fail() */
static uint8_t *read_headers(FILE *in, struct cursor *c)
{
	uint64_t phoff = 0;
	uint16_t phnum = 0;

	if (read_header(in, &phoff, &phnum))
		return NULL;
	size_t len = (size_t)phnum * PROGRAM_HEADER;
	uint8_t *headers = read_new(in, phoff, len);

	*c = over(headers, headers ? len : 0);
	return headers;
}

static int read_mappings(struct kcore *kc, FILE *in)
{
	struct cursor c;
	uint8_t *headers = read_headers(in, &c);
	int result = headers ? 0 : -1;

	while (!result && cursor_left(&c) > 0)
		result = ranges_add(&kc->direct, mapped(&c));
	free(headers);
	if (result)
		return -1;
	find_text(kc);
	return ranges_seal(&kc->direct);
}

int kcore_look(struct kcore *kc, const char *root)
{
	*kc = (struct kcore){ 0 };
	FILE *in = sysfs_open(root, path);

	if (!in && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (!in)
		return fail_sys("%s", path);
	int first = getc(in);
	/* a service that may not read it sees an empty file in its place */
	bool hidden = first == EOF && !ferror(in);
	int result = hidden ? 0 : read_mappings(kc, in);

	fclose(in);
	return result ? -1 : !hidden;
}

void kcore_close(struct kcore *kc)
{
	ranges_free(&kc->direct);
	*kc = (struct kcore){ 0 };
}

/* where the notes are; false if there are none, or too many */
static bool find_notes(struct cursor *c, uint64_t *at, uint64_t *len)
{
	while (cursor_left(c) > 0) {
		uint32_t type = cursor_u32(c);

		cursor_take(c, 4);
		*at = cursor_u64(c);
		cursor_take(c, 16);
		*len = cursor_u64(c);
		cursor_take(c, 16);
		if (type == PT_NOTE)
			return *at <= NOTES_MAX && *len > 0 && *len <= NOTES_MAX;
	}
	return false;
}

/* 1, 0 when it is not among them, or -1 */
static int find_info(struct kinfo *info, struct cursor *notes)
{
	static const char name[] = "VMCOREINFO";
	struct note note;

	while (note_next(notes, &note) == 1)
		if (note.namelen == sizeof name - 1 && memcmp(note.name, name, note.namelen) == 0)
			return kinfo_open(info, note.desc, note.desclen) ? -1 : 1;
	return 0;
}

static int read_info(struct kinfo *info, FILE *in)
{
	struct cursor c;
	uint64_t at = 0, len = 0;
	uint8_t *headers = read_headers(in, &c);

	if (!headers)
		return -1;
	bool there = find_notes(&c, &at, &len);

	free(headers);
	if (!there)
		return 0;
	uint8_t *notes = read_new(in, at, (size_t)len);

	if (!notes)
		return -1;
	c = over(notes, (size_t)len);
	int result = find_info(info, &c);

	free(notes);
	return result;
}

int kcore_info(struct kinfo *info, const char *root)
{
	*info = (struct kinfo){ 0 };
	FILE *in = sysfs_open(root, path);

	if (!in)
		return errno == ENOENT || errno == ENOTDIR ? 0 : fail_sys("%s", path);
	int result = read_info(info, in);

	fclose(in);
	return result;
}
