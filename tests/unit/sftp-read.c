/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: dumpsend/sftp.c dumpsend/sftp-out.c dumpsend/sftp-call.c dumpsend/sftp-name.c dumpsend/sftp-file.c dumpsend/channel.c dumpsend/net.c dumpsend/window.c */
#include "sftp-server.h"

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
		int rc = sftp_open_file(&sftp, "x", SFTP_CREATE, &st);

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
