/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: dumpmsg/ring.c dumpmsg/ring-open.c dumpmsg/ring-layout.c dumpmsg/window.c dumpmsg/log.c dumpmsg/records.c dumpmsg/records-find.c dumpmsg/records-layout.c dumpmsg/text.c dumpmsg/chunk.c dumpmsg/caller.c */
/* what the formats of logs share */
#include <stdlib.h>

#include "log-machine.h"

/* a format that returns these, one by one: r a record, m and d gaps of 1, M of many, e an error */
static int fake_next(struct log *log, struct record *r)
{
	const char **s = log->state;

	switch (**s) {
	case '\0':
		return 0;
	case 'e':
		return fail(ERR_STOPPED, "stopped");
	case 'r':
		*r = (struct record){ .text = *s };
		break;
	default:
		*r = (struct record){ .loss = **s == 'd' ? LOSS_DAMAGED : LOSS_MISSING,
				      .lost = **s != 'M' };
		break;
	}
	++*s;
	return 1;
}

static int fake_open(struct log *log)
{
	(void)log;
	return 0;
}

static void fake_close(struct log *log) { (void)log; }

static const struct log_format fake = { "fake", "none", fake_open, fake_next, fake_close };

static void join(const char *from, const char *to, int end, bool uncounted)
{
	struct log log = { .format = &fake, .state = &from };
	struct record r;
	char text[64] = "";
	int rc;

	while ((rc = log_next(&log, &r)) == 1) {
		size_t n = strlen(text);

		if (r.loss)
			snprintf(text + n, sizeof text - n, "%c%u",
				 r.loss == LOSS_MISSING ? 'm' : 'd', (unsigned)r.lost);
		else
			snprintf(text + n, sizeof text - n, "r");
	}
	assert_string_equal(text, to);
	assert_int_equal(rc, end);
	assert_int_equal(log.uncounted, uncounted);
	assert_int_equal(log_next(&log, &r), end);
}

static void gaps(void **state)
{
	(void)state;
	join("", "", 0, false);
	join("rr", "rr", 0, false);
	join("m", "m1", 0, false);
	join("mmmr", "m3r", 0, false);
	join("rmmddmr", "rm2d2m1r", 0, false);
	join("rmMmr", "rm0r", 0, true);
	join("rMr", "rm0r", 0, true);
	join("mrrd", "m1rrd1", 0, false);
	join("re", "r", -1, false);
	join("rme", "r", -1, false);
}

static void none(void **state)
{
	struct machine m;
	struct log log;

	(void)state;
	machine_open(&m, 8, false, "OSRELEASE=6.12.0\n");
	assert_int_equal(log_open(&log, &m.sp), -1);
	assert_failed(ERR_UNKNOWN, "where the log is");
	assert_int_equal(log_rewind(&log), -1);
	log_close(&log);
	log_close(&log);
	machine_close(&m);
}

/* code at 0x1000, the first variable at 0x2000 */
#define IMAGE "SYMBOL(_stext)=c0001000\nSYMBOL(init_uts_ns)=c0002000\nSYMBOL(swapper)=c0002100\n"

static int callers_of(struct machine *m)
{
	struct log log = { .sp = &m->sp, .caller_shown = -1 };

	assert_int_equal(log_find_caller(&log), 0);
	return log.caller_shown;
}

static void callers(void **state)
{
	static const char control[] = "%u,%llu,%llu,%c%s;", with[] = ",caller=%c%u";
	struct machine *m = calloc(1, sizeof *m);

	(void)state;
	assert_non_null(m);
	machine_open(m, 8, false, IMAGE);
	assert_int_equal(callers_of(m), -1);
	memcpy(m->memory + 0x1800, control, sizeof control);
	/* this machine's memory ends before the last piece does: a string may be there */
	assert_int_equal(callers_of(m), -1);
	memcpy(m->memory + 0x1100, with, sizeof with);
	assert_int_equal(callers_of(m), 1);
	memcpy(m->memory + 0x1100, "x,caller=%c%ux", 14);	/* another string */
	assert_int_equal(callers_of(m), -1);
	memcpy(m->memory + 0x1100, with, sizeof with);
	machine_say(m, IMAGE "SYMBOL(kallsyms_names)=c0001400\n");	/* strings are behind it */
	assert_int_equal(callers_of(m), -1);
	machine_say(m, "SYMBOL(init_uts_ns)=c0002000\n");
	assert_int_equal(callers_of(m), -1);
	machine_say(m, "SYMBOL(_stext)=c0001000\n");
	assert_int_equal(callers_of(m), -1);
	machine_close(m);
	free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gaps),
		cmocka_unit_test(none),
		cmocka_unit_test(callers),
	};

	return RUN(tests);
}
