/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What goes out: requests, put together in a stage and given to the channel. */
#include <endian.h>
#include <string.h>

#include "sftp.h"

enum {
	WRITE_HEAD = 4 + 1 + 4 + 4 + SFTP_HANDLE + 8 + 4,	/* bytes in front of the data, at most */
	SHORT_MAX = 512,		/* bytes: a request with a handle and no data */
};

static uint8_t *put_u32(uint8_t *p, uint32_t value)
{
	value = htobe32(value);
	memcpy(p, &value, sizeof value);
	return p + sizeof value;
}

static uint8_t *put_u64(uint8_t *p, uint64_t value)
{
	value = htobe64(value);
	memcpy(p, &value, sizeof value);
	return p + sizeof value;
}

static uint8_t *put_string(uint8_t *p, const void *text, size_t len)
{
	p = put_u32(p, (uint32_t)len);
	if (len > 0)
		memcpy(p, text, len);
	return p + len;
}

static size_t room(const struct sftp *f)
{
	return SFTP_STAGE - f->stage_len;
}

/* the length is known when all but more bytes of data are there */
static void end_packet(struct sftp *f, uint8_t *start, const uint8_t *end, uint32_t more)
{
	put_u32(start, (uint32_t)(end - start) - 4 + more);
	f->stage_len += (size_t)(end - start);
}

static uint8_t *begin_packet(const struct sftp *f, const struct sftp_request *r, uint8_t type)
{
	uint8_t *p = f->stage + f->stage_len + 4;

	*p++ = type;
	return put_u32(p, r->id);
}

static void stage_write(struct sftp *f, const struct sftp_request *r)
{
	uint8_t *start = f->stage + f->stage_len;
	uint8_t *p = begin_packet(f, r, SFTP_WRITE);

	p = put_string(p, f->handle, f->handle_len);
	p = put_u64(p, r->part.at);
	p = put_u32(p, r->part.len);
	end_packet(f, start, p, r->part.len);

	size_t here = r->part.len < room(f) ? r->part.len : room(f);

	memcpy(p, r->part.data, here);
	f->stage_len += here;
	f->rest = r->part.data + here;
	f->rest_len = r->part.len - here;
}

static void stage_read(struct sftp *f, const struct sftp_request *r)
{
	uint8_t *start = f->stage + f->stage_len;
	uint8_t *p = begin_packet(f, r, SFTP_READ);

	p = put_string(p, f->handle, f->handle_len);
	p = put_u64(p, r->at);
	end_packet(f, start, put_u32(p, r->len), 0);
}

static void stage_sync(struct sftp *f, struct sftp_request *r)
{
	static const char fsync_name[] = "fsync@openssh.com";
	uint8_t *start = f->stage + f->stage_len;
	uint8_t *p = begin_packet(f, r, SFTP_EXTENDED);

	r->mark = window_mark(f->store->window);
	p = put_string(p, fsync_name, sizeof fsync_name - 1);
	end_packet(f, start, put_string(p, f->handle, f->handle_len), 0);
}

/* put what waits into the stage: false when it has no room for it */
static bool stage_request(struct sftp *f, struct sftp_request *r)
{
	switch (r->kind) {
	case SFTP_FOR_WRITE:
		if (room(f) < WRITE_HEAD)
			return false;
		stage_write(f, r);
		break;
	case SFTP_FOR_READ:
	case SFTP_FOR_SYNC:
		if (room(f) < SHORT_MAX)
			return false;
		if (r->kind == SFTP_FOR_READ)
			stage_read(f, r);
		else
			stage_sync(f, r);
		break;
	default:
		if (r->id != f->call_id) {
			r->kind = SFTP_FREE;
			f->waiting--;
			break;
		}
		if (room(f) < f->call_len)
			return false;
		memcpy(f->stage + f->stage_len, f->call, f->call_len);
		f->stage_len += f->call_len;
		break;
	}
	return true;
}

static void fill_stage(struct sftp *f)
{
	f->stage_len = f->stage_done = 0;
	while (f->sending != f->next && f->rest_len == 0) {
		if (!stage_request(f, &f->request[f->sending % SFTP_REQUESTS]))
			break;
		f->sending++;
	}
}

int sftp_push(struct sftp *f)
{
	struct channel *c = f->channel;
	int moved = 0;

	for (;;) {
		bool in_stage = f->stage_done < f->stage_len;

		if (!in_stage && f->rest_len == 0) {
			fill_stage(f);
			if (f->stage_len == 0)
				return moved;
			in_stage = true;
		}

		const uint8_t *p = in_stage ? f->stage + f->stage_done : f->rest;
		size_t len = in_stage ? f->stage_len - f->stage_done : f->rest_len;
		ssize_t n = c->ops->write(c, p, len);

		if (n <= 0)
			return n < 0 ? -1 : moved;
		moved = 1;
		if (in_stage) {
			f->stage_done += (size_t)n;
			continue;
		}
		f->rest += n;
		f->rest_len -= (size_t)n;
	}
}
