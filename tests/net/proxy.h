/* SPDX-License-Identifier: GPL-2.0-or-later */
/* proxy.h - the parts of proxy: proxy.c, conn.c, flow.c, fault.c */
#ifndef PROXY_H
#define PROXY_H

#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { THERE, BACK };			/* to the server, from the server */
enum { MAX_FAULTS = 32, MAX_CONNS = 256, MAX_CHUNKS = 4096 };

#define NEVER INT64_MAX
#define SECOND INT64_C(1000000000)

enum fault_kind { FAULT_CUT, FAULT_STALL, FAULT_FLIP };

struct fault {
	enum fault_kind kind;
	uint64_t at;			/* happens when so many bytes have gone this way */
	uint64_t every;			/* and again after so many more; 0: once */
	int64_t duration;		/* of a stall, in ns, or NEVER */
	unsigned int bit;		/* to flip, 0 to 7 */
	bool done;
};

/* one way of the line that all connections share; times in ns */
struct way {
	const char *name;
	uint64_t rate;			/* bytes a second, 0: no limit */
	int64_t delay;
	int64_t free_at;		/* when the bytes accepted so far have left */
	uint64_t moved;			/* bytes delivered */
	struct fault faults[MAX_FAULTS];
	size_t nfaults;
};

/* bytes that were read together, and when they arrive at the other end */
struct chunk {
	int64_t due;
	uint64_t end;			/* number of the byte after them */
};

/* one direction of one connection: a ring of bytes on their way, all numbered from 0 */
struct flow {
	uint8_t *ring;
	size_t room;
	uint64_t in, ready, out;	/* read, arrived, delivered */
	struct chunk *chunks;
	unsigned int first, nchunks;
	bool eof, shut;
};

struct conn {
	int fd[2];			/* the client's, the server's; -1: not in use */
	bool connecting;
	struct flow flow[2];
};

struct proxy {
	struct sockaddr_in own, server;
	int listener;			/* -1 while connections are refused */
	bool low_port, blackhole;
	int64_t closed_for;		/* after a cut, ns */
	int64_t closed_until, stalled_until;
	struct way ways[2];
	struct conn conns[MAX_CONNS];
	size_t next;			/* the connection that comes first this time */
	uint64_t nconns;
};

/* -1 when there is no memory; flow_close frees, and takes one that was never opened */
int flow_open(struct flow *flow, const struct way *way);
void flow_close(struct flow *flow);

/* whether bytes may be read now; if only the rate forbids it, *wake is brought forward */
bool flow_wants(const struct flow *flow, const struct way *way, int64_t now, int64_t *wake);
/* read what is there; -1 when the connection has broken */
int flow_read(struct flow *flow, struct way *way, int fd, int64_t now);
/* how many bytes have arrived by now; *wake is brought forward to the next arrival */
uint64_t flow_ready(struct flow *flow, int64_t now, int64_t *wake);
/* deliver at most max bytes; the number, 0 if none can be now, -1 when it has broken */
int64_t flow_write(struct flow *flow, struct way *way, int fd, uint64_t max);
/* the next byte to be delivered */
uint8_t *flow_byte(struct flow *flow);

/* add "cut=N", "flip=N:BIT"...; false when it is none */
bool fault_add(struct way ways[2], const char *text);
/* the fault that is due after the bytes delivered so far, or NULL; it is then done with */
const struct fault *fault_due(struct way *way, bool byte_ready);
/* bytes until the next fault */
uint64_t fault_distance(const struct way *way);

/* connect c, whose fd[0] is the client; -1 when that cannot be: conn_close is due */
int conn_connect(const struct proxy *p, struct conn *c);
/* both ends learn of it by a reset when broken, else all has been said already */
void conn_close(struct conn *c, bool broken);
/* what to wait for, at both ends; *wake is brought forward to what happens by itself */
void conn_poll(struct proxy *p, struct conn *c, struct pollfd poll[2], int64_t now,
	int64_t *wake);
/* do what poll says can be done */
void conn_serve(struct proxy *p, struct conn *c, const struct pollfd poll[2], int64_t now);

/* say errno, and exit */
void die(const char *what);

/* a decimal number with k, M, G (1000) or Ki, Mi, Gi (1024); *end: what follows it */
bool parse_bytes(const char *text, uint64_t *value, const char **end);
/* seconds with a fraction, as ns */
bool parse_seconds(const char *text, int64_t *ns);

#endif
