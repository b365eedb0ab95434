/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "json.h"
#include "judge.h"
#include "map.h"
#include "show.h"

/* what is not known is null */
static void put_setting(struct json *j, const char *key, const struct setting *set)
{
	if (set->known)
		json_u64(j, key, set->value);
	else
		json_text(j, key, NULL);
}

static void put_flag(struct json *j, const char *key, const struct setting *set)
{
	if (set->known)
		json_bool(j, key, set->value != 0);
	else
		json_text(j, key, NULL);
}

static void put_tokens(struct json *j, const struct judgement *jd, const struct state *st)
{
	char text[4096];

	json_array(j, "tokens");
	for (size_t i = 0; i < jd->asked.ntokens; i++) {
		const struct eval_token *token = &jd->asked.tokens[i];

		json_object(j, NULL);
		snprintf(text, sizeof text, "%.*s", (int)token->len, st->cmdline + token->at);
		json_text(j, "text", text);
		json_bool(j, "counts", token->used);
		json_text(j, "why", token->why);
		json_close(j);
	}
	json_close(j);
}

static void put_asked(struct json *j, const struct judgement *jd, const struct state *st)
{
	static const char *const words[] = {
		[EVAL_NOT_ASKED] = "not-asked", [EVAL_RESERVED] = "reserved",
		[EVAL_ZERO] = "zero", [EVAL_REFUSED] = "refused",
	};

	json_object(j, "asked");
	json_text(j, "cmdline", st->has_cmdline ? st->cmdline : NULL);
	json_bool(j, "evaluated", jd->evaluated);
	json_bool(j, "ram_guessed", jd->ram_guessed);
	if (jd->evaluated) {
		json_text(j, "result", words[jd->asked.status]);
		json_text(j, "why", jd->asked.why);
		json_u64(j, "size", jd->asked.size);
		json_u64(j, "low", jd->asked.low);
		json_u64(j, "cma", jd->asked.cma);
		put_tokens(j, jd, st);
	}
	json_close(j);
}

static void put_reserved(struct json *j, const struct state *st)
{
	uint64_t bytes = 0;
	char map[MAP_MAX];

	json_object(j, "reserved");
	if (look_reserved(st, &bytes))
		json_u64(j, "bytes", bytes);
	else
		json_text(j, "bytes", NULL);
	put_setting(j, "crash_size", &st->crash_size);
	json_u64(j, "cma", st->cma);
	json_bool(j, "hidden", st->has_iomem && st->iomem.hidden);
	json_array(j, "regions");
	for (size_t i = 0; i < st->iomem.crash.n; i++) {
		const struct range *r = &st->iomem.crash.r[i];

		json_object(j, NULL);
		json_u64(j, "start", r->start);
		json_u64(j, "size", r->end - r->start);
		json_bool(j, "main", i + 1 == st->iomem.crash.n);
		json_close(j);
	}
	json_close(j);
	map_draw(map, &st->iomem.ram, &st->iomem.crash);
	json_text(j, "map", map[0] ? map : NULL);
	json_close(j);
}

static void put_file(struct json *j, const char *key, const struct record_file *file,
		     enum file_state state)
{
	static const char *const words[] = {
		[FILE_NONE] = "none", [FILE_SAME] = "same", [FILE_CHANGED] = "changed",
		[FILE_GONE] = "gone", [FILE_UNKNOWN] = "unknown",
	};

	if (!file->path) {
		json_text(j, key, NULL);
		return;
	}
	json_object(j, key);
	json_text(j, "path", file->path);
	json_u64(j, "size", file->size);
	json_text(j, "now", words[state]);
	json_close(j);
}

