/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: crashreserve/eval.c crashreserve/eval-rules.c crashreserve/eval-parse.c crashreserve/eval-memory.c crashreserve/eval-words.c crashreserve/eval-explain.c crashreserve/eval-traps.c */
#include <stdio.h>
#include <string.h>

#include "../../crashreserve/eval.h"
#include "unit.h"

#define MIB ((uint64_t)1 << 20)
#define GIB ((uint64_t)1 << 30)

static void run(struct eval_out *out, const char *arch, const char *release, uint64_t ram,
		const char *line)
{
	struct eval_in in = { .cmdline = line, .ram = ram };

	assert_int_equal(eval_kernel(&in, arch, release), 0);
	eval_run(&in, out);
}

struct sample {
	const char *release;
	uint64_t ram;
	const char *line;
	enum eval_status status;
	uint64_t size, low, cma, offset;
};

/* each was booted: tests/vm/eval-lines */
static const struct sample booted[] = {
	{ "6.12", GIB, "quiet", EVAL_NOT_ASKED },
	{ "6.12", GIB, "crashkernel=64M", EVAL_RESERVED, 64 * MIB, 256 * MIB },
	{ "6.12", GIB, "crashkernel=67108865", EVAL_RESERVED, 67108865, 256 * MIB },
	{ "6.12", GIB, "crashkernel=0400000000", EVAL_RESERVED, 64 * MIB, 256 * MIB },
	{ "6.12", GIB, "crashkernel=0X40m", EVAL_RESERVED, 64 * MIB, 256 * MIB },
	{ "6.12", GIB, "crashkernel=089M", EVAL_REFUSED },
	{ "6.12", GIB, "crashkernel=0xM", EVAL_REFUSED },
	{ "6.12", GIB, "crashkernel=64MB", EVAL_REFUSED },
	{ "6.12", GIB, "crashkernel=0.1G", EVAL_REFUSED },
	{ "6.12", GIB, "crashkernel=auto", EVAL_REFUSED },
	{ "6.12", GIB, "crashkernel=", EVAL_REFUSED },
	{ "6.12", GIB, "crashkernel=0M", EVAL_ZERO },
	{ "6.12", GIB, "crashkernel=M", EVAL_ZERO },
	{ "7.2", GIB, "crashkernel=M", EVAL_REFUSED },
	{ "6.12", GIB, "crashkernel=16E", EVAL_ZERO },
	{ "7.2", GIB, "crashkernel=16E", EVAL_REFUSED },
	{ "6.12", GIB, "crashkernel=17592186044480M", EVAL_RESERVED, 64 * MIB, 256 * MIB },
	{ "7.2", GIB, "crashkernel=17592186044480M", EVAL_REFUSED },
	{ "6.12", GIB, "crashkernel=18446744073776660480",
	  EVAL_RESERVED, 64 * MIB, 256 * MIB },
	{ "7.2", GIB, "crashkernel=18446744073776660480", EVAL_REFUSED },
	{ "6.12", GIB, "crashkernel=1G", EVAL_REFUSED },
	{ "6.12", GIB, "foo=crashkernel=80M", EVAL_RESERVED, 80 * MIB, 256 * MIB },
	{ "6.12", GIB, "crashkernel=crashkernel=80M", EVAL_RESERVED, 80 * MIB, 256 * MIB },
	{ "6.12", GIB, "crashkernel=64M\tquiet", EVAL_REFUSED },
	{ "6.12", GIB, "\"crashkernel=64M\"", EVAL_REFUSED },
	{ "6.12", GIB, "quiet -- crashkernel=64M", EVAL_RESERVED, 64 * MIB, 256 * MIB },
	{ "6.12", GIB, "crashkernel=64M crashkernel=80M", EVAL_RESERVED, 80 * MIB, 256 * MIB },
	{ "6.12", GIB, "crashkernel=64M crashkernel=64M,cma", EVAL_REFUSED },
	{ "6.17", GIB, "crashkernel=64M crashkernel=64M,cma",
	  EVAL_RESERVED, 64 * MIB, 256 * MIB, 64 * MIB },
	{ "7.2", GIB, "crashkernel=64Mx,cma crashkernel=128M",
	  EVAL_RESERVED, 128 * MIB, 256 * MIB, 64 * MIB },
	{ "7.2", GIB, "crashkernel=128M,high crashkernel=33M,cma",
	  EVAL_RESERVED, 128 * MIB, 256 * MIB, 34 * MIB },
	{ "7.2", GIB, "crashkernel=64M,cma", EVAL_NOT_ASKED },
	{ "6.12", GIB, "crashkernel=64M,low", EVAL_NOT_ASKED },
	{ "6.12", GIB, "crashkernel=64M,HIGH", EVAL_REFUSED },
	/* ,high and ,low */
	{ "6.12", 6 * GIB, "crashkernel=256M,high", EVAL_RESERVED, 256 * MIB, 256 * MIB },
	{ "6.12", 6 * GIB, "crashkernel=72M,low crashkernel=256M,high",
	  EVAL_RESERVED, 256 * MIB, 72 * MIB },
	{ "6.12", 6 * GIB, "crashkernel=256M,high crashkernel=0,low", EVAL_RESERVED, 256 * MIB },
	{ "6.12", 6 * GIB, "crashkernel=256M,high crashkernel=72X,low", EVAL_REFUSED },
	{ "6.1", 6 * GIB, "crashkernel=256M,high crashkernel=72X,low",
	  EVAL_RESERVED, 256 * MIB, 256 * MIB },
	{ "6.12", 6 * GIB, "crashkernel=256M,high crashkernel=64X", EVAL_REFUSED },
	{ "6.1", 6 * GIB, "crashkernel=256M,high crashkernel=64X",
	  EVAL_RESERVED, 256 * MIB, 256 * MIB },
	{ "6.12", 6 * GIB, "crashkernel=256M,high crashkernel=0M", EVAL_ZERO },
	{ "5.10", 6 * GIB, "crashkernel=256M,high crashkernel=7G-:64M",
	  EVAL_RESERVED, 256 * MIB, 256 * MIB },
	{ "6.12", 6 * GIB, "crashkernel=256M,high swiotlb=262144",
	  EVAL_RESERVED, 256 * MIB, 520 * MIB },
	{ "6.12", 6 * GIB, "crashkernel=256M,high -- swiotlb=262144",
	  EVAL_RESERVED, 256 * MIB, 256 * MIB },
	{ "6.1", 6 * GIB, "crashkernel=3000M crashkernel=64M,low",
	  EVAL_RESERVED, 3000 * MIB, 64 * MIB },
	{ "6.12", 6 * GIB, "crashkernel=3000M crashkernel=64M,low",
	  EVAL_RESERVED, 3000 * MIB, 256 * MIB },
	/* offsets */
	{ "6.12", GIB, "crashkernel=64M@256M", EVAL_RESERVED, 64 * MIB, 0, 0, 256 * MIB },
	{ "6.12", GIB, "crashkernel=64M@257M", EVAL_REFUSED },
	{ "6.1", GIB, "crashkernel=64M@257M", EVAL_RESERVED, 64 * MIB, 0, 0, 257 * MIB },
	{ "6.1", GIB, "crashkernel=64M@257K", EVAL_REFUSED },
	{ "6.12", GIB, "crashkernel=64M@", EVAL_RESERVED, 64 * MIB, 256 * MIB },
	{ "6.12", GIB, "crashkernel=64M@256Mjunk", EVAL_RESERVED, 64 * MIB, 0, 0, 256 * MIB },
	{ "6.12", 6 * GIB, "crashkernel=256M@4608M",
	  EVAL_RESERVED, 256 * MIB, 0, 0, 4608 * MIB },
	{ "6.1", 6 * GIB, "crashkernel=256M@4608M",
	  EVAL_RESERVED, 256 * MIB, 256 * MIB, 0, 4608 * MIB },
	/* ranges */
	{ "6.12", GIB - 1, "crashkernel=1G-2G:64M", EVAL_RESERVED, 64 * MIB, 256 * MIB },
	{ "5.10", GIB - 1, "crashkernel=1G-2G:64M", EVAL_ZERO },
	{ "6.12", GIB / 2, "crashkernel=0-1G:0,1G-:64M", EVAL_ZERO },
	{ "6.12", GIB / 2, "crashkernel=256M-1G:64M,1G-:8G",
	  EVAL_RESERVED, 64 * MIB, 256 * MIB },
	{ "6.12", 4 * GIB, "crashkernel=64G-:8G,2G-:256M", EVAL_REFUSED },
	{ "6.12", 4 * GIB, "crashkernel=64G-:3G,2G-:256M",
	  EVAL_RESERVED, 256 * MIB, 256 * MIB },
	{ "6.12", GIB, "crashkernel=3G-4G:64M,2G-1G:64M", EVAL_REFUSED },
	{ "6.12", GIB / 2, "crashkernel=256M-1G:64M,1G-2G:128M@256M",
	  EVAL_RESERVED, 64 * MIB, 0, 0, 256 * MIB },
	{ "6.12", GIB / 2, "crashkernel=256M-1G:64M@", EVAL_REFUSED },
	{ "6.12", GIB / 2, "crashkernel=256M-1G:64Mjunk@256M",
	  EVAL_RESERVED, 64 * MIB, 0, 0, 256 * MIB },
	{ "6.12", GIB / 2, "crashkernel=256M-1G;64M", EVAL_REFUSED },
	{ "6.12", GIB / 2, "crashkernel=-1G:64M", EVAL_REFUSED },
	{ "6.12", GIB / 2, "crashkernel=M-1G:64M", EVAL_RESERVED, 64 * MIB, 256 * MIB },
	{ "7.2", GIB / 2, "crashkernel=M-1G:64M", EVAL_REFUSED },
	{ "6.12", GIB / 2, "crashkernel=2G-4G:64M,", EVAL_REFUSED },
	{ "6.12", GIB / 2, "crashkernel=2G-4G:64M, 256M-:64M", EVAL_REFUSED },
	{ "6.12", GIB / 2, "crashkernel=256M-1G:64M,high", EVAL_REFUSED },
	{ "6.12", GIB / 2, "crashkernel=64M foo:bar", EVAL_RESERVED, 64 * MIB, 256 * MIB },
};

