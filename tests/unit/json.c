/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "unit.h"

static char *text;
static size_t len;

static void begin(struct json *j)
{
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	json_begin(j, f);
}

static void is(struct json *j, const char *want)
{
	json_end(j);
	fclose(j->to);
	assert_string_equal(text, want);
	free(text);
}

static void nested(void **state)
{
	struct json j;

	(void)state;
	begin(&j);
	json_object(&j, NULL);
	json_u64(&j, "least", 0);
	json_u64(&j, "most", UINT64_MAX);
	json_array(&j, "levels");
	json_object(&j, NULL);
	json_close(&j);
	json_object(&j, NULL);
	json_bool(&j, "a", true);
	json_bool(&j, "b", false);
	json_close(&j);
	json_array(&j, NULL);
	json_u64(&j, NULL, 1);
	json_u64(&j, NULL, 2);
	json_close(&j);
	json_close(&j);
	json_text(&j, "last", NULL);
	json_close(&j);
	is(&j, "{\"least\": 0, \"most\": 18446744073709551615, \"levels\": [{}, "
	       "{\"a\": true, \"b\": false}, [1, 2]], \"last\": null}\n");
}

static void fractions(void **state)
{
	static const struct { double value; unsigned digits; const char *text; } rows[] = {
		{ 0.5, 4, "0.5000\n" }, { -1.25, 1, "-1.2\n" }, { 1e18, 0, "1000000000000000000\n" },
		{ NAN, 2, "null\n" }, { INFINITY, 2, "null\n" }, { -INFINITY, 0, "null\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct json j;

		begin(&j);
		json_fixed(&j, NULL, rows[i].value, rows[i].digits);
		is(&j, rows[i].text);
	}
}

/* names may hold any byte: what is no UTF-8 keeps its value in an escape */
static void strings(void **state)
{
	static const struct { const char *bytes, *text; } rows[] = {
		{ "", "\"\"\n" },
		{ "a/b c", "\"a/b c\"\n" },
		{ "\"\\", "\"\\\"\\\\\"\n" },
		{ "\n\t\x01\x1f\x7f", "\"\\u000a\\u0009\\u0001\\u001f\\u007f\"\n" },
		{ "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"\n" },
		{ "\xc2\x80\xc2\x9f\xc2\xa0", "\"\\u0080\\u009f\xc2\xa0\"\n" },	/* C1 */
		{ "\x80z", "\"\\udc80z\"\n" },
		{ "\xff", "\"\\udcff\"\n" },
		{ "\xc3", "\"\\udcc3\"\n" },			/* ends too soon */
		{ "\xe2\x82", "\"\\udce2\\udc82\"\n" },
		{ "\xf0\x9f\x98", "\"\\udcf0\\udc9f\\udc98\"\n" },
		{ "\xc0\x80", "\"\\udcc0\\udc80\"\n" },		/* longer than needed */
		{ "\xe0\x9f\xbf", "\"\\udce0\\udc9f\\udcbf\"\n" },
		{ "\xf0\x8f\xbf\xbf", "\"\\udcf0\\udc8f\\udcbf\\udcbf\"\n" },
		{ "\xed\xa0\x80", "\"\\udced\\udca0\\udc80\"\n" },	/* half of a pair */
		{ "\xed\x9f\xbf", "\"\xed\x9f\xbf\"\n" },
		{ "\xf4\x8f\xbf\xbf", "\"\xf4\x8f\xbf\xbf\"\n" },
		{ "\xf4\x90\x80\x80", "\"\\udcf4\\udc90\\udc80\\udc80\"\n" },	/* past the last */
		{ "\xf5\x80\x80\x80", "\"\\udcf5\\udc80\\udc80\\udc80\"\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct json j;

		begin(&j);
		json_text(&j, NULL, rows[i].bytes);
		is(&j, rows[i].text);
	}
}

static void counted_bytes(void **state)
{
	struct json j;

	(void)state;
	begin(&j);
	json_object(&j, NULL);
	json_bytes(&j, "a", "x\0\xc3\xa9", 3);
	json_bytes(&j, "b", "", 0);
	json_close(&j);
	is(&j, "{\"a\": \"x\\u0000\\udcc3\", \"b\": \"\"}\n");
}

static void keys_are_escaped(void **state)
{
	struct json j;

	(void)state;
	begin(&j);
	json_object(&j, NULL);
	json_u64(&j, "a\"b\xff", 1);
	json_close(&j);
	is(&j, "{\"a\\\"b\\udcff\": 1}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nested),
		cmocka_unit_test(fractions),
		cmocka_unit_test(strings),
		cmocka_unit_test(counted_bytes),
		cmocka_unit_test(keys_are_escaped),
	};

	return RUN(tests);
}
