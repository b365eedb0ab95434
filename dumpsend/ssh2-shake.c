/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "err.h"
#include "hostkey.h"
#include "say.h"
#include "ssh2.h"

enum { SSH_PORT = 22 };

/* "SSH-2.0-OpenSSH_9.2p1 Debian-2" without its first two parts */
static void note_server(struct ssh2 *s, struct channel *c)
{
	const char *banner = libssh2_session_banner_get(s->session);
	const char *dash = banner ? strchr(banner, '-') : NULL;

	dash = dash ? strchr(dash + 1, '-') : NULL;
	if (dash)
		channel_clean(c->server, sizeof c->server, dash + 1, strlen(dash + 1));
}

/* a channel_refusal, or -1 */
static int handshake(struct ssh2 *s, struct channel *c)
{
	const char *missing;
	int rc;

	while ((rc = libssh2_session_handshake(s->session, s->fd)) == LIBSSH2_ERROR_EAGAIN)
		if (ssh2_wait(s))
			return -1;
	note_server(s, c);
	if (rc == 0) {
		debug("%s: host key %s, cipher %s, MAC %s", c->server,
		      libssh2_session_methods(s->session, LIBSSH2_METHOD_HOSTKEY),
		      libssh2_session_methods(s->session, LIBSSH2_METHOD_CRYPT_CS),
		      libssh2_session_methods(s->session, LIBSSH2_METHOD_MAC_CS));
		return CHANNEL_OPEN;
	}
	missing = ssh2_not_shared(s, rc);
	if (!missing)
		return ssh2_lost(s, "ssh handshake");
	fail(ERR_SYS, "libssh2 %s and the server (%s) share no %s%s: allow one there, or use "
	     "--ssh-program ssh", libssh2_version(0), c->server, missing,
	     ssh2_is_modern() ? "" : "; it lacks rsa-sha2, AES-GCM, ChaCha20 and "
	     "encrypt-then-MAC");
	return CHANNEL_NO_ALGORITHM;
}

/* the server's key; -1 when it has shown none, which cannot be after a good handshake */
static int server_key(struct ssh2 *s, const uint8_t **key, size_t *len,
		      char fingerprint[HOSTKEY_FINGERPRINT])
{
	int type;

	*key = (const uint8_t *)libssh2_session_hostkey(s->session, len, &type);
	if (!*key)
		return ssh2_lost(s, "host key");
	return hostkey_fingerprint(*key, *len, fingerprint);
}

static int fail_unknown(const struct hostkey_search *search, const struct hostkey_found *found,
			const char *type, const char *fingerprint)
{
	char port[16] = "";

	if (search->port != SSH_PORT)
		snprintf(port, sizeof port, "-p %u ", search->port);
	return fail(ERR_SYS, "%s: host key is not known: %s %s: check it, then ssh-keyscan "
		    "%s%s >>%s, or use --host-key SHA256:...", search->host, type, fingerprint,
		    port, search->host, found->file);
}

/* types: what known_hosts has for the host */
static int check_known(struct ssh2 *s, const struct hostkey_search *search, unsigned types)
{
	char fingerprint[HOSTKEY_FINGERPRINT];
	struct hostkey_found found;
	const uint8_t *key;
	const char *type;
	size_t len;

	if (server_key(s, &key, &len, fingerprint) ||
	    hostkey_judge(search, key, len, &found))
		return -1;
	type = hostkey_type_name(hostkey_type(key, len));
	switch (found.verdict) {
	case HOSTKEY_KNOWN:
		return CHANNEL_OPEN;
	case HOSTKEY_REVOKED:
		return fail(ERR_SYS, "%s: host key %s %s is revoked by %s line %u: do not "
			    "trust this server", search->host, type, fingerprint,
			    found.file, found.line);
	case HOSTKEY_CHANGED:
		return fail(ERR_SYS, "%s: host key has changed: now %s %s, but %s line %u has "
			    "another: replace that line only if you know why, or use "
			    "--host-key SHA256:...", search->host, type, fingerprint,
			    found.file, found.line);
	case HOSTKEY_UNKNOWN:
		break;
	}
	fail_unknown(search, &found, type, fingerprint);
	if (!(types & HOSTKEY_RSA) || ssh2_is_modern())
		return -1;
	/* the server can prove the one that is known, but not to this library */
	fail(ERR_SYS, "%s: only its RSA host key is known, and libssh2 %s cannot check that "
	     "(no rsa-sha2): its other key is %s %s: check and add it to %s, or use "
	     "--ssh-program ssh", search->host, libssh2_version(0), type, fingerprint,
	     found.file);
	return CHANNEL_NO_ALGORITHM;
}

static int shake_known(struct ssh2 *s, struct channel *c)
{
	const struct target *t = c->target;
	const struct hostkey_search search = {
		.file = c->options->known_hosts,
		.host = t->host,
		.port = t->port ? t->port : SSH_PORT,
	};
	unsigned types;
	int rc;

	if (hostkey_types(&search, &types) || ssh2_dial(s, t, c->options) ||
	    ssh2_prefer(s, types, false))
		return -1;
	rc = handshake(s, c);
	return rc == CHANNEL_OPEN ? check_known(s, &search, types) : rc;
}

/* a server has a key of each type and shows one: ask until it is the one that is pinned */
static int shake_pinned(struct ssh2 *s, struct channel *c)
{
	char fingerprint[HOSTKEY_FINGERPRINT], first[HOSTKEY_FINGERPRINT] = "";
	const char *pin = c->options->host_key, *first_type = "";
	unsigned left = HOSTKEY_ALL, type = HOSTKEY_ALL;
	const uint8_t *key;
	size_t len;
	int rc;

	if (!hostkey_pin_valid(pin))
		return fail(ERR_USAGE, "--host-key: not SHA256: and 43 characters of base64");
	while (left && type) {
		if (ssh2_dial(s, c->target, c->options) || ssh2_prefer(s, left, true))
			return -1;
		rc = handshake(s, c);
		if (rc == CHANNEL_NO_ALGORITHM && first[0])
			break;		/* it has no key of another type */
		if (rc)
			return rc;
		if (server_key(s, &key, &len, fingerprint))
			return -1;
		if (hostkey_pin_matches(pin, fingerprint))
			return CHANNEL_OPEN;
		type = hostkey_type(key, len);
		if (!first[0]) {
			memcpy(first, fingerprint, sizeof first);
			first_type = hostkey_type_name(type);
		}
		left &= ~type;
		ssh2_drop(s);
	}
	if (!ssh2_is_modern() && (left & HOSTKEY_RSA)) {
		fail(ERR_SYS, "%s: --host-key is not its %s key %s; if it is its RSA key, "
		     "libssh2 %s cannot check that (no rsa-sha2): pin another, or use "
		     "--ssh-program ssh", c->target->host, first_type, first,
		     libssh2_version(0));
		return CHANNEL_NO_ALGORITHM;
	}
	return fail(ERR_SYS, "%s: host key is not the one of --host-key, but %s %s, and it "
		    "has no other that is: do not trust this server, or mend --host-key",
		    c->target->host, first_type, first);
}

int ssh2_shake(struct ssh2 *s, struct channel *c)
{
	return c->options->host_key ? shake_pinned(s, c) : shake_known(s, c);
}
