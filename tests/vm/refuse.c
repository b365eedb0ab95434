/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * refuse - run a program for which a system call that loads kernels fails
 *
 * usage: refuse CALL ERRNO PROGRAM [ARGUMENT...]
 *
 * CALL is file (kexec_file_load), panic (the same, but for panic kernels only, so that a
 * rehearsal succeeds), classic (kexec_load) or both; ERRNO is a number. The kernel
 * answers without doing anything, so whatever panic kernel is loaded stays. Everything
 * else the program does is real. x86_64 only.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/kexec.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { NEVER = -1 };

/* the low half of the flags of kexec_file_load */
static const unsigned flags_at = offsetof(struct seccomp_data, args[4]);

int main(int argc, char *argv[])
{
	const char *which = argc > 3 ? argv[1] : "";
	int both = strcmp(which, "both") == 0;
	unsigned char panic = strcmp(which, "panic") == 0;
	int file = both || panic || strcmp(which, "file") == 0;
	int classic = both || strcmp(which, "classic") == 0;

	if (!file && !classic) {
		fprintf(stderr, "usage: refuse file|panic|classic|both ERRNO PROGRAM"
			" [ARGUMENT...]\n");
		return 2;
	}
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)(classic ? SYS_kexec_load : NEVER), 3, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)(file ? SYS_kexec_file_load : NEVER), 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, flags_at),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, KEXEC_FILE_ON_CRASH, 0, panic),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)atoi(argv[2])),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof code / sizeof code[0], code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) {
		perror("refuse: prctl");
		return 1;
	}
	execvp(argv[3], argv + 3);
	perror(argv[3]);
	return 1;
}
