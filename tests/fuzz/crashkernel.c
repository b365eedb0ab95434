/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: crashreserve/eval.c crashreserve/eval-rules.c crashreserve/eval-parse.c crashreserve/eval-memory.c crashreserve/eval-words.c crashreserve/eval-explain.c crashreserve/eval-traps.c */
/*
 * a command line with crashkernel= on it: the first two bytes choose kernel and memory.
 * The answer is in itself consistent, and words before and behind do not change it.
 */
#include <stdlib.h>
#include <string.h>

#include "../../crashreserve/eval.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { LINE = 6000 };

static const struct { const char *arch, *release; } kernels[] = {
	{ "x86_64", "5.10" }, { "x86_64", "6.1" }, { "x86_64", "6.12" }, { "x86_64", "7.2" },
	{ "aarch64", "5.10" }, { "aarch64", "6.1" }, { "aarch64", "6.2" }, { "aarch64", "7.2" },
	{ "riscv64", "6.1" }, { "riscv64", "6.12" }, { "loongarch64", "6.1" },
	{ "ppc64le", "7.2" }, { "s390x", "6.12" }, { "x86_64", "4.18.0-553.el8" },
};

static void check_text(const char *text, size_t size)
{
	if (!memchr(text, '\0', size))
		abort();
}

static void check(const struct eval_in *in, const struct eval_out *out)
{
	size_t len = strlen(in->cmdline);

	if (out->status == EVAL_RESERVED && (out->size == 0 || out->size > in->ram + 0x100000))
		abort();
	if (out->status != EVAL_RESERVED && (out->size || out->low || out->cma || !*out->why))
		abort();
	if (out->ntokens > out->nfound || out->ntokens > EVAL_TOKENS ||
	    out->nwarnings > EVAL_WARNINGS)
		abort();
	check_text(out->why, sizeof out->why);
	check_text(out->log, sizeof out->log);
	for (size_t i = 0; i < out->nwarnings; i++)
		check_text(out->warnings[i], EVAL_TEXT);
	for (size_t i = 0; i < out->ntokens; i++) {
		const struct eval_token *t = &out->tokens[i];

		check_text(t->why, sizeof t->why);
		if (!*t->why || t->at > len || t->len > len - t->at || t->len < 12 ||
		    memcmp(in->cmdline + t->at, "crashkernel=", 12) != 0)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct range memory[] = {
		{ 0x1000, 0x9f000, 0x1000 }, { 0x100000, 0xbffe0000, 0x100000 },
		{ (uint64_t)4 << 30, (uint64_t)7 << 30, (uint64_t)4 << 30 },
	};
	static const struct ranges map = { memory, 3, 0 };
	static char line[LINE], longer[LINE + 20];
	static struct eval_out out, again;
	struct eval_in in = { .cmdline = line };
	char where[EVAL_TEXT];

	if (len < 2 || len > LINE || memchr(data + 2, '\0', len - 2))
		return -1;
	if (eval_kernel(&in, kernels[data[0] % 14].arch, kernels[data[0] % 14].release) < 0)
		abort();
	in.ram = data[1] & 0x80 ? (uint64_t)6 << 30 : (uint64_t)(data[1] & 0x3f) << 27;
	in.map = data[1] & 0x40 ? &map : NULL;
	memcpy(line, data + 2, len - 2);
	line[len - 2] = '\0';
	eval_run(&in, &out);
	check(&in, &out);
	if (out.status == EVAL_RESERVED)
		eval_where(&in, &out, where);
	if (strlen(line) + 13 > in.rules->cmdline_size)
		return 0;
	strcpy(longer, "quiet ");
	strcat(longer, line);
	strcat(longer, " quiet");
	in.cmdline = longer;
	eval_run(&in, &again);
	if (again.status != out.status || again.size != out.size || again.low != out.low ||
	    again.cma != out.cma || again.offset != out.offset || again.nfound != out.nfound)
		abort();
	return 0;
}
