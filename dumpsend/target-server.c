/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <net/if.h>
#include <string.h>

#include "err.h"
#include "num.h"
#include "target-parts.h"
#include "target.h"

enum {
	HOST_MAX = 253,		/* bytes of a host name, RFC 1035 */
	USER_MAX = 256,
};

static const char letters_digits[] =
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

int target_port(const char *text, size_t len, const char *what, uint16_t *port)
{
	uint64_t v;

	if (!num_parse(text, len, 10, &v) || v < 1 || v > UINT16_MAX)
		return fail(ERR_USAGE, "%s must be 1 to 65535, not \"%.*s\"", what,
			    len < 20 ? (int)len : 20, text);
	if (*port && *port != v)
		return fail(ERR_USAGE, "%s is given twice, %u and %u", what, *port, (unsigned)v);
	*port = (uint16_t)v;
	return 0;
}

/* one of letters, digits and more? */
static bool is_one_of(char c, const char *more)
{
	return strchr(letters_digits, c) || strchr(more, c);
}

/* what a server's account may be called; nothing that an ssh program could misread */
static int parse_user(struct target *t, const char *text, size_t len)
{
	if (memchr(text, ':', len))
		return fail(ERR_USAGE, "a password in a target could be seen by others: use a "
			    "key (--identity)");
	if (t->kind == TARGET_NFS)
		return fail(ERR_USAGE, "nfs has no user names: ?uid=N&gid=N say who writes");
	t->user = target_decode(text, len, false);
	if (!t->user)
		return -1;
	len = strlen(t->user);
	if (len == 0 || len > USER_MAX)
		return fail(ERR_USAGE, "a user name has 1 to %d bytes", USER_MAX);
	if (t->user[0] == '-' || t->user[len - 1] == '\\')
		return fail(ERR_USAGE, "no user is called that");
	for (const char *p = t->user; *p; p++)
		if (!is_one_of(*p, "._-+@\\"))
			return fail(ERR_USAGE, "no '%c' in a user name", *p);
	return 0;
}

/* in brackets: ADDRESS or ADDRESS%ZONE, where RFC 6874 writes %25 for the percent sign */
static int check_ipv6(char *host)
{
	char address[INET6_ADDRSTRLEN] = "", *zone;
	uint8_t binary[16];
	size_t len = strcspn(host, "%");

	if (len < sizeof address)
		memcpy(address, host, len);
	if (inet_pton(AF_INET6, address, binary) != 1)
		return fail(ERR_USAGE, "no IPv6 address is in the brackets");
	if (!host[len])
		return 0;
	zone = host + len + 1;
	if (strncmp(zone, "25", 2) == 0 && zone[2])
		memmove(zone, zone + 2, strlen(zone + 2) + 1);
	len = strlen(zone);
	if (len == 0 || len >= IFNAMSIZ)
		return fail(ERR_USAGE, "a network interface's name has 1 to %d bytes",
			    IFNAMSIZ - 1);
	for (size_t i = 0; i < len; i++)
		if (!is_one_of(zone[i], "._-"))
			return fail(ERR_USAGE, "no '%c' in a network interface's name", zone[i]);
	return 0;
}

static int check_host(const char *host)
{
	size_t len = strlen(host);

	if (len == 0)
		return fail(ERR_USAGE, "names no host");
	if (len > HOST_MAX)
		return fail(ERR_USAGE, "a host name has at most %d bytes", HOST_MAX);
	if (host[0] == '-' || host[0] == '.' || strstr(host, ".."))
		return fail(ERR_USAGE, "no host is called %.60s", host);
	for (const char *p = host; *p; p++)
		if (!is_one_of(*p, "._-"))
			return fail(ERR_USAGE, "no '%c' in a host name", *p);
	return 0;
}

/* where c is, or end */
static const char *find(const char *from, const char *end, char c)
{
	while (from < end && *from != c)
		from++;
	return from;
}

int target_server(struct target *t, const char *text, size_t len)
{
	const char *end = text + len, *at = memrchr(text, '@', len), *close, *colon;
	bool brackets;

	if (at && parse_user(t, text, (size_t)(at - text)))
		return -1;
	text = at ? at + 1 : text;
	brackets = text < end && *text == '[';
	text += brackets;
	close = brackets ? find(text, end, ']') : text;
	if (brackets && close == end)
		return fail(ERR_USAGE, "a ] is missing");
	colon = find(close, end, ':');
	if (brackets && close + 1 != colon)
		return fail(ERR_USAGE, "only :PORT can follow the ]");
	if (colon < end && find(colon + 1, end, ':') < end)
		return fail(ERR_USAGE, "write an IPv6 address in brackets: [ADDRESS]");
	if (colon < end && target_port(colon + 1, (size_t)(end - colon - 1), "the port", &t->port))
		return -1;
	t->host = strndup(text, (size_t)((brackets ? close : colon) - text));
	if (!t->host)
		return fail(ERR_MEMORY, "out of memory");
	return brackets ? check_ipv6(t->host) : check_host(t->host);
}
