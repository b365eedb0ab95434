/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For the tests of sftp: a channel to a server whose answers the test writes. */
#ifndef SFTP_SERVER_H
#define SFTP_SERVER_H

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

static inline uint32_t u32_at(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof v);
	return be32toh(v);
}

static inline void parse(struct fake *s)
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

static inline ssize_t fake_write(struct channel *c, const void *buf, size_t len)
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

static inline ssize_t fake_read(struct channel *c, void *buf, size_t len, bool *eof)
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

static inline int fake_poll(struct channel *c, struct pollfd fds[STORE_FDS])
{
	(void)c;
	fds[0] = (struct pollfd){ .fd = always, .events = POLLIN };
	return 1;
}

static const struct channel_ops fake_ops = {
	.name = "fake", .read = fake_read, .write = fake_write, .poll = fake_poll,
};

/* what the server says */

static inline void put_bytes(struct fake *s, const void *p, size_t len)
{
	assert_true(s->out_len + len <= sizeof s->out);
	memcpy(s->out + s->out_len, p, len);
	s->out_len += len;
}

static inline void put_u32(struct fake *s, uint32_t v)
{
	v = htobe32(v);
	put_bytes(s, &v, sizeof v);
}

static inline void put_u64(struct fake *s, uint64_t v)
{
	v = htobe64(v);
	put_bytes(s, &v, sizeof v);
}

static inline void put_string(struct fake *s, const char *text)
{
	put_u32(s, (uint32_t)strlen(text));
	put_bytes(s, text, strlen(text));
}

static inline void put_head(struct fake *s, uint32_t len, uint8_t type, uint32_t id)
{
	put_u32(s, len);
	put_bytes(s, &type, 1);
	put_u32(s, id);
}

static inline void put_status(struct fake *s, uint32_t id, uint32_t code)
{
	put_head(s, 5 + 4 + 4 + 3 + 4, SFTP_STATUS, id);
	put_u32(s, code);
	put_string(s, "yes");
	put_string(s, "");
}

static inline void put_handle(struct fake *s, uint32_t id)
{
	put_head(s, 5 + 4 + 4, SFTP_IS_HANDLE, id);
	put_string(s, "hand");
}

static inline void put_data(struct fake *s, uint32_t id, const void *p, uint32_t len)
{
	put_head(s, 5 + 4 + len, SFTP_IS_DATA, id);
	put_u32(s, len);
	put_bytes(s, p, len);
}

/* OpenSSH's greeting, with the extensions in the text, and its limits */
static const char *extensions;

static inline void put_version(struct fake *s)
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

static inline void usual(struct fake *s, const struct request *r)
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

static inline void begin(void)
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
static inline void begin_file(void)
{
	struct sftp_status st;

	extensions = ALL;
	begin();
	assert_int_equal(sftp_open_file(&sftp, "x", SFTP_CREATE, &st), 0);
	assert_int_equal(st.code, SFTP_OK);
	server.reply = NULL;
	server.answered = server.requests;
}

static inline void end(void)
{
	sftp_close(&sftp);
	window_close(&window);
}

/* len bytes that look random, from that offset of the file on, as parts for the store */
static inline void fill(uint64_t at, size_t len, uint64_t seed)
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

static inline unsigned submit(void)
{
	struct part p;
	unsigned n = 0;

	for (; window_next(&window, sftp.write_max, &p); n++)
		assert_int_equal(sftp_write(&sftp, &p), 0);
	return n;
}

/* tests */

#endif
