/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A packet is a length (four bytes, big-endian as all numbers), a type and its
 * fields; in all but the first of each side, which greet, the first field is the
 * request's number. Strings have a length in front.
 */
#include <endian.h>
#include <inttypes.h>
#include <string.h>

#include "clock.h"
#include "err.h"
#include "net.h"
#include "sftp.h"

enum { FOREIGN = BYTE_ORDER == LITTLE_ENDIAN };	/* the other order than ours */

int sftp_bad(struct sftp *f, const char *what)
{
	f->broken = what;
	return fail(ERR_SYS, "%s: the server breaks the SFTP protocol: %s",
		    f->channel->target->host, what);
}

/* reading packets */

bool sftp_parse_status(struct cursor *c, uint8_t type, struct sftp_status *st)
{
	*st = (struct sftp_status){ .code = cursor_u32(c) };
	if (type != SFTP_STATUS || !cursor_ok(c))
		return false;
	/* the words were left out by servers of old */
	if (cursor_left(c) < 4)
		return true;

	uint32_t len = cursor_u32(c);
	const uint8_t *text = cursor_take(c, len);

	if (!text)
		return false;
	channel_clean(st->text, sizeof st->text, text, len);
	return true;
}

static void take_extension(struct sftp *f, const uint8_t *name, size_t len)
{
	const struct {
		const char *name;
		bool *has;
	} known[] = {
		{ "fsync@openssh.com", &f->has_fsync },
		{ "posix-rename@openssh.com", &f->has_rename },
		{ "statvfs@openssh.com", &f->has_statvfs },
		{ "limits@openssh.com", &f->has_limits },
	};

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (strlen(known[i].name) == len && memcmp(known[i].name, name, len) == 0)
			*known[i].has = true;
}

static int take_version(struct sftp *f, struct cursor *c)
{
	uint8_t type = cursor_u8(c);
	uint32_t version = cursor_u32(c);

	if (type != SFTP_VERSION || !cursor_ok(c))
		return sftp_bad(f, "it does not greet");
	if (version != 3)
		return fail(ERR_SYS, "%s: the server speaks SFTP version %" PRIu32 ", not 3",
			    f->channel->target->host, version);
	while (cursor_left(c) > 0) {
		uint32_t len = cursor_u32(c);
		const uint8_t *name = cursor_take(c, len);

		cursor_take(c, cursor_u32(c));
		if (!cursor_ok(c))
			return sftp_bad(f, "a greeting too short");
		take_extension(f, name, len);
	}
	f->version = version;
	return 0;
}

/* requests before the last one that was staged may be out, though its data are not */
static bool is_out(const struct sftp *f, uint32_t id)
{
	uint32_t unsent = f->rest_len > 0 ? f->sending - 1 : f->sending;

	return (int32_t)(id - unsent) < 0;
}

static int take_answer(struct sftp *f, struct cursor *c)
{
	uint8_t type = cursor_u8(c);
	uint32_t id = cursor_u32(c);
	struct sftp_request *r = &f->request[id % SFTP_REQUESTS];
	enum sftp_kind kind = r->kind;

	if (!cursor_ok(c))
		return sftp_bad(f, "an answer too short");
	if (kind == SFTP_FREE || r->id != id || !is_out(f, id))
		return sftp_bad(f, "an answer that nobody has asked for");
	r->kind = SFTP_FREE;
	f->waiting--;
	switch (kind) {
	case SFTP_FOR_WRITE:
		return sftp_wrote(f, r, type, c);
	case SFTP_FOR_SYNC:
		return sftp_synced(f, r, type, c);
	case SFTP_FOR_READ:
		return sftp_got(f, r, type, c);
	default:
		if (kind == SFTP_FOR_NOBODY || id != f->call_id)
			return 0;
		f->answered = true;
		f->answer_type = type;
		f->answer = *c;
		return 0;
	}
}

/* a login script that prints is the most frequent reason for a first packet of nonsense */
static int fail_length(struct sftp *f, const uint8_t *p, uint32_t len)
{
	char text[5];

	if (f->version > 0 || len < 0x09000000)
		return sftp_bad(f, len < 5 ? "an answer too short" : "an answer too long");
	channel_clean(text, sizeof text, p, 4);
	sftp_bad(f, "text");
	return fail(ERR_SYS, "%s: \"%s...\" instead of SFTP: does a login script print?",
		    f->channel->target->host, text);
}

/* the next whole packet: 1, or 0 when there is none */
static int take_packet(struct sftp *f)
{
	size_t have = f->in_len - f->in_used;
	struct cursor c = cursor_over(f->in + f->in_used, have, FOREIGN);
	uint32_t len = cursor_u32(&c);

	if (!cursor_ok(&c))
		return 0;
	if (len < 5 || len > SFTP_ANSWER - 4)
		return fail_length(f, f->in + f->in_used, len);
	if (cursor_left(&c) < len)
		return 0;
	c.end = c.pos + len;
	f->in_used += 4 + len;
	return (f->version > 0 ? take_answer(f, &c) : take_version(f, &c)) ? -1 : 1;
}

/* all whole packets that are there; but the answer to a call stays where it is */
static int take_packets(struct sftp *f)
{
	int rc, moved = 0;

	while (!f->answered && (rc = take_packet(f)) != 0) {
		if (rc < 0)
			return -1;
		moved = 1;
	}
	return moved;
}

static int pull(struct sftp *f)
{
	int moved = 0;

	for (;;) {
		int rc = take_packets(f);

		if (rc < 0)
			return -1;
		moved |= rc;
		if (f->answered)
			return moved;
		if (f->in_used > 0)
			memmove(f->in, f->in + f->in_used, f->in_len - f->in_used);
		f->in_len -= f->in_used;
		f->in_used = 0;

		bool eof = false;
		ssize_t n = f->channel->ops->read(f->channel, f->in + f->in_len,
						  SFTP_IN - f->in_len, &eof);
		/* a connection that broke is not the end of what was said */
		if (n < 0)
			return -1;
		f->eof = eof;
		f->in_len += (size_t)n;
		if (n == 0)
			return moved;
	}
}

int sftp_pump(struct sftp *f)
{
	if (f->broken)
		return sftp_bad(f, f->broken);

	f->answered = false;
	int out = sftp_push(f);
	int in = out < 0 ? -1 : pull(f);

	if (in < 0)
		return -1;
	if (in == 0 && f->eof && !f->answered)
		return fail(ERR_AGAIN, "%s: the server closed the connection",
			    f->channel->target->host);
	if (in > 0 || out > 0)
		f->alive_ms = clock_ms();
	return in > 0 || out > 0;
}

int sftp_step(struct sftp *f)
{
	uint64_t deadline = f->alive_ms + f->store->options->silence_ms;
	struct pollfd fds[STORE_FDS];
	int rc = sftp_pump(f);

	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (clock_left(deadline) == 0)
		return fail(ERR_AGAIN, "%s: the server has been silent for %" PRIu64 " s",
			    f->channel->target->host, f->store->options->silence_ms / 1000);
	rc = f->channel->ops->poll(f->channel, fds);
	return net_wait(fds, (unsigned)rc, deadline) < 0 ? -1 : 0;
}

struct sftp_request *sftp_queue(struct sftp *f, enum sftp_kind kind)
{
	struct sftp_request *r = &f->request[f->next % SFTP_REQUESTS];

	while (r->kind != SFTP_FREE)
		if (sftp_step(f))
			return NULL;
	*r = (struct sftp_request){ .kind = kind, .id = f->next++ };
	if (f->waiting++ == 0)
		f->alive_ms = clock_ms();
	return r;
}
