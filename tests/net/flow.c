/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * flow.c - one direction of one connection, as slow and as late as the line is
 *
 * Bytes are read in chunks. A chunk has left when the line, which all connections share,
 * had the time to carry it, and arrives a delay later; only then may it be delivered.
 * No more is read while the line is behind by more than QUEUE, the length of the queue
 * of a router, so to speak; the sender's own buffers fill up then.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proxy.h"

#define QUEUE (SECOND / 100)

enum { CHUNK_MIN = 4 << 10, CHUNK_MAX = 256 << 10, ROOM = 1 << 20, ROOM_NO_RATE = 32 << 20 };

int flow_open(struct flow *flow, const struct way *way)
{
	*flow = (struct flow){ .room = ROOM };
	if (way->rate)
		flow->room += (double)way->rate * (way->delay + 2 * QUEUE) / SECOND;
	else if (way->delay)
		flow->room = ROOM_NO_RATE;
	flow->ring = malloc(flow->room);
	flow->chunks = malloc(MAX_CHUNKS * sizeof(flow->chunks[0]));
	return flow->ring && flow->chunks ? 0 : -1;
}

void flow_close(struct flow *flow)
{
	free(flow->ring);
	free(flow->chunks);
	*flow = (struct flow){ 0 };
}

bool flow_wants(const struct flow *flow, const struct way *way, int64_t now, int64_t *wake)
{
	if (flow->eof || flow->in - flow->out == flow->room || flow->nchunks == MAX_CHUNKS)
		return false;
	if (way->free_at - now <= QUEUE)
		return true;
	if (way->free_at - QUEUE < *wake)
		*wake = way->free_at - QUEUE;
	return false;
}

/* as much as the line carries in 2 ms */
static size_t chunk_size(const struct way *way)
{
	uint64_t size = way->rate / 500;

	if (size > CHUNK_MAX || !way->rate)
		return CHUNK_MAX;
	return size < CHUNK_MIN ? CHUNK_MIN : size;
}

int flow_read(struct flow *flow, struct way *way, int fd, int64_t now)
{
	size_t at = flow->in % flow->room, len = flow->room - at;
	size_t empty = flow->room - (flow->in - flow->out);
	ssize_t n;

	if (len > empty)
		len = empty;
	if (len > chunk_size(way))
		len = chunk_size(way);
	n = read(fd, flow->ring + at, len);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	if (n == 0) {
		flow->eof = true;
		return 0;
	}
	flow->in += n;
	if (way->free_at < now)
		way->free_at = now;
	if (way->rate)
		way->free_at += (double)n * SECOND / way->rate;
	flow->chunks[(flow->first + flow->nchunks++) % MAX_CHUNKS] = (struct chunk){
		.due = way->free_at + way->delay, .end = flow->in };
	return 0;
}

uint64_t flow_ready(struct flow *flow, int64_t now, int64_t *wake)
{
	while (flow->nchunks) {
		const struct chunk *c = &flow->chunks[flow->first];

		if (c->due > now) {
			if (c->due < *wake)
				*wake = c->due;
			break;
		}
		flow->ready = c->end;
		flow->first = (flow->first + 1) % MAX_CHUNKS;
		flow->nchunks--;
	}
	return flow->ready - flow->out;
}

int64_t flow_write(struct flow *flow, struct way *way, int fd, uint64_t max)
{
	size_t at = flow->out % flow->room, len = flow->room - at;
	ssize_t n;

	if (len > flow->ready - flow->out)
		len = flow->ready - flow->out;
	if (len > max)
		len = max;
	if (!len)
		return 0;
	n = send(fd, flow->ring + at, len, MSG_NOSIGNAL);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	flow->out += n;
	way->moved += n;
	return n;
}

uint8_t *flow_byte(struct flow *flow)
{
	return &flow->ring[flow->out % flow->room];
}
