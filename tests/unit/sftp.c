/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: dumpsend/sftp.c dumpsend/sftp-out.c dumpsend/sftp-call.c dumpsend/sftp-name.c dumpsend/sftp-file.c dumpsend/channel.c dumpsend/net.c dumpsend/window.c */
#include <endian.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../dumpsend/sftp.h"
#include "unit.h"

/* a server whose answers the test writes: by hand, or from a queue when asked */
struct fake {
	uint8_t wire[8 << 20];		/* all that was sent to it */
	size_t wire_len, parsed;
	struct request {
		uint8_t type;
		uint32_t id;
		const uint8_t *body;
		size_t len;
	} request[4096];
	unsigned requests, answered;

	uint8_t out[2 << 20];		/* what it says, not yet read */
	size_t out_len, out_done;
	bool ended;

	size_t take, budget;		/* bytes that it takes at a time, and in all */
	const void *refused;		/* the next write must be this again */
	size_t refused_len;
	/* what it says to the next requests, once they have come whole */
	void (*reply)(struct fake *s, const struct request *r);
};

static struct fake server;
static struct window window;
static struct sftp sftp;
static const struct target target = { .text = "ssh://test/x", .host = "test" };
static const char *const no_identities[] = { NULL };
static const struct store_options options = {
	.connect_ms = 20, .silence_ms = 80, .identities = no_identities,
};
static struct store store;
static struct channel channel;
static int always;

static uint32_t u32_at(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof v);
	return be32toh(v);
}

static void parse(struct fake *s)
{
	while (s->wire_len - s->parsed >= 4) {
		const uint8_t *p = s->wire + s->parsed;
		uint32_t len = u32_at(p);

		if (s->wire_len - s->parsed < 4 + len)
			return;
		s->parsed += 4 + len;
		if (p[4] == SFTP_INIT) {
			s->request[s->requests++] = (struct request){ .type = SFTP_INIT };
			continue;
		}
		assert_true(len >= 5);
		s->request[s->requests++] = (struct request){
			.type = p[4], .id = u32_at(p + 5), .body = p + 9, .len = len - 5,
		};
	}
}

static ssize_t fake_write(struct channel *c, const void *buf, size_t len)
{
	struct fake *s = c->own;
	size_t n = s->take < len ? s->take : len;

	n = n < s->budget ? n : s->budget;
	if (s->refused) {
		assert_ptr_equal(buf, s->refused);
		assert_int_equal(len, s->refused_len);
		s->refused = NULL;
	}
	if (n == 0) {
		s->refused = buf;
		s->refused_len = len;
		return 0;
	}
	assert_true(s->wire_len + n <= sizeof s->wire);
	memcpy(s->wire + s->wire_len, buf, n);
	s->wire_len += n;
	s->budget -= n;
	parse(s);
	return (ssize_t)n;
}

static ssize_t fake_read(struct channel *c, void *buf, size_t len, bool *eof)
{
	struct fake *s = c->own;

	while (s->reply && s->answered < s->requests)
		s->reply(s, &s->request[s->answered++]);
	if (len > s->out_len - s->out_done)
		len = s->out_len - s->out_done;
	memcpy(buf, s->out + s->out_done, len);
	s->out_done += len;
	*eof = s->ended && s->out_done == s->out_len;
	return (ssize_t)len;
}

static int fake_poll(struct channel *c, struct pollfd fds[STORE_FDS])
{
	(void)c;
	fds[0] = (struct pollfd){ .fd = always, .events = POLLIN };
	return 1;
}

static const struct channel_ops fake_ops = {
	.name = "fake", .read = fake_read, .write = fake_write, .poll = fake_poll,
};

/* what the server says */

static void put_bytes(struct fake *s, const void *p, size_t len)
{
	assert_true(s->out_len + len <= sizeof s->out);
	memcpy(s->out + s->out_len, p, len);
	s->out_len += len;
}

