/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * proxy - a line between a client and a server that is slow, far, and goes wrong
 *
 * usage: proxy [-p] [-a ADDRESS] [-d MS] [-r RATE] [-w SECONDS] PORT ADDRESS:PORT [FAULT...]
 *
 * Relays each TCP connection made to PORT to ADDRESS:PORT (IPv4, in numbers) until SIGTERM.
 * PORT 0 takes a free one. Once it listens it prints the number of the port, a line; each
 * fault, and at the end how many bytes went there and back, are told on standard error.
 *
 *   -a ADDRESS   where to listen (127.0.0.1)
 *   -d MS        delay of each way: a round trip takes twice that
 *   -r RATE      bytes a second of each way, of all connections together (125M is 1 Gbit/s)
 *   -p           connect from a port below 1024, as NFS servers may ask for
 *   -w SECONDS   after a cut connections are refused so long
 *
 * Faults; N counts the bytes delivered to the server, or from it where "back-" stands before
 * the fault, over all connections; there may be several:
 *   cut=N               all connections are reset
 *   cut-every=N         and again after each further N bytes
 *   stall=N[:SECONDS]   nothing moves for that time, or for ever; nobody is told
 *   flip=N[:BIT]        byte N (from 0) arrives with that bit (0) turned
 *   blackhole           connections are taken, and that is all
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "proxy.h"

static volatile sig_atomic_t ended;

static void on_signal(int sig)
{
	(void)sig;
	ended = 1;
}

static void usage(void)
{
	fprintf(stderr, "usage: proxy [-p] [-a ADDRESS] [-d MS] [-r RATE] [-w SECONDS] "
		"PORT ADDRESS:PORT [FAULT...]\n");
	exit(2);
}

