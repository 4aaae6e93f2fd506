/* SPDX-License-Identifier: BSD-2-Clause */
/* Trace and capture files of a stack: opened at its start, fed by
 * ksoftirqd's thread between its sleeps, closed at its end. */
#include "platform/linux/weir_stack.h"

#include "platform/linux/pcap_tap.h"
#include "platform/linux/trace_file.h"

#define DRAIN_EVERY	(10 * NSEC_PER_MSEC)
#define TRACE_RECORDS	65536u

void weir_flush(struct weir *w)
{
	struct linux_weir *lw = to_linux(w);

	if (w->dead || !is_linux(w))	/* the files are our parent's */
		return;
	if (lw->trace)
		trace_file_drain(lw->trace);
	if (lw->pcap)
		pcap_tap_drain(lw->pcap);
}

static void drain(void *arg, bool last)
{
	weir_flush(arg);
}

static int open_capture(struct linux_weir *lw, const char *path, char *err,
			size_t errlen)
{
	struct platform *p = lw->w.platform;

	if (!p->ops->enter(p, lw->w.machine))
		return -ENOMEM;
	lw->pcap = pcap_tap_open(lw->w.net, path, err, errlen);
	p->ops->leave(p, lw->w.machine);
	return lw->pcap ? 0 : -EIO;
}

int linux_observe(struct linux_weir *lw, const struct weir_options *o,
		  char *err, size_t errlen)
{
	if (o->trace_file) {
		lw->trace = trace_file_open(lw->w.machine, o->trace_file,
					    o->name ? o->name : "weir",
					    o->trace_records ?
					    o->trace_records : TRACE_RECORDS,
					    err, errlen);
		if (!lw->trace)
			return -EIO;
	}
	if (o->pcap_file && open_capture(lw, o->pcap_file, err, errlen))
		return -EIO;
	if (lw->trace || lw->pcap) {
		lw->lp->drain = drain;
		lw->lp->drain_arg = lw;
		lw->lp->drain_every = DRAIN_EVERY;
	}
	return 0;
}

void linux_unobserve(struct linux_weir *lw)
{
	if (lw->pcap)
		pcap_tap_close(lw->pcap);
	if (lw->trace)
		trace_file_close(lw->trace);
	lw->pcap = NULL;
	lw->trace = NULL;
}