static void put_u32(struct fake *s, uint32_t v)
{
	v = htobe32(v);
	put_bytes(s, &v, sizeof v);
}

static void put_u64(struct fake *s, uint64_t v)
{
	v = htobe64(v);
	put_bytes(s, &v, sizeof v);
}

static void put_string(struct fake *s, const char *text)
{
	put_u32(s, (uint32_t)strlen(text));
	put_bytes(s, text, strlen(text));
}

static void put_head(struct fake *s, uint32_t len, uint8_t type, uint32_t id)
{
	put_u32(s, len);
	put_bytes(s, &type, 1);
	put_u32(s, id);
}

static void put_status(struct fake *s, uint32_t id, uint32_t code)
{
	put_head(s, 5 + 4 + 4 + 3 + 4, SFTP_STATUS, id);
	put_u32(s, code);
	put_string(s, "yes");
	put_string(s, "");
}

static void put_handle(struct fake *s, uint32_t id)
{
	put_head(s, 5 + 4 + 4, SFTP_IS_HANDLE, id);
	put_string(s, "hand");
}

static void put_data(struct fake *s, uint32_t id, const void *p, uint32_t len)
{
	put_head(s, 5 + 4 + len, SFTP_IS_DATA, id);
	put_u32(s, len);
	put_bytes(s, p, len);
}

/* OpenSSH's greeting, with the extensions in the text, and its limits */
static const char *extensions;

static void put_version(struct fake *s)
{
	size_t at = s->out_len;
	uint8_t type = SFTP_VERSION;

	put_u32(s, 0);
	put_bytes(s, &type, 1);
	put_u32(s, 3);
	for (const char *p = extensions; *p; p += strcspn(p, " "), p += *p == ' ') {
		size_t len = strcspn(p, " ");

		put_u32(s, (uint32_t)len);
		put_bytes(s, p, len);
		put_string(s, "1");
	}

	uint32_t len = htobe32((uint32_t)(s->out_len - at - 4));

	memcpy(s->out + at, &len, sizeof len);
}

static void usual(struct fake *s, const struct request *r)
{
	switch (r->type) {
	case SFTP_INIT:
		put_version(s);
		break;
	case SFTP_OPEN:
		put_handle(s, r->id);
		break;
	case SFTP_EXTENDED:
		if (r->len >= 22 && memcmp(r->body + 4, "limits@openssh.com", 18) == 0) {
			put_head(s, 5 + 32, SFTP_EXTENDED_REPLY, r->id);
			put_u64(s, 262144);
			put_u64(s, 261120);
			put_u64(s, 261120);
			put_u64(s, 100);
			break;
		}
		put_status(s, r->id, SFTP_OK);
		break;
	default:
		put_status(s, r->id, SFTP_OK);
	}
}

#define ALL "posix-rename@openssh.com statvfs@openssh.com fsync@openssh.com limits@openssh.com odd"

static void begin(void)
{
	memset(&server, 0, sizeof server);
	server.take = server.budget = SIZE_MAX;
	server.reply = usual;
	assert_int_equal(window_open(&window, 8 << 20), 0);
	store = (struct store){ .options = &options, .target = &target, .window = &window };
	channel = (struct channel){ .ops = &fake_ops, .target = &target, .options = &options,
				    .own = &server };
	assert_int_equal(sftp_open(&sftp, &channel, &store), CHANNEL_OPEN);
}

/* a file is open, and from now on the test answers */
static void begin_file(void)
{
	struct sftp_status st;

	extensions = ALL;
	begin();
	assert_int_equal(sftp_open_file(&sftp, "x", true, &st), 0);
	assert_int_equal(st.code, SFTP_OK);
	server.reply = NULL;
	server.answered = server.requests;
}

static void end(void)
{
	sftp_close(&sftp);
	window_close(&window);
}

