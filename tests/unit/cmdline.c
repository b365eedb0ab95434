/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: kexec-load/cmdline.c */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../kexec-load/cmdline.h"
#include "unit.h"

/* the words of a line, each as "NAME|WORD" */
static void words(void **state)
{
	static const struct { const char *line, *word[5]; } samples[] = {
		{ "", { NULL } },
		{ " \t\n", { NULL } },
		{ "a b=c", { "a|a", "b|b=c" } },
		{ "  a\tb\nc\r\v\fd ", { "a|a", "b|b", "c|c", "d|d" } },
		{ "a=\"b c\" d", { "a|a=\"b c\"", "d|d" } },
		{ "\"a=b c\" d", { "a|\"a=b c\"", "d|d" } },
		{ "\"a\" b", { "a|\"a\"", "b|b" } },
		{ "a=b=c", { "a|a=b=c" } },
		{ "a=\"b c", { "a|a=\"b c" } },
		{ "\"", { "|\"" } },
		{ "\"\" =x =", { "|\"\"", "|=x", "|=" } },
		{ "a\xa0" "b", { "a|a", "b|b" } },
		{ "x\"y z\"w v", { "x\"y z\"w|x\"y z\"w", "v|v" } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
		const char *pos = samples[i].line;
		struct cmdline_word w;
		size_t n = 0;

		while (cmdline_next(&pos, &w)) {
			char got[64];

			snprintf(got, sizeof got, "%.*s|%.*s", (int)w.namelen, w.name,
				 (int)w.len, w.text);
			assert_true(n < 5 && samples[i].word[n]);
			assert_string_equal(got, samples[i].word[n]);
			n++;
		}
		assert_true(n == 5 || !samples[i].word[n]);
	}
}

static void has(void **state)
{
	(void)state;
	assert_true(cmdline_has("quiet no5lvl", "no5lvl"));
	assert_true(cmdline_has("a-b=1", "a_b"));
	assert_true(cmdline_has("a_b", "a-b"));
	assert_true(cmdline_has("\"no5lvl\"", "no5lvl"));
	assert_false(cmdline_has("xno5lvl no5lvlx x=no5lvl", "no5lvl"));
	assert_false(cmdline_has("x=\" no5lvl \"", "no5lvl"));
	assert_false(cmdline_has("a -- no5lvl", "no5lvl"));
	assert_true(cmdline_has("a --x no5lvl", "no5lvl"));
	assert_false(cmdline_has("NO5LVL", "no5lvl"));
	assert_false(cmdline_has("", "no5lvl"));
}

static void expect_reuse(const char *running, const char *append, const char *expected)
{
	char *line = cmdline_reuse(running, append, NULL);

	assert_non_null(line);
	assert_string_equal(line, expected);
	free(line);
}

static void reuse(void **state)
{
	(void)state;
	expect_reuse("", "", "");
	expect_reuse("", "x", "x");
	expect_reuse("a", NULL, "a");
	expect_reuse("BOOT_IMAGE=/boot/vmlinuz-6.1 root=/dev/sda1 ro quiet crashkernel=256M",
		     "irqpoll nr_cpus=1", "root=/dev/sda1 ro irqpoll nr_cpus=1");
	expect_reuse("BOOT-IMAGE=x", "", "");
	expect_reuse("a crashkernel=512M,high b crashkernel=128M,low c crashkernel=1G,cma"
		     " crashkernel=2G-4G:128M,4G-:256M crashkernel", "z", "a b c z");
	/* no part of a word is a word */
	expect_reuse("xcrashkernel=1M crashkernelx=1M foo=crashkernel=2M foo=\"a crashkernel=3M\"",
		     "", "xcrashkernel=1M crashkernelx=1M foo=crashkernel=2M"
		     " foo=\"a crashkernel=3M\"");
	expect_reuse("\"crashkernel=1M\" \"crash kernel=1M\"", "", "\"crash kernel=1M\"");
	expect_reuse("default-hugepagesz=1G hugepages=8 log_buf_len=16M log-buf-len=1M", "", "");
	expect_reuse("mem=4G mem_sleep_default=deep memmap=1G!4G", "", "mem_sleep_default=deep");
	/* quotes keep their blanks, and everything else its bytes */
	expect_reuse(" a=\"b  c\"\t\td='e  f'\n", "", "a=\"b  c\" d='e f'");
	/* behind "--" all is init's: what is appended must come before */
	expect_reuse("a -- quiet  crashkernel=1M", "b c", "a b c -- quiet  crashkernel=1M");
	expect_reuse("-- x", "b", "b -- x");
	expect_reuse("--", "", "--");
	expect_reuse("a --b quiet", "c", "a --b c");
}

static unsigned nremoved;

static void count(const struct cmdline_word *word)
{
	assert_memory_equal(word->text, "crashkernel=", 12);
	nremoved++;
}

static void removed(void **state)
{
	(void)state;
	free(cmdline_reuse("crashkernel=1M,high a=crashkernel=1 crashkernel=2M,low", "", count));
	assert_int_equal(nremoved, 2);
	for (size_t i = 0; cmdline_drops(i); i++) {
		char line[64];

		snprintf(line, sizeof line, "a %s=x %s b", cmdline_drops(i), cmdline_drops(i));
		expect_reuse(line, "", "a b");
	}
}

/* whatever the bytes: the result is no longer than its parts, and stable when reused */
static void random_lines(void **state)
{
	static const char pieces[] = "a\"= \t-_\nq\xa0" "crashkernel=quiet--  ";
	uint64_t seed = 1;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		char line[64];
		size_t len = unit_random(&seed) % (sizeof line - 1);

		for (size_t j = 0; j < len; j++)
			line[j] = pieces[unit_random(&seed) % (sizeof pieces - 1)];
		line[len] = '\0';
		char *once = cmdline_reuse(line, "x", NULL);

		assert_true(strlen(once) <= len + 3);
		char *twice = cmdline_reuse(once, NULL, NULL);

		/* an open quote swallows what is appended */
		if (!strchr(line, '"'))
			assert_string_equal(once, twice);
		free(once);
		free(twice);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words),
		cmocka_unit_test(has),
		cmocka_unit_test(reuse),
		cmocka_unit_test(removed),
		cmocka_unit_test(random_lines),
	};

	return RUN(tests);
}
