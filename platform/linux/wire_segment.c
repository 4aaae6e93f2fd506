/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * See wire_segment.h. Creation, attaching and leaving happen under flock on
 * the shared file, which the kernel releases when a process dies; traffic
 * takes no lock of the system.
 *
 * A process is known by its number and its start time (field 22 of
 * /proc/PID/stat), since numbers come again.
 */
#include "platform/linux/wire_segment.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <linux/futex.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define FD_FIRST	500	/* programs expect the low numbers free */

static int fail(char *err, size_t room, const char *name, const char *what,
		int code)
{
	if (err && room)
		snprintf(err, room, "wire:%s: %s%s%s", name, what,
			 code ? ": " : "", code ? strerror(code) : "");
	return code ? -code : -EINVAL;
}

/* Moves fd out of the program's way. */
static int fd_high(int fd)
{
	int high;

	if (fd < 0 || fd >= FD_FIRST)
		return fd;
	high = fcntl(fd, F_DUPFD_CLOEXEC, FD_FIRST);
	if (high < 0)
		return fd;
	close(fd);
	return high;
}

/* --- who is who ----------------------------------------------------------------- */

/* 0: no such process. */
static u64 process_start(s32 pid)
{
	char path[32], text[512], *p;
	ssize_t n;
	int fd, field;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return 0;
	text[n] = 0;
	p = strrchr(text, ')');		/* the name may hold anything */
	for (field = 2; p && field < 22; field++)
		p = strchr(p + 1, ' ');
	return p ? strtoull(p, NULL, 10) : 0;
}

static bool owner_alive(void *arg, const struct wire_port_shm *owner)
{
	s32 pid = READ_ONCE(owner->pid);

	if (pid <= 0 || (kill(pid, 0) && errno == ESRCH))
		return false;
	return process_start(pid) == READ_ONCE(owner->start_time);
}

static void reclaim_dead(struct wire_shm *shm)
{
	u32 used = wire_ports_in_use(shm), i;

	for (i = 0; i < WIRE_MAX_PORTS; i++)
		if (used & 1u << i && !owner_alive(NULL, &shm->port[i]))
			wire_reclaim(shm, i);
}

/* --- doorbells --------------------------------------------------------------------- */

static int fifo_path(const struct wire_segment *seg, u32 port, char *path,
		     size_t room)
{
	int n = snprintf(path, room, "%s/%s.%u", seg->fifo_dir, seg->name, port);

	return n < 0 || (size_t)n >= room ? -ENAMETOOLONG : 0;
}

/* O_RDWR: opening and writing never wait for the other side. */
static int fifo_open(struct wire_segment *seg, u32 port)
{
	char path[2 * WIRE_PATH_MAX];
	int fd;

	if (seg->shm_fd < 0 || fifo_path(seg, port, path, sizeof(path)))
		return -1;
	fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
	return fd_high(fd);
}

static void ring_fifo(struct wire_segment *seg, u32 port)
{
	int fd = __atomic_load_n(&seg->fifo[port], __ATOMIC_ACQUIRE), none = -1;
	ssize_t n;

	if (fd < 0) {
		fd = fifo_open(seg, port);
		if (fd < 0)
			return;
		if (!__atomic_compare_exchange_n(&seg->fifo[port], &none, fd,
						 false, __ATOMIC_ACQ_REL,
						 __ATOMIC_ACQUIRE)) {
			close(fd);
			fd = none;
		}
	}
	n = write(fd, "", 1);		/* full: readable already */
	(void)n;
}

static void seg_wake(void *arg, u32 port, u32 *word, u32 how)
{
	int saved = errno;

	if (how & HW_LINK_FUTEX)
		syscall(SYS_futex, word, FUTEX_WAKE, INT32_MAX, NULL, NULL, 0);
	if (how & HW_LINK_FD)
		ring_fifo(arg, port);
	errno = saved;
}

static ktime_t seg_now(void *arg)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

static int seg_fd(void *arg)
{
	struct wire_segment *seg = arg;

	return seg->fifo[seg->port.index];
}

static void seg_drain(void *arg)
{
	char buf[256];
	int fd = seg_fd(arg), saved = errno;

	while (fd >= 0 && read(fd, buf, sizeof(buf)) == sizeof(buf))
		;
	errno = saved;
}

/* Takes the memory now, so that a full /dev/shm is an error and no signal. */
static int seg_reserve(void *arg, size_t off, size_t len)
{
	struct wire_segment *seg = arg;
	int saved = errno, r;

	if (seg->shm_fd < 0)
		return 0;
	r = fallocate(seg->shm_fd, 0, (off_t)off, (off_t)len) ? -errno : 0;
	errno = saved;
	return r == -EOPNOTSUPP ? 0 : r;
}

