/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "err.h"
#include "layout.h"
#include "machine.h"
#include "num.h"
#include "stop.h"

enum { PAGE = 4096, MIB = 1 << 20 };

struct layout_segment *layout_add(struct layout *ly, const char *what, uint8_t *bytes,
				  uint64_t len, uint64_t size, uint64_t at)
{
	struct layout_segment *seg = &ly->seg[ly->n];

	if (ly->n == LAYOUT_SEGMENTS) {
		fail(ERR_UNKNOWN, "%s: the kernel takes %d segments at most", what,
		     LAYOUT_SEGMENTS);
	} else if (len > size || !num_round_up(size, PAGE, &size)) {
		fail(ERR_CORRUPT, "%s: %" PRIu64 " bytes into a segment of %" PRIu64, what, len,
		     size);
	} else {
		*seg = (struct layout_segment){ .what = what, .bytes = bytes, .len = bytes ? len : 0,
						.at = at, .size = size };
		ly->n++;
		return seg;
	}
	free(bytes);
	return NULL;
}

int layout_read(int fd, uint64_t len, uint8_t **bytes)
{
	uint64_t at = 0;

	*bytes = malloc(len ? len : 1);
	if (!*bytes)
		return fail_sys("%" PRIu64 " MiB", len / MIB);
	while (at < len) {
		ssize_t n = pread(fd, *bytes + at, len - at, (off_t)at);

		if (stop_check())
			break;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			fail_sys("reading at %#" PRIx64, at);
		else if (n == 0)
			fail(ERR_AGAIN, "became shorter while it was read");
		if (n <= 0)
			break;
		at += (uint64_t)n;
	}
	if (at == len)
		return 0;
	free(*bytes);
	*bytes = NULL;
	return -1;
}

static bool overlaps(const struct layout *ly, const struct layout_segment *seg)
{
	for (unsigned i = 0; i < ly->n; i++) {
		const struct layout_segment *other = &ly->seg[i];

		if (other != seg && other->at < seg->at + seg->size &&
		    seg->at < other->at + other->size)
			return true;
	}
	return false;
}

/*
 * Every test of the call for segments (kernel/kexec_core.c, sanity_check_segment_list).
 * The layouts are made to pass them: what fails here is a mistake of ours, but not one
 * that costs the armed kernel. With CRASH_HOTPLUG the kernel looks for the elfcorehdr by
 * its first bytes (kernel/crash_core.c, crash_handle_hotplug_event).
 */
static int check_segment(const struct layout *ly, const struct layout_segment *seg,
			 struct range region)
{
	uint64_t end;

	if (seg->at % PAGE || seg->size % PAGE || seg->size == 0)
		return fail(ERR_UNKNOWN, "%s: %#" PRIx64 "+%#" PRIx64 " is not in whole"
			    " pages", seg->what, seg->at, seg->size);
	if (!num_add(seg->at, seg->size, &end) || seg->at < region.start || end > region.end)
		return fail(ERR_UNKNOWN, "%s: %#" PRIx64 "+%#" PRIx64 " is outside of the"
			    " reservation", seg->what, seg->at, seg->size);
	if (seg->len > seg->size || overlaps(ly, seg))
		return fail(ERR_UNKNOWN, "%s: %#" PRIx64 "+%#" PRIx64 " overlaps another"
			    " segment", seg->what, seg->at, seg->size);
	if (strcmp(seg->what, "elfcorehdr") != 0 && seg->len >= 4 &&
	    memcmp(seg->bytes, "\x7f" "ELF", 4) == 0)
		return fail(ERR_UNKNOWN, "%s: begins like an elfcorehdr", seg->what);
	return 0;
}

int layout_check(const struct layout *ly, const struct machine *m)
{
	if (ly->entry < m->region.start || ly->entry >= m->region.end)
		return fail(ERR_UNKNOWN, "the entry point %#" PRIx64 " is outside of the"
			    " reservation", ly->entry);
	for (unsigned i = 0; i < ly->n; i++)
		if (check_segment(ly, &ly->seg[i], m->region))
			return -1;
	if (m->memory && ly->used > m->memory / 2)
		return fail(ERR_SYS, "the segments take %" PRIu64 " MiB: the limit is half of"
			    " the memory, %" PRIu64 " MiB", num_div_up(ly->used, MIB),
			    m->memory / 2 / MIB);
	return 0;
}

int layout_make(struct layout *ly, const struct load *ld, const struct machine *m,
		const struct layout_wish *wish)
{
	static const struct {
		const char *arch;
		int (*make)(struct layout *ly, const struct load *ld, const struct machine *m,
			    const struct layout_wish *wish);
	} kinds[] = {
		{ "x86_64", layout_x86_64 },
		{ "aarch64", layout_arm64 },
	};

	*ly = (struct layout){ 0 };
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		if (strcmp(m->arch, kinds[i].arch) != 0)
			continue;
		if (kinds[i].make(ly, ld, m, wish))
			return -1;
		ly->used = 0;
		for (unsigned s = 0; s < ly->n; s++)
			ly->used += ly->seg[s].size;
		return layout_check(ly, m);
	}
	return fail(ERR_UNKNOWN, "the classical call (-c) is known for x86_64 and arm64 here,"
		    " not for %s: use -s", m->arch);
}

void layout_close(struct layout *ly)
{
	for (unsigned i = 0; i < ly->n; i++)
		free(ly->seg[i].bytes);
	ranges_free(&ly->map);
	free(ly->cmdline);
	*ly = (struct layout){ 0 };
}
