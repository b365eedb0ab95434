/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: dumpsend/sftp.c dumpsend/sftp-out.c dumpsend/sftp-call.c dumpsend/sftp-name.c dumpsend/sftp-file.c dumpsend/channel.c dumpsend/net.c dumpsend/window.c */
#include "sftp-server.h"

static void greets(void **state)
{
	(void)state;
	extensions = ALL;
	begin();
	assert_true(sftp.has_fsync && sftp.has_rename && sftp.has_statvfs && sftp.has_limits);
	assert_int_equal(sftp.write_max, 261120);
	assert_int_equal(sftp.read_max, 261120);
	end();
	extensions = "fsync@openssh.con statvfs@openssh.com2";
	begin();
	assert_false(sftp.has_fsync || sftp.has_rename || sftp.has_statvfs || sftp.has_limits);
	assert_int_equal(sftp.write_max, 32768);
	end();
}

static int open_with(const void *bytes, size_t len, bool ended)
{
	memset(&server, 0, sizeof server);
	server.take = server.budget = SIZE_MAX;
	put_bytes(&server, bytes, len);
	server.ended = ended;
	store = (struct store){ .options = &options, .target = &target };
	channel = (struct channel){ .ops = &fake_ops, .target = &target, .options = &options,
				    .own = &server };
	return sftp_open(&sftp, &channel, &store);
}

static void greets_badly(void **state)
{
	static const uint8_t old[] = { 0, 0, 0, 5, SFTP_VERSION, 0, 0, 0, 2 };
	static const uint8_t other[] = { 0, 0, 0, 5, SFTP_STATUS, 0, 0, 0, 3 };
	static const uint8_t cut[] = { 0, 0, 0, 12, SFTP_VERSION, 0, 0, 0, 3, 0, 0, 1, 0, 'x', 'y',
				       'z' };

	(void)state;
	assert_int_equal(open_with("", 0, true), CHANNEL_NO_SUBSYSTEM);
	assert_int_equal(open_with("", 0, false), -1);
	assert_failed(ERR_AGAIN, "silent");
	assert_int_equal(open_with("Welcome to", 10, false), -1);
	assert_failed(ERR_SYS, "\"Welc...\" instead of SFTP: does a login script print?");
	assert_int_equal(open_with(old, sizeof old, false), -1);
	assert_failed(ERR_SYS, "version 2");
	assert_int_equal(open_with(other, sizeof other, false), -1);
	assert_failed(ERR_SYS, "does not greet");
	assert_int_equal(open_with(cut, sizeof cut, false), -1);
	assert_failed(ERR_SYS, "greeting too short");
}

/* each packet's data is what lies in the window, wherever the channel cut it */
static void sends_what_is_there(void **state)
{
	static const size_t takes[] = { SIZE_MAX, 32700, 1, 777, 65536 };

	(void)state;
	for (size_t i = 0; i < sizeof takes / sizeof takes[0]; i++) {
		uint64_t at = 0;

		begin_file();
		server.take = takes[i];
		fill(0, 600000, 77);
		fill(1 << 20, 5, 78);
		unsigned first = server.requests, n = submit();

		assert_int_equal(store.in_flight, 600005);
		while (server.requests < first + n) {
			assert_true(sftp_pump(&sftp) >= 0);
			/* now and then nothing is taken: then the same is offered again */
			size_t take = server.take;
			server.take = 0;
			assert_true(sftp_pump(&sftp) >= 0);
			server.take = take;
		}
		for (unsigned r = first; r < first + n; r++) {
			const uint8_t *b = server.request[r].body;
			uint32_t len = u32_at(b + 16);
			const struct extent *e = &window.extents[r == first + n - 1];

			assert_int_equal(server.request[r].type, SFTP_WRITE);
			assert_memory_equal(b, "\0\0\0\4hand", 8);
			at = (uint64_t)u32_at(b + 8) << 32 | u32_at(b + 12);
			assert_int_equal(server.request[r].len, 20 + len);
			assert_memory_equal(b + 20, e->data + (at - e->at), len);
		}
		assert_int_equal(at, 1 << 20);
		end();
	}
}

static void answers_in_any_order(void **state)
{
	(void)state;
	begin_file();
	fill(0, 3 << 20, 1);
	unsigned first = server.requests, n = submit();

	assert_true(n >= 12);
	assert_int_equal(sftp_pump(&sftp), 1);
	/* all but the first: nothing can be called durable yet */
	for (unsigned i = n - 1; i > 0; i--)
		put_status(&server, server.request[first + i].id, SFTP_OK);
	assert_int_equal(sftp_pump(&sftp), 1);
	assert_int_equal(sftp_sync(&sftp), 0);
	assert_true(store.committing);
	assert_int_equal(sftp_pump(&sftp), 1);
	/* the first comes after the sync was sent, which so does not cover it */
	put_status(&server, server.request[first].id, SFTP_OK);
	put_status(&server, server.request[first + n].id, SFTP_OK);
	assert_int_equal(sftp_pump(&sftp), 1);
	assert_int_equal(store.in_flight, 0);
	assert_false(store.committing);
	assert_int_equal(window.dropped, 0);
	assert_int_equal(window.unsynced, 3 << 20);
	assert_int_equal(sftp_sync(&sftp), 0);
	assert_int_equal(sftp_pump(&sftp), 1);
	put_status(&server, server.request[first + n + 1].id, SFTP_OK);
	assert_int_equal(sftp_pump(&sftp), 1);
	assert_int_equal(window.dropped, 3 << 20);
	assert_true(window_is_empty(&window));
	end();
}

