/* SPDX-License-Identifier: GPL-2.0-or-later */
/* BTF that would take long, if it were let. */
#include "btf-open.h"

/* hostile memory: each of these could take long */
static void many_look_alike(void **state)
{
	(void)state;
	for (int n = 15; n < 17; n++) {
		struct btf *b;

		machine_start(&m, false);
		types_start(&t, &m);
		for (int i = 0; i < 64; i++)	/* more than is copied below */
			integer(&t, "int", 4);
		m.used = 0x2ffc;
		put_types(&t, NULL, 0);
		for (int i = 0; i < n; i++)
			memcpy(m.memory + 0x1000 + 0x100 * i, m.memory + t.start, 0x100);
		align(&m, 4096);
		put_functions_of(&m, &t);
		if (n < 16) {
			b = try_open();
			assert_non_null(b);
			closed(b);
		} else {
			refused(ERR_UNKNOWN, "much that looks like it");
		}
		machine_end(&m);
	}
}

/* types of themselves end, and soon */
static void loops(void **state)
{
	struct btf_member f;
	struct btf *b;
	uint32_t id;

	(void)state;
	machine_start(&m, false);
	types_start(&t, &m);
	integer(&t, "int", 4);
	id = type(&t, 8, "mine", 0, t.n + 1);
	type(&t, 4, "with_typedef", 1, 4);
	member(&t, "x", id, 0);
	id = array_of(&t, t.n + 1, 10);
	type(&t, 4, "with_array", 1, 4);
	member(&t, "x", id, 0);
	type(&t, 4, "in_itself", 3, 4);
	for (int i = 0; i < 3; i++)
		member(&t, "", t.n, 0);
	type(&t, 4, "of_nothing", 1, 4);
	member(&t, "x", 12345, 0);
	id = array_of(&t, 1, 0xffffffff);
	for (int i = 0; i < 3; i++)
		id = array_of(&t, id, 0xffffffff);
	type(&t, 4, "huge", 1, 4);
	member(&t, "x", id, 0);
	put_types(&t, NULL, 0);
	put_symbols_of(&m, &t, 0x900);
	b = try_open();
	assert_non_null(b);
	assert_int_equal(btf_member(b, "with_typedef", "x", &f), -1);
	assert_failed(ERR_CORRUPT, "is one of itself");
	assert_int_equal(btf_member(b, "with_array", "x", &f), -1);
	assert_failed(ERR_CORRUPT, "an array without end");
	assert_int_equal(btf_member(b, "in_itself", "x", &f), -1);
	assert_failed(ERR_CORRUPT, "nested without end");
	assert_int_equal(btf_member(b, "of_nothing", "x", &f), -1);
	assert_failed(ERR_CORRUPT, "no type 12345");
	assert_int_equal(btf_member(b, "huge", "x", &f), -1);
	assert_failed(ERR_CORRUPT, "an array without end");
	closed(b);
	machine_end(&m);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_look_alike), cmocka_unit_test(loops),
	};

	return RUN(tests);
}
