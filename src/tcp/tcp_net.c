/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TCP's part of a stack: settings with the defaults of Linux 6.18, secrets,
 * congestion controls, registration with the floors below.
 */
#include "tcp/tcp_net.h"

#include "base/random.h"
#include "base/slab.h"
#include "dev/sysctl.h"
#include "inet/protocol.h"
#include "tcp/tcp_ipv4.h"
#include "tcp/tcp_out.h"

static void defaults_u8(struct tcp_net *tn)
{
	tn->timestamps = tn->sack = tn->dsack = tn->window_scaling = 1;
	tn->ecn = 2;			/* only when asked for it */
	tn->ecn_fallback = 1;
	tn->syncookies = 1;
	tn->syn_retries = 6;
	tn->synack_retries = 5;
	tn->retries1 = 3;
	tn->retries2 = 15;
	tn->tw_reuse = 2;		/* loopback only */
	tn->slow_start_after_idle = 1;
	tn->moderate_rcvbuf = 1;
	tn->adv_win_scale = 1;
	tn->app_win = 31;
	tn->frto = 2;
	tn->recovery = 1;		/* RACK */
	tn->early_retrans = 3;		/* TLP */
	tn->autocorking = 1;
	tn->retrans_collapse = 1;
	tn->tso_win_divisor = 3;
	tn->min_tso_segs = 2;
	tn->comp_sack_nr = 44;
	tn->tso_rtt_log = 9;
	tn->backlog_ack_defer = 1;
	tn->pingpong_thresh = 1;
}

static void defaults_u32(struct tcp_net *tn)
{
	static const u32 rmem[3] = { 4096, 131072, 33554432 };
	static const u32 wmem[3] = { 4096, 16384, 4194304 };

	memcpy(tn->rmem, rmem, sizeof(rmem));
	memcpy(tn->wmem, wmem, sizeof(wmem));
	tn->reordering = 3;
	tn->max_reordering = 300;
	tn->base_mss = TCP_BASE_MSS;
	tn->min_snd_mss = TCP_MIN_SND_MSS;
	tn->mtu_probe_floor = TCP_MIN_SND_MSS;
	tn->probe_interval = 600;
	tn->probe_threshold = 8;
	tn->fin_timeout_s = 60;
	tn->keepalive_time_s = 7200;
	tn->keepalive_intvl_s = 75;
	tn->keepalive_probes = 9;
	tn->max_syn_backlog = 2048;
	tn->max_orphans = 131072;
	tn->max_tw_buckets = 131072;
	tn->challenge_ack_limit = INT32_MAX;
	tn->invalid_ratelimit_ms = 500;
	tn->notsent_lowat = UINT32_MAX;
	tn->limit_output_bytes = 4 * 1024 * 1024;
	tn->rto_min_us = TCP_RTO_MIN / NSEC_PER_USEC;
	tn->rto_max_ms = TCP_RTO_MAX / NSEC_PER_MSEC;
	tn->min_rtt_wlen_s = 300;
	tn->pacing_ss_ratio = 200;
	tn->pacing_ca_ratio = 120;
	tn->comp_sack_delay_ns = 1000000;
	tn->comp_sack_slack_ns = 100000;
	tn->fastopen = 1;		/* client */
	tn->syn_linear_timeouts = 4;
	tn->early_demux = 1;
	/* without effect here */
	tn->ecn_option = 2;
	tn->ecn_option_beacon = 3;
	tn->cubic_hystart = 1;
	tn->cubic_hystart_detect = 3;
	tn->no_ssthresh_metrics_save = 1;
	tn->tw_reuse_delay = 1000;
	tn->plb_idle_rehash_rounds = 3;
	tn->plb_rehash_rounds = 12;
	tn->plb_suspend_rto_sec = 60;
	tn->plb_cong_thresh = 128;
}

/* --- congestion controls ------------------------------------------------------------ */

