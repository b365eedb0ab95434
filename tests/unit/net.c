/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: dumpsend/net.c */
#include <stdbool.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "err.h"
#include "../../dumpsend/net.h"
#include "stop.h"
#include "unit.h"

/* a listening socket on 127.0.0.1, and its port; backlog as listen() takes it */
static int listener(int backlog, uint16_t *port)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	socklen_t len = sizeof addr;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&addr, sizeof addr), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&addr, &len), 0);
	*port = ntohs(addr.sin_port);
	if (backlog >= 0)
		assert_int_equal(listen(fd, backlog), 0);
	return fd;
}

static int option(int fd, int level, int name)
{
	int value = -1;
	socklen_t len = sizeof value;

	assert_int_equal(getsockopt(fd, level, name, &value, &len), 0);
	return value;
}

static void numbers_resolve(void **state)
{
	struct addresses found;

	(void)state;
	assert_int_equal(net_resolve("127.0.0.1", &found), 0);
	assert_int_equal(found.count, 1);
	assert_string_equal(found.text[0], "127.0.0.1");
	assert_int_equal(net_resolve("::1", &found), 0);
	assert_string_equal(found.text[0], "::1");
}

/* a bare system has no /etc/hosts, and then nothing says what this is */
static bool knows_localhost(void)
{
	struct addresses found;

	return net_resolve("localhost", &found) == 0;
}

static void names_resolve(void **state)
{
	struct addresses found;

	(void)state;
	if (!knows_localhost())
		skip();
	assert_int_equal(net_resolve("localhost", &found), 0);
	assert_true(found.count >= 1 && found.count <= NET_ADDRESSES);
}

/* RFC 6761: .invalid never exists; what the name server makes of it is its own affair */
static void no_such_name(void **state)
{
	struct addresses found;

	(void)state;
	assert_int_equal(net_resolve("no-such-host.invalid", &found), -1);
	assert_true(err_code() == ERR_SYS || err_code() == ERR_AGAIN);
	assert_non_null(strstr(err_text(), "no-such-host.invalid"));
	assert_int_equal(net_connect("no-such-host.invalid", 1, clock_ms() + 5000), -1);
	assert_non_null(strstr(err_text(), "no-such-host.invalid"));
}

static void connects(void **state)
{
	uint16_t port;
	int server = listener(4, &port);
	int fd = net_connect("127.0.0.1", port, clock_ms() + 5000);

	(void)state;
	assert_true(fd >= 0);
	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	net_guard(fd, 8000);
	assert_int_equal(option(fd, IPPROTO_TCP, TCP_NODELAY), 1);
	assert_int_equal(option(fd, SOL_SOCKET, SO_KEEPALIVE), 1);
	assert_int_equal(option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT), 8000);
	assert_int_equal(option(fd, IPPROTO_TCP, TCP_KEEPIDLE), 2);
	assert_int_equal(option(fd, IPPROTO_TCP, TCP_KEEPINTVL), 2);
	/* as short and as long as it may be */
	net_guard(fd, 1);
	assert_int_equal(option(fd, IPPROTO_TCP, TCP_KEEPIDLE), 1);
	net_guard(fd, UINT64_MAX);
	assert_int_equal(option(fd, IPPROTO_TCP, TCP_KEEPIDLE), 3600);
	assert_int_equal(option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT), INT32_MAX);
	close(fd);
	close(server);
}

static void closed_port(void **state)
{
	char expect[64];
	uint16_t port;
	int server = listener(-1, &port);	/* bound, so that nobody else takes it */

	(void)state;
	assert_int_equal(net_connect("127.0.0.1", port, clock_ms() + 5000), -1);
	assert_int_equal(err_code(), ERR_AGAIN);
	snprintf(expect, sizeof expect, "127.0.0.1 port %u: Connection refused", port);
	assert_string_equal(err_text(), expect);
	close(server);
}

/* of a name, each of its addresses is told */
static void closed_port_of_a_name(void **state)
{
	uint16_t port;
	int server = listener(-1, &port);

	(void)state;
	if (!knows_localhost())
		skip();
	assert_int_equal(net_connect("localhost", port, clock_ms() + 5000), -1);
	assert_int_equal(err_code(), ERR_AGAIN);
	assert_non_null(strstr(err_text(), "127.0.0.1: Connection refused"));
	close(server);
}

/* a listener whose queue is full drops what comes: as a host that is switched off */
static void nobody_answers(void **state)
{
	int server, queued[4];
	uint64_t start;
	uint16_t port;

	(void)state;
	server = listener(0, &port);
	for (int i = 0; i < 4; i++) {
		struct sockaddr_in addr = { .sin_family = AF_INET, .sin_port = htons(port) };

		addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		queued[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		connect(queued[i], (struct sockaddr *)&addr, sizeof addr);
	}
	start = clock_ms();
	assert_int_equal(net_connect("127.0.0.1", port, start + 300), -1);
	assert_int_equal(err_code(), ERR_AGAIN);
	assert_non_null(strstr(err_text(), "timed out"));
	assert_in_range(clock_ms() - start, 290, 3000);
	for (int i = 0; i < 4; i++)
		close(queued[i]);
	close(server);
}

static void own_address(void **state)
{
	char text[NET_ADDRESS_LEN];

	(void)state;
	net_own_address("127.0.0.1", text);
	assert_string_equal(text, "127.0.0.1");
	net_own_address("::1", text);
	assert_true(strcmp(text, "::1") == 0 || strcmp(text, "127.0.0.1") == 0);
	net_own_address("no-such-host.invalid", text);
	assert_string_equal(text, "127.0.0.1");
}

static void waiting(void **state)
{
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);

	struct pollfd pfd = { .fd = ends[0], .events = POLLIN };
	uint64_t start = clock_ms();

	assert_int_equal(net_wait(&pfd, 1, start + 100), 0);
	assert_in_range(clock_ms() - start, 99, 2000);
	assert_int_equal(net_wait(&pfd, 1, 0), 0);
	assert_int_equal(write(ends[1], "x", 1), 1);
	/* ready is ready, even when the time has passed */
	assert_int_equal(net_wait(&pfd, 1, 0), 1);
	close(ends[0]);
	close(ends[1]);
}

/* the last one: there is no way back from a signal */
static void stopped(void **state)
{
	struct pollfd none = { .fd = -1 };
	struct addresses found;
	uint64_t start = clock_ms();

	(void)state;
	stop_catch();
	alarm(0);
	raise(SIGTERM);
	assert_int_equal(net_wait(&none, 1, start + 60000), -1);
	assert_int_equal(err_code(), ERR_STOPPED);
	assert_int_equal(net_connect("127.0.0.1", 1, start + 60000), -1);
	assert_int_equal(err_code(), ERR_STOPPED);
	assert_int_equal(net_resolve("127.0.0.1", &found), -1);
	assert_int_equal(err_code(), ERR_STOPPED);
	assert_in_range(clock_ms() - start, 0, 2000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_resolve),
		cmocka_unit_test(names_resolve),
		cmocka_unit_test(no_such_name),
		cmocka_unit_test(connects),
		cmocka_unit_test(closed_port),
		cmocka_unit_test(closed_port_of_a_name),
		cmocka_unit_test(nobody_answers),
		cmocka_unit_test(own_address),
		cmocka_unit_test(waiting),
		cmocka_unit_test(stopped),
	};

	return RUN(tests);
}