/* kernel/dma/swiotlb.c: setup_io_tlb_npages(), swiotlb_adjust_nareas() */
static void swiotlb(void **state)
{
	static const struct {
		const char *release, *words;
		uint64_t low;
	} samples[] = {
		{ "6.12", "swiotlb=force", 256 * MIB },
		{ "6.12", "swiotlb=262145", 520 * MIB + 128 * 2048 },
		{ "6.12", "swiotlb=262145,force", 520 * MIB + 128 * 2048 },
		/* with areas, the slabs are a power of two */
		{ "6.12", "swiotlb=262145,8", 1032 * MIB },
		{ "6.1", "swiotlb=262145,8,force", 1032 * MIB },
		{ "5.10", "swiotlb=262145,8", 520 * MIB + 128 * 2048 },
		{ "6.12", "swiotlb=262144,8", 520 * MIB },
		/* and an area is 128 of them at least */
		{ "6.12", "swiotlb=,1025", 520 * MIB },
		{ "6.12", "swiotlb=262145 swiotlb=,1", 1032 * MIB },
		{ "6.12", "swiotlb=128,0", 256 * MIB },
		{ "6.12", "swiotlb=18446744073709551615,4294967295", 256 * MIB },
	};
	struct eval_out out;
	char line[200];

	(void)state;
	for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
		snprintf(line, sizeof line, "crashkernel=256M,high %s", samples[i].words);
		run(&out, "x86_64", samples[i].release, 6 * GIB, line);
		if (out.low != samples[i].low)
			fail_msg("%s: %s: %ju", samples[i].release, line, (uintmax_t)out.low);
	}
}

