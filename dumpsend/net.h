/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names to addresses, and TCP connections that notice when the other end is gone. */
#ifndef NET_H
#define NET_H

#include <stddef.h>
#include <stdint.h>

enum { NET_ADDRESSES = 8, NET_ADDRESS_LEN = 64 };

/* addresses as numbers, in the order in which to try them */
struct addresses {
	char text[NET_ADDRESSES][NET_ADDRESS_LEN];
	unsigned count;
};

/*
 * -1: ERR_AGAIN when the name may resolve later, ERR_SYS when the name server says
 * that it does not exist; the text names the host.
 */
int net_resolve(const char *host, struct addresses *found);

/* a connected socket that does not block, or -1: ERR_AGAIN, with every address's reason */
int net_connect(const char *host, uint16_t port, uint64_t deadline_ms);

/*
 * Make fd give up on a dead peer after about silence_ms: keepalive and
 * TCP_USER_TIMEOUT; no delay for small packets; close() sends nothing any more. What it
 * cannot set, it leaves.
 */
void net_guard(int fd, uint64_t silence_ms);

/* our own address on the way to host (no packet is sent); "127.0.0.1" if there is none */
void net_own_address(const char *host, char text[NET_ADDRESS_LEN]);

/*
 * Wait until one of the fds is ready: 1; 0 when the deadline passed; -1 for
 * stop_check() or a failing poll().
 */
struct pollfd;
int net_wait(struct pollfd *fds, unsigned count, uint64_t deadline_ms);

#endif
