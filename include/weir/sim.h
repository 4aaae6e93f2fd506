/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * weir in virtual time: any number of stacks, tasks and links in one thread
 * of one process, under a clock that moves only when nothing is left to do.
 * It is the stack of weir.h, not a model of it. Same seed and same calls:
 * the same frames at the same times, byte for byte.
 *
 *	struct weir_sim *s = weir_sim_create(&(struct weir_sim_options){
 *						.seed = 7 }, err, sizeof(err));
 *	struct weir *a = weir_sim_host(s, "a", NULL, err, sizeof(err));
 *	struct weir *b = weir_sim_host(s, "b", NULL, err, sizeof(err));
 *
 *	weir_sim_link(s, a, b, "rate=10mbit,delay=20ms", err, sizeof(err));
 *	weir_addr_add(a, "eth0", "10.0.0.1/24", err, sizeof(err));
 *	weir_addr_add(b, "eth0", "10.0.0.2/24", err, sizeof(err));
 *	weir_sim_spawn(b, "server", server, NULL);
 *	weir_sim_spawn(a, "client", client, NULL);
 *	weir_sim_run(s, WEIR_SIM_FOREVER);
 *	printf("%016llx\n", weir_sim_hash(s));
 *	weir_sim_destroy(s);
 *
 * A host is a `struct weir`: all calls of weir.h work on it but those that are
 * about a process (weir_destroy, weir_flush, weir_link_add, signals, fork). A
 * task is a C function that uses them on its own host (-EBADF on others); it
 * may block in any. The code between its calls
 * takes no time, unless it says so with weir_sim_compute(). Calls may also be
 * made outside of tasks, by whoever calls weir_sim_run(): one that blocks
 * then runs the world until it is done, so that a test can be written as a
 * plain sequence. Such calls cost no CPU time.
 *
 * CPU time: with a cost table each stage of the packet's way takes its time on
 * the CPU that runs it, hardirq before softirq before task, and whatever waits
 * for that CPU waits. Without one CPUs are infinitely fast.
 *
 * Times are nanoseconds of virtual time. A world belongs to the thread that
 * uses it; several worlds may live in several threads. Nothing here is to be
 * called from a task but what says so. `err` as in weir.h.
 */
#ifndef WEIR_SIM_H
#define WEIR_SIM_H

#include <weir/weir.h>

