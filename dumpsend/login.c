/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <openssl/crypto.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "err.h"
#include "hostkey.h"
#include "login-ask.h"
#include "login-key.h"
#include "login.h"
#include "say.h"

enum { PASSPHRASE_SIZE = 256, PASSPHRASE_TRIES = 3 };

/* where keys lie when none is named: the user's own, and those that kdump scripts make */
static const char *const usual_keys[] = {
	"~/.ssh/id_ed25519",
	"~/.ssh/id_ecdsa",
	"~/.ssh/id_rsa",
	"/root/.ssh/kdump_id_ed25519",
	"/root/.ssh/kdump_id_ecdsa",
	"/root/.ssh/kdump_id_rsa",
};

void login_note(struct login *l, const char *name, const char *what)
{
	size_t used = strlen(l->tried), left = sizeof l->tried - used;
	int n = snprintf(l->tried + used, left, "%s%s%s%s%s", used > 0 ? ", " : "", name,
			 what ? " (" : "", what ? what : "", what ? ")" : "");

	/* too many to name: only whole ones */
	if (n < 0 || (size_t)n >= left)
		l->tried[used] = '\0';
}

int login_result(struct login *l, int rc)
{
	if (rc == 0)
		return 1;
	/* a server that has seen enough keys hangs up: that is an answer */
	if (ssh2_is_lost(l->ssh, rc) && strstr(l->ssh->bye, "uthentication"))
		return fail(ERR_SYS, "login as %s: the server says: %s: name the one key to "
			    "use with --identity (tried %s)", l->user, l->ssh->bye,
			    l->tried);
	if (ssh2_is_lost(l->ssh, rc))
		return ssh2_lost(l->ssh, "login");
	return 0;
}

/* offer one key: 1, 0 or -1 */
static int offer(struct login *l, const char *path, const struct key *k,
		 const char *passphrase)
{
	bool rsa = key_type(k, passphrase) == HOSTKEY_RSA;
	int rc;

	while ((rc = libssh2_userauth_publickey_frommemory(l->ssh->session, l->user,
			strlen(l->user), NULL, 0, k->text, k->len, passphrase)) ==
	       LIBSSH2_ERROR_EAGAIN)
		if (ssh2_wait(l->ssh))
			return -1;
	if (rc == LIBSSH2_ERROR_AUTHENTICATION_FAILED ||
	    rc == LIBSSH2_ERROR_PUBLICKEY_UNVERIFIED) {
		l->count++;
		l->rsa |= rsa;
		login_note(l, path, NULL);
	} else if (rc && !ssh2_is_lost(l->ssh, rc)) {
		login_note(l, path, passphrase ? "wrong passphrase" :
			   "not a key that libssh2 can read");
	}
	return login_result(l, rc);
}

/* is this the passphrase? Asking libcrypto would do for PEM only: libssh2 tries it */
static int offer_encrypted(struct login *l, const char *path, const struct key *k,
			   bool interactive)
{
	char question[256], passphrase[PASSPHRASE_SIZE];
	int rc = 0;

	if (!interactive) {
		login_note(l, path, "needs a passphrase");
		return 0;
	}
	snprintf(question, sizeof question, "%s: passphrase for %s: ", say_name, path);
	for (int i = 0; i < PASSPHRASE_TRIES && rc == 0; i++) {
		size_t noted = strlen(l->tried);
		unsigned count = l->count;
		uint64_t asked = clock_ms();

		rc = ask_secret(question, passphrase, sizeof passphrase);
		l->ssh->deadline_ms += clock_ms() - asked;
		if (rc == 0) {
			login_note(l, path, "no passphrase");
			break;
		}
		if (rc > 0)
			rc = offer(l, path, k, passphrase);
		OPENSSL_cleanse(passphrase, sizeof passphrase);
		if (l->count > count)
			break;		/* decrypted, and refused by the server */
		if (rc == 0 && i + 1 < PASSPHRASE_TRIES)
			l->tried[noted] = '\0';
	}
	OPENSSL_cleanse(passphrase, sizeof passphrase);
	return rc;
}