static struct wire_os seg_os(struct wire_segment *seg)
{
	return (struct wire_os){
		.wake = seg_wake, .now = seg_now, .alive = owner_alive,
		.reserve = seg_reserve, .fd = seg_fd, .drain = seg_drain,
		.arg = seg,
	};
}

/* --- the shared file ------------------------------------------------------------------ */

static bool name_ok(const char *name)
{
	size_t n = strlen(name);

	return n && n <= WIRE_NAME_MAX && name[0] != '.' &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			    "0123456789._-") == n;
}

static void seg_init(struct wire_segment *seg, const char *name)
{
	u32 i;

	memset(seg, 0, sizeof(*seg));
	seg->shm_fd = -1;
	for (i = 0; i < WIRE_MAX_PORTS; i++)
		seg->fifo[i] = -1;
	snprintf(seg->name, sizeof(seg->name), "%s", name);
	snprintf(seg->shm_path, sizeof(seg->shm_path), "/dev/shm/weir-%u-%s",
		 getuid(), name);
	snprintf(seg->fifo_dir, sizeof(seg->fifo_dir), "/dev/shm/weir-%u.d",
		 getuid());
}

/* Mine and nobody else's? Files in /dev/shm may have been put there. */
static bool is_private(int fd, mode_t type)
{
	struct stat st;

	return !fstat(fd, &st) && (st.st_mode & S_IFMT) == type &&
	       st.st_uid == getuid() && !(st.st_mode & 077);
}

static bool still_named(int fd, const char *path)
{
	struct stat a, b;

	return !fstat(fd, &a) && !stat(path, &b) && a.st_ino == b.st_ino &&
	       a.st_dev == b.st_dev;
}

/* The file, locked. The last one to leave may unlink it between open and
 * flock: then it is opened again. */
static int open_locked(struct wire_segment *seg, char *err, size_t room)
{
	int fd, tries;

	for (tries = 0; tries < 100; tries++) {
		fd = open(seg->shm_path, O_RDWR | O_CREAT | O_CLOEXEC |
			  O_NOFOLLOW, 0600);
		if (fd < 0)
			return fail(err, room, seg->name, seg->shm_path, errno);
		fd = fd_high(fd);
		if (!is_private(fd, S_IFREG)) {
			close(fd);
			return fail(err, room, seg->name,
				    "file in /dev/shm is not private", EACCES);
		}
		if (!flock(fd, LOCK_EX) && still_named(fd, seg->shm_path))
			return fd;
		close(fd);
	}
	return fail(err, room, seg->name, "cannot lock the segment", EBUSY);
}

static int create_file(struct wire_segment *seg, char *err, size_t room)
{
	size_t size = wire_size(WIRE_MAX_PORTS, WIRE_RING_BYTES);

	if (ftruncate(seg->shm_fd, (off_t)size))
		return fail(err, room, seg->name, "cannot size the segment",
			    errno);
	if (seg_reserve(seg, 0, wire_header_bytes(WIRE_MAX_PORTS)))
		return fail(err, room, seg->name, "/dev/shm is full", ENOSPC);
	seg->size = size;
	return 0;
}

static int map_file(struct wire_segment *seg, char *err, size_t room)
{
	struct stat st;
	bool fresh;
	int r;

	if (fstat(seg->shm_fd, &st))
		return fail(err, room, seg->name, "fstat", errno);
	seg->size = (size_t)st.st_size;
	fresh = !seg->size;
	r = fresh ? create_file(seg, err, room) : 0;
	if (r)
		return r;
	seg->mem = mmap(NULL, seg->size, PROT_READ | PROT_WRITE, MAP_SHARED,
			seg->shm_fd, 0);
	if (seg->mem == MAP_FAILED) {
		seg->mem = NULL;
		return fail(err, room, seg->name, "mmap", errno);
	}
	/* a creator that died before this left zeroes */
	if (fresh || !((struct wire_shm *)seg->mem)->magic)
		wire_format(seg->mem, seg->size, WIRE_MAX_PORTS,
			    WIRE_RING_BYTES);
	if (!wire_check(seg->mem, seg->size))
		return 0;
	munmap(seg->mem, seg->size);
	seg->mem = NULL;
	return fail(err, room, seg->name,
		    "segment of another version (remove the file in /dev/shm)",
		    EPROTO);
}

