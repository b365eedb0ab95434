/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: dumpmsg/log.c dumpmsg/caller.c dumpmsg/ring.c dumpmsg/ring-open.c dumpmsg/ring-layout.c dumpmsg/window.c dumpmsg/chunk.c dumpmsg/records.c dumpmsg/records-find.c dumpmsg/records-layout.c dumpmsg/text.c dumpmsg/judge.c dumpmsg/salvage.c dumpmsg/salvage-look.c dumpmsg/salvage-find.c dumpmsg/salvage-solve.c dumpmsg/salvage-ring.c dumpmsg/salvage-records.c dumpmsg/salvage-text.c */
#include <elf.h>
#include <stdio.h>
#include <string.h>

#include "../../dumpmsg/log.h"
#include "bitmap.h"
#include "kinfo.h"
#include "space.h"
#include "unit.h"
#include "vmcore.h"

/* a machine of 2 MiB without page tables, symbols and VMCOREINFO: there is nothing but memory */
enum { PAGE = 4096, MEMORY = 2 << 20, COUNT_BITS = 6, COUNT = 1 << COUNT_BITS,
       SIZE = COUNT << 5, DESC = 3, INFO = 88 };
enum { DESCS = 0x20148, INFOS = 0x31018, TEXTS = 0x44c10, OTHER = 0x100000 };

struct machine {
	struct vmcore vm;
	struct space sp;
	unsigned word;
	bool big_endian;
	uint64_t hole, hole_end;	/* is not in the dump */
	uint64_t begin[COUNT * 4];	/* of the records' texts */
	uint64_t head;
	uint8_t memory[MEMORY];
};

static struct machine m;

static int machine_read(struct vmcore *vm, void *buf, size_t len, uint64_t phys)
{
	(void)vm;
	if (len > MEMORY || phys > MEMORY - len || (phys < m.hole_end && m.hole < phys + len))
		return fail(ERR_CORRUPT, "not in the dump");
	memcpy(buf, m.memory + phys, len);
	return 0;
}

static int machine_held(struct vmcore *vm, struct bitmap *bm, uint64_t first)
{
	(void)vm;
	bitmap_set_window(bm, first, 0, MEMORY / PAGE);
	bitmap_clear_window(bm, first, m.hole / PAGE, m.hole_end / PAGE);
	return 0;
}

static const struct vmcore_ops machine_ops = {
	.name = "machine", .read = machine_read, .ram = machine_held, .held = machine_held
};

