/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: dumpsend/sftp.c dumpsend/sftp-out.c dumpsend/sftp-call.c dumpsend/sftp-name.c dumpsend/sftp-file.c dumpsend/channel.c dumpsend/net.c dumpsend/window.c */
/* a session with an SFTP server that says what the fuzzer likes */
#include <endian.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "../../dumpsend/sftp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/*
 * The input is a list of answers, each a byte and more: what kind of answer, to which
 * of the last requests (whose numbers are read from what was sent), how long it is, and
 * then its bytes; the channel may take only so many bytes before the next one.
 */
struct server {
	const uint8_t *data;
	size_t left;
	uint32_t ids[256];	/* of the last requests */
	uint8_t nids;
	uint8_t packet[9];	/* of what is being sent: the start of a packet ... */
	uint32_t seen, skip;	/* ... how much of that there is, and what follows of it */
	size_t budget;		/* bytes that it takes now */
	uint8_t out[65536 + 16];
	size_t out_len, out_done;
	bool pause;
	const void *again;	/* the write that must be repeated */
	size_t again_len;
};

static uint32_t u32_at(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof v);
	return be32toh(v);
}

static void note_ids(struct server *s, const uint8_t *p, size_t len)
{
	while (len > 0) {
		if (s->skip > 0) {
			size_t n = s->skip < len ? s->skip : len;

			s->skip -= (uint32_t)n;
			p += n;
			len -= n;
			continue;
		}
		s->packet[s->seen++] = *p++;
		len--;
		if (s->seen < sizeof s->packet)
			continue;
		s->seen = 0;
		if (u32_at(s->packet) < 5)
			abort();
		s->ids[s->nids++] = u32_at(s->packet + 5);
		s->skip = u32_at(s->packet) - 5;
	}
}

static uint8_t byte(struct server *s)
{
	if (s->left == 0)
		return 0;
	s->left--;
	return *s->data++;
}

static ssize_t fuzz_write(struct channel *c, const void *buf, size_t len)
{
	struct server *s = c->own;
	size_t n = len < s->budget ? len : s->budget;

	if (s->again && (buf != s->again || len != s->again_len))
		abort();
	s->again = n ? NULL : buf;
	s->again_len = len;
	s->budget -= n;
	note_ids(s, buf, n);
	return (ssize_t)n;
}

/* the next answer; its number is that of a request, if the input wants it so */
static void say(struct server *s)
{
	uint8_t how = byte(s), type = byte(s), which = byte(s);
	uint32_t len = byte(s), id;

	s->budget = how & 1 ? (size_t)len << 8 : SIZE_MAX;
	if (how & 2)
		len |= (uint32_t)byte(s) << 8;
	if (len > s->left)
		len = (uint32_t)s->left;
	s->out_len = s->out_done = 0;
	if (!(how & 4)) {
		id = htobe32(len + 5);
		memcpy(s->out, &id, sizeof id);
		s->out[4] = type;
		id = htobe32(s->ids[(uint8_t)(s->nids - 1 - which)]);
		memcpy(s->out + 5, &id, sizeof id);
		s->out_len = 9;
	}
	if (how & 8) {		/* the greeting has no number */
		id = htobe32(len + 1);
		memcpy(s->out, &id, sizeof id);
		s->out_len = 5;
	}
	memcpy(s->out + s->out_len, s->data, len);
	s->out_len += len;
	s->data += len;
	s->left -= len;
}

static ssize_t fuzz_read(struct channel *c, void *buf, size_t len, bool *eof)
{
	struct server *s = c->own;
	size_t n;

	/* nothing between one answer and the next, so that requests can follow */
	if (s->out_done == s->out_len && s->left > 0) {
		s->pause = !s->pause;
		if (s->pause)
			return 0;
		say(s);
	}
	n = s->out_len - s->out_done;
	n = n < len ? n : len;
	memcpy(buf, s->out + s->out_done, n);
	s->out_done += n;
	*eof = s->left == 0 && s->out_done == s->out_len;
	return (ssize_t)n;
}

static int fuzz_poll(struct channel *c, struct pollfd fds[STORE_FDS])
{
	static int always = -1;

	(void)c;
	if (always < 0)
		always = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	fds[0] = (struct pollfd){ .fd = always, .events = POLLIN };
	return 1;
}

static const struct channel_ops ops = {
	.name = "fuzz", .read = fuzz_read, .write = fuzz_write, .poll = fuzz_poll,
};

static void write_some(struct sftp *f)
{
	static const size_t pieces[] = { 4096, 300000, 1, 0 };
	struct window *w = f->store->window;
	uint64_t at = 0;
	struct part p;

	for (const size_t *n = pieces; *n; n++) {
		size_t room;

		if (!window_room(w, at, &room) || room < *n)
			abort();
		window_filled(w, at, *n);
		window_push(w);
		at += 2 * *n;
	}
	while (window_next(w, f->write_max, &p))
		if (sftp_write(f, &p))
			return;
	if (sftp_sync(f))
		return;
	for (int i = 0; i < 64 && f->store->in_flight > 0; i++) {
		if (f->store->in_flight > 304097)
			abort();
		if (sftp_step(f))
			return;
	}
	if (w->acked > 304097 || w->dropped > w->acked)
		abort();
	if (f->refused) {
		struct sftp_status st = f->refusal;

		sftp_drop_queue(f);
		sftp_refused(f, "x", &st, "x", f->refused_len);
	}
}

static void read_some(struct sftp *f)
{
	static uint8_t buf[600000 + 1];
	struct sftp_status st;
	ssize_t n;

	buf[sizeof buf - 1] = 0x5a;
	n = sftp_read(f, buf, sizeof buf - 1, 12345, &st);
	if (n > (ssize_t)sizeof buf - 1 || buf[sizeof buf - 1] != 0x5a)
		abort();
}

static void session(struct sftp *f)
{
	struct sftp_status st;
	struct sftp_attrs a;
	struct sftp_space space;

	if (sftp_stat(f, SFTP_STAT, "folder", &a, &st) ||
	    sftp_make_dir(f, "folder", 0700, &st) ||
	    sftp_open_file(f, "folder/x", SFTP_CREATE, &st))
		return;
	if (memchr(st.text, '\0', sizeof st.text) == NULL || f->handle_len > SFTP_HANDLE)
		abort();
	write_some(f);
	read_some(f);
	if (sftp_stat(f, SFTP_FSTAT, NULL, &a, &st) == 0 && sftp_close_file(f, &st) == 0 &&
	    sftp_statvfs(f, "folder", &space) >= 0)
		sftp_rename(f, "folder/x", "folder/y", f->has_rename, &st);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const char *const none[] = { NULL };
	static const struct store_options options = { .connect_ms = 1, .silence_ms = 1,
						      .identities = none };
	static const struct target target = { .text = "ssh://fuzz/x", .host = "fuzz" };
	static struct server server;
	struct window window;
	struct store store = { .options = &options, .target = &target, .window = &window };
	struct channel channel = { .ops = &ops, .target = &target, .options = &options,
				   .own = &server };
	struct sftp f;

	server = (struct server){ .data = data, .left = len, .budget = SIZE_MAX };
	if (window_open(&window, WINDOW_MIN))
		abort();
	if (sftp_open(&f, &channel, &store) == CHANNEL_OPEN)
		session(&f);
	sftp_close(&f);
	window_close(&window);
	return 0;
}