static int make_fifo(struct wire_segment *seg, char *err, size_t room)
{
	u32 me = seg->port.index;
	char path[2 * WIRE_PATH_MAX];
	int dir;

	if (mkdir(seg->fifo_dir, 0700) && errno != EEXIST)
		return fail(err, room, seg->name, seg->fifo_dir, errno);
	dir = open(seg->fifo_dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
		   O_CLOEXEC);
	if (dir < 0 || !is_private(dir, S_IFDIR)) {
		if (dir >= 0)
			close(dir);
		return fail(err, room, seg->name,
			    "directory in /dev/shm is not private", EACCES);
	}
	close(dir);
	if (fifo_path(seg, me, path, sizeof(path)))
		return fail(err, room, seg->name, "path", ENAMETOOLONG);
	if (mkfifo(path, 0600) && errno != EEXIST)
		return fail(err, room, seg->name, path, errno);
	seg->fifo[me] = fifo_open(seg, me);
	if (seg->fifo[me] < 0)
		return fail(err, room, seg->name, path, errno);
	seg->fifo_is_mine = true;
	return 0;
}

static int take_port(struct wire_segment *seg, u32 features, char *err,
		     size_t room)
{
	struct wire_os os = seg_os(seg);
	int r;

	r = wire_attach(&seg->port, seg->mem, seg->size, &os, getpid(),
			process_start(getpid()), features);
	if (r == -ENOSPC)
		return fail(err, room, seg->name, "all 16 ports are taken",
			    ENOSPC);
	if (r)
		return fail(err, room, seg->name, "cannot attach", -r);
	return 0;
}

/* --- life --------------------------------------------------------------------------------- */

static void remove_files(struct wire_segment *seg)
{
	char path[2 * WIRE_PATH_MAX];
	u32 i;

	for (i = 0; i < WIRE_MAX_PORTS; i++)
		if (!fifo_path(seg, i, path, sizeof(path)))
			unlink(path);
	rmdir(seg->fifo_dir);		/* stays while others use it */
	unlink(seg->shm_path);
}

void wire_segment_close(struct wire_segment *seg)
{
	bool shared = seg->shm_fd >= 0;
	u32 i;

	if (shared)
		flock(seg->shm_fd, LOCK_EX);
	wire_detach(&seg->port);
	if (shared && seg->mem) {
		reclaim_dead(seg->mem);
		if (!wire_ports_in_use(seg->mem))
			remove_files(seg);
	}
	for (i = 0; i < WIRE_MAX_PORTS; i++)
		if (seg->fifo[i] >= 0)
			close(seg->fifo[i]);
	if (seg->mem && seg->size)
		munmap(seg->mem, seg->size);
	if (shared) {
		flock(seg->shm_fd, LOCK_UN); /* a forked child may keep it open */
		close(seg->shm_fd);
	}
	seg->mem = NULL;
	seg->shm_fd = -1;
}

int wire_segment_open(struct wire_segment *seg, const char *name, u32 features,
		      char *err, size_t room)
{
	int r;

	if (!name_ok(name))
		return fail(err, room, name,
			    "name must be 1 to 32 of A-Z a-z 0-9 . _ -", 0);
	seg_init(seg, name);
	r = open_locked(seg, err, room);
	if (r < 0)
		return r;
	seg->shm_fd = r;
	r = map_file(seg, err, room);
	if (r) {
		close(seg->shm_fd);
		seg->shm_fd = -1;
		return r;
	}
	reclaim_dead(seg->mem);
	r = take_port(seg, features, err, room);
	if (!r)
		r = make_fifo(seg, err, room);
	if (r)
		wire_segment_close(seg);
	else
		flock(seg->shm_fd, LOCK_UN);
	return r;
}

int wire_segment_anonymous(struct wire_segment *first, u32 features, char *err,
			   size_t room)
{
	int r;

	seg_init(first, "");
	first->size = wire_size(WIRE_MAX_PORTS, WIRE_RING_BYTES);
	first->mem = mmap(NULL, first->size, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (first->mem == MAP_FAILED) {
		first->mem = NULL;
		return fail(err, room, "", "mmap", errno);
	}
	wire_format(first->mem, first->size, WIRE_MAX_PORTS, WIRE_RING_BYTES);
	r = take_port(first, features, err, room);
	if (r)
		wire_segment_close(first);
	return r;
}

int wire_segment_join(struct wire_segment *seg, struct wire_segment *first,
		      u32 features, char *err, size_t room)
{
	int r;

	seg_init(seg, "");
	seg->mem = first->mem;
	seg->size = first->size;
	r = take_port(seg, features, err, room);
	seg->size = 0;			/* the memory is not ours to unmap */
	return r;
}
