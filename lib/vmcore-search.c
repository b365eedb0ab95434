/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel collects the text of VMCOREINFO at boot in a page of zeros
 * (vmcoreinfo_data, kernel/crash_core.c; an array in .bss before 4.13), and copies it
 * into a note when it crashes. Memory may also have what an earlier kernel left, so the
 * text has to agree with the memory around it: init_uts_ns must be where it says, and
 * be of the same release.
 */
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "space.h"
#include "stop.h"
#include "vmcore-info.h"
#include "vmcore.h"

enum {
	CHUNK = 256 << 10,
	OVERLAP = 4096,			/* bytes before a chunk that are kept */
	INFO_MAX = 64 << 10,		/* the kernel's limit is a page */
};

struct find {
	struct vmcore *vm;
	const void *what;
	size_t len;
	vmcore_hit *hit;
	void *arg;
	uint8_t *buf;			/* OVERLAP bytes and a chunk */
	uint64_t phys;			/* of what comes next */
	size_t kept;			/* bytes before it that are in buf */
};

static int look(struct find *f, size_t n)
{
	const uint8_t *from = f->buf + OVERLAP - f->kept, *p = from;
	size_t left = f->kept + n;
	int rc = 0;

	while (rc == 0 && (p = memmem(p, left, f->what, f->len))) {
		rc = f->hit(f->arg, f->phys - f->kept + (uint64_t)(p - from));
		p++;
		left = f->kept + n - (size_t)(p - from);
	}
	/* the end may be the begin of what is looked for */
	f->kept = f->len - 1 < f->kept + n ? f->len - 1 : f->kept + n;
	memmove(f->buf + OVERLAP - f->kept, f->buf + OVERLAP + n - f->kept, f->kept);
	f->phys += n;
	return rc;
}

/* memory that the dump should hold; what cannot be read is passed over */
static int find_in(void *arg, uint64_t phys, uint64_t len)
{
	struct find *f = arg;
	struct vmcore *vm = f->vm;
	uint64_t end = phys + len;
	int rc = 0;

	if (phys != f->phys)
		f->kept = 0;
	f->phys = phys;
	while (rc == 0 && f->phys < end) {
		size_t n = end - f->phys < CHUNK ? (size_t)(end - f->phys) : CHUNK;

		if (stop_check())
			return -1;
		if (vmcore_read(vm, f->buf + OVERLAP, n, f->phys)) {
			if (err_code() == ERR_STOPPED || err_code() == ERR_MEMORY)
				return -1;
			n = vm->page_size;
			if (vmcore_read(vm, f->buf + OVERLAP, n, f->phys)) {
				f->phys += n;
				f->kept = 0;
				continue;
			}
		}
		rc = look(f, n);
	}
	return rc;
}

static int runs_in_window(struct vmcore *vm, uint64_t first, vmcore_run *run, void *arg)
{
	struct bitmap held;
	uint64_t at, end = 0;
	int rc;

	if (bitmap_open(&held, VMCORE_WINDOW))
		return -1;
	rc = vmcore_held(vm, &held, first);
	while (rc == 0 && (at = bitmap_next_set(&held, end)) < held.nbits) {
		end = bitmap_next_clear(&held, at);
		rc = run(arg, (first + at) << vm->page_shift, (end - at) << vm->page_shift);
	}
	bitmap_close(&held);
	return rc;
}

int vmcore_runs(struct vmcore *vm, vmcore_run *run, void *arg)
{
	int rc = 0;

	for (uint64_t first = 0; rc == 0 && first < vm->npfns; first += VMCORE_WINDOW)
		if (vmcore_may_hold(vm, first))
			rc = runs_in_window(vm, first, run, arg);
	return rc;
}

int vmcore_find(struct vmcore *vm, const void *what, size_t len, vmcore_hit *hit, void *arg)
{
	struct find f = { .vm = vm, .what = what, .len = len, .hit = hit, .arg = arg };
	int rc;

	if (len == 0 || len > OVERLAP)
		return 0;
	f.buf = malloc(OVERLAP + CHUNK);
	if (!f.buf)
		return fail_sys("looking through memory");
	rc = vmcore_runs(vm, find_in, &f);
	free(f.buf);
	return rc;
}

struct search {
	struct vmcore *vm;
	char *text;		/* INFO_MAX bytes */
};

/* KEY=VALUE in printable characters */
static bool is_line(const char *line, size_t len)
{
	const char *equals = memchr(line, '=', len);

	if (!equals || equals == line)
		return false;
	for (size_t i = 0; i < len; i++)
		if (line[i] < ' ' || line[i] > '~')
			return false;
	return true;
}

/* the length of the lines that text begins with */
static size_t lines_len(const char *text, size_t len)
{
	size_t used = 0;

	while (used < len) {
		const char *end = memchr(text + used, '\n', len - used);
		size_t n = end ? (size_t)(end - text) - used : len - used;

		if (!end || !is_line(text + used, n))
			break;
		used += n + 1;
	}
	return used;
}

static size_t read_lines(struct search *s, uint64_t phys)
{
	size_t len = 0;

	while (len < INFO_MAX) {
		size_t room = s->vm->page_size - (phys + len) % s->vm->page_size;
		size_t n = room < INFO_MAX - len ? room : INFO_MAX - len;

		if (vmcore_read(s->vm, s->text + len, n, phys + len))
			break;
		len += n;
		if (memchr(s->text + len - n, '\0', n))
			break;
	}
	return lines_len(s->text, len);
}

static int see_text(void *arg, uint64_t phys)
{
	struct search *s = arg;
	size_t len = read_lines(s, phys);
	struct kinfo ki;
	uint64_t size;
	int rc = 0;

	if (kinfo_open(&ki, s->text, len))
		return err_code() == ERR_MEMORY ? -1 : 0;
	if (ki.release[0] && ki.page_size && kinfo_size(&ki, "page", &size) &&
	    vmcore_fits_info(s->vm, &ki) == 1)
		rc = vmcore_give_info(s->vm, s->text, len) == 0 ? 1 :
		     err_code() == ERR_MEMORY ? -1 : 0;
	kinfo_close(&ki);
	return rc;
}

int vmcore_search_info(struct vmcore *vm)
{
	static const char begin[] = "OSRELEASE=";
	struct search s = { .vm = vm, .text = malloc(INFO_MAX) };
	int rc;

	if (!s.text)
		return fail_sys("VMCOREINFO");
	rc = vmcore_find(vm, begin, sizeof begin - 1, see_text, &s);
	free(s.text);
	return rc;
}
