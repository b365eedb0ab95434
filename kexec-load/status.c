/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * That a kernel is loaded, /sys says; which one it is, only our own record does, and that
 * describes what kexec-load has loaded last.
 */
#include <ctype.h>
#include <stdio.h>
#include <time.h>

#include "err.h"
#include "json.h"
#include "machine.h"
#include "options.h"
#include "record.h"
#include "say.h"
#include "state.h"
#include "status.h"

enum { ARMED = 0, NOT_ARMED = 3, NO_RESERVATION = 5 };

struct finding {
	int status;
	char text[160];
	int there;		/* as record_read() */
	char unread[200];	/* why the record could not be read; "" */
	struct record rec;
	bool kernel_same, initrd_same;
};

static double mib(uint64_t bytes)
{
	return (double)bytes / (1 << 20);
}

static void judge(struct finding *f, const struct machine *m)
{
	const char *why = "no memory is reserved (crashkernel=)";

	f->status = m->loaded ? ARMED : m->reserved > 0 ? NOT_ARMED : NO_RESERVATION;
	if (f->status != NO_RESERVATION) {
		snprintf(f->text, sizeof f->text, "%s: %s capture kernel is loaded, %.0f MiB are"
			 " reserved", m->loaded ? "armed" : "not armed", m->loaded ? "a" : "no",
			 mib(m->reserved));
		return;
	}
	if (!m->has_kexec)
		why = "this kernel was built without panic kernels (CONFIG_KEXEC_CORE,"
		      " CONFIG_CRASH_DUMP)";
	else if (m->asked)
		why = "no memory is reserved, although crashkernel= asks for it";
	snprintf(f->text, sizeof f->text, "not armed: %s", why);
}

/* a line for a terminal */
static void print_line(const char *item, const char *text, const char *more)
{
	fputs(item, stdout);
	for (; *text; text++)
		putchar(iscntrl((unsigned char)*text) ? '?' : *text);
	puts(more);
}

static void print_file(const char *item, const struct record_file *file, bool same)
{
	print_line(item, file->path ? file->path : "none", same ? "" : " (changed since)");
}

static void print_record(const struct record *rec, const struct finding *f)
{
	time_t when = (time_t)rec->time;
	struct tm tm;
	char text[48];

	if (!localtime_r(&when, &tm) || !strftime(text, sizeof text, "%F %T %z", &tm))
		snprintf(text, sizeof text, "unknown");
	printf("loaded:       %s, by %s\n", text, rec->call);
	print_file("kernel:       ", &rec->kernel, f->kernel_same);
	print_file("initrd:       ", &rec->initrd, f->initrd_same);
	print_line("command line: ", rec->cmdline, "");
}

static void print_text(const struct finding *f)
{
	puts(f->text);
	if (f->status != ARMED)
		return;
	if (f->there == 1)
		print_record(&f->rec, f);
	else if (f->there < 0)
		printf("loaded:       it cannot be read from which files: %s\n", f->unread);
	else
		puts("loaded:       by another program, as far as is known");
}

static void json_file(struct json *j, const char *key, const struct record_file *file, bool same)
{
	if (!file->path) {
		json_text(j, key, NULL);
		return;
	}
	json_object(j, key);
	json_text(j, "path", file->path);
	json_u64(j, "size", file->size);
	json_bool(j, "changed", !same);
	json_close(j);
}

static void json_record(struct json *j, const struct record *rec, const struct finding *f)
{
	json_text(j, "loaded_by", "kexec-load");
	json_text(j, "call", rec->call);
	json_u64(j, "time", rec->time);
	json_file(j, "kernel", &rec->kernel, f->kernel_same);
	json_file(j, "initrd", &rec->initrd, f->initrd_same);
	json_text(j, "type", rec->type);
	json_text(j, "command_line", rec->cmdline);
	json_u64(j, "used", rec->used);
	json_bool(j, "hotplug", rec->hotplug);
}

static void print_json(const struct finding *f, const struct machine *m)
{
	static const char *const states[] = { [ARMED] = "armed", [NOT_ARMED] = "not armed",
		[NO_RESERVATION] = "no reservation" };
	struct json j;

	json_begin(&j, stdout);
	json_object(&j, NULL);
	json_text(&j, "state", states[f->status]);
	json_bool(&j, "loaded", m->loaded);
	json_u64(&j, "reserved", m->reserved);
	if (m->region.end) {
		json_object(&j, "region");
		json_u64(&j, "start", m->region.start);
		json_u64(&j, "end", m->region.end);
		json_close(&j);
	} else {
		json_text(&j, "region", NULL);
	}
	if (m->loaded && f->there == 1)
		json_record(&j, &f->rec, f);
	else if (m->loaded)
		json_text(&j, "loaded_by", f->there == 0 ? "another program" : NULL);
	json_close(&j);
	json_end(&j);
}

int status_show(const struct request *rq)
{
	struct machine m;
	struct finding f = { 0 };

	if (machine_look(&m, rq->root))
		return state_not_known();
	judge(&f, &m);
	f.there = record_read(&f.rec, rq->root);
	if (f.there < 0)
		snprintf(f.unread, sizeof f.unread, "%s", err_text());
	f.kernel_same = f.there == 1 && record_same(&f.rec.kernel, rq->root);
	f.initrd_same = f.there == 1 && record_same(&f.rec.initrd, rq->root);
	if (rq->json)
		print_json(&f, &m);
	else if (!say_is_quiet())
		print_text(&f);
	record_free(&f.rec);
	int flushed = say_flush();

	if (flushed)
		return flushed == 4 ? 4 : 1;
	return f.status;
}
