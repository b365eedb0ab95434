/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: kexec-load/cmdline.c kexec-load/reuse.c kexec-load/rules.c kexec-load/rules-builtin.c */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../kexec-load/cmdline.h"
#include "../../kexec-load/reuse.h"
#include "../../kexec-load/rules.h"
#include "tree.h"

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

static char *value(const char *cmdline, const char *name)
{
	static char text[64];
	char *copy = cmdline_value(cmdline, name);

	snprintf(text, sizeof text, "%s", copy ? copy : "(none)");
	free(copy);
	return text;
}

static void values(void **state)
{
	(void)state;
	assert_string_equal(value("a=1 rdinit=/x/y b", "rdinit"), "/x/y");
	assert_string_equal(value("a=1 a=2", "a"), "2");
	assert_string_equal(value("a=\"b c\"", "a"), "b c");
	assert_string_equal(value("\"a=b c\" d", "a"), "b c");
	assert_string_equal(value("a", "a"), "");
	assert_string_equal(value("a=", "a"), "");
	assert_string_equal(value("a=\"", "a"), "");
	assert_string_equal(value("b -- a=1", "a"), "(none)");
	assert_string_equal(value("", "a"), "(none)");
}

/* the rules of a file with these lines, behind our own, for a machine with none to add */
static void make_rules(struct rules *rules, const char *arch, const char *lines)
{
	char *root = tree_make();

	assert_int_equal(rules_builtin(rules, arch), 0);
	tree_put(root, "/rules", lines);
	assert_int_equal(rules_file(rules, root, "/rules"), 1);
	assert_int_equal(rules_file(rules, root, "/other"), 0);
	tree_remove(root);
}

/* whatever our own rules add, they must not in most of these samples */
static const char add_nothing[] = "remove irqpoll nr_cpus reset_devices cgroup_disable\n"
	"remove udev.children-max panic novmcoredd cma hugetlb_cma initramfs_options\n"
	"remove rd.systemd.gpt_auto\nkeep panic cgroup_disable\n";

static void expect_rules(const char *lines, const char *running, const char *append,
			 const char *expected)
{
	struct rules rules;
	char all[2048];

	snprintf(all, sizeof all, "%s%s", add_nothing, lines);
	make_rules(&rules, "nothing", all);
	char *line = reuse_cmdline(running, append, &rules, NULL);

	assert_non_null(line);
	assert_string_equal(line, expected);
	free(line);
	rules_free(&rules);
}

static void expect_reuse(const char *running, const char *append, const char *expected)
{
	expect_rules("", running, append, expected);
}

static void reuse(void **state)
{
	(void)state;
	expect_reuse("", "", "");
	expect_reuse("", "x", "x");
	expect_reuse("a", NULL, "a");
	expect_reuse("BOOT_IMAGE=/boot/vmlinuz-6.1 root=/dev/sda1 ro quiet crashkernel=256M",
		     "irqpoll nr_cpus=1", "ro irqpoll nr_cpus=1");
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
	/* a quote that is left open ends with the line, and must not swallow what is added */
	expect_reuse("a b=\"c d", "e", "a b=\"c d\" e");
	expect_reuse("a \"b", "", "a \"b\"");
	expect_reuse("a root=\"b", "c", "a c");
}

static void rules_of_files(void **state)
{
	(void)state;
	expect_rules("keep root quiet\n", "root=/dev/sda1 quiet splash", "", "root=/dev/sda1 quiet");
	expect_rules("# a comment\n\n  remove a b # c\n", "a=1 b c", "", "c");
	expect_rules("remove console=hvc0\n", "console=hvc0 console=ttyS0 console", "",
		     "console=ttyS0 console");
	expect_rules("remove a\nkeep a=2\n", "a=1 a=2", "", "a=2");
	expect_rules("remove \"a=b c\"\n", "a=\"b c\" \"a=b c\" a=b", "", "a=\"b c\" a=b");
	/* words are added before what the user appends, and none twice */
	expect_rules("add x=1 y\n", "a -- i", "z", "a x=1 y z -- i");
	expect_rules("add x=1\n", "x=2", "", "x=2");
	expect_rules("add x=1\nremove x\n", "x=2", "", "");
	expect_rules("remove x\nadd x=1\n", "x=2", "", "x=1");
	expect_rules("add x-y=1\n", "", "x_y=3", "x_y=3");
	expect_rules("add x=1\n", "", "a -- x=3", "x=1 a -- x=3");
	expect_rules("add x=1\nadd x=2\n", "", "", "x=2");
	expect_rules("add nr_cpus=2\n", "nr_cpus=8", "", "nr_cpus=2");
	expect_rules("add dyndbg=\"file a.c +p\"\n", "", "", "dyndbg=\"file a.c +p\"");
}