/*
 * Several requests leave together; while the data of the last one are held back (the
 * server makes new keys), the others may be answered, but not that one.
 */
static void answers_while_data_wait(void **state)
{
	(void)state;
	begin_file();
	fill(0, 100, 1);
	fill(4096, 200000, 2);
	unsigned first = server.requests;

	assert_int_equal(submit(), 2);
	server.budget = 32700;
	assert_true(sftp_pump(&sftp) >= 0);
	assert_int_equal(server.requests, first + 1);
	put_status(&server, server.request[first].id, SFTP_OK);
	assert_true(sftp_pump(&sftp) >= 0);
	assert_int_equal(store.in_flight, 200000);
	put_status(&server, server.request[first].id + 1, SFTP_OK);
	assert_int_equal(sftp_pump(&sftp), -1);
	assert_failed(ERR_SYS, "nobody has asked for");
	end();
}

static void without_fsync(void **state)
{
	(void)state;
	extensions = "";
	begin();
	struct sftp_status st;

	assert_int_equal(sftp_open_file(&sftp, "x", SFTP_CREATE, &st), 0);
	fill(0, 100000, 1);
	submit();
	while (store.in_flight > 0)
		assert_int_equal(sftp_step(&sftp), 0);
	assert_int_equal(window.dropped, 100000);
	end();
}

static void numbers_of_others(void **state)
{
	/* one twice, one not yet used, one of the same place in the table, one half sent */
	static const uint32_t which[] = { 0, 2, SFTP_REQUESTS, 1 };

	(void)state;
	for (int i = 0; i < 4; i++) {
		uint32_t first;

		begin_file();
		fill(0, 300000, 1);
		first = sftp.next;
		assert_int_equal(submit(), 2);
		if (i == 3)
			server.budget = 280000;
		put_status(&server, first, SFTP_OK);
		assert_int_equal(sftp_pump(&sftp), 1);
		put_status(&server, first + which[i], SFTP_OK);
		assert_int_equal(sftp_pump(&sftp), -1);
		assert_failed(ERR_SYS, "nobody has asked for");
		assert_int_equal(window.acked, sftp.write_max);
		/* and never again is anything believed */
		assert_int_equal(sftp_pump(&sftp), -1);
		assert_failed(ERR_SYS, "nobody has asked for");
		end();
	}
}

static void wrong_answers(void **state)
{
	static const struct {
		const char *bytes;	/* after the number */
		size_t len;
		uint8_t type;
		const char *words;
	} bad[] = {
		{ "\0\0\0\0\0\0\1\0abc", 11, SFTP_STATUS, "wrong kind" },	/* text cut off */
		{ "\0\0", 2, SFTP_STATUS, "wrong kind" },
		{ "\0\0\0\0", 4, SFTP_IS_HANDLE, "wrong kind" },
		{ "\0\0\0\0", 4, SFTP_IS_DATA, "wrong kind" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		begin_file();
		fill(0, 1000, 1);
		unsigned first = server.requests;

		submit();
		assert_int_equal(sftp_pump(&sftp), 1);
		put_head(&server, (uint32_t)(5 + bad[i].len), bad[i].type, server.request[first].id);
		put_bytes(&server, bad[i].bytes, bad[i].len);
		assert_int_equal(sftp_pump(&sftp), -1);
		assert_failed(ERR_SYS, bad[i].words);
		assert_int_equal(window.acked, 0);
		end();
	}
}

static void wrong_lengths(void **state)
{
	static const uint32_t lengths[] = { 0, 4, SFTP_ANSWER, 0xffffffff, 0x80000000 };

	(void)state;
	for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
		begin_file();
		put_head(&server, lengths[i], SFTP_STATUS, 0);
		assert_int_equal(sftp_pump(&sftp), -1);
		assert_failed(ERR_SYS, lengths[i] < 5 ? "too short" : "too long");
		end();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(greets),
		cmocka_unit_test(greets_badly),
		cmocka_unit_test(sends_what_is_there),
		cmocka_unit_test(answers_in_any_order),
		cmocka_unit_test(answers_while_data_wait),
		cmocka_unit_test(without_fsync),
		cmocka_unit_test(numbers_of_others),
		cmocka_unit_test(wrong_answers),
		cmocka_unit_test(wrong_lengths),
	};

	always = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	return RUN(tests);
}