/* len bytes that look random, from that offset of the file on, as parts for the store */
static void fill(uint64_t at, size_t len, uint64_t seed)
{
	while (len > 0) {
		size_t n;
		uint8_t *p = window_room(&window, at, &n);

		assert_non_null(p);
		n = n < len ? n : len;
		for (size_t i = 0; i < n; i++)
			p[i] = (uint8_t)unit_random(&seed);
		window_filled(&window, at, n);
		at += n;
		len -= n;
	}
	window_push(&window);
}

static unsigned submit(void)
{
	struct part p;
	unsigned n = 0;

	for (; window_next(&window, sftp.write_max, &p); n++)
		assert_int_equal(sftp_write(&sftp, &p), 0);
	return n;
}

/* tests */

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

static void without_fsync(void **state)
{
	(void)state;
	extensions = "";
	begin();
	struct sftp_status st;

	assert_int_equal(sftp_open_file(&sftp, "x", true, &st), 0);
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

static size_t handle_len;

static void bad_handle(struct fake *s, const struct request *r)
{
	static const char zeros[1024];

	put_head(s, (uint32_t)(5 + 4 + handle_len), SFTP_IS_HANDLE, r->id);
	put_u32(s, (uint32_t)handle_len);
	put_bytes(s, zeros, handle_len);
}

static void handles(void **state)
{
	struct sftp_status st;

	(void)state;
	extensions = "";
	for (handle_len = 0; handle_len <= 257; handle_len++) {
		begin();
		server.reply = bad_handle;
		int rc = sftp_open_file(&sftp, "x", true, &st);

		assert_int_equal(rc, handle_len >= 1 && handle_len <= 256 ? 0 : -1);
		if (rc)
			assert_failed(ERR_SYS, "handle of a wrong length");
		end();
	}
}

/* reading: a file of pseudo-random bytes, served in whatever order and portions */
static uint8_t *file;
static size_t file_size;
static unsigned portion;

static void serve(struct fake *s, const struct request *r)
{
	uint64_t at = (uint64_t)u32_at(r->body + 8) << 32 | u32_at(r->body + 12);
	uint32_t len = u32_at(r->body + 16);

	assert_int_equal(r->type, SFTP_READ);
	if (at >= file_size) {
		put_status(s, r->id, SFTP_EOF);
		return;
	}
	if (len > file_size - at)
		len = (uint32_t)(file_size - at);
	if (portion && len > portion)
		len = portion;
	put_data(s, r->id, file + at, len);
}

static void serve_backwards(struct fake *s, const struct request *r)
{
	(void)r;
	for (unsigned i = s->requests; i >= s->answered; i--)
		serve(s, &s->request[i - 1]);
	s->answered = s->requests;
}

static void reads(void **state)
{
	static const unsigned portions[] = { 0, 100000, 3000 };
	size_t size = 1500000;
	uint8_t *buf = malloc(size);
	uint64_t seed = 5;
	struct sftp_status st;

	(void)state;
	file_size = 1234567;
	file = malloc(file_size);
	for (size_t i = 0; i < file_size; i++)
		file[i] = (uint8_t)unit_random(&seed);
	for (size_t i = 0; i < 6; i++) {
		begin_file();
		server.reply = i % 2 ? serve_backwards : serve;
		portion = portions[i / 2];
		memset(buf, 0, size);
		/* the fake's buffers do not go round: one long read a turn */
		assert_int_equal(sftp_read(&sftp, buf, 1000000, 7, &st), 1000000);
		assert_memory_equal(buf, file + 7, 1000000);
		server.out_len = server.out_done = 0;
		assert_int_equal(sftp_read(&sftp, buf, size, 1200000, &st), 34567);
		assert_memory_equal(buf, file + 1200000, 34567);
		assert_int_equal(sftp_read(&sftp, buf, 10, file_size, &st), 0);
		end();
	}
	free(file);
	free(buf);
}

static uint32_t data_len;

static void wrong_data(struct fake *s, const struct request *r)
{
	static const char zeros[4096];

	put_data(s, r->id, zeros, data_len);
}

static void too_much_data(void **state)
{
	uint8_t buf[100 + 8];
	struct sftp_status st;

	(void)state;
	for (data_len = 0; data_len <= 101; data_len += 101) {
		begin_file();
		server.reply = wrong_data;
		memset(buf, 'x', sizeof buf);
		assert_int_equal(sftp_read(&sftp, buf, 100, 0, &st), -1);
		assert_failed(ERR_SYS, "data of a wrong length");
		assert_memory_equal(buf + 100, "xxxxxxxx", 8);
		end();
	}
}

static void nobody_answers(void **state)
{
	struct sftp_attrs a;
	struct sftp_status st;

	(void)state;
	begin_file();
	assert_int_equal(sftp_stat(&sftp, SFTP_STAT, "x", &a, &st), -1);
	assert_failed(ERR_AGAIN, "silent");
	server.ended = true;
	assert_int_equal(sftp_stat(&sftp, SFTP_STAT, "x", &a, &st), -1);
	assert_failed(ERR_AGAIN, "closed");
	end();
}

static uint64_t space_left;
static uint64_t space_flags;

static void serve_statvfs(struct fake *s, const struct request *r)
{
	put_head(s, 5 + 11 * 8, SFTP_EXTENDED_REPLY, r->id);
	for (int i = 0; i < 11; i++)
		put_u64(s, i == 1 ? 4096 : i == 4 ? space_left : i == 9 ? space_flags : 0);
}

static void refusals(void **state)
{
	struct sftp_status st = { .code = SFTP_FAILURE, .text = "Failure" };

	(void)state;
	begin_file();
	server.reply = serve_statvfs;
	space_left = 0;
	assert_int_equal(sftp_refused(&sftp, "x", &st, "x", 4096), -1);
	assert_failed(ERR_FULL, "no space left");
	space_left = 1000;
	assert_int_equal(sftp_refused(&sftp, "x", &st, "x", 4096), -1);
	assert_failed(ERR_SYS, "no more than that it failed");
	space_left = UINT64_MAX;
	space_flags = 1;
	assert_int_equal(sftp_refused(&sftp, "x", &st, "x", 4096), -1);
	assert_failed(ERR_SYS, "read-only");
	st = (struct sftp_status){ .code = SFTP_QUOTA };
	assert_int_equal(sftp_refused(&sftp, "x", &st, "x", 4096), -1);
	assert_failed(ERR_FULL, "quota");
	st = (struct sftp_status){ .code = 4711 };
	assert_int_equal(sftp_refused(&sftp, "x", &st, "x", 4096), -1);
	assert_failed(ERR_SYS, "unknown");
	end();
}

static void drops_what_waits(void **state)
{
	(void)state;
	begin_file();
	fill(0, 1000000, 1);
	submit();
	assert_int_equal(sftp_sync(&sftp), 0);
	server.take = 0;
	assert_int_equal(sftp_pump(&sftp), 0);
	sftp_drop_queue(&sftp);
	/* one is in the stage: that will go out */
	assert_int_equal(store.in_flight, sftp.write_max);
	assert_false(store.committing);
	assert_int_equal(sftp.waiting, 1);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(greets),
		cmocka_unit_test(greets_badly),
		cmocka_unit_test(sends_what_is_there),
		cmocka_unit_test(answers_in_any_order),
		cmocka_unit_test(without_fsync),
		cmocka_unit_test(numbers_of_others),
		cmocka_unit_test(wrong_answers),
		cmocka_unit_test(wrong_lengths),
		cmocka_unit_test(handles),
		cmocka_unit_test(reads),
		cmocka_unit_test(too_much_data),
		cmocka_unit_test(nobody_answers),
		cmocka_unit_test(refusals),
		cmocka_unit_test(drops_what_waits),
	};

	always = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	return RUN(tests);
}