static void lines(void **state)
{
	struct eval_out out;

	(void)state;
	for (size_t i = 0; i < sizeof booted / sizeof booted[0]; i++) {
		const struct sample *s = &booted[i];

		run(&out, "x86_64", s->release, s->ram, s->line);
		if (out.status != s->status || out.size != s->size || out.low != s->low ||
		    out.cma != s->cma || out.offset != s->offset)
			fail_msg("%s: %s: status %d, size %ju, low %ju, cma %ju, offset %ju",
				 s->release, s->line, out.status, (uintmax_t)out.size,
				 (uintmax_t)out.low, (uintmax_t)out.cma, (uintmax_t)out.offset);
		if ((out.status == EVAL_RESERVED) != (out.why[0] == '\0'))
			fail_msg("%s: %s: why: %s", s->release, s->line, out.why);
	}
}

/* what other architectures do otherwise, from their sources */
static void architectures(void **state)
{
	static const struct { const char *arch; struct sample s; } samples[] = {
		{ "aarch64", { "5.10", 8 * GIB, "crashkernel=256M,high", EVAL_NOT_ASKED } },
		{ "aarch64", { "5.10", 8 * GIB, "crashkernel=67108865", EVAL_RESERVED, 67112960 } },
		{ "aarch64", { "6.1", 8 * GIB, "crashkernel=256M,high",
			       EVAL_RESERVED, 256 * MIB } },
		{ "aarch64", { "6.1", 8 * GIB, "crashkernel=256M,high crashkernel=64M,low",
			       EVAL_RESERVED, 256 * MIB, 64 * MIB } },
		{ "aarch64", { "6.1", 8 * GIB, "crashkernel=256M,high crashkernel=1X",
			       EVAL_REFUSED } },
		{ "arm64", { "6.12", 8 * GIB, "crashkernel=256M,high",
			     EVAL_RESERVED, 256 * MIB, 128 * MIB } },
		{ "aarch64", { "7.2", 8 * GIB, "crashkernel=256M crashkernel=1G,cma",
			       EVAL_RESERVED, 256 * MIB, 128 * MIB } },
		{ "aarch64", { "7.2", 8 * GIB, "crashkernel=64M@3M", EVAL_REFUSED } },
		{ "riscv64", { "6.1", 8 * GIB, "crashkernel=256M", EVAL_RESERVED, 256 * MIB } },
		{ "loongarch64", { "6.1", 8 * GIB, "crashkernel=256M", EVAL_REFUSED } },
		{ "ppc64le", { "7.2", 8 * GIB, "crashkernel=256M crashkernel=1G,cma",
			       EVAL_RESERVED, 256 * MIB, 0, GIB } },
		{ "s390x", { "6.12", 8 * GIB, "crashkernel=1000001", EVAL_RESERVED, MIB } },
	};
	struct eval_out out;

	(void)state;
	for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
		const struct sample *s = &samples[i].s;

		run(&out, samples[i].arch, s->release, s->ram, s->line);
		if (out.status != s->status || out.size != s->size || out.low != s->low ||
		    out.cma != s->cma)
			fail_msg("%s %s: %s: status %d, size %ju, low %ju, cma %ju",
				 samples[i].arch, s->release, s->line, out.status,
				 (uintmax_t)out.size, (uintmax_t)out.low, (uintmax_t)out.cma);
	}
}

