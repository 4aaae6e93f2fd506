/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Processes and their ends. The stack is the process's own: a forked child
 * does not have it (init.c), a program that replaces itself loses it.
 *
 * vfork is fork: its child would run on our memory and our stack, and what it
 * closes there would be closed here.
 */
#include "shim.h"

EXPORT pid_t vfork(void)
{
	return real(fork)();
}

EXPORT pid_t __vfork(void)
{
	return real(fork)();
}

EXPORT pid_t _Fork(void)
{
	pid_t pid = real(_Fork)();

	if (!pid)
		shim_after_bare_fork();
	return pid;
}

EXPORT void _exit(int code)
{
	shim_finish(false);
	real(_exit)(code);
	__builtin_unreachable();
}

EXPORT void _Exit(int code)
{
	_exit(code);
}

/* --- exec -------------------------------------------------------------------------- */

/* The new program would find the number of a socket, but no socket. */
static void look_for_sockets(void)
{
	int fd;

	if (!shim.w)
		return;
	for (fd = 0; fd <= shim.highest; fd++)
		if (fd_kind(fd) == FD_STACK &&
		    !(real(fcntl)(fd, F_GETFD) & FD_CLOEXEC))
			shim_bypassed(BYPASS_EXEC);
	if (shim.bypassed[BYPASS_EXEC])
		shim_say("%s[%d]: exec: its open sockets do not survive",
			 program_invocation_short_name, (int)getpid());
	shim.bypassed[BYPASS_EXEC] = 0;
}

EXPORT int execve(const char *path, char *const argv[], char *const envp[])
{
	look_for_sockets();
	return real(execve)(path, argv, envp);
}

EXPORT int execv(const char *path, char *const argv[])
{
	look_for_sockets();
	return real(execv)(path, argv);
}

EXPORT int execvp(const char *file, char *const argv[])
{
	look_for_sockets();
	return real(execvpe)(file, argv, environ);
}

EXPORT int execvpe(const char *file, char *const argv[], char *const envp[])
{
	look_for_sockets();
	return real(execvpe)(file, argv, envp);
}

EXPORT int fexecve(int fd, char *const argv[], char *const envp[])
{
	look_for_sockets();
	return real(fexecve)(fd, argv, envp);
}

/* --- libraries ---------------------------------------------------------------------- */

/*
 * A library loaded with RTLD_DEEPBIND would call libc past us. The call must
 * stay the last thing done here, so that it is a jump and libc sees the
 * program, whose RUNPATH counts, as its caller.
 */
EXPORT void *dlopen(const char *file, int mode)
{
	return real(dlopen)(file, mode & ~RTLD_DEEPBIND);
}
