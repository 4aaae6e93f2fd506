/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The stack's life in the program: settings kept from the start (programs
 * overwrite their environment), the stack made when first needed, flushed
 * and taken down at the end.
 *
 * An address can be on a wire once. Whoever makes a stack holds the name
 * weir/LINK/ADDR, so that a child which would come with its parent's address
 * is told so, instead of two stations that answer alike.
 */
#include "shim.h"

#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

struct shim shim;
_Thread_local struct shim_thread shim_self
	__attribute__((tls_model("initial-exec"), visibility("hidden")));

static const char *const setting_names[] = {
	"WEIR_LINK", "WEIR_ADDR", "WEIR_GW", "WEIR_SET", "WEIR_FEATURE",
	"WEIR_TRACE",
	"WEIR_TRACE_RECORDS", "WEIR_PCAP", "WEIR_STATS", "WEIR_NAME",
	"WEIR_DNS", "WEIR_LINGER_MS", "WEIR_QUIET",
};
#define NR_SETTINGS	(sizeof(setting_names) / sizeof(setting_names[0]))

static char *settings[NR_SETTINGS];
static bool settings_read;
static pthread_mutex_t making = PTHREAD_MUTEX_INITIALIZER;
static bool finished;
static int making_failed;		/* errno: said already, not tried again */

static const char *const bypass_names[BYPASS_MAX] = {
	[BYPASS_FORK] = "sockets of the parent used after fork",
	[BYPASS_EXEC] = "exec with open sockets",
	[BYPASS_NETLINK] = "netlink",
	[BYPASS_PASSED] = "sockets sent to other processes",
};

void shim_say(const char *fmt, ...)
{
	char line[512] = "weir: ";
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line + 6, sizeof(line) - 8, fmt, ap);
	va_end(ap);
	n = n < 0 ? 6 : n > (int)sizeof(line) - 9 ? (int)sizeof(line) - 2 : n + 6;
	line[n++] = '\n';
	(void)!real(write)(2, line, (size_t)n);
}

static void read_settings(void)
{
	size_t i;

	for (i = 0; i < NR_SETTINGS; i++) {
		const char *v = getenv(setting_names[i]);

		settings[i] = v && *v ? strdup(v) : NULL;
	}
	settings_read = true;
}

const char *shim_setting(const char *name)
{
	size_t i;

	if (!settings_read)
		read_settings();
	for (i = 0; i < NR_SETTINGS; i++)
		if (!strcmp(setting_names[i], name))
			return settings[i];
	return NULL;
}

void shim_bypassed(enum bypass how)
{
	if (__atomic_fetch_add(&shim.bypassed[how], 1, __ATOMIC_RELAXED) ||
	    how != BYPASS_FORK || shim_setting("WEIR_QUIET"))
		return;
	shim_say("%s[%d]: sockets made before fork are the parent's; let the "
		 "program stay in the foreground, in one process",
		 program_invocation_short_name, (int)getpid());
}

/* --- making it ---------------------------------------------------------------- */

/* Length of the n-th line of `lines` in *len; NULL: there is none. */
static const char *nth_line(const char *lines, int n, size_t *len)
{
	for (; lines && *lines; n--) {
		*len = strcspn(lines, "\n");
		if (!n)
			return lines;
		lines += *len + (lines[*len] == '\n');
	}
	return NULL;
}

static bool copy_line(const char *setting, int n, char *to, size_t room)
{
	size_t len;
	const char *line = nth_line(shim_setting(setting), n, &len);

	if (!line)
		return false;
	if (len >= room)
		len = room - 1;
	memcpy(to, line, len);
	to[len] = '\0';
	return true;
}

/* 0, or -EADDRINUSE: another process has the address on that link. The
 * descriptor stays open as long as the process. */
static int claim_address(const char *link, const char *addr)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd, high, n;

	n = snprintf(sa.sun_path + 1, sizeof(sa.sun_path) - 1, "weir/%.*s/%s",
		     (int)strcspn(link, ","), link, addr);
	if (n < 0 || n >= (int)sizeof(sa.sun_path) - 1)
		return 0;
	fd = real(socket)(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	high = real(fcntl)(fd, F_DUPFD_CLOEXEC, 200);
	if (high >= 0) {
		real(close)(fd);
		fd = high;
	}
	if (!real(bind)(fd, (struct sockaddr *)&sa, (socklen_t)
			(offsetof(struct sockaddr_un, sun_path) + 1 + n))) {
		shim_set_kind(fd, FD_OWN);
		return 0;
	}
	n = -errno;
	real(close)(fd);
	return n == -EADDRINUSE ? n : 0;
}

