/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "clock.h"
#include "err.h"
#include "hostkey.h"
#include "login.h"
#include "net.h"
#include "say.h"

enum { AGENT_MS = 3000 };	/* it runs on this machine */

/*
 * libssh2 waits for an agent without end, so look first whether it answers: 1, 0, or -1
 * for stop_check(). The question is that for its keys (draft-ietf-sshm-ssh-agent: 11).
 */
static int agent_answers(const char *path)
{
	static const unsigned char question[] = { 0, 0, 0, 1, 11 };
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct pollfd pfd = { .events = POLLIN };
	int rc = 0;

	if (strlen(path) >= sizeof addr.sun_path)
		return 0;
	strcpy(addr.sun_path, path);
	pfd.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (pfd.fd < 0)
		return 0;
	if (connect(pfd.fd, (struct sockaddr *)&addr, sizeof addr) == 0 &&
	    send(pfd.fd, question, sizeof question, MSG_NOSIGNAL) == sizeof question)
		rc = net_wait(&pfd, 1, clock_ms() + AGENT_MS);
	close(pfd.fd);
	return rc;
}

static int offer(struct login *l, LIBSSH2_AGENT *agent, struct libssh2_agent_publickey *id)
{
	int rc;

	while ((rc = libssh2_agent_userauth(agent, l->user, id)) == LIBSSH2_ERROR_EAGAIN)
		if (ssh2_wait(l->ssh))
			return -1;
	if (rc != 0 && !ssh2_is_lost(l->ssh, rc)) {
		l->count++;
		l->rsa |= hostkey_type(id->blob, id->blob_len) == HOSTKEY_RSA;
	}
	return login_result(l, rc);
}

static int offer_all(struct login *l, LIBSSH2_AGENT *agent)
{
	struct libssh2_agent_publickey *id = NULL;
	int rc = 0;

	while (rc == 0 && libssh2_agent_get_identity(agent, &id, id) == 0) {
		if (!strstr(l->tried, "agent"))
			login_note(l, "the agent's keys", NULL);
		rc = offer(l, agent, id);
	}
	return rc;
}

int login_agent(struct login *l)
{
	const char *path = getenv("SSH_AUTH_SOCK");
	LIBSSH2_AGENT *agent;
	int rc = path && *path ? agent_answers(path) : 0;

	if (rc < 0)
		return -1;
	if (rc == 0) {
		if (path && *path)
			info("the ssh agent of SSH_AUTH_SOCK does not answer");
		return 0;
	}
	agent = libssh2_agent_init(l->ssh->session);
	if (!agent)
		return fail(ERR_MEMORY, "out of memory");
	rc = 0;
	if (libssh2_agent_connect(agent) == 0) {
		if (libssh2_agent_list_identities(agent) == 0)
			rc = offer_all(l, agent);
		libssh2_agent_disconnect(agent);
	}
	libssh2_agent_free(agent);
	return rc;
}