/* memory that looks like nothing */
static void machine_open(unsigned word, bool big_endian)
{
	uint64_t random = 88172645463325252;

	memset(&m, 0, sizeof m);
	m.word = word;
	m.big_endian = big_endian;
	m.vm.ops = &machine_ops;
	m.vm.swap = big_endian != (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
	m.vm.machine = word == 8 ? EM_X86_64 : EM_386;
	m.vm.page_size = PAGE;
	m.vm.page_shift = 12;
	m.vm.npfns = MEMORY / PAGE;
	m.sp.vm = &m.vm;
	for (size_t i = 0; i < MEMORY; i += 8) {
		uint64_t x = i / PAGE % 3 ? unit_random(&random) : 0;

		memcpy(m.memory + i, &x, sizeof x);
	}
	for (uint64_t at = DESCS & ~0xfff; at < OTHER + 0x60000; at++)
		m.memory[at] = 0;
}

static void put(uint64_t at, unsigned len, uint64_t value)
{
	assert_true(at + len <= MEMORY);
	for (unsigned i = 0; i < len; i++)
		m.memory[at + i] = (uint8_t)(value >> (8 * (m.big_endian ? len - 1 - i : i)));
}

static const char *message(unsigned long n)
{
	static char text[100];

	snprintf(text, sizeof text, "message number %lu of the kernel's%.*s", n, (int)(n % 9),
		 " own log");
	return text;
}

/* record n, where each lies; old: the ids that kernels before 5.18 or so began with */
static void add(uint64_t n, uint64_t offset, bool old, const char *text)
{
	uint64_t mask = UINT64_MAX >> (64 - 8 * m.word + 2), word = m.word;
	uint64_t id = (n - COUNT + (old ? (uint64_t)1 << 32 : 0)) & mask;
	uint64_t desc = offset + DESCS + n % COUNT * DESC * word, info = offset + INFOS + n % COUNT * INFO;
	uint64_t len = (strlen(text) + 2 + 2 * word - 1) / word * word, at;

	if (m.head / SIZE != (m.head + len) / SIZE) {
		put(offset + TEXTS + m.head % SIZE, m.word, id);
		m.begin[n] = m.head;
		m.head = (m.head + len) / SIZE * SIZE + len;
		at = 0;
	} else {
		m.begin[n] = m.head;
		at = m.head % SIZE;
		m.head += len;
	}
	put(desc, m.word, id | (uint64_t)2 << (8 * word - 2));
	put(desc + word, m.word, m.begin[n]);
	put(desc + 2 * word, m.word, m.head);
	put(info, 8, n);
	put(info + 8, 8, n * 1000000000 + 5000);
	put(info + 16, 2, strlen(text));
	put(info + 19, 1, m.big_endian ? 6 : 6 << 5);
	put(offset + TEXTS + at, m.word, id);
	memcpy(m.memory + offset + TEXTS + at + word, text, strlen(text));
	memcpy(m.memory + offset + TEXTS + at + word + strlen(text), "\n", 2);
}

static void add_ring(uint64_t n, uint64_t offset, bool old)
{
	m.head = 0;
	for (uint64_t i = 0; i < n; i++)
		add(i, offset, old, i ? message(i) : "Linux version 6.1.0-one (one@two)");
}

struct found {
	unsigned n, gaps, untimed;
	uint64_t first, last;
	bool in_order, strange;		/* text that is not the record's */
};

static int salvage(struct found *f, struct log *log)
{
	struct record r;
	int rc = log_salvage(log, &m.sp);

	*f = (struct found){ .in_order = true };
	while (rc == 0 && (rc = log_next(log, &r)) == 1) {
		rc = 0;
		if (r.loss != LOSS_NONE) {
			f->gaps++;
			continue;
		}
		if (f->n == 0)
			f->first = r.seq;
		else
			f->in_order &= r.seq > f->last;
		f->untimed += !r.timed;
		f->strange |= r.seq && (r.len != strlen(message(r.seq)) ||
					memcmp(r.text, message(r.seq), r.len));
		f->last = r.seq;
		f->n++;
	}
	return rc;
}

static void expect(unsigned n, uint64_t first, uint64_t last, unsigned untimed)
{
	struct found f;
	struct log log;

	assert_int_equal(salvage(&f, &log), 0);
	assert_true(log.salvaged);
	assert_int_equal(f.n, n);
	assert_int_equal(f.first, first);
	assert_int_equal(f.last, last);
	assert_int_equal(f.untimed, untimed);
	assert_true(f.in_order);
	assert_false(f.strange);
	/* the second time it is not looked for again */
	assert_int_equal(log_rewind(&log), 0);
	log_close(&log);
}

static void clear(uint64_t at, uint64_t len) { memset(m.memory + at, 0, len); }

static void rings(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 8; i++) {
		unsigned word = i & 1 ? 4 : 8;
		bool old = i & 4;

		if (old && word == 4)
			continue;
		machine_open(word, i & 2);
		add_ring(20, 0, old);
		expect(20, 0, 19, 0);
		machine_open(word, i & 2);
		add_ring(200, 0, old);	/* several laps: older texts are overwritten */
		struct found f;
		struct log log;

		assert_int_equal(salvage(&f, &log), 0);
		assert_int_equal(f.last, 199);
		assert_true(f.n > 20 && f.n == f.last - f.first + 1);
		assert_true(f.in_order && !f.strange && f.untimed == 0);
		log_close(&log);
	}
}

