/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>
#include <termios.h>
#include <unistd.h>

#include "err.h"
#include "login-ask.h"
#include "net.h"

/* what cannot be shown does no harm */
static void show(int fd, const char *text)
{
	ssize_t n = write(fd, text, strlen(text));

	(void)n;
}

/* one line, without its newline; what does not fit is thrown away */
static int read_answer(int fd, char *answer, size_t size)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	size_t used = 0;
	char c = 0;

	while (c != '\n') {
		if (net_wait(&pfd, 1, UINT64_MAX) < 0)
			return -1;
		if (read(fd, &c, 1) != 1)
			break;
		if (c != '\n' && used < size - 1)
			answer[used++] = c;
	}
	answer[used] = '\0';
	return used > 0;
}

int ask_secret(const char *question, char *answer, size_t size)
{
	int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct termios before, hidden;
	int rc = 0;

	answer[0] = '\0';
	if (fd < 0)
		return 0;
	/* in the background the question would stop us */
	if (tcgetpgrp(fd) != getpgrp() || tcgetattr(fd, &before))
		goto out;
	hidden = before;
	hidden.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
	hidden.c_lflag |= ICANON | ISIG;
	/* SIGINT is caught and comes back here; these two would leave the terminal silent */
	hidden.c_cc[VQUIT] = hidden.c_cc[VSUSP] = _POSIX_VDISABLE;
	if (tcsetattr(fd, TCSAFLUSH, &hidden))
		goto out;
	show(fd, question);
	rc = read_answer(fd, answer, size);
	tcsetattr(fd, TCSAFLUSH, &before);
	show(fd, "\n");
out:
	close(fd);
	return rc;
}