/* needed: the user has named it, so say what is wrong with it. 1, 0 or -1 */
static int try_file(struct login *l, const char *path, bool needed, bool interactive)
{
	struct key k;
	int rc = key_load(&k, path);

	if (rc == 0) {
		if (needed)
			login_note(l, path, "no such file");
		return 0;
	}
	if (rc < 0) {
		debug("%s: %s", path, err_text());
		login_note(l, path, err_text());
		return 0;
	}
	/* ssh refuses it; in an initramfs its mode protects nothing, and a dump is lost */
	if (k.exposed)
		warn("%s: others can read this private key: chmod 600 it", path);
	rc = k.encrypted ? offer_encrypted(l, path, &k, interactive) :
		offer(l, path, &k, NULL);
	key_close(&k);
	return rc;
}

static int try_usual(struct login *l, bool interactive)
{
	const char *home = getenv("HOME");
	char path[256];
	int rc = login_agent(l);

	if (!home || !*home)
		home = "/root";
	for (size_t i = 0; i < sizeof usual_keys / sizeof usual_keys[0] && rc == 0; i++) {
		const char *p = usual_keys[i];

		if (p[0] == '~')
			snprintf(path, sizeof path, "%s%s", home, p + 1);
		else
			snprintf(path, sizeof path, "%s", p);
		rc = try_file(l, path, false, interactive);
	}
	return rc;
}

/* an initramfs may have no passwd file */
static const char *local_user(void)
{
	const struct passwd *pw = getpwuid(getuid());
	const char *user = pw ? pw->pw_name : getenv("USER");

	return user && *user ? user : getuid() == 0 ? "root" : NULL;
}

static int refused(const struct login *l)
{
	if (l->rsa && !ssh2_is_modern()) {
		fail(ERR_SYS, "login as %s refused: libssh2 %s signs with RSA keys only by way "
		     "of SHA-1, which servers no longer take: use an ed25519 or ecdsa key, or "
		     "--ssh-program ssh (tried %s)", l->user, libssh2_version(0), l->tried);
		return CHANNEL_NO_ALGORITHM;
	}
	if (!l->tried[0])
		return fail(ERR_SYS, "no key to log in with as %s: make one with ssh-keygen -t "
			    "ed25519, and name it with --identity", l->user);
	if (l->count == 0)
		return fail(ERR_SYS, "login as %s: no key can be used: %s: name one with "
			    "--identity", l->user, l->tried);
	return fail(ERR_SYS, "login as %s refused: tried %s: add the public key to that "
		    "account's authorized_keys, or name another with --identity", l->user,
		    l->tried);
}

/* which ways of logging in does the server offer? 1: none is needed; 0; -1 */
static int ask_methods(struct ssh2 *s, const char *user)
{
	char *list, methods[96];

	while (!(list = libssh2_userauth_list(s->session, user, (unsigned)strlen(user)))) {
		if (libssh2_userauth_authenticated(s->session))
			return 1;
		if (libssh2_session_last_errno(s->session) != LIBSSH2_ERROR_EAGAIN)
			return ssh2_lost(s, "login");
		if (ssh2_wait(s))
			return -1;
	}
	if (strstr(list, "publickey"))
		return 0;
	channel_clean(methods, sizeof methods, list, strlen(list));
	return fail(ERR_SYS, "login as %s: the server takes no keys, only %s: allow "
		    "publickey there", user, methods[0] ? methods : "nothing");
}

int login(struct ssh2 *s, const struct channel *c)
{
	const struct store_options *o = c->options;
	struct login l = { .ssh = s, .user = c->target->user };
	int rc;

	if (!l.user)
		l.user = local_user();
	if (!l.user)
		return fail(ERR_USAGE, "no user name: write ssh://USER@%s/...", c->target->host);
	rc = ask_methods(s, l.user);
	if (rc == 0 && o->identities && o->identities[0]) {
		for (size_t i = 0; o->identities[i] && rc == 0; i++)
			rc = try_file(&l, o->identities[i], true, o->interactive);
	} else if (rc == 0) {
		rc = try_usual(&l, o->interactive);
	}
	if (rc < 0)
		return -1;
	return rc > 0 ? CHANNEL_OPEN : refused(&l);
}
