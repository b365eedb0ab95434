/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>

#include "err.h"
#include "peek.h"
#include "vmcore.h"

void peek_open(struct peek *p, struct space *sp)
{
	p->sp = sp;
	p->page = p->missing = 1;
}

const uint8_t *peek_far(struct peek *p, uint64_t virt, size_t len)
{
	uint64_t off = virt % PEEK_PAGE, page = virt - off;

	if (len == 0 || len > PEEK_MAX || virt > UINT64_MAX - len) {
		fail(ERR_CORRUPT, "%zu bytes at %#" PRIx64, len, virt);
		return NULL;
	}
	if (len > PEEK_PAGE - off)
		return space_read(p->sp, p->joined, len, virt) ? NULL : p->joined;
	if (page == p->missing) {
		fail(ERR_CORRUPT, "%#" PRIx64 " cannot be read", virt);
		return NULL;
	}
	if (page != p->page) {
		p->page = 1;
		if (space_read(p->sp, p->buf, PEEK_PAGE, page)) {
			if (err_code() == ERR_CORRUPT)
				p->missing = page;
			return NULL;
		}
		p->page = page;
	}
	return p->buf + off;
}

int peek_u32(struct peek *p, uint64_t virt, uint32_t *value)
{
	const uint8_t *raw = peek(p, virt, sizeof *value);

	if (!raw)
		return -1;
	*value = vmcore_u32(p->sp->vm, raw);
	return 0;
}

int peek_u64(struct peek *p, uint64_t virt, uint64_t *value)
{
	const uint8_t *raw = peek(p, virt, sizeof *value);

	if (!raw)
		return -1;
	*value = vmcore_u64(p->sp->vm, raw);
	return 0;
}