static void wrong_rules(void **state)
{
	static const struct { const char *lines, *words; } samples[] = {
		{ "remove\n", "/rules: line 1: nothing follows" },
		{ "\nadd \t\n", "line 2: nothing follows" },
		{ "drop x\n", "line 1: \"drop\" is not remove, keep or add" },
		{ "add =x\n", "line 1: \"=x\" has no name" },
		{ "add x --\n", "line 1: \"--\" cannot be in a rule" },
	};
	char *root = tree_make();

	(void)state;
	for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
		struct rules rs = { 0 };

		tree_put(root, "/rules", samples[i].lines);
		assert_int_equal(rules_file(&rs, root, "/rules"), -1);
		assert_failed(ERR_USAGE, samples[i].words);
		rules_free(&rs);
	}
	tree_remove(root);
}

/* what is removed and what is added on each machine, and that a reason comes with each */
struct heard {
	unsigned removed, added;
};

static void hear_removed(void *arg, const struct cmdline_word *word, const char *why)
{
	struct heard *h = arg;

	assert_true(word->len > 0 && why && why[0]);
	h->removed++;
}

static void hear_added(void *arg, const char *word, const char *why)
{
	struct heard *h = arg;

	assert_true(word[0] && why && why[0]);
	h->added++;
}

/* a file of rules cannot make it slow */
static void many_rules(void **state)
{
	struct rules rs = { 0 };
	char *text = calloc(1, 65536);

	(void)state;
	assert_non_null(text);
	for (int i = 0; i < 1999; i++)
		sprintf(text + strlen(text), "add a%d=%d\n", i / 2, i);
	assert_int_equal(rules_text(&rs, text), 0);
	char *line = reuse_cmdline("x", "a5", &rs, NULL);

	assert_string_equal(value(line, "a999"), "1998");
	assert_string_equal(value(line, "a5"), "");
	free(line);
	rules_free(&rs);
	memset(text, 0, 65536);
	for (int i = 0; i < 2001; i++)
		strcpy(text + 8 * i, "keep abc");
	for (int i = 1; i < 2001; i++)
		text[8 * i - 1] = '\n';
	assert_int_equal(rules_text(&rs, text), -1);
	assert_failed(ERR_USAGE, "line 2001: more than 2000 rules");
	rules_free(&rs);
	free(text);
}

static void machines(void **state)
{
	static const char running[] = "crashkernel=1M,high a=crashkernel=1 crashkernel=2M,low nr_cpus=4";
	struct heard h = { 0 };
	const struct reuse_ears ears = { hear_removed, hear_added, &h };
	struct rules rs;

	(void)state;
	assert_int_equal(rules_builtin(&rs, "x86_64"), 0);
	char *line = reuse_cmdline(running, "panic=1", &rs, &ears);

	assert_int_equal(h.removed, 3);
	assert_true(h.added > 10);
	assert_true(cmdline_has(line, "mce") && cmdline_has(line, "irqpoll"));
	assert_string_equal(value(line, "nr_cpus"), "1");
	assert_string_equal(value(line, "panic"), "1");
	assert_null(strstr(line, "panic=10"));
	assert_false(cmdline_has(line, "swiotlb"));
	/* to be reused again it is as it should be */
	char *twice = reuse_cmdline(line, NULL, &rs, NULL);

	assert_int_equal(strlen(twice), strlen(line));
	free(line);
	free(twice);
	rules_free(&rs);
	assert_int_equal(rules_builtin(&rs, "aarch64"), 0);
	line = reuse_cmdline(running, "", &rs, &ears);
	assert_false(cmdline_has(line, "mce"));
	assert_string_equal(value(line, "swiotlb"), "noforce");
	free(line);
	rules_free(&rs);
}

/* whatever the bytes: the result is no longer than its parts, and stable when reused */
static void random_lines(void **state)
{
	static const char pieces[] = "a\"= \t-_\nq\xa0" "crashkernel=quiet--  ";
	uint64_t seed = 1;
	struct rules rs;

	(void)state;
	make_rules(&rs, "nothing", add_nothing);
	for (int i = 0; i < 20000; i++) {
		char line[64];
		size_t len = unit_random(&seed) % (sizeof line - 1);

		for (size_t j = 0; j < len; j++)
			line[j] = pieces[unit_random(&seed) % (sizeof pieces - 1)];
		line[len] = '\0';
		char *once = reuse_cmdline(line, "x", &rs, NULL);

		assert_true(strlen(once) <= len + 3);
		char *twice = reuse_cmdline(once, NULL, &rs, NULL);

		/* an open quote swallows what is appended */
		if (!strchr(line, '"'))
			assert_string_equal(once, twice);
		free(once);
		free(twice);
	}
	rules_free(&rs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words),
		cmocka_unit_test(has),
		cmocka_unit_test(reuse),
		cmocka_unit_test(values),
		cmocka_unit_test(rules_of_files),
		cmocka_unit_test(wrong_rules),
		cmocka_unit_test(machines),
		cmocka_unit_test(many_rules),
		cmocka_unit_test(random_lines),
	};

	return RUN(tests);
}
