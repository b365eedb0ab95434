/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the errnos come from: kernel/kexec_file.c, kernel/kexec_core.c,
 * fs/kernel_read_file.c, arch/x86/kernel/kexec-bzimage64.c, crypto/asymmetric_keys/
 * (verify_pefile.c, pkcs7_*.c), Linux 6.1 to 7.2. They are told apart by looking, since
 * most have several causes.
 */
#include <errno.h>
#include <string.h>

#include "check.h"
#include "doctor.h"
#include "err.h"
#include "load.h"
#include "machine.h"

static int not_permitted(const struct load *ld, const struct machine *m)
{
	if (check_permission(m))
		return -1;
	if (ld && m->lockdown[0] && strcmp(m->lockdown, "none") != 0)
		return fail(ERR_SYS, "the kernel is locked down (%s) and could not verify"
			    " the signature of %s: use a kernel signed for this"
			    " machine", m->lockdown,
			    ld->kernel);
	return fail(ERR_SYS, "not permitted, although we have CAP_SYS_BOOT: a container"
		    " or a security module forbids it");
}

static int no_memory(const struct load *ld, const struct machine *m)
{
	if (!ld)
		return fail(ERR_MEMORY, "the kernel is out of memory");
	if (m->region.end && m->region.end - m->region.start - ld->fit.used < FIT_SLACK)
		return fail(ERR_SYS, "the reservation has no room left for the kernel's"
			    " own pages: make crashkernel= larger, or the initrd"
			    " smaller");
	return fail(ERR_AGAIN, "the kernel found no memory for its copy of the files:"
		    " free some");
}

static int invalid(const struct load *ld, const struct machine *m)
{
	(void)m;
	if (!ld)
		return fail(ERR_SYS, "the kernel does not know how to unload a panic"
			    " kernel");
	return fail(ERR_SYS, "the kernel takes the command line, or the sizes of the"
		    " files, for invalid: see its log");
}

/* one cause each, whatever the machine */
static const struct {
	int errnum;
	enum err code;
	const char *text;
} causes[] = {
	{ ENOSYS, ERR_SYS, "this kernel lacks kexec_file_load (CONFIG_KEXEC_FILE): load"
	  " with kexec -c -p" },
	{ EBUSY, ERR_AGAIN, "another program is loading or resizing: try again" },
	{ EACCES, ERR_SYS, "a security policy (IMA, or another module) demands a"
	  " signature that these files lack: sign them, or change the policy" },
	{ ENOEXEC, ERR_UNKNOWN, "the kernel does not take this file for a kernel: see its"
	  " log" },
	{ EADDRNOTAVAIL, ERR_SYS, "the reservation is too small or too fragmented: make"
	  " crashkernel= larger, or the initrd smaller" },
	{ EBADF, ERR_SYS, "a file cannot be read by the kernel" },
	{ ETXTBSY, ERR_AGAIN, "a file is open for writing: wait until it is finished" },
	{ EFBIG, ERR_UNKNOWN, "a file is larger than the kernel takes (4 GiB)" },
	{ EIO, ERR_SYS, "reading the files failed: check the disk" },
	{ ELIBBAD, ERR_UNKNOWN, "the kernel image is not a well-formed signed PE file:"
	  " use the distribution's signed kernel" },
	{ ENODATA, ERR_SYS, "the kernel image is not signed, and this machine demands it:"
	  " use the distribution's signed kernel" },
	{ ENOKEY, ERR_SYS, "the kernel image is signed by somebody this machine does not"
	  " trust: enrol the key (mokutil --import)" },
	{ EKEYREJECTED, ERR_SYS, "the signature of the kernel image is wrong or revoked,"
	  " or this kernel cannot verify this format: install the image again" },
	{ ENOPKG, ERR_SYS, "the signature uses an algorithm this kernel was built"
	  " without" },
	{ EBADMSG, ERR_CORRUPT, "the signature of the kernel image is damaged: install it"
	  " again" },
	{ EMSGSIZE, ERR_CORRUPT, "the signature of the kernel image is damaged: install"
	  " it again" },
	{ EOPNOTSUPP, ERR_SYS, "this machine does not support the combination asked"
	  " for" },
	{ EFAULT, ERR_SYS, "bad address: this is a fault of kexec-load, please report"
	  " it" },
};

int doctor_explain(int errnum, const struct load *ld, const struct machine *m)
{
	switch (errnum) {
	case ECANCELED:
		return -1;	/* file_load() said it */
	case EPERM:
		return not_permitted(ld, m);
	case ENOMEM:
		return no_memory(ld, m);
	case EINVAL:
		return invalid(ld, m);
	}
	for (size_t i = 0; i < sizeof causes / sizeof causes[0]; i++)
		if (causes[i].errnum == errnum)
			return fail(causes[i].code, "%s", causes[i].text);
	errno = errnum;
	return fail_sys("kexec_file_load");
}
