/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "cursor.h"
#include "err.h"
#include "note.h"
#include "verify-part.h"

void verify_fault(struct verify_result *r, enum verify_fault what, uint64_t pfn,
		  const char *fmt, ...)
{
	bool in_headers = r->first[0] && r->first_pfn == VERIFY_NO_PFN;
	va_list ap;

	r->fault[what]++;
	if (in_headers || (r->first[0] && pfn != VERIFY_NO_PFN && pfn >= r->first_pfn))
		return;
	r->first_pfn = pfn;
	va_start(ap, fmt);
	vsnprintf(r->first, sizeof r->first, fmt, ap);
	va_end(ap);
}

void verify_notes(struct verify_result *r, const void *notes, size_t len, bool swap)
{
	struct cursor c = cursor_over(notes, len, swap);
	struct note note;
	int rc;

	while ((rc = note_next(&c, &note)) == 1)
		continue;
	if (rc < 0)
		verify_fault(r, VERIFY_LAYOUT, VERIFY_NO_PFN, "notes: %s", err_text());
}

bool verify_has(const struct source *src, uint64_t at, uint64_t len)
{
	if (at > src->size || len > src->size - at)
		return false;
	/* gaps are zeros, unless there should have been more of the stream */
	return !src->truncated || ranges_cover(&src->records, at, len);
}

uint64_t verify_next_data(const struct source *src, uint64_t at)
{
	const struct range *r;
	off_t next;

	if (at >= src->size)
		return at;
	if (src->flat) {
		r = ranges_above(&src->records, at);
		return !r ? src->size : r->start > at ? r->start : at;
	}
	next = lseek(src->fd, (off_t)at, SEEK_DATA);
	if (next < 0)
		return errno == ENXIO ? src->size : at;
	return (uint64_t)next > at ? (uint64_t)next : at;
}

int verify(const char *path, const struct verify_options *opts, struct verify_result *result)
{
	struct verify_part v = { .opts = opts, .result = result };
	int rc;

	*result = (struct verify_result){ .first_pfn = VERIFY_NO_PFN };
	if (source_open(&v.src, path))
		return -1;
	result->incomplete = v.src.truncated;
	rc = verify_kdump(&v);
	if (rc == 0)
		rc = verify_elf(&v);
	if (rc == 0) {
		fail(ERR_UNKNOWN, "neither an ELF core nor a kdump-compressed file");
		rc = fail_in(path);
	}
	progress_close(&v.progress);
	source_close(&v.src);
	return rc < 0 ? -1 : 0;
}

uint64_t verify_bad(const struct verify_result *result)
{
	uint64_t n = 0;

	for (int i = VERIFY_LAYOUT + 1; i < VERIFY_FAULTS; i++)
		n += result->fault[i];
	return n;
}
