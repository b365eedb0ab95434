/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: dumpsend/name.c */
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "../../dumpsend/name.h"
#include "kdump-format.h"
#include "unit.h"

static void cleans(const char *text, size_t len, const char *expected)
{
	char to[NAME_MAX_LEN + 1];

	name_clean(to, text, len);
	assert_string_equal(to, expected);
}

static void cleaned(void **state)
{
	char big[200];

	(void)state;
	cleans("Host-1.example_org:2", 20, "Host-1.example_org:2");
	cleans("", 0, "");
	cleans("\0x", 2, "");
	cleans(".", 1, "_");
	cleans("..", 2, "__");
	cleans("...", 2, "__");
	cleans("...", 3, "...");
	cleans("../../etc", 9, ".._.._etc");
	cleans("a b\n$(x)\377%h", 11, "a_b___x___h");
	memset(big, 'x', sizeof big);
	memset(big + NAME_MAX_LEN, 'y', sizeof big - NAME_MAX_LEN);
	char to[NAME_MAX_LEN + 1];
	name_clean(to, big, sizeof big);
	assert_int_equal(strlen(to), NAME_MAX_LEN);
	assert_null(strchr(to, 'y'));
}

static void needed(void **state)
{
	(void)state;
	assert_true(name_needs("/a/%h/b", 'h'));
	assert_true(name_needs("%%%t", 't'));
	assert_false(name_needs("%%t", 't'));
	assert_false(name_needs("h%", 'h'));
	assert_false(name_needs("%%", '%'));
	assert_false(name_needs("", 'r'));
	assert_int_equal(name_check("%h%i%t%r%%x"), 0);
	assert_int_equal(name_check("%"), -1);
	assert_failed(ERR_USAGE, "percent sign");
	assert_int_equal(name_check("%%%"), -1);
	assert_int_equal(name_check("%H"), -1);
}

static void expands(const char *path, const struct names *n, const char *expected)
{
	char *got = name_expand(path, n);

	assert_non_null(got);
	assert_string_equal(got, expected);
	free(got);
}

static void expanded(void **state)
{
	struct names n = { .host = "host", .address = "10.0.0.1", .time = "now" };

	(void)state;
	expands("/x/%i-%t/%h-%r", &n, "/x/10.0.0.1-now/host-unknown");
	expands("%h%h%%%%h", &n, "hosthost%%h");
	expands("plain", &n, "plain");
	expands("", &n, "");
	assert_null(name_expand("a%", &n));
	assert_failed(ERR_USAGE, "percent sign");
	/* even if somebody filled them in without name_clean() */
	strcpy(n.host, "..");
	strcpy(n.address, "a/../b");
	memset(n.time, 'x', NAME_MAX_LEN);
	expands("/v/%h/%i/x", &n, "/v/__/a_.._b/x");
	char *twice = name_expand("%t%t", &n);
	assert_int_equal(strlen(twice), 2 * NAME_MAX_LEN);
	free(twice);
}

static void head_of(uint8_t head[KDUMP_HEADER_LEN], const char *node, const char *release,
		    int64_t seconds, bool swap)
{
	uint32_t version = swap ? __builtin_bswap32(6) : 6;

	seconds = swap ? (int64_t)__builtin_bswap64((uint64_t)seconds) : seconds;
	memset(head, 0, KDUMP_HEADER_LEN);
	memcpy(head, KDUMP_SIGNATURE, 8);
	strncpy((char *)head + KDUMP_UTSNAME + KDUMP_UTSNAME_LEN, node, KDUMP_UTSNAME_LEN);
	strncpy((char *)head + KDUMP_UTSNAME_RELEASE, release, KDUMP_UTSNAME_LEN);
	memcpy(head + KDUMP_TIME_SEC, &seconds, sizeof seconds);
	memcpy(head + KDUMP_HEADER_VERSION, &version, sizeof version);
}

static void from_dump(void **state)
{
	uint8_t head[KDUMP_HEADER_LEN];
	struct names n;

	(void)state;
	for (int swap = 0; swap < 2; swap++) {
		n = (struct names){ 0 };
		head_of(head, "db/../1", "6.1.0-18-amd64", 1700000000, swap);
		assert_true(name_from_dump(&n, head, sizeof head));
		assert_string_equal(n.host, "db_.._1");
		assert_string_equal(n.release, "6.1.0-18-amd64");
		assert_string_equal(n.time, "2023-11-14-22:13:20");
		assert_string_equal(n.address, "");
	}
	/* what is known already stays; what the header does not know stays empty */
	n = (struct names){ .release = "mine" };
	head_of(head, "(none)", "other", 0, false);
	assert_true(name_from_dump(&n, head, sizeof head));
	assert_string_equal(n.host, "");
	assert_string_equal(n.release, "mine");
	assert_string_equal(n.time, "");

	/* as much as the first record of a stream has */
	for (size_t len = 0; len <= sizeof head; len++) {
		head_of(head, "host", "6.1", 1700000000, false);
		n = (struct names){ 0 };
		assert_int_equal(name_from_dump(&n, head, len), len >= 12);
		assert_string_equal(n.host, len >= 142 ? "host" : "");
		assert_string_equal(n.release, len >= 207 ? "6.1" : "");
		assert_string_equal(n.time, len >= 416 ? "2023-11-14-22:13:20" : "");
	}
	head[0] = 'k';
	assert_false(name_from_dump(&n, head, sizeof head));

	/* fields without an end */
	head_of(head, "", "", 0, false);
	memset(head + KDUMP_UTSNAME, 'x', 6 * KDUMP_UTSNAME_LEN);
	n = (struct names){ 0 };
	assert_true(name_from_dump(&n, head, sizeof head));
	assert_int_equal(strlen(n.host), NAME_MAX_LEN);
}

static void from_machine(void **state)
{
	struct names n = { .host = "known" };
	struct utsname u;
	char letters[8], release[NAME_MAX_LEN + 1];

	(void)state;
	uname(&u);
	name_clean(release, u.release, sizeof u.release);
	assert_string_equal(name_from_machine(&n, letters), "tr");
	assert_string_equal(n.host, "known");
	assert_string_equal(n.release, release);
	assert_int_equal(strlen(n.time), 19);
	assert_string_equal(name_from_machine(&n, letters), "");
}

static void times(void **state)
{
	char to[NAME_MAX_LEN + 1];

	(void)state;
	name_of_time(to, 0);
	assert_string_equal(to, "1970-01-01-00:00:00");
	name_of_time(to, 4102444799);
	assert_string_equal(to, "2099-12-31-23:59:59");
	name_of_time(to, -1);
	assert_string_equal(to, "-1");
	name_of_time(to, INT64_MAX);
	assert_string_equal(to, "9223372036854775807");
	name_of_time(to, 253402300800);		/* the year 10000 */
	assert_string_equal(to, "253402300800");
}

static void host_dir(void **state)
{
	static const char *const pairs[][2] = {
		{ "/var/crash/vmcore", "/var/crash/%i-%t/vmcore" },
		{ "/vmcore", "/%i-%t/vmcore" },
		{ "vmcore", "%i-%t/vmcore" },
		{ "/~/%h/x%%", "/~/%h/%i-%t/x%%" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
		char *got = name_host_dir(pairs[i][0]);

		assert_string_equal(got, pairs[i][1]);
		free(got);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cleaned),
		cmocka_unit_test(needed),
		cmocka_unit_test(expanded),
		cmocka_unit_test(from_dump),
		cmocka_unit_test(from_machine),
		cmocka_unit_test(times),
		cmocka_unit_test(host_dir),
	};

	return RUN(tests);
}
