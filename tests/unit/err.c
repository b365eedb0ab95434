/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "unit.h"

static void words(void **state)
{
	(void)state;
	assert_int_equal(fail(ERR_CORRUPT, "page %d", 7), -1);
	assert_int_equal(err_code(), ERR_CORRUPT);
	assert_string_equal(err_text(), "page 7");
	assert_int_equal(fail_in("bitmap"), -1);
	assert_int_equal(fail_in("vmcore"), -1);
	assert_string_equal(err_text(), "vmcore: bitmap: page 7");
	assert_int_equal(err_code(), ERR_CORRUPT);
}

static void system_errors(void **state)
{
	static const struct { int errnum; enum err code; } codes[] = {
		{ ENOSPC, ERR_FULL }, { EDQUOT, ERR_FULL }, { EFBIG, ERR_FULL },
		{ ENOMEM, ERR_MEMORY }, { EPIPE, ERR_PIPE }, { EAGAIN, ERR_AGAIN },
		{ EIO, ERR_SYS }, { ENOENT, ERR_SYS },
	};

	(void)state;
	for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
		char expected[100];

		errno = codes[i].errnum;
		assert_int_equal(fail_sys("%s", "x"), -1);
		assert_int_equal(err_code(), codes[i].code);
		snprintf(expected, sizeof expected, "x: %s", strerror(codes[i].errnum));
		assert_string_equal(err_text(), expected);
	}
}

/* too long is cut, and terminated, wherever the length falls */
static void long_texts(void **state)
{
	char text[ERR_TEXT + 100];

	(void)state;
	for (size_t len = 0; len < sizeof text; len++) {
		memset(text, 'a', len);
		text[len] = '\0';
		fail(ERR_SYS, "%s", text);
		assert_int_equal(strlen(err_text()), len < ERR_TEXT - 1 ? len : ERR_TEXT - 1);
		errno = EIO;
		fail_sys("%s", text);
		assert_true(strlen(err_text()) < ERR_TEXT);
		assert_non_null(strstr(err_text(), strerror(EIO)));
		for (int i = 0; i < 4; i++) {
			fail_in(text);
			assert_true(strlen(err_text()) < ERR_TEXT);
		}
		if (len > 0)
			assert_int_equal(err_text()[0], 'a');
	}
}

/* what is in the texts may be foreign: no control characters for a terminal */
static void one_plain_line(void **state)
{
	(void)state;
	fail(ERR_CORRUPT, "\x1b[31m%s\x7f", "a\nb");
	assert_string_equal(err_text(), "?[31ma?b?");
	fail_in("\x1b]0;x\x07");
	assert_string_equal(err_text(), "?]0;x?: ?[31ma?b?");
	errno = EIO;
	fail_sys("\x1b");
	assert_int_equal(err_text()[0], '?');
}

static void *other_thread(void *arg)
{
	(void)arg;
	fail(ERR_MEMORY, "theirs");
	return NULL;
}

static void one_for_each_thread(void **state)
{
	pthread_t id;

	(void)state;
	fail(ERR_FULL, "mine");
	assert_int_equal(pthread_create(&id, NULL, other_thread, NULL), 0);
	pthread_join(id, NULL);
	assert_int_equal(err_code(), ERR_FULL);
	assert_string_equal(err_text(), "mine");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words),
		cmocka_unit_test(system_errors),
		cmocka_unit_test(long_texts),
		cmocka_unit_test(one_plain_line),
		cmocka_unit_test(one_for_each_thread),
	};

	return RUN(tests);
}