static void kernels(void **state)
{
	struct eval_in in = { 0 };

	(void)state;
	assert_int_equal(eval_kernel(&in, "mips", "6.12"), -1);
	assert_failed(ERR_UNKNOWN, "mips");
	assert_int_equal(eval_kernel(&in, "x86_64", "next"), -1);
	assert_failed(ERR_USAGE, "next");
	assert_int_equal(eval_kernel(&in, "x86_64", "6"), -1);
	assert_int_equal(eval_kernel(&in, "x86_64", "6.12.117+deb12-cloud-amd64"), 0);
	assert_int_equal(in.version, EVAL_VERSION(6, 12));
	assert_false(in.rhel8);
	assert_int_equal(eval_kernel(&in, "x86_64", "4.18.0-553.el8_10.x86_64"), 0);
	assert_true(in.rhel8);
}

static void rhel8(void **state)
{
	struct eval_out out;

	(void)state;
	run(&out, "x86_64", "4.18.0-553.el8_10.x86_64", 8 * GIB, "crashkernel=auto");
	assert_int_equal(out.status, EVAL_RESERVED);
	assert_int_equal(out.size, 192 * MIB);
}

static const struct eval_token *token(const struct eval_out *out, size_t i, bool used,
				      const char *why)
{
	assert_in_range(i, 0, out->ntokens - 1);
	if (out->tokens[i].used != used || !strstr(out->tokens[i].why, why))
		fail_msg("word %zu: \"%s\", not \"%s\"", i, out->tokens[i].why, why);
	return &out->tokens[i];
}