/* two of the three arrays, or one, and what that leaves */
static void parts(void **state)
{
	const uint64_t descs = COUNT * DESC * 8, infos = COUNT * INFO;

	(void)state;
	machine_open(8, false);
	add_ring(30, 0, false);
	clear(DESCS, descs);
	expect(30, 0, 29, 0);
	clear(INFOS, infos);
	expect(30, 0, 29, 30);		/* numbers from the first text on */
	add_ring(30, 0, false);
	clear(INFOS, infos);
	expect(30, 0, 29, 30);
	add_ring(30, 0, false);
	clear(INFOS + 4 * INFO, INFO);
	clear(DESCS + 7 * DESC * 8, 3 * DESC * 8);
	expect(30, 0, 29, 1);
	clear(TEXTS + m.begin[12], 8);	/* nothing proves this one */
	expect(29, 0, 29, 1);
	clear(TEXTS, SIZE);

	struct found f;
	struct log log;

	assert_int_equal(salvage(&f, &log), -1);
	assert_failed(ERR_CORRUPT, "no log is in the memory");
	log_close(&log);
}

/* a page of texts is not there */
static void hole(void **state)
{
	struct found f;
	struct log log;

	(void)state;
	machine_open(8, false);
	add_ring(30, 0, false);
	m.hole = TEXTS & ~0xfff;
	m.hole_end = m.hole + PAGE;
	assert_int_equal(salvage(&f, &log), 0);
	assert_true(f.n > 0 && f.gaps > 0 && log.missing > 0 && log.damaged == 0);
	assert_true(f.in_order && !f.strange);
	assert_int_equal(f.n + log.missing, 30);
	log_close(&log);
}

/* two logs: never parts of both; the one that tells of a crash, or that fits VMCOREINFO */
static void two_boots(void **state)
{
	static const char info[] = "OSRELEASE=6.1.0-one\nPAGESIZE=4096\n";

	(void)state;
	machine_open(8, false);
	add_ring(40, 0, false);
	add_ring(20, OTHER, false);
	expect(40, 0, 39, 0);
	add(20, OTHER, false, "Kernel panic - not syncing");

	struct found f;
	struct log log;

	assert_int_equal(salvage(&f, &log), 0);
	assert_int_equal(f.n, 21);
	log_close(&log);
	machine_open(8, false);
	add_ring(40, 0, false);
	memcpy(m.memory + TEXTS + 8, "Linux version 5.0.0-old (one@two)", 33);
	add_ring(20, OTHER, false);
	assert_int_equal(kinfo_open(&m.vm.info, info, sizeof info - 1), 0);
	expect(20, 0, 19, 0);
	kinfo_close(&m.vm.info);
}

/* records of 3.5 to 5.9: n of them from number first on, at offset; where they end */
static uint64_t add_records(uint64_t at, uint64_t first, unsigned n)
{
	for (uint64_t i = first; i < first + n; i++) {
		const char *text = message(i);
		uint64_t len = (16 + strlen(text) + 3) & ~3ull;

		clear(at, len);
		put(at, 8, i * 1000000000);
		put(at + 8, 2, len);
		put(at + 10, 2, strlen(text));
		put(at + 15, 1, m.big_endian ? 2 << 3 | 6 : 6 << 5 | 2);
		memcpy(m.memory + at + 16, text, strlen(text));
		at += len;
	}
	return at;
}

static void older(const char *from, const char *to, unsigned n)
{
	struct log log;
	struct record r;
	char text[200] = "";
	unsigned got = 0;

	assert_int_equal(log_salvage(&log, &m.sp), 0);
	while (log_next(&log, &r) == 1) {
		if (r.loss != LOSS_NONE)
			continue;
		snprintf(text, sizeof text, "%.*s", (int)r.len, r.text);
		if (got++ == 0)
			assert_string_equal(text, from);
	}
	assert_string_equal(text, to);
	assert_int_equal(got, n);
	log_close(&log);
}

