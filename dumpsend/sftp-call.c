/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests whose answer somebody waits for, and the greeting. */
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "err.h"
#include "sftp.h"

enum { DATA_MIN = 32768 };	/* bytes that every server takes in a request */

static void put_u32(struct sftp *f, size_t at, uint32_t value)
{
	value = htobe32(value);
	memcpy(f->call + at, &value, sizeof value);
}

void sftp_begin(struct sftp *f, enum sftp_type type)
{
	f->call_too_long = f->answered = false;
	f->call[4] = type;
	f->call_len = 4 + 1 + 4;
}

void sftp_put_u32(struct sftp *f, uint32_t value)
{
	if (SFTP_CALL - f->call_len < sizeof value) {
		f->call_too_long = true;
		return;
	}
	put_u32(f, f->call_len, value);
	f->call_len += sizeof value;
}

void sftp_put_string(struct sftp *f, const void *p, size_t len)
{
	if (SFTP_CALL - f->call_len < sizeof(uint32_t) + len) {
		f->call_too_long = true;
		return;
	}
	sftp_put_u32(f, (uint32_t)len);
	memcpy(f->call + f->call_len, p, len);
	f->call_len += len;
}

int sftp_call(struct sftp *f)
{
	if (f->call_too_long)
		return fail(ERR_SYS, "%s: a path is too long", f->channel->target->host);

	struct sftp_request *r = sftp_queue(f, SFTP_FOR_CALL);

	if (!r)
		return -1;
	put_u32(f, 0, (uint32_t)f->call_len - 4);
	put_u32(f, 5, r->id);
	f->call_id = r->id;
	while (!f->answered) {
		if (sftp_step(f)) {
			f->call_id = f->next;	/* nobody's, before it is queued */
			return -1;
		}
	}
	return f->answer_type;
}

int sftp_call_status(struct sftp *f, struct sftp_status *st)
{
	int type = sftp_call(f);

	if (type < 0)
		return -1;
	return sftp_parse_status(&f->answer, (uint8_t)type, st) ? 0 :
	       sftp_bad(f, "a wrong kind of answer");
}

/* limits@openssh.com: the longest packet, read and write, and the most open files */
static int ask_limits(struct sftp *f)
{
	static const char name[] = "limits@openssh.com";
	struct cursor *c = &f->answer;

	sftp_begin(f, SFTP_EXTENDED);
	sftp_put_string(f, name, sizeof name - 1);

	int type = sftp_call(f);

	if (type < 0)
		return -1;
	if (type != SFTP_EXTENDED_REPLY)
		return 0;
	cursor_u64(c);

	uint64_t read_max = cursor_u64(c), write_max = cursor_u64(c);

	/* 0: it says nothing of that */
	if (!cursor_ok(c) || write_max < DATA_MIN || read_max < DATA_MIN)
		return 0;
	f->write_max = write_max < SFTP_DATA ? (uint32_t)write_max : SFTP_DATA;
	f->read_max = read_max < SFTP_DATA ? (uint32_t)read_max : SFTP_DATA;
	return 0;
}

static int greet(struct sftp *f)
{
	static const uint8_t hello[] = { 0, 0, 0, 5, SFTP_INIT, 0, 0, 0, 3 };
	uint64_t later_ms = clock_ms() + f->store->options->connect_ms;

	memcpy(f->stage, hello, sizeof hello);
	f->stage_len = sizeof hello;
	while (f->version == 0) {
		/* a child may still be logging in */
		f->alive_ms = later_ms;
		if (sftp_step(f) == 0)
			continue;
		return f->eof && f->in_len == 0 ? CHANNEL_NO_SUBSYSTEM : -1;
	}
	return f->has_limits && ask_limits(f) ? -1 : CHANNEL_OPEN;
}

int sftp_open(struct sftp *f, struct channel *c, struct store *s)
{
	*f = (struct sftp){ .channel = c, .store = s, .write_max = DATA_MIN, .read_max = DATA_MIN };
	f->request = calloc(SFTP_REQUESTS, sizeof *f->request);
	f->stage = malloc(SFTP_STAGE);
	f->in = malloc(SFTP_IN);
	f->call = malloc(SFTP_CALL);

	int rc = -1;

	if (f->request && f->stage && f->in && f->call)
		rc = greet(f);
	else
		fail(ERR_MEMORY, "SFTP: out of memory");
	if (rc)
		sftp_close(f);
	return rc;
}

void sftp_close(struct sftp *f)
{
	free(f->request);
	free(f->stage);
	free(f->in);
	free(f->call);
	*f = (struct sftp){ 0 };
}