static void put_record(struct json *j, const struct judgement *jd, const struct state *st)
{
	const struct record *rec = &st->record;

	if (st->has_record != 1) {
		json_text(j, "record", NULL);
		return;
	}
	json_object(j, "record");
	json_text(j, "call", rec->call);
	json_u64(j, "time", rec->time);
	put_file(j, "kernel", &rec->kernel, st->kernel);
	put_file(j, "initrd", &rec->initrd, st->initrd);
	json_text(j, "cmdline", rec->cmdline);
	json_u64(j, "used", rec->used);
	json_bool(j, "hotplug", rec->hotplug);
	if (jd->room.verdict != ESTIMATE_UNKNOWN) {
		json_u64(j, "least", jd->room.least);
		json_u64(j, "recommended", jd->room.wanted);
	}
	json_close(j);
}

static void put_log(struct json *j, const struct state *st)
{
	static const char *const states[] = {
		[KLOG_READ] = "whole", [KLOG_CUT] = "cut", [KLOG_NONE] = "none",
	};
	static const char *const kinds[] = {
		[KLOG_RESERVED] = "reserved", [KLOG_REFUSED] = "refused", [KLOG_OTHER] = "other",
	};

	json_object(j, "log");
	json_text(j, "state", states[st->log.state]);
	json_array(j, "lines");
	for (unsigned i = 0; i < st->log.n; i++) {
		json_object(j, NULL);
		json_text(j, "kind", kinds[st->log.lines[i].kind]);
		json_text(j, "text", st->log.lines[i].text);
		json_close(j);
	}
	json_close(j);
	json_close(j);
}

static void put_points(struct json *j, const struct judgement *jd)
{
	static const char *const weights[] = {
		[POINT_DECIDES] = "decides", [POINT_WARNS] = "warning", [POINT_TELLS] = "note",
	};

	json_array(j, "points");
	for (unsigned i = 0; i < jd->npoints; i++) {
		json_object(j, NULL);
		json_text(j, "weight", weights[jd->points[i].weight]);
		json_text(j, "code", jd->points[i].code);
		json_text(j, "text", jd->points[i].text);
		json_close(j);
	}
	json_close(j);
}

static void put_settings(struct json *j, const struct state *st)
{
	json_object(j, "settings");
	put_setting(j, "panic_on_oops", &st->panic_on_oops);
	json_text(j, "panic", st->panic[0] ? st->panic : NULL);
	put_setting(j, "sysrq", &st->sysrq);
	put_flag(j, "kexec_load_disabled", &st->disabled);
	put_flag(j, "crash_hotplug_cpu", &st->hotplug_cpu);
	put_flag(j, "crash_hotplug_memory", &st->hotplug_memory);
	put_flag(j, "crash_kexec_post_notifiers", &st->post_notifiers);
	json_close(j);
}

static void put_boot(struct json *j, const struct state *st)
{
	json_array(j, "boot_loader");
	for (unsigned i = 0; i < st->boot.n; i++) {
		json_object(j, NULL);
		json_text(j, "file", st->boot.hits[i].path);
		json_text(j, "text", st->boot.hits[i].token);
		json_close(j);
	}
	json_close(j);
	json_array(j, "unreadable");
	for (unsigned i = 0; i < st->nnotes; i++)
		json_text(j, NULL, st->notes[i]);
	json_close(j);
}

void show_json(const struct judgement *jd, const struct state *st)
{
	struct json j;

	json_begin(&j, stdout);
	json_object(&j, NULL);
	json_text(&j, "verdict", jd->word);
	json_u64(&j, "status", (uint64_t)jd->verdict);
	json_text(&j, "answer", jd->answer);
	json_text(&j, "release", st->release[0] ? st->release : NULL);
	json_text(&j, "arch", st->arch[0] ? st->arch : NULL);
	json_u64(&j, "ram", st->ram);
	put_asked(&j, jd, st);
	put_reserved(&j, st);
	put_flag(&j, "loaded", &st->loaded);
	put_record(&j, jd, st);
	put_log(&j, st);
	put_points(&j, jd);
	put_settings(&j, st);
	put_boot(&j, st);
	json_close(&j);
	json_end(&j);
}