/* "gro=off", one per line. */
static int apply_features(struct weir *w, const char *dev, char *err,
			  size_t errlen)
{
	char line[128], *value;
	int i, ret;

	for (i = 0; copy_line("WEIR_FEATURE", i, line, sizeof(line)); i++) {
		value = strchr(line, '=');
		if (!value)
			continue;
		*value++ = '\0';
		ret = weir_feature_set(w, dev, line, !strcmp(value, "on"), err,
				       errlen);
		if (ret < 0)
			return ret;
	}
	return 0;
}

static int add_links(struct weir *w, char *err, size_t errlen)
{
	char link[256], addr[64], dev[16];
	int i, ret;

	for (i = 0; copy_line("WEIR_LINK", i, link, sizeof(link)); i++) {
		bool has_addr = copy_line("WEIR_ADDR", i, addr, sizeof(addr));

		if (has_addr && claim_address(link, addr)) {
			snprintf(err, errlen, "%.60s on %.80s belongs to the stack of "
				 "another process; give each program that uses "
				 "the network its own --addr", addr, link);
			return -EADDRINUSE;
		}
		ret = weir_link_add(w, link, err, errlen);
		if (ret < 0)
			return ret;
		snprintf(dev, sizeof(dev), "eth%d", i);
		ret = has_addr ? weir_addr_add(w, dev, addr, err, errlen) : 0;
		if (!ret)
			ret = apply_features(w, dev, err, errlen);
		if (ret)
			return ret;
	}
	return 0;
}

static int apply_sets(struct weir *w, char *err, size_t errlen)
{
	char line[256], *value;
	int i, ret;

	for (i = 0; copy_line("WEIR_SET", i, line, sizeof(line)); i++) {
		value = strchr(line, '=');
		if (!value)
			continue;
		*value++ = '\0';
		ret = weir_sysctl_set(w, line, value, err, errlen);
		if (ret < 0)
			return ret;
	}
	return 0;
}

static int configure(struct weir *w, char *err, size_t errlen)
{
	const char *gw = shim_setting("WEIR_GW");
	int ret = add_links(w, err, errlen);

	if (!ret)
		ret = apply_sets(w, err, errlen);
	if (!ret && gw)
		ret = weir_route_add(w, "default", gw, NULL, err, errlen);
	return ret;
}

/* Two processes of one `weir run`: the second writes FILE.PID. */
static const char *own_file(const char *setting, char *room, size_t n)
{
	const char *path = shim_setting(setting);

	if (!path || access(path, F_OK))
		return path;
	snprintf(room, n, "%s.%d", path, (int)getpid());
	return room;
}

static int make_stack(void)
{
	char err[256] = "", trace[4096], pcap[4096];
	const char *name = shim_setting("WEIR_NAME");
	const char *records = shim_setting("WEIR_TRACE_RECORDS");
	struct weir_options o = {
		.name = name ? name : program_invocation_short_name,
		.fd_ops = &shim_fd_ops,
	};
	struct weir *w;
	int ret;

	o.trace_file = own_file("WEIR_TRACE", trace, sizeof(trace));
	o.pcap_file = own_file("WEIR_PCAP", pcap, sizeof(pcap));
	if (o.trace_file)
		o.trace_records = records ? (unsigned int)atoi(records) :
				  1u << 16;
	w = weir_create(&o, err, sizeof(err));
	ret = w ? configure(w, err, sizeof(err)) : -ENOMEM;
	if (ret < 0) {
		shim_say("%s[%d]: no network: %s", o.name, (int)getpid(), err);
		if (w)
			weir_destroy(w);
		return ret;
	}
	shim_guard_signals();
	ret = weir_socket(w, AF_INET6, SOCK_DGRAM, 0);
	shim.has_ipv6 = ret >= 0;
	if (ret >= 0)
		weir_close(w, ret);
	__atomic_store_n(&shim.w, w, __ATOMIC_RELEASE);
	return 0;
}

struct weir *shim_stack(void)
{
	struct weir *w = __atomic_load_n(&shim.w, __ATOMIC_ACQUIRE);
	int saved = errno, state;

