/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "codec.h"
#include "json.h"
#include "options.h"
#include "usage.h"
#include "vmcore.h"

static uint64_t rounded(double x)
{
	return x > 0 ? (uint64_t)(x + 0.5) : 0;
}

static void put_kind(struct json *j, const struct usage *u, enum page_kind kind)
{
	const struct sample *s = &u->sample[kind];
	struct estimate e = { 0 };

	estimate_add(&e, s, u->held[kind], false, u->survey.vm->page_size);
	json_object(j, NULL);
	json_text(j, "kind", class_name(kind));
	json_u64(j, "pages", u->ram[kind]);
	json_u64(j, "bytes", u->ram[kind] * u->survey.vm->page_size);
	json_u64(j, "pages_in_dump", u->held[kind]);
	json_u64(j, "sampled", s->n);
	json_u64(j, "sampled_zeros", s->zeros);
	json_u64(j, "sampled_unreadable", s->unreadable);
	json_u64(j, "zeros_estimate", rounded(e.zeros));
	json_u64(j, "compressed_estimate", rounded(e.bytes));
	json_u64(j, "compressed_error", rounded(estimate_error(&e)));
	json_close(j);
}

static void put_dump(struct json *j, const struct usage *u, uint32_t kinds)
{
	struct usage_dump d;

	usage_level(u, kinds, &d);
	json_u64(j, "pages", d.pages);
	json_u64(j, "bytes", d.pages * u->survey.vm->page_size);
	json_u64(j, "zeros_estimate", rounded(d.pages_size.zeros));
	json_u64(j, "dump_estimate", rounded((double)d.overhead + d.pages_size.bytes));
	json_u64(j, "dump_error", rounded(estimate_error(&d.pages_size)));
	json_close(j);
}

void usage_print_json(const struct usage *u, const struct options *o)
{
	const struct vmcore *vm = u->survey.vm;
	const struct scan *scan = &u->survey.scan;
	struct json j;

	json_begin(&j, stdout);
	json_object(&j, NULL);
	json_text(&j, "report", "mem-usage");
	json_text(&j, "version", VERSION);
	json_text(&j, "vmcore", vm->src.path);
	json_text(&j, "format", vm->ops->name);
	json_text(&j, "release", vm->info.release[0] ? vm->info.release : NULL);
	json_u64(&j, "page_size", vm->page_size);
	json_u64(&j, "pages", u->nram);
	json_u64(&j, "bytes", u->nram * vm->page_size);
	json_u64(&j, "pages_in_dump", u->nheld);
	json_text(&j, "codec", o->codec->name);
	json_u64(&j, "codec_level", (uint64_t)(o->codec_level > 0 ? o->codec_level : 0));
	json_array(&j, "kinds");
	for (int kind = 0; kind < PAGE_KINDS; kind++)
		if (kind != PAGE_ZERO)
			put_kind(&j, u, (enum page_kind)kind);
	json_close(&j);
	json_array(&j, "levels");
	for (unsigned level = 0; level <= DUMP_ALL; level++) {
		json_object(&j, NULL);
		json_u64(&j, "level", level);
		put_dump(&j, u, usage_kinds(u, level));
	}
	json_close(&j);
	json_object(&j, "asked");
	json_u64(&j, "level", o->level[0]);
	put_dump(&j, u, options_kinds(o, o->level[0], vm->header.dump_level));
	json_bool(&j, "kinds_known", !scan->no_memmap);
	json_text(&j, "unknown_because", scan->why[0] ? scan->why : NULL);
	json_close(&j);
	json_end(&j);
}
