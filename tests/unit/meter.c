/* with: dumpsend/meter.c */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "../../dumpsend/meter.h"
#include "unit.h"

static void bytes(void **state)
{
	char text[METER_TEXT];

	(void)state;
	assert_string_equal(meter_bytes(text, 0), "0 bytes");
	assert_string_equal(meter_bytes(text, 1023), "1023 bytes");
	assert_string_equal(meter_bytes(text, 1536), "1.5 KiB");
	assert_string_equal(meter_bytes(text, 300 << 20), "300 MiB");
	assert_string_equal(meter_bytes(text, UINT64_MAX), "16 EiB");
}

/* in a log: a line every 10 seconds, with the rate since the one before */
static void log_lines(void **state)
{
	struct meter m;
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	(void)state;
	meter_open(&m, f, "sent", 1000 << 20);
	uint64_t t0 = m.start_ms;
	meter_step_at(&m, 50 << 20, t0 + 9999);
	fflush(f);
	assert_int_equal(len, 0);
	meter_step_at(&m, 100 << 20, t0 + 10000);
	fflush(f);
	assert_non_null(strstr(text, ": sent 100 MiB, 10 MiB/s, 10 %, 90 s left\n"));
	meter_step_at(&m, 300 << 20, t0 + 20000);
	assert_non_null(strstr(text, ": sent 300 MiB, 20 MiB/s, 30 %, 35 s left\n"));
	meter_step_at(&m, 200 << 20, t0 + 30000);	/* a connection was lost */
	assert_non_null(strstr(text, ": sent 200 MiB, 0 bytes/s, 20 %\n"));
	meter_clear(&m);
	assert_null(strchr(text, '\r'));
	fclose(f);
	free(text);
}

static void no_total(void **state)
{
	struct meter m;
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	(void)state;
	meter_open(&m, f, "sent", 0);
	meter_step_at(&m, 100 << 20, m.start_ms + 10000);
	assert_non_null(strstr(text, ": sent 100 MiB, 10 MiB/s\n"));
	meter_open(&m, NULL, "sent", 0);
	meter_step_at(&m, 1, m.start_ms + 10000);
	meter_clear(&m);
	fclose(f);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes),
		cmocka_unit_test(log_lines),
		cmocka_unit_test(no_total),
	};

	return RUN(tests);
}
