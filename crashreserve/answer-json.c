/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>

#include "answer.h"
#include "json.h"
#include "tables.h"

static void file(struct json *j, const struct needs *n)
{
	json_text(j, "kernel", n->kernel);
	json_text(j, "format", n->image.format);
	json_text(j, "arch", n->in.arch);
	json_text(j, "initrd", n->initrd);
	json_bool(j, "recorded", n->recorded);
	json_bool(j, "general_initrd", n->general);
}

static void lines(struct json *j, const struct estimate *est)
{
	json_array(j, "lines");
	for (unsigned i = 0; i < est->nlines; i++) {
		const struct estimate_line *l = &est->lines[i];

		json_object(j, NULL);
		json_text(j, "what", l->what);
		json_u64(j, "bytes", l->bytes);
		json_bool(j, "load", l->when & ESTIMATE_LOAD);
		json_bool(j, "boot", l->when & ESTIMATE_UNPACK);
		json_bool(j, "capture", l->when & ESTIMATE_CAPTURE);
		json_bool(j, "low", l->when & ESTIMATE_LOW);
		json_text(j, "why", l->why);
		json_close(j);
	}
	json_close(j);
}

static void measured(struct json *j, const struct measured *m)
{
	json_object(j, "measured");
	json_u64(j, "works", m->works);
	json_u64(j, "fails", m->fails);
	json_u64(j, "step", (uint64_t)MEASURE_STEP_MIB << 20);
	json_u64(j, "boots", m->boots);
	json_text(j, "how", m->how);
	json_text(j, "why", m->why);
	json_close(j);
}

static void tables(struct json *j, const struct answer *a)
{
	const struct table *t = NULL;

	json_array(j, "tables");
	while ((t = table_next(t, a->table, a->needs->in.arch, a->needs->in.page_size))) {
		json_object(j, NULL);
		json_text(j, "name", t->name);
		json_text(j, "who", t->who);
		json_text(j, "crashkernel", t->value);
		json_text(j, "second", t->second);
		json_u64(j, "bytes", answer_table(a, t));
		json_text(j, "note", t->note);
		json_close(j);
	}
	json_close(j);
}

void answer_json(const struct answer *a)
{
	char text[40];
	struct json j;

	json_begin(&j, stdout);
	json_object(&j, NULL);
	file(&j, a->needs);
	json_u64(&j, "ram", a->ram);
	lines(&j, &a->est);
	json_u64(&j, "load", a->est.load_bytes);
	json_u64(&j, "boot", a->est.unpack_bytes);
	json_u64(&j, "capture", a->est.capture_bytes);
	json_u64(&j, "least", a->est.least_bytes);
	if (a->has_measured)
		measured(&j, &a->measured);
	if (a->table)
		tables(&j, a);
	json_u64(&j, "bytes", a->size);
	snprintf(text, sizeof text, "%" PRIu64 "M", a->size >> 20);
	json_text(&j, "crashkernel", text);
	if (a->has_high) {
		snprintf(text, sizeof text, "%" PRIu64 "M,high", a->size >> 20);
		json_text(&j, "high", text);
		snprintf(text, sizeof text, "%" PRIu64 "M,low", a->est.recommended_low >> 20);
		json_text(&j, "low", text);
		json_bool(&j, "no_room_below_4g", a->no_room);
	}
	json_close(&j);
	json_end(&j);
}
