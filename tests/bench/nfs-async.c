/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nfs-async - copy a file to an NFSv3 server, as fast as libnfs can and nothing else
 *
 * usage: nfs-async FILE nfs://SERVER/EXPORT/NAME[?version=3&...]
 *
 * What dumpsend's speed is compared with: eight writes of 1 MiB on their way at a time,
 * one commit at the end. A difference of any kind (an error, a short write, a write
 * verifier that changes) ends it: it does not try again.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <nfsc/libnfs.h>
#include <nfsc/libnfs-raw.h>
#include <nfsc/libnfs-raw-nfs.h>

enum { WRITE_SIZE = 1 << 20, FLIGHT = 8 };

/* libnfs returns a pointer to this, but tells what it is in a header of its own only */
struct nfs_fh {
	int len;
	char *val;
};

struct copy {
	struct rpc_context *rpc;
	struct nfs_fh3 file;
	int fd;
	uint64_t at;		/* how much was read so far */
	unsigned flying;	/* calls without an answer */
	bool whole;		/* the input's end was seen */
	bool verified;
	char verifier[NFS3_WRITEVERFSIZE];
};

struct slot {
	struct copy *copy;
	uint32_t len;
	char data[WRITE_SIZE];	/* kept until the answer: libnfs 5 sends from here */
};

static _Noreturn void die(const char *what, const char *why)
{
	fprintf(stderr, "nfs-async: %s: %s\n", what, why);
	exit(1);
}

static void check_verifier(struct copy *c, const char *verifier)
{
	if (!c->verified)
		memcpy(c->verifier, verifier, sizeof c->verifier);
	c->verified = true;
	if (memcmp(c->verifier, verifier, sizeof c->verifier) != 0)
		die("write", "the server was restarted");
}

static void check_answer(int rpc_status, const char *what, const void *data)
{
	if (rpc_status == RPC_STATUS_SUCCESS)
		return;
	die(what, rpc_status == RPC_STATUS_ERROR && data ? data : "the call failed");
}

static void send_next(struct slot *s);

static void written(struct rpc_context *rpc, int status, void *data, void *private)
{
	struct slot *s = private;
	const WRITE3res *res = data;

	(void)rpc;
	check_answer(status, "write", data);
	if (res->status != NFS3_OK || res->WRITE3res_u.resok.count != s->len)
		die("write", "the server took less");
	check_verifier(s->copy, res->WRITE3res_u.resok.verf);
	s->copy->flying--;
	send_next(s);
}

static void send_next(struct slot *s)
{
	struct copy *c = s->copy;
	ssize_t n = c->whole ? 0 : pread(c->fd, s->data, sizeof s->data, (off_t)c->at);
	WRITE3args args = {
		.file = c->file,
		.offset = c->at,
		.stable = UNSTABLE,
	};

	if (n < 0)
		die("read", strerror(errno));
	if (n == 0) {
		c->whole = true;
		return;
	}
	s->len = (uint32_t)n;
	args.count = args.data.data_len = s->len;
	args.data.data_val = s->data;
	if (rpc_nfs3_write_async(c->rpc, written, &args, s) != 0)
		die("write", rpc_get_error(c->rpc));
	c->at += s->len;
	c->flying++;
}

static void committed(struct rpc_context *rpc, int status, void *data, void *private)
{
	struct copy *c = private;
	const COMMIT3res *res = data;

	(void)rpc;
	check_answer(status, "commit", data);
	if (res->status != NFS3_OK)
		die("commit", "refused");
	check_verifier(c, res->COMMIT3res_u.resok.verf);
	c->flying--;
}

static void run(struct copy *c)
{
	while (c->flying > 0) {
		struct pollfd fd = { .fd = rpc_get_fd(c->rpc) };

		fd.events = (short)rpc_which_events(c->rpc);
		if (poll(&fd, 1, -1) < 0)
			die("poll", strerror(errno));
		if (rpc_service(c->rpc, fd.revents) < 0)
			die("connection", rpc_get_error(c->rpc));
	}
}

static struct nfsfh *create(struct nfs_context *nfs, const char *text)
{
	struct nfs_url *url = nfs_parse_url_full(nfs, text);
	struct nfsfh *fh;

	if (!url)
		die(text, nfs_get_error(nfs));
	if (nfs_mount(nfs, url->server, url->path) != 0 ||
	    nfs_creat(nfs, url->file, 0600, &fh) != 0)
		die(text, nfs_get_error(nfs));
	nfs_destroy_url(url);
	return fh;
}

int main(int argc, char *argv[])
{
	static struct slot slots[FLIGHT];
	struct nfs_context *nfs = nfs_init_context();
	struct copy c = { 0 };
	COMMIT3args all = { 0 };
	struct nfsfh *fh;
	struct nfs_fh *bytes;

	if (argc != 3) {
		fprintf(stderr, "usage: nfs-async FILE nfs://SERVER/EXPORT/NAME\n");
		return 2;
	}
	if (!nfs)
		die("libnfs", "no context");
	c.fd = open(argv[1], O_RDONLY | O_CLOEXEC);
	if (c.fd < 0)
		die(argv[1], strerror(errno));
	fh = create(nfs, argv[2]);
	bytes = nfs_get_fh(fh);
	c.rpc = nfs_get_rpc_context(nfs);
	c.file.data.data_len = (unsigned)bytes->len;
	c.file.data.data_val = bytes->val;
	for (int i = 0; i < FLIGHT; i++) {
		slots[i].copy = &c;
		send_next(&slots[i]);
	}
	run(&c);
	all.file = c.file;
	if (rpc_nfs3_commit_async(c.rpc, committed, &all, &c) != 0)
		die("commit", rpc_get_error(c.rpc));
	c.flying++;
	run(&c);
	if (nfs_close(nfs, fh) != 0)
		die("close", nfs_get_error(nfs));
	nfs_destroy_context(nfs);
	return 0;
}
