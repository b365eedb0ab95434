/* SPDX-License-Identifier: GPL-2.0-or-later */
/* conn.c - one connection: to the server, both ways, and how it ends */
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proxy.h"

void conn_close(struct conn *c, bool broken)
{
	struct linger reset = { .l_onoff = 1, .l_linger = 0 };

	for (int i = 0; i < 2; i++) {
		if (c->fd[i] >= 0) {
			if (broken)
				setsockopt(c->fd[i], SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
			close(c->fd[i]);
		}
		c->fd[i] = -1;
		flow_close(&c->flow[i]);
	}
}

static int bind_low_port(int fd)
{
	struct sockaddr_in any = { .sin_family = AF_INET };

	for (int port = 1023; port >= 512; port--) {
		any.sin_port = htons(port);
		if (bind(fd, (struct sockaddr *)&any, sizeof(any)) == 0)
			return 0;
		if (errno != EADDRINUSE)
			die("a port below 1024");
	}
	return -1;
}

int conn_connect(const struct proxy *p, struct conn *c)
{
	int one = 1;

	c->fd[1] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (c->fd[1] < 0 || (p->low_port && bind_low_port(c->fd[1]) < 0))
		return -1;
	for (int i = 0; i < 2; i++) {
		setsockopt(c->fd[i], IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		if (flow_open(&c->flow[i], &p->ways[i]) < 0)
			return -1;
	}
	c->connecting = true;
	if (connect(c->fd[1], (const struct sockaddr *)&p->server, sizeof(p->server)) < 0)
		return errno == EINPROGRESS ? 0 : -1;
	return 0;
}

static void cut(struct proxy *p, int64_t now)
{
	for (size_t i = 0; i < MAX_CONNS; i++)
		conn_close(&p->conns[i], true);
	p->ways[THERE].free_at = p->ways[BACK].free_at = 0;
	if (p->closed_for) {
		close(p->listener);
		p->listener = -1;
		p->closed_until = now + p->closed_for;
	}
}

/* the faults that are due; false when nothing can be delivered any more for now */
static bool faults(struct proxy *p, struct flow *flow, struct way *way, int64_t now)
{
	const struct fault *f;

	while ((f = fault_due(way, flow->ready > flow->out))) {
		unsigned long long at = way->moved;

		switch (f->kind) {
		case FAULT_CUT:
			fprintf(stderr, "proxy: cut after %llu bytes %s\n", at, way->name);
			cut(p, now);
			return false;
		case FAULT_STALL:
			fprintf(stderr, "proxy: stall after %llu bytes %s\n", at, way->name);
			p->stalled_until = f->duration == NEVER ? NEVER : now + f->duration;
			return false;
		case FAULT_FLIP:
			fprintf(stderr, "proxy: flip of bit %u in byte %llu %s\n", f->bit, at, way->name);
			*flow_byte(flow) ^= 1U << f->bit;
			break;
		}
	}
	return true;
}

/* all that has arrived of one way; false when a fault, or an end, has changed things */
static bool deliver(struct proxy *p, struct conn *c, int i, int64_t now)
{
	struct flow *flow = &c->flow[i];
	struct way *way = &p->ways[i];
	int64_t n;

	do {
		if (flow->ready == flow->out)
			break;
		if (!faults(p, flow, way, now))
			return false;
		n = flow_write(flow, way, c->fd[!i], fault_distance(way));
		if (n < 0) {
			conn_close(c, true);
			return false;
		}
		if (n > 0 && !faults(p, flow, way, now))
			return false;
	} while (n > 0);
	if (flow->eof && flow->out == flow->in && !flow->shut) {
		shutdown(c->fd[!i], SHUT_WR);
		flow->shut = true;
	}
	return true;
}

static bool conn_established(struct conn *c, short events)
{
	int error = 0;
	socklen_t len = sizeof(error);

	if (!c->connecting)
		return true;
	if (!events)
		return false;
	if (getsockopt(c->fd[1], SOL_SOCKET, SO_ERROR, &error, &len) < 0 || error)
		conn_close(c, true);
	c->connecting = false;
	return c->fd[0] >= 0;
}

void conn_serve(struct proxy *p, struct conn *c, const struct pollfd poll[2], int64_t now)
{
	int64_t wake = NEVER;

	if (p->blackhole) {
		if (poll[0].revents)
			conn_close(c, false);
		return;
	}
	if (!conn_established(c, poll[1].revents))
		return;
	for (int i = 0; i < 2; i++) {
		if (!(poll[i].revents & (POLLIN | POLLHUP | POLLERR)))
			continue;
		if (!flow_wants(&c->flow[i], &p->ways[i], now, &wake))
			continue;
		if (flow_read(&c->flow[i], &p->ways[i], c->fd[i], now) < 0) {
			conn_close(c, true);
			return;
		}
	}
	for (int i = 0; i < 2; i++) {
		flow_ready(&c->flow[i], now, &wake);
		if (!deliver(p, c, i, now))
			return;
	}
	if (c->flow[THERE].shut && c->flow[BACK].shut)
		conn_close(c, false);
}

void conn_poll(struct proxy *p, struct conn *c, struct pollfd poll[2], int64_t now,
	int64_t *wake)
{
	short events[2] = { 0, 0 };

	if (c->connecting) {
		events[1] = POLLOUT;
	} else if (p->blackhole) {
		events[0] = POLLRDHUP;
	} else {
		for (int i = 0; i < 2; i++) {
			if (flow_wants(&c->flow[i], &p->ways[i], now, wake))
				events[i] |= POLLIN;
			if (flow_ready(&c->flow[i], now, wake))
				events[!i] |= POLLOUT;
		}
	}
	for (int i = 0; i < 2; i++)
		poll[i] = (struct pollfd){ events[i] ? c->fd[i] : -1, events[i], 0 };
}