static void reasons(void **state)
{
	struct eval_out out;

	(void)state;
	run(&out, "x86_64", "6.12", 8 * GIB,
	    "crashkernel=1G,low a crashkernel=256M crashkernel=1G,high crashkernel=512M");
	token(&out, 0, false, "beside ,high only");
	assert_int_equal(token(&out, 1, false, "a later one")->at, 21);
	token(&out, 2, false, "goes first");
	assert_int_equal(token(&out, 3, true, "it counts: 512 MiB")->len, 16);
	run(&out, "x86_64", "6.1", 8 * GIB, "crashkernel=1.5G crashkernel=1G,high");
	token(&out, 0, false, "goes on to ,high");
	token(&out, 1, true, "it counts: 1 GiB");
	run(&out, "x86_64", "6.12", 8 * GIB, "crashkernel=1G-4G:192M,4G-:256M");
	token(&out, 0, true, "8 GiB lies in \"4G-:256M\"");
	run(&out, "x86_64", "7.2", 8 * GIB, "crashkernel=1G,cma");
	token(&out, 0, false, "only adds");
}

static void warned(void **state)
{
	static const struct { const char *release, *line, *words; } traps[] = {
		{ "6.12", "crashkernel=256M xcrashkernel=99M", "every word" },
		{ "6.12", "crashkernel=256M crashkernel=99M", "the last one" },
		{ "6.12", "crashkernel=256M crashkernel=1G,cma", "6.17" },
		{ "7.2", "crashkernel=256M crashkernel=1G,cma", "user processes" },
		{ "6.12", "crashkernel=auto", "RHEL" },
		{ "6.12", "crashkernel=1.5G", "1536M" },
		{ "6.12", "crashkernel=256MB", "one letter" },
		{ "6.12", "crashkernel=256MiB", "one letter" },
		{ "6.12", "crashkernel=256", "bytes" },
		{ "6.12", "crashkernel=0256M", "octal" },
		{ "6.12", "crashkernel=17592186044480M", "64 bits" },
		{ "6.12", "crashkernel=256M@0", "no offset" },
		{ "6.12", "crashkernel=256M@16M", "no second try" },
		{ "6.12", "crashkernel=256M@16Mx", "not looked at" },
		{ "6.12", "crashkernel=256M\tquiet", "tab" },
		{ "6.12", "crashkernel=\"256M\"", "quotes" },
		{ "6.12", "crashkernel=1G-4G:192M,high", "ranges cannot have a suffix" },
		{ "6.12", "crashkernel=256M,hi", "suffixes" },
		{ "6.12", "crashkernel 256M", "does nothing" },
		{ "6.12", "Crashkernel=256M", "does nothing" },
		{ "6.12", "-- crashkernel=256M", "behind" },
		{ "6.12", "crashkernel=256M crashkernel=1G,high", "only the former" },
		{ "6.1", "crashkernel=1.5G crashkernel=1G,high", "1536M" },
		{ "5.4", "crashkernel=256M", "older" },
		{ "6.12", "mem=4G crashkernel=256M", "mem=" },
	};
	struct eval_out out;

	(void)state;
	for (size_t i = 0; i < sizeof traps / sizeof traps[0]; i++) {
		bool found = false;

		run(&out, "x86_64", traps[i].release, 8 * GIB, traps[i].line);
		for (size_t w = 0; w < out.nwarnings; w++)
			found |= strstr(out.warnings[w], traps[i].words) != NULL;
		if (!found)
			fail_msg("%s: \"%s\" is not warned of", traps[i].line, traps[i].words);
	}
	run(&out, "x86_64", "6.12", 8 * GIB, "quiet crashkernel=1G-4G:192M,4G-:256M splash");
	assert_int_equal(out.nwarnings, 0);
}