#ifdef __cplusplus
extern "C" {
#endif

#define WEIR_SIM_FOREVER	INT64_MAX
/* The clock of a new world: not 0, so that 0 can mean "never". */
#define WEIR_SIM_START_NS	(1000 * 1000000000LL)

struct weir_sim;		/* a world */
struct weir_sim_link;
struct weir_sim_switch;
struct weir_sim_port;
struct weir_sim_task;

/* --- the world ------------------------------------------------------------------- */

/* All may be 0/NULL for the default. */
struct weir_sim_options {
	uint64_t seed;
	/* Text of a cost table (docs/costs.md); NULL: infinitely fast CPUs. */
	const char *costs;
	unsigned int trace_records;	/* per CPU; 0: tracing off */
	/* A task that calls this often without time moving on is taken to run
	 * in circles: the run ends with WEIR_SIM_SPIN. 0: 10 million. */
	uint64_t spin_limit;
};

WEIR_API struct weir_sim *weir_sim_create(const struct weir_sim_options *o,
					  char *err, size_t errlen);
/* Ends tasks, hosts and links. Returns the number of objects that somebody
 * forgot to free (0: clean). */
WEIR_API size_t weir_sim_destroy(struct weir_sim *s);

/* What weir_sim_run came back for. */
enum weir_sim_end {
	WEIR_SIM_TIME,		/* `until` is reached */
	WEIR_SIM_DONE,		/* all tasks have returned */
	WEIR_SIM_STUCK,		/* tasks are left, and no event that could wake them */
	WEIR_SIM_SPIN,		/* a task runs in circles, see spin_limit */
	WEIR_SIM_STOPPED,	/* weir_sim_stop(), or called by a task */
};

/* Runs until the clock is at `until` (absolute), or another of the above. */
WEIR_API enum weir_sim_end weir_sim_run(struct weir_sim *s, int64_t until);
/* Runs for `ns` of virtual time whatever the tasks do; their end does not end
 * it. What is due at the end of that time has been done. */
WEIR_API enum weir_sim_end weir_sim_pass(struct weir_sim *s, int64_t ns);
/* From a task or callback: weir_sim_run returns after the present event. */
WEIR_API void weir_sim_stop(struct weir_sim *s);
/* From anywhere. */
WEIR_API int64_t weir_sim_now(const struct weir_sim *s);
/* The time of the next event; WEIR_SIM_FOREVER: there is none. */
WEIR_API int64_t weir_sim_next_event(const struct weir_sim *s);
/* From anywhere: fn(arg) at `when` (absolute; the past is now), outside of all
 * CPUs: it may use weir_sim_* of links, ports and tasks but no call that
 * blocks. 0 or -ENOMEM. */
WEIR_API int weir_sim_at(struct weir_sim *s, int64_t when,
			 void (*fn)(void *arg), void *arg);

/* Of all frames on all links so far: time, link, direction, bytes. */
WEIR_API uint64_t weir_sim_hash(const struct weir_sim *s);

struct weir_sim_stats {
	uint64_t events, switches;	/* handled; coroutine switches */
	uint64_t frames, bytes;		/* put on links */
	uint64_t hosts, links, tasks;	/* that exist; tasks not yet returned */
	uint64_t allocs;		/* of the stacks, so far */
	uint64_t mem_bytes;		/* taken from the system for stacks now */
};
WEIR_API void weir_sim_stats(const struct weir_sim *s, struct weir_sim_stats *st);

/* The n-th allocation of memory by stacks from now on fails (1: the next one);
 * 0: none. Returns what was left to count. From anywhere. */
WEIR_API uint64_t weir_sim_fail_alloc(struct weir_sim *s, uint64_t n);

/* --- hosts ----------------------------------------------------------------------- */

struct weir_sim_host_options {
	unsigned int cpus;		/* 1 */
	/* 1: hash tables and NIC rings for some dozens of connections, in a
	 * tenth of the memory (about 170 KiB with a NIC, instead of 1.7 MiB):
	 * for worlds of thousands of hosts. */
	unsigned int small;
	unsigned int rx_ring, tx_ring;	/* descriptors of its NICs; 256, small
					 * hosts 64 */
	unsigned int stack_bytes;	/* of its tasks' C stacks; 256 KiB */
	int bsd_accounting;		/* interrupts charged to the interrupted task */
};

/* A stack with its loopback device up. NULL with err set on failure. */
WEIR_API struct weir *weir_sim_host(struct weir_sim *s, const char *name,
				    const struct weir_sim_host_options *o,
				    char *err, size_t errlen);
WEIR_API const char *weir_sim_host_name(struct weir *h);
/* By name, or NULL. */
WEIR_API struct weir *weir_sim_find_host(struct weir_sim *s, const char *name);
/* World of a host. From anywhere. */
WEIR_API struct weir_sim *weir_sim_of(struct weir *h);

/* CPU time so far. cpu < 0: of all its CPUs. From anywhere. */
struct weir_sim_cpu_time {
	uint64_t user, sys, softirq, hardirq, ksoftirqd, idle;
};
WEIR_API int weir_sim_cpu_time(struct weir *h, int cpu,
			       struct weir_sim_cpu_time *t);
/*
 * The trace records of a host that were made since the last call, up to n; one
 * CPU's after the other's, each oldest first (a record names its CPU and time).
 * *lost grows by what was overwritten. Needs trace_records. A record is 40
 * bytes as in docs/trace-format.md.
 */
WEIR_API size_t weir_sim_trace(struct weir *h, void *records, size_t n,
			       uint64_t *lost);
/* What stands before the records in a trace file (docs/trace-format.md): its
 * length, which may exceed `room` (then it is cut; one byte more than the
 * length is needed for all of it). */
WEIR_API size_t weir_sim_trace_header(struct weir *h, void *to, size_t room);

/* --- tasks ------------------------------------------------------------------------ */

/* fn runs as a task of h, from now on. NULL: no memory. From anywhere. The
 * handle is good until weir_sim_destroy. */
WEIR_API struct weir_sim_task *weir_sim_spawn(struct weir *h, const char *name,
					      int (*fn)(struct weir *h, void *arg),
					      void *arg);
/* 1 with *ret set when it has returned, 0 when not, -EINTR when it was ended
 * by weir_sim_destroy before it returned. */
WEIR_API int weir_sim_task_done(const struct weir_sim_task *t, int *ret);
/* Blocks until t has returned; its value. In a task or outside. -EDEADLK: no
 * event is left that could make it return. */
WEIR_API int weir_sim_wait(struct weir_sim_task *t);
/* A call in which t is blocked returns -EINTR (or the next that would). */
WEIR_API void weir_sim_signal(struct weir_sim_task *t);
/* Where a task that has not returned is: "sleeps", "runs", "waits for a CPU". */
WEIR_API const char *weir_sim_task_state(const struct weir_sim_task *t);
WEIR_API const char *weir_sim_task_name(const struct weir_sim_task *t);
/* The i-th task of the world, in order of their start; NULL: there is none. */
WEIR_API struct weir_sim_task *weir_sim_task(struct weir_sim *s, size_t i);
WEIR_API uint64_t weir_sim_task_cpu_ns(const struct weir_sim_task *t);

/* Inside a task (or outside, where the world then runs meanwhile). sleep: 0 or
 * -EINTR. compute: takes `ns` of CPU time as user code, interrupts come on
 * top. */
WEIR_API int weir_sim_sleep(struct weir *h, int64_t ns);
WEIR_API void weir_sim_compute(struct weir *h, int64_t ns);
/* Seeded random numbers of the world for whoever uses it. From anywhere. */
WEIR_API uint64_t weir_sim_random(struct weir_sim *s);

/* --- links -------------------------------------------------------------------------- */

/*
 * A link is a full-duplex cable. Its two directions have the same properties
 * unless weir_sim_link_set() says otherwise. `spec` is words with commas:
 *
 *	rate=10mbit	bits/s on the wire: bit kbit mbit gbit; none: no limit
 *	delay=20ms	one way: ns us ms s; 0
 *	jitter=2ms	added or taken, uniformly; frames keep their order
 *	queue=1000	frames that wait for the wire at the sending end; more
 *			are lost. Without it the NIC waits (its ring fills).
 *	loss=1%		each frame by itself; % ppm or a plain fraction
 *	burst=P/R[/H]	Gilbert-Elliott: good -> bad with P, bad -> good with
 *			R; in the bad state a frame is lost with H (100%)
 *	mask=0x14	frames 3 and 5 of this direction from now on are lost
 *			(bit 0: the next one); at most 64 bits
 *	reorder=1%	such a frame overtakes: it has no delay
 *	dup=1% corrupt=0.1%
 *	mtu=1500	of the devices; longer frames are lost
 *	offload		large frames and partial checksums pass whole
 *	cut, heal	partition: all frames are lost; end of it
 *	seed=7		of this link's own faults; else from the world's
 */

/* Puts a NIC (igb on an 82576, "eth0", "eth1", ...) into both hosts, up, with a
 * cable between. NULL with err set. */
WEIR_API struct weir_sim_link *weir_sim_link(struct weir_sim *s, struct weir *a,
					     struct weir *b, const char *spec,
					     char *err, size_t errlen);
/* A learning Ethernet switch, and a NIC of h cabled to one of its ports. */
WEIR_API struct weir_sim_switch *weir_sim_switch(struct weir_sim *s,
						 char *err, size_t errlen);
WEIR_API struct weir_sim_link *weir_sim_plug(struct weir_sim_switch *sw,
					     struct weir *h, const char *spec,
					     char *err, size_t errlen);
/* Name of the device at an end: 0: a (or the host of weir_sim_plug), 1: b, NULL
 * for a switch. */
WEIR_API const char *weir_sim_link_dev(const struct weir_sim_link *l, int end);
/* Its hardware address as text "02:00:00:00:00:01". 0 or -ENODEV. */
WEIR_API int weir_sim_link_mac(const struct weir_sim_link *l, int end,
			       char text[18]);

/* Changes properties while the world runs: direction 0: from a, 1: to a, -1:
 * both. 0 or -EINVAL with err. From anywhere. */
WEIR_API int weir_sim_link_set(struct weir_sim_link *l, int direction,
			       const char *spec, char *err, size_t errlen);

struct weir_sim_link_stats {		/* of one direction */
	uint64_t frames, bytes;		/* given to it */
	uint64_t delivered;
	uint64_t lost, duplicated, reordered, corrupted;	/* by faults */
	uint64_t queue_full, too_long, cut;	/* lost for these reasons */
	uint64_t overrun;		/* by the receiving NIC, whose ring is full */
	uint64_t queued, queued_max;	/* frames waiting for the wire */
};
WEIR_API int weir_sim_link_stats(const struct weir_sim_link *l, int direction,
				 struct weir_sim_link_stats *st);
/* Each frame that is put on the link, lost or not; fn NULL: no more. Frames of
 * offload links may be larger than the MTU. */
WEIR_API void weir_sim_link_tap(struct weir_sim_link *l,
				void (*fn)(void *arg, int64_t now, int direction,
					   const void *frame, size_t len),
				void *arg);

/* --- ports: your code as the network ---------------------------------------------------- */

struct weir_sim_port_options {
	/* A packet leaves the host at `now`; borrowed. NULL: packets are kept
	 * for weir_sim_port_next(). */
	void (*output)(void *arg, int64_t now, const void *packet, size_t len);
	void *arg;
	unsigned int mtu;		/* 1500 */
	int offload;			/* takes TCP packets larger than the MTU */
	const char *name;		/* "tun0" */
};

/* A point-to-point device of h that carries IP packets without link-layer
 * headers, up; the other end is the caller. NULL with err set. */
WEIR_API struct weir_sim_port *weir_sim_port(struct weir *h,
					     const struct weir_sim_port_options *o,
					     char *err, size_t errlen);
/* The host receives a packet now. 0, -EINVAL (no IP packet, too long) or
 * -ENOMEM. From anywhere outside of tasks. */
WEIR_API int weir_sim_port_input(struct weir_sim_port *p, const void *packet,
				 size_t len);
/* Oldest kept packet into `packet`, with its time: its length (may exceed room:
 * cut), or -EAGAIN. */
WEIR_API ssize_t weir_sim_port_next(struct weir_sim_port *p, void *packet,
				    size_t room, int64_t *when);

#ifdef __cplusplus
}
#endif
#endif
