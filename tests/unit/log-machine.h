/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A machine of a few pages in one linear map, and what its old kernels' logs need. */
#ifndef LOG_MACHINE_H
#define LOG_MACHINE_H

#include <stdio.h>
#include <string.h>

#include "../../dumpmsg/log.h"
#include "kinfo.h"
#include "space.h"
#include "unit.h"
#include "vmcore.h"

enum {
	VARS = 0, LOG_BUF = VARS, LOG_BUF_LEN = 8, FIRST = 16, NEXT = 24, CLEAR = 32,
	LOG_END = 16, LOGGED = 24,
	BUF = 4096, BUF_LEN = 4096, MEMORY = BUF + BUF_LEN,
};

#define BASE ((uint64_t)0xc0000000)

struct machine {
	struct vmcore vm;
	struct space sp;
	unsigned word;
	bool big_endian;
	uint64_t hole, hole_end;	/* bytes that are not in the dump */
	uint8_t memory[MEMORY];
};

static int machine_read(struct vmcore *vm, void *buf, size_t len, uint64_t phys)
{
	struct machine *m = vm->priv;

	if (len > MEMORY || phys > MEMORY - len)
		return fail(ERR_CORRUPT, "no such memory");
	if (m->hole < phys + len && phys < m->hole_end)
		return fail(ERR_CORRUPT, "not in the dump");
	memcpy(buf, m->memory + phys, len);
	return 0;
}

static const struct vmcore_ops machine_ops = { .name = "machine", .read = machine_read };

static inline void put(struct machine *m, uint64_t at, unsigned len, uint64_t value)
{
	assert_true(at + len <= MEMORY);
	for (unsigned i = 0; i < len; i++) {
		unsigned shift = 8 * (m->big_endian ? len - 1 - i : i);

		m->memory[at + i] = (uint8_t)(value >> shift);
	}
}

static void machine_say(struct machine *m, const char *info)
{
	kinfo_close(&m->vm.info);
	assert_int_equal(kinfo_open(&m->vm.info, info, strlen(info)), 0);
}

static void machine_open(struct machine *m, unsigned word, bool big_endian, const char *info)
{
	memset(m, 0, sizeof *m);
	m->word = word;
	m->big_endian = big_endian;
	m->vm.ops = &machine_ops;
	m->vm.priv = m;
	m->vm.swap = big_endian != (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
	m->vm.page_size = 4096;
	m->sp.vm = &m->vm;
	m->sp.nlinear = 1;
	m->sp.linear[0].virt = BASE;
	m->sp.linear[0].len = MEMORY;
	machine_say(m, info);
	put(m, LOG_BUF, word, BASE + BUF);
	put(m, LOG_BUF_LEN, 4, BUF_LEN);
}

static void machine_close(struct machine *m) { kinfo_close(&m->vm.info); }

/*
 * All that can be read, with | behind each record, (m2): 2 missing, (d0): some damaged;
 * *log keeps the counts.
 */
static inline int read_all(struct machine *m, struct log *log, char *text, size_t size)
{
	struct record r;
	struct log counts;
	int rc = log_open(log, &m->sp);

	text[0] = '\0';
	for (unsigned n = 0; rc == 0 && (rc = log_next(log, &r)) == 1; n++) {
		size_t used = strlen(text);

		assert_true(n < MEMORY);
		if (used + r.len + 32 < size && r.loss)
			snprintf(text + used, size - used, "(%c%u)",
				 r.loss == LOSS_MISSING ? 'm' : 'd', (unsigned)r.lost);
		else if (used + r.len + 32 < size)
			snprintf(text + used, size - used, "%.*s|", (int)r.len, r.text);
		rc = 0;
	}
	counts = *log;
	log_close(log);
	*log = counts;
	return rc;
}

static inline void expect(struct machine *m, const char *words)
{
	struct log log;
	char text[8192];

	assert_int_equal(read_all(m, &log, text, sizeof text), 0);
	assert_string_equal(text, words);
}

#endif
