/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <string.h>

#include "channel.h"
#include "clock.h"
#include "err.h"
#include "net.h"
#include "stop.h"

void channel_clean(char *to, size_t size, const void *text, size_t len)
{
	const unsigned char *p = text;
	size_t n = 0;

	while (len > 0 && (*p <= ' ' || *p > '~')) {
		p++;
		len--;
	}
	while (len > 0 && (p[len - 1] <= ' ' || p[len - 1] > '~'))
		len--;
	for (; n < len && n < size - 1; n++)
		to[n] = p[n] >= ' ' && p[n] <= '~' ? (char)p[n] : '?';
	to[n] = '\0';
}

/* what comes until the end of input; the rest of what does not fit is thrown away */
static ssize_t gather(struct channel *c, char *buf, size_t len, int *status)
{
	uint64_t silence_ms = c->options->silence_ms + c->options->connect_ms;
	uint64_t deadline = clock_ms() + silence_ms;
	struct pollfd fds[STORE_FDS];
	char rest[512];
	size_t have = 0;
	bool eof = false;

	for (;;) {
		bool fits = have < len;
		ssize_t n = c->ops->read(c, fits ? buf + have : rest,
					 fits ? len - have : sizeof rest, &eof);

		if (n < 0 || stop_check())
			return -1;
		if (fits)
			have += (size_t)n;
		if (eof && n == 0)
			break;
		if (n > 0)
			deadline = clock_ms() + silence_ms;
		else if (clock_left(deadline) == 0)
			return fail(ERR_AGAIN, "%s: a command gave no answer for %" PRIu64 " s",
				    c->target->host, silence_ms / 1000);
		else if (net_wait(fds, (unsigned)c->ops->poll(c, fds), deadline) < 0)
			return -1;
	}
	*status = c->ops->status(c);
	return (ssize_t)have;
}

ssize_t channel_gather(const struct channel *like, const char *command, void *buf, size_t len,
		       int *status)
{
	struct channel c = { .ops = like->ops, .target = like->target,
			     .options = like->options, .key_types = like->key_types };
	int rc = c.ops->open(&c, NULL, command);
	ssize_t n = -1;

	*status = -1;
	if (rc == CHANNEL_NO_SUBSYSTEM)
		fail(ERR_SYS, "%s: the server runs no commands for this account",
		     c.target->host);
	/* nothing is typed into it: what waits for input ends */
	if (rc == CHANNEL_OPEN && c.ops->send_eof(&c) == 0)
		n = gather(&c, buf, len, status);
	c.ops->close(&c);
	return n;
}

int channel_run(const struct channel *like, const char *command, char *buf, size_t len)
{
	int status;
	ssize_t n = channel_gather(like, command, buf, len - 1, &status);

	if (n < 0)
		return -1;
	buf[n] = '\0';
	if (status < 0)
		return fail(ERR_AGAIN, "%s: the connection broke before a command had ended",
			    like->target->host);
	return status;
}