static void records(void **state)
{
	char first[100], last[100];

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		uint64_t at, seam;

		machine_open(8, i);
		at = add_records(DESCS, 1, 50);
		snprintf(first, sizeof first, "%s", message(1));
		snprintf(last, sizeof last, "%s", message(50));
		older(first, last, 50);
		/* the newest ones are at the start */
		machine_open(8, i);
		seam = add_records(DESCS, 51, 20);
		at = add_records(seam + 24, 21, 30);
		snprintf(first, sizeof first, "%s", message(21));
		snprintf(last, sizeof last, "%s", message(70));
		older(first, last, 50);
		/* one header in the middle is destroyed */
		put(seam + 24 + 8, 4, 0xffffffff);
		snprintf(first, sizeof first, "%s", message(22));
		older(first, last, 49);
		/* what a lap before left behind the marker is no part of it */
		clear(at, 16);
		add_records(at + 16, 2, 10);
		older(first, last, 49);
	}
}

static size_t add_lines(uint64_t at, unsigned first, unsigned n, bool timed)
{
	char *to = (char *)m.memory + at;
	size_t used = 0;

	for (unsigned i = first; i < first + n; i++)
		used += (size_t)(timed ? sprintf(to + used, "<6>[%5u.000000] %s\n", i, message(i)) :
					 sprintf(to + used, "<6>%s\n", message(i)));
	return used;
}

static void lines(void **state)
{
	char last[100], first[100];
	uint64_t at;

	(void)state;
	machine_open(8, false);
	clear(DESCS + add_lines(DESCS, 1, 50, true), 64);
	snprintf(first, sizeof first, "%s", message(1));
	snprintf(last, sizeof last, "%s", message(50));
	older(first, last, 50);
	/* round the ring: the end of a line, of which the beginning is overwritten, is the oldest */
	for (unsigned timed = 0; timed < 2; timed++) {
		machine_open(8, false);
		at = DESCS + add_lines(DESCS, 51, 20, timed);
		at += (size_t)sprintf((char *)m.memory + at, "kernel's own\n");
		clear(at + add_lines(at, 21, 30, timed), 64);
		snprintf(last, sizeof last, "%s", message(70));
		older("kernel's own", last, 51);
	}
	/* a time that is wrong is no seam, nor is a byte that is no character an end */
	machine_open(8, false);
	clear(DESCS + add_lines(DESCS, 1, 50, true), 64);
	memcpy(m.memory + DESCS + 400, "\1", 1);
	for (char *p = (char *)m.memory + DESCS; p; p = strstr(p + 1, "[   30"))
		if (*p == '[')
			p[2] = '9';
	snprintf(last, sizeof last, "%s", message(50));
	older(first, last, 50);
}

/* every bit of a ring's arrays, in turn: one record at most is lost, none is another */
static void every_bit(void **state)
{
	(void)state;
	machine_open(8, false);
	add_ring(20, 0, false);
	for (unsigned part = 0; part < 3; part++) {
		uint64_t at = part == 0 ? DESCS : part == 1 ? INFOS : TEXTS;
		uint64_t len = part == 0 ? 20 * 24 : part == 1 ? 20 * INFO : 20 * 8;

		for (uint64_t bit = 0; bit < len * 8; bit += 31) {
			struct found f;
			struct log log;

			m.memory[at + bit / 8] ^= (uint8_t)(1 << bit % 8);
			if (salvage(&f, &log))
				fail_msg("bit %u: %s", (unsigned)bit, err_text());
			if (f.n < 19 || f.n > 20 || !f.in_order)
				fail_msg("part %u, bit %u: %u records", part, (unsigned)bit, f.n);
			log_close(&log);
			m.memory[at + bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
	}
}

static void nothing(void **state)
{
	struct found f;
	struct log log;

	(void)state;
	machine_open(8, false);
	assert_int_equal(salvage(&f, &log), -1);
	assert_failed(ERR_CORRUPT, "no log is in the memory");
	log_close(&log);
	m.hole_end = MEMORY;
	assert_int_equal(salvage(&f, &log), -1);
	log_close(&log);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rings),
		cmocka_unit_test(parts),
		cmocka_unit_test(hole),
		cmocka_unit_test(two_boots),
		cmocka_unit_test(records),
		cmocka_unit_test(lines),
		cmocka_unit_test(every_bit),
		cmocka_unit_test(nothing),
	};

	return RUN(tests);
}