/* The stack's own copy, so that it can be on the stack's list. */
static int add_congestion_control(struct net *net,
				  const struct tcp_congestion_ops *tmpl)
{
	struct tcp_congestion_ops *ca = kmemdup(tmpl, sizeof(*tmpl));
	int err;

	if (!ca)
		return -ENOMEM;
	err = tcp_register_congestion_control(net, ca);
	if (err)
		kfree(ca);
	return err;
}

static void free_congestion_controls(struct tcp_net *tn)
{
	struct tcp_congestion_ops *ca, *next;

	list_for_each_entry_safe(ca, next, &tn->ca_list, list)
		kfree(ca);
	INIT_LIST_HEAD(&tn->ca_list);
}

static int init_congestion_controls(struct net *net)
{
	struct tcp_net *tn = net->tcp;
	int err;

	spin_lock_init(&tn->ca_lock);
	INIT_LIST_HEAD(&tn->ca_list);
	err = add_congestion_control(net, &tcp_reno_tmpl);
	if (!err)
		err = add_congestion_control(net, &tcp_cubic_tmpl);
	if (err)
		return err;
	return tcp_set_default_congestion_control(net, "cubic");
}

int tcp_set_default_congestion_control(struct net *net, const char *name)
{
	const struct tcp_congestion_ops *ca = tcp_ca_find(net, name);

	if (!ca)
		return -ENOENT;
	WRITE_ONCE(net->tcp->ca_default, ca);
	memset(net->tcp->congestion_control, 0,
	       sizeof(net->tcp->congestion_control));
	memcpy(net->tcp->congestion_control, ca->name, strlen(ca->name));
	return 0;
}

/* --- registration --------------------------------------------------------------------- */

static const struct net_protocol tcp_protocol = {
	.handler = tcp_v4_rcv,
	.err_handler = tcp_v4_err,
	.early_demux = tcp_v4_early_demux,
};

static const struct inet_protosw tcp_protosw = {
	.type = SOCK_STREAM,
	.protocol = IPPROTO_TCP,
	.prot = &tcp_prot,
	.ops = &inet_stream_ops,
};

static int register_tcp(struct net *net)
{
	int err = tcp_sysctl_register(net);

	if (!err)
		err = inet_add_offload(net, &tcp4_offload, IPPROTO_TCP);
	if (!err)
		err = inet_add_protocol(net, &tcp_protocol, IPPROTO_TCP);
	if (!err)
		err = inet_register_protosw(net, &tcp_protosw);
	return err;
}

static void tcp_net_exit(struct net *net)
{
	struct tcp_net *tn = net->tcp;

	if (!tn)
		return;
	inet_del_protocol(net, IPPROTO_TCP);
	unregister_net_sysctl(net, tn);
	tcp_socks_purge(net);
	tcp_metrics_exit(net);
	tcp_fastopen_net_exit(net);
	free_congestion_controls(tn);
	net->tcp = NULL;
	kfree(tn);
}

static int tcp_net_init(struct net *net)
{
	struct tcp_net *tn = kzalloc(sizeof(*tn));
	int err;

	if (!tn)
		return -ENOMEM;
	net->tcp = tn;
	tn->hashinfo = net->sock->hashinfo;
	defaults_u8(tn);
	defaults_u32(tn);
	get_random_bytes(tn->isn_secret, sizeof(tn->isn_secret));
	get_random_bytes(tn->ts_secret, sizeof(tn->ts_secret));
	get_random_bytes(tn->cookie_secret, sizeof(tn->cookie_secret));
	err = init_congestion_controls(net);
	if (!err)
		err = tcp_fastopen_net_init(net);
	if (!err)
		err = tcp_metrics_init(net);
	if (!err)
		err = register_tcp(net);
	if (err)
		tcp_net_exit(net);
	return err;
}

const struct pernet_operations tcp_net_ops = {
	.name = "tcp",
	.init = tcp_net_init,
	.exit = tcp_net_exit,
};
