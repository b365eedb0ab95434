/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * NFSv3 has exports with handles that only the mount daemon gives out, found by the
 * portmapper unless the URL has their ports (RFC 1813 appendix I, RFC 1833). NFSv4
 * has one tree and one port: its root is mounted, unless an export is given.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "err.h"
#include "net.h"
#include "nfs-export.h"
#include "nfs-mount.h"
#include "say.h"
#include "store.h"

int nfs_mount_prefix(const char *dir, const char *path)
{
	size_t len = strlen(dir);

	while (len > 0 && dir[len - 1] == '/')
		len--;
	if (strncmp(dir, path, len) != 0 || (path[len] != '/' && path[len] != '\0'))
		return -1;
	return (int)len;
}

/* the mount itself failed: 1 when the server does not speak this version at all, or -1 */
static int refused(const struct nfs_conn *c, const char *export, unsigned version)
{
	if (strstr(c->words, "not available") || strstr(c->words, "mismatch")) {
		fail(ERR_SYS, "%s: the server does not speak NFSv%u", c->peer, version);
		return 1;
	}
	/* connections after the first are made by libnfs, in the middle of the mount */
	if (c->status == -ENOMEM && strstr(c->words, "connect"))
		return fail(ERR_AGAIN, "%s: NFSv%u: cannot connect", c->peer, version);
	if (c->status == -ENOENT)
		return fail(ERR_SYS, "%s: mount: the server has no such export", export);
	if (version == 3 && (c->status == -EACCES || c->status == -EPERM))
		return fail(ERR_SYS, "%s: mount: the server does not let this host in: see its list"
			    " of clients for that export", export);
	return nfs_conn_refused(c, export, "mount");
}

static int mount(struct nfs_conn *c, const struct store *s, const char *address,
		 const struct nfs_mount *m, uint64_t deadline)
{
	const char *export = *m->export ? m->export : "/";

	if (nfs_conn_open(c, s, address, m->version))
		return -1;
	nfs_conn_expect(c, NULL, 0);
	if (nfs_mount_async(c->ctx, address, export, nfs_conn_answered, c))
		return fail(ERR_AGAIN, "%s: cannot connect", address);
	if (nfs_conn_wait(c, deadline))
		return -1;
	return c->status < 0 ? refused(c, export, m->version) : 0;
}

/* one version at one address: 0; 1: not spoken there; -1 */
static int try_version(struct nfs_conn *c, const struct store *s, const char *address,
		       struct nfs_mount *m, uint64_t deadline)
{
	const struct target *t = s->target;
	int rc;

	free(m->export);
	m->export = NULL;
	if (t->export)
		m->export = strndup(t->export, (size_t)nfs_mount_prefix(t->export, t->export));
	else if (m->version == 4)
		m->export = strdup("");
	else if ((rc = nfs_export_find(s, address, deadline, &m->export)) != 0)
		return rc;
	if (!m->export)
		return fail(ERR_MEMORY, "%s: out of memory", address);
	rc = mount(c, s, address, m, deadline);
	if (rc)
		nfs_conn_close(c);
	return rc;
}

/*
 * Both versions at one address. A server that has no portmapper, or lets none of our
 * packets to it, may still speak NFSv4; but which version it was is never changed in
 * the middle of a file.
 */
static int try_address(struct nfs_conn *c, const struct store *s, const char *address,
		       unsigned spoke, struct nfs_mount *m, uint64_t deadline)
{
	unsigned version = s->target->version ? s->target->version : spoke;
	uint64_t now = clock_ms(), half = now + (deadline > now ? (deadline - now) / 2 : 0);
	char first[160];
	enum err code;
	int rc;

	m->version = version ? version : 3;
	rc = try_version(c, s, address, m, version ? deadline : half);
	if (rc == 0 || version || (rc < 0 && err_code() != ERR_AGAIN))
		return rc ? -1 : 0;
	code = err_code();
	snprintf(first, sizeof first, "%s", err_text());
	m->version = 4;
	if (try_version(c, s, address, m, deadline) == 0) {
		info("%s; NFSv4 is used instead", first);
		return 0;
	}
	if (err_code() == ERR_STOPPED)
		return -1;
	/* of two failures the one that another try may mend counts, and then the first */
	if (code == ERR_AGAIN || err_code() != ERR_AGAIN)
		fail(code, "%s", first);
	return -1;
}

int nfs_mount_any(struct nfs_conn *c, const struct store *s, unsigned spoke,
		  struct nfs_mount *m)
{
	uint64_t deadline = clock_ms() + s->options->connect_ms;
	struct addresses found;
	int rc = -1;

	*c = (struct nfs_conn){ 0 };
	*m = (struct nfs_mount){ 0 };
	if (nfs_mount_prefix("/", s->target->path) < 0 ||
	    (s->target->export && nfs_mount_prefix(s->target->export, s->target->path) < 0))
		return fail(ERR_SYS, "%s: does not lie in the export %s", s->target->path,
			    s->target->export ? s->target->export : "/");
	if (net_resolve(s->target->host, &found))
		return -1;
	for (unsigned i = 0; i < found.count; i++) {
		uint64_t now = clock_ms(), left = deadline > now ? deadline - now : 0;

		rc = try_address(c, s, found.text[i], spoke, m, now + left / (found.count - i));
		if (rc == 0 || err_code() != ERR_AGAIN)
			break;
	}
	if (rc) {
		free(m->export);
		m->export = NULL;
	}
	return rc;
}