void die(const char *what)
{
	fprintf(stderr, "proxy: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * SECOND + t.tv_nsec;
}

/* the port is known afterwards, and taken again after a cut */
static void start_listening(struct proxy *p)
{
	socklen_t len = sizeof(p->own);
	int one = 1;

	p->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (p->listener < 0)
		die("socket");
	setsockopt(p->listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(p->listener, (struct sockaddr *)&p->own, sizeof(p->own)) < 0)
		die("bind");
	if (listen(p->listener, MAX_CONNS) < 0)
		die("listen");
	if (getsockname(p->listener, (struct sockaddr *)&p->own, &len) < 0)
		die("getsockname");
}

static void sooner(int64_t *wake, int64_t at)
{
	if (at < *wake)
		*wake = at;
}

static struct conn *conn_unused(struct proxy *p)
{
	for (size_t i = 0; i < MAX_CONNS; i++) {
		if (p->conns[i].fd[0] < 0)
			return &p->conns[i];
	}
	return NULL;
}

static void accept_all(struct proxy *p)
{
	struct conn *c;

	while ((c = conn_unused(p))) {
		c->fd[0] = accept4(p->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (c->fd[0] < 0)
			return;
		p->nconns++;
		if (!p->blackhole && conn_connect(p, c) < 0)
			conn_close(c, true);
	}
}

/* wait, and do what there is to be done */
static void turn(struct proxy *p, const sigset_t *unblocked)
{
	static struct pollfd polls[1 + 2 * MAX_CONNS];
	struct timespec wait;
	int64_t now = now_ns(), wake = NEVER;
	bool stalled = now < p->stalled_until;

	if (p->listener < 0 && now >= p->closed_until)
		start_listening(p);
	if (p->listener < 0)
		sooner(&wake, p->closed_until);
	if (stalled)
		sooner(&wake, p->stalled_until);
	polls[0] = (struct pollfd){ stalled || !conn_unused(p) ? -1 : p->listener, POLLIN, 0 };
	for (size_t i = 0; i < MAX_CONNS; i++) {
		struct conn *c = &p->conns[i];

		polls[1 + 2 * i].fd = polls[2 + 2 * i].fd = -1;
		if (c->fd[0] >= 0 && !stalled)
			conn_poll(p, c, &polls[1 + 2 * i], now, &wake);
	}
	wake = wake == NEVER ? NEVER : wake < now ? 0 : wake - now;
	wait = (struct timespec){ wake / SECOND, wake % SECOND };
	if (ppoll(polls, 1 + 2 * MAX_CONNS, wake == NEVER ? NULL : &wait, unblocked) < 0) {
		if (errno != EINTR)
			die("ppoll");
		return;
	}
	now = now_ns();
	p->next++;
	for (size_t k = 0; k < MAX_CONNS; k++) {
		size_t i = (p->next + k) % MAX_CONNS;

		/* a fault ends this turn: what poll has found out may be no longer so */
		if (p->conns[i].fd[0] >= 0 && !(now < p->stalled_until) && p->listener >= 0)
			conn_serve(p, &p->conns[i], &polls[1 + 2 * i], now);
	}
	if (polls[0].fd >= 0 && polls[0].fd == p->listener && polls[0].revents)
		accept_all(p);
}

static bool parse_address(const char *text, struct sockaddr_in *addr)
{
	const char *colon = strchr(text, ':'), *end;
	char host[INET_ADDRSTRLEN];
	uint64_t port;

	if (!colon || (size_t)(colon - text) >= sizeof(host))
		return false;
	memcpy(host, text, colon - text);
	host[colon - text] = '\0';
	if (!parse_bytes(colon + 1, &port, &end) || *end || !port || port > UINT16_MAX)
		return false;
	addr->sin_port = htons(port);
	return inet_pton(AF_INET, host, &addr->sin_addr) == 1;
}

static void parse_options(struct proxy *p, int argc, char *argv[])
{
	int64_t ns = 0;
	uint64_t rate = 0;
	const char *end = "";
	bool well = true;
	int key;

	while ((key = getopt(argc, argv, "a:d:r:pw:")) > 0) {
		switch (key) {
		case 'a':
			well &= inet_pton(AF_INET, optarg, &p->own.sin_addr) == 1;
			break;
		case 'd':
			well &= parse_seconds(optarg, &ns);
			p->ways[THERE].delay = p->ways[BACK].delay = ns / 1000;
			break;
		case 'r':
			well &= parse_bytes(optarg, &rate, &end) && !*end;
			p->ways[THERE].rate = p->ways[BACK].rate = rate;
			break;
		case 'p':
			p->low_port = true;
			break;
		case 'w':
			well &= parse_seconds(optarg, &p->closed_for);
			break;
		default:
			usage();
		}
	}
	if (!well || argc - optind < 2)
		usage();
}

static void parse_operands(struct proxy *p, char *argv[])
{
	const char *end;
	uint64_t port;

	if (!parse_bytes(argv[0], &port, &end) || *end || port > UINT16_MAX)
		usage();
	p->own.sin_port = htons(port);
	if (!parse_address(argv[1], &p->server))
		usage();
	for (argv += 2; *argv; argv++) {
		if (strcmp(*argv, "blackhole") == 0)
			p->blackhole = true;
		else if (!fault_add(p->ways, *argv))
			usage();
	}
}

int main(int argc, char *argv[])
{
	static struct proxy p = {
		.own = { .sin_family = AF_INET },
		.server = { .sin_family = AF_INET },
		.ways = { { .name = "there" }, { .name = "back" } },
	};
	struct sigaction action = { .sa_handler = on_signal };
	sigset_t blocked, unblocked;

	p.own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	parse_options(&p, argc, argv);
	parse_operands(&p, argv + optind);
	for (size_t i = 0; i < MAX_CONNS; i++)
		p.conns[i] = (struct conn){ .fd = { -1, -1 } };
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	sigprocmask(SIG_BLOCK, &blocked, &unblocked);
	sigdelset(&unblocked, SIGTERM);
	sigaction(SIGTERM, &action, NULL);
	start_listening(&p);
	printf("%u\n", ntohs(p.own.sin_port));
	if (fflush(stdout) != 0)
		die("standard output");
	while (!ended)
		turn(&p, &unblocked);
	fprintf(stderr, "proxy: %llu bytes there, %llu back, %llu connections\n",
		(unsigned long long)p.ways[THERE].moved, (unsigned long long)p.ways[BACK].moved,
		(unsigned long long)p.nconns);
	return 0;
}