/* 3 GiB below 4 GiB and 3 above, as the usual machine of QEMU has them */
static struct range pc[] = {
	{ 0x1000, 0x9f000, 0x1000 },
	{ 0x100000, 0xbffe0000, 0x100000 },
	{ 4 * GIB, 7 * GIB, 4 * GIB },
};

static void maps(void **state)
{
	static const struct { const char *line; enum eval_status status; enum eval_place place; }
	samples[] = {
		{ "crashkernel=256M", EVAL_RESERVED, EVAL_LOW_THEN_HIGH },
		{ "crashkernel=256M,high", EVAL_RESERVED, EVAL_HIGH_THEN_LOW },
		{ "crashkernel=3072M", EVAL_RESERVED, EVAL_HIGH },
		{ "crashkernel=3073M", EVAL_REFUSED, EVAL_LOW },
		{ "crashkernel=256M,high crashkernel=3071M,low", EVAL_REFUSED, EVAL_LOW },
		{ "crashkernel=256M,high crashkernel=2G,low", EVAL_RESERVED, EVAL_HIGH_THEN_LOW },
		{ "crashkernel=3072M,high crashkernel=3072M,low", EVAL_REFUSED, EVAL_LOW },
		{ "crashkernel=256M@2G", EVAL_RESERVED, EVAL_FIXED },
		{ "crashkernel=256M@3G", EVAL_REFUSED, EVAL_LOW },
	};
	const struct ranges map = { pc, sizeof pc / sizeof pc[0], 0 };
	struct eval_in in = { .ram = 6 * GIB, .map = &map };
	struct eval_out out;

	(void)state;
	assert_int_equal(eval_kernel(&in, "x86_64", "6.12"), 0);
	for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
		in.cmdline = samples[i].line;
		eval_run(&in, &out);
		if (out.status != samples[i].status ||
		    (out.status == EVAL_RESERVED && out.place != samples[i].place))
			fail_msg("%s: status %d, place %d: %s", samples[i].line, out.status,
				 out.place, out.why);
	}
}

/* the kernel keeps 2047 bytes; and more words than are listed still count */
static void long_lines(void **state)
{
	static char line[8000];
	struct eval_out out;
	size_t len = 0;

	(void)state;
	memset(line, 'x', sizeof line - 1);
	memcpy(line + 2032, " crashkernel=64M", 17);
	run(&out, "x86_64", "6.12", GIB, line);
	assert_int_equal(out.size, 64);
	assert_true(out.nwarnings > 0);
	memcpy(line + 2031, " crashkernel=64M", 17);
	run(&out, "x86_64", "6.12", GIB, line);
	assert_int_equal(out.size, 64 * MIB);
	for (int i = 0; i < 100; i++)
		len += (size_t)snprintf(line + len, sizeof line - len, "crashkernel=%dM ", 10 + i);
	run(&out, "x86_64", "6.12", GIB, line);
	assert_int_equal(out.size, 109 * MIB);
	assert_int_equal(out.nfound, 100);
	assert_int_equal(out.ntokens, EVAL_TOKENS);
}

static void words(void **state)
{
	char text[EVAL_WORDS];

	(void)state;
	assert_string_equal(eval_size(0, text), "0 bytes");
	assert_string_equal(eval_size(1, text), "1 byte");
	assert_string_equal(eval_size(100000001, text), "100000001 bytes");
	assert_string_equal(eval_size(256 * MIB, text), "256 MiB");
	assert_string_equal(eval_size(1536 * MIB, text), "1536 MiB");
	assert_string_equal(eval_size((uint64_t)1 << 60, text), "1 EiB");
	assert_string_equal(eval_size(UINT64_MAX, text), "18446744073709551615 bytes");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(swiotlb),
		cmocka_unit_test(architectures),
		cmocka_unit_test(kernels),
		cmocka_unit_test(rhel8),
		cmocka_unit_test(reasons),
		cmocka_unit_test(warned),
		cmocka_unit_test(maps),
		cmocka_unit_test(long_lines),
		cmocka_unit_test(words),
	};

	return RUN(tests);
}