	if (likely(w))
		return w;
	/* No handler and no cancellation while we hold the lock. */
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
	shim_begin();
	pthread_mutex_lock(&making);
	if (!shim.w && !making_failed && !finished)
		making_failed = -make_stack();
	w = shim.w;
	pthread_mutex_unlock(&making);
	shim_end();
	pthread_setcancelstate(state, &state);
	errno = w ? saved : ENETDOWN;
	return w;
}

/* --- the end -------------------------------------------------------------------- */

static void tell_bypassed(void)
{
	char list[256] = "";
	unsigned int total = 0;
	size_t at = 0;
	int i;

	for (i = 0; i < BYPASS_MAX; i++) {
		if (!shim.bypassed[i] || at >= sizeof(list))
			continue;
		total += shim.bypassed[i];
		at += (size_t)snprintf(list + at, sizeof(list) - at, "%s%s: %u",
				       at ? ", " : "", bypass_names[i],
				       shim.bypassed[i]);
	}
	if (total && !shim_setting("WEIR_QUIET"))
		shim_say("%u call%s bypassed the stack (%s)", total,
			 total == 1 ? "" : "s", list);
	memset(shim.bypassed, 0, sizeof(shim.bypassed));
}

/* Only this thread and the stack's own are left: nobody is inside. */
static bool alone(void)
{
	DIR *d = opendir("/proc/self/task");
	int n = 0, known = 3;		/* this one, ksoftirqd, the guard */

	if (!d)
		return false;
	while (readdir(d))
		n++;
	closedir(d);
	return n - 2 <= known;		/* "." and ".." */
}

static void close_all(struct weir *w)
{
	int fd, top = __atomic_load_n(&shim.highest, __ATOMIC_RELAXED);

	for (fd = 0; fd <= top; fd++)
		if (fd_kind(fd) == FD_STACK)
			weir_close(w, fd);
}

/* A kernel's sockets outlive their process: what was written still goes out.
 * Without `free_all` nothing is allocated or freed: _exit() is also called from
 * handlers. The other stations then find out by themselves that we are gone. */
void shim_finish(bool free_all)
{
	struct weir *w = __atomic_load_n(&shim.w, __ATOMIC_ACQUIRE);

	if (__atomic_exchange_n(&finished, true, __ATOMIC_SEQ_CST))
		return;
	shim_self.ends_process = true;
	shim_self.depth++;		/* no handler runs from here on */
	if (w) {
		__atomic_store_n(&shim.exiting, true, __ATOMIC_SEQ_CST);
		close_all(w);
		shim_linger(w);
		if (shim_setting("WEIR_STATS"))
			shim_stats(w);
		__atomic_store_n(&shim.w, NULL, __ATOMIC_SEQ_CST);
		if (free_all && alone())
			weir_destroy(w);
		else
			weir_flush(w);
	}
	tell_bypassed();
}

/* --- process ---------------------------------------------------------------------- */

static void before_fork(void)
{
	pthread_mutex_lock(&making);
}

static void after_fork_parent(void)
{
	pthread_mutex_unlock(&making);
}

static void release_own(int fd)
{
	shim.kind[fd] = FD_HOST;
	real(close)(fd);
}

/* The stack's threads are the parent's. Its sockets are known, and dead. */
static void after_fork_child(void)
{
	int fd;

	pthread_mutex_unlock(&making);
	shim_self = (struct shim_thread){ 0 };
	memset(shim.bypassed, 0, sizeof(shim.bypassed));
	shim_signals_after_fork();
	shim_epolls_after_fork();
	shim_streams_after_fork();
	if (!shim.w)
		return;
	weir_after_fork_child(shim.w);
	shim.w = NULL;
	shim.exiting = finished = false;
	for (fd = 0; fd <= shim.highest; fd++)
		if (shim.kind[fd] == FD_STACK)
			shim.kind[fd] = FD_DEAD;
		else if (shim.kind[fd] == FD_OWN)
			release_own(fd);
}

void shim_after_bare_fork(void)
{
	(void)pthread_mutex_trylock(&making);
	after_fork_child();
}

static void finish_quickly(void)
{
	shim_finish(false);
}

static __attribute__((constructor)) void shim_start(void)
{
	if (!settings_read)
		read_settings();
	pthread_atfork(before_fork, after_fork_parent, after_fork_child);
	(void)at_quick_exit(finish_quickly);
}

static __attribute__((destructor)) void shim_stop(void)
{
	shim_flush_streams();
	shim_finish(true);
}
