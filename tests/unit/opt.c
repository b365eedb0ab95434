/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "opt.h"
#include "say.h"
#include "unit.h"

enum { KEY_LONG = 256, MAX_WORDS = 16 };

static const struct opt opts[] = {
	{ 'o', "output", "FILE", "write to FILE" },
	{ 'f', "force", NULL, "replace FILE" },
	{ 'z', NULL, "[LEVEL]", "zstd" },
	{ 'c', NULL, NULL, "zlib" },
	{ 'x', NULL, "VMLINUX", NULL },
	{ KEY_LONG, "raw", NULL, "as it is" },
	{ KEY_LONG + 1, "compress", "NAME[:LEVEL]", "by this codec" },
	{ KEY_LONG + 2, "color", "[WHEN]", "colors" },
	OPT_COMMON,
	{ 0 },
};

/* the command line as one string; what it is taken for, as another */
static char *words[MAX_WORDS];
static char text[400];

static struct cmdline parse_begin(const char *line)
{
	static char copy[200];
	int n = 0;

	snprintf(copy, sizeof copy, "%s", line);
	for (char *w = strtok(copy, " "); w; w = strtok(NULL, " "))
		words[n++] = w;
	words[n] = NULL;
	return (struct cmdline){ .synopsis = "[-f] FILE", .about = "Tests options.",
				 .features = "codecs: some", .opts = opts, .argv = words };
}

static void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static void say(const char *fmt, ...)
{
	size_t n = strlen(text);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text + n, sizeof text - n, fmt, ap);
	va_end(ap);
}

static const char *parse(const char *line)
{
	struct cmdline cl = parse_begin(line);
	int key;

	text[0] = '\0';
	while ((key = opt_next(&cl)) > 0) {
		if (key < KEY_LONG)
			say("%c", key);
		else
			say("%d", key - KEY_LONG);
		say(cl.arg ? "=%s " : " ", cl.arg);
	}
	if (key < 0) {
		say("! %s", err_text());
		assert_int_equal(err_code(), ERR_USAGE);
		return text;
	}
	say("|");
	for (int i = 0; i < opt_count(&cl); i++)
		say(" %s", cl.argv[i]);
	return text;
}

static void forms(void **state)
{
	(void)state;
	assert_string_equal(parse(""), "|");
	assert_string_equal(parse("a b"), "| a b");
	assert_string_equal(parse("-o x a"), "o=x | a");
	assert_string_equal(parse("-ox a"), "o=x | a");
	assert_string_equal(parse("--output x a"), "o=x | a");
	assert_string_equal(parse("--output=x a"), "o=x | a");
	assert_string_equal(parse("--output= a"), "o= | a");
	assert_string_equal(parse("--output=a=b"), "o=a=b |");
	assert_string_equal(parse("-fcf"), "f c f |");
	assert_string_equal(parse("-fox a"), "f o=x | a");
	assert_string_equal(parse("-fo x a"), "f o=x | a");
	assert_string_equal(parse("--raw --force"), "0 f |");
	assert_string_equal(parse("-x v --compress zstd:3"), "x=v 1=zstd:3 |");
}

static void mixed_with_operands(void **state)
{
	(void)state;
	assert_string_equal(parse("a -f b -o x c"), "f o=x | a b c");
	assert_string_equal(parse("a - -f"), "f | a -");
	assert_string_equal(parse("-f -- -c --raw -o"), "f | -c --raw -o");
	assert_string_equal(parse("a -- -- b"), "| a -- b");
	assert_string_equal(parse("-o -- a"), "o=-- | a");
	assert_string_equal(parse("-o -f"), "o=-f |");
}

static void optional_arguments(void **state)
{
	(void)state;
	assert_string_equal(parse("-z 3"), "z | 3");
	assert_string_equal(parse("-z3 a"), "z=3 | a");
	assert_string_equal(parse("-fz"), "f z |");
	assert_string_equal(parse("--color a"), "2 | a");
	assert_string_equal(parse("--color=no a"), "2=no | a");
}

static void mistakes(void **state)
{
	(void)state;
	assert_string_equal(parse("-k"), "! no option -k");
	assert_string_equal(parse("-fk"), "f ! no option -k");
	assert_string_equal(parse("--forc"), "! no option --forc");
	assert_string_equal(parse("--forced"), "! no option --forced");
	assert_string_equal(parse("--=x"), "! no option --");
	assert_string_equal(parse("--force=x"), "! --force takes no argument");
	assert_string_equal(parse("a -o"), "! --output needs its FILE");
	assert_string_equal(parse("--output"), "! --output needs its FILE");
	assert_string_equal(parse("-x"), "! -x needs its VMLINUX");
}

/* what the line prints, and with which status, in a process of its own */
static int in_child(const char *line, char *printed, size_t size)
{
	int fds[2], status;
	size_t n = 0;
	ssize_t more;

	assert_int_equal(pipe(fds), 0);
	pid_t pid = fork();
	if (pid == 0) {
		dup2(fds[1], STDOUT_FILENO);
		dup2(fds[1], STDERR_FILENO);
		struct cmdline cl = parse_begin(line);
		int key;

		while ((key = opt_next(&cl)) > 0)
			;
		_exit(key < 0 ? opt_usage(&cl) : say_is_quiet() ? 40 : 41);
	}
	close(fds[1]);
	while ((more = read(fds[0], printed + n, size - 1 - n)) > 0)
		n += (size_t)more;
	printed[n] = '\0';
	close(fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void common_options(void **state)
{
	char out[2000];

	(void)state;
	assert_int_equal(in_child("-V nonsense", out, sizeof out), 0);
	assert_string_equal(out, "unit (crashpipe) " VERSION "\ncodecs: some\n");
	assert_int_equal(in_child("a -fh", out, sizeof out), 0);
	assert_memory_equal(out, "usage: unit [-f] FILE\nTests options.\n\n", 38);
	assert_non_null(strstr(out, "-o, --output=FILE "));
	assert_non_null(strstr(out, "--compress=NAME[:LEVEL] "));
	assert_non_null(strstr(out, "--color[=WHEN] "));
	assert_non_null(strstr(out, "-h, --help "));
	assert_null(strstr(out, "VMLINUX"));	/* accepted, not shown */
	assert_int_equal(in_child("-q", out, sizeof out), 40);
	assert_int_equal(in_child("-v", out, sizeof out), 41);
	assert_string_equal(out, "");
	assert_int_equal(in_child("--nosuch", out, sizeof out), 2);
	assert_string_equal(out, "unit: no option --nosuch\nusage: unit [-f] FILE\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms),
		cmocka_unit_test(mixed_with_operands),
		cmocka_unit_test(optional_arguments),
		cmocka_unit_test(mistakes),
		cmocka_unit_test(common_options),
	};

	say_start("/usr/bin/unit");
	return RUN(tests);
}
