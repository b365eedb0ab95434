/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PRINT_JSON: an object a line (RFC 8259), for machines */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "json.h"
#include "log.h"
#include "names.h"
#include "print-parts.h"
#include "print.h"

/* "2026-11-22T00:15:18.123456Z" */
static void add_time(struct json *j, const struct printer *p, const struct record *r)
{
	char day[64], text[80];
	uint32_t nsec;
	time_t sec = print_wall(p, r, &nsec);
	struct tm tm;

	if (!gmtime_r(&sec, &tm) || !strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &tm))
		return;
	snprintf(text, sizeof text, "%s.%06uZ", day, (unsigned)(nsec / NSEC_PER_USEC));
	json_text(j, "time", text);
}

/* "kern.info" */
static void add_priority(struct json *j, const struct record *r)
{
	const char *facility = name_of_facility(r->facility);
	char text[32];

	if (!facility)
		return;
	snprintf(text, sizeof text, "%s.%s", facility, name_of_level(r->level));
	json_text(j, "priority", text);
}

static void add_field(struct json *j, const char *key, const char *value, size_t room)
{
	size_t len = strnlen(value, room);

	if (len > 0)
		json_bytes(j, key, value, len);
}

static void add_record(struct json *j, const struct printer *p, const struct record *r)
{
	char name[CALLER_MAX];

	json_u64(j, "seq", r->seq);
	if (r->timed)
		json_u64(j, "ns", r->ts_nsec);
	if (r->timed && p->ctime)
		add_time(j, p, r);
	json_u64(j, "facility", r->facility);
	json_u64(j, "level", r->level);
	add_priority(j, r);
	if (p->caller && r->has_caller) {
		print_caller(r, name);
		json_text(j, "caller", name);
	}
	json_bytes(j, "text", r->text, r->len);
	add_field(j, "subsystem", r->subsystem, sizeof r->subsystem);
	add_field(j, "device", r->device, sizeof r->device);
}

static void add_gap(struct json *j, const struct record *gap)
{
	if (gap->lost)
		json_u64(j, "lost", gap->lost);
	else
		json_text(j, "lost", NULL);
	json_text(j, "why", print_why(gap));
}

int print_json(struct printer *p, const struct record *r)
{
	struct json j;

	json_begin(&j, p->json);
	json_object(&j, NULL);
	if (r->loss)
		add_gap(&j, r);
	else
		add_record(&j, p, r);
	json_close(&j);
	json_end(&j);
	return ferror(p->json) ? -1 : 0;
}
