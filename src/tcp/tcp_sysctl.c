/* SPDX-License-Identifier: BSD-2-Clause */
/* net.ipv4.tcp_*: names and ranges as in Linux. */
#include "tcp/tcp_net.h"

#include "dev/sysctl.h"

#include <stdio.h>

/* --- values that are names or keys --------------------------------------------------- */

static int write_cc(struct net *net, void *data, const char *text)
{
	char name[TCP_CA_NAME_MAX];

	(void)data;
	if (sscanf(text, "%15s", name) != 1)
		return -EINVAL;
	return tcp_set_default_congestion_control(net, name);
}

static int read_cc(struct net *net, void *data, char *text, size_t room)
{
	(void)data;
	return snprintf(text, room, "%s", net->tcp->congestion_control);
}

static int read_all_cc(struct net *net, void *data, char *text, size_t room)
{
	struct tcp_net *tn = net->tcp;
	struct tcp_congestion_ops *ca;
	size_t at = 0;

	(void)data;
	spin_lock_bh(&tn->ca_lock);
	list_for_each_entry(ca, &tn->ca_list, list) {
		int n = snprintf(text + at, room - at, "%s%s", at ? " " : "",
				 ca->name);

		if (n < 0 || (size_t)n >= room - at)
			break;
		at += (size_t)n;
	}
	spin_unlock_bh(&tn->ca_lock);
	return (int)at;
}

static int write_refused(struct net *net, void *data, const char *text)
{
	(void)net; (void)data; (void)text;
	return -EPERM;
}

/* "a1a1a1a1-b2b2b2b2-c3c3c3c3-d4d4d4d4": words in host order. */
static int parse_key(const char *text, u8 *key)
{
	u32 w[4];
	int n = 0;

	if (sscanf(text, "%8x-%8x-%8x-%8x%n", &w[0], &w[1], &w[2], &w[3],
		   &n) != 4)
		return -EINVAL;
	memcpy(key, w, sizeof(w));
	return n;
}

static int write_fastopen_key(struct net *net, void *data, const char *text)
{
	u8 key[2][TCP_FASTOPEN_KEY_LEN];
	const char *second = strchr(text, ',');

	(void)data;
	if (parse_key(text, key[0]) < 0)
		return -EINVAL;
	if (second && parse_key(second + 1, key[1]) < 0)
		return -EINVAL;
	return tcp_fastopen_set_keys(net, NULL, key[0],
				     second ? key[1] : NULL);
}

static int read_fastopen_key(struct net *net, void *data, char *text,
			     size_t room)
{
	u8 key[2 * TCP_FASTOPEN_KEY_LEN] = { 0 };
	u32 n = tcp_fastopen_get_keys(net, NULL, key), w[8];
	int len;

	(void)data;
	memcpy(w, key, sizeof(w));
	len = snprintf(text, room, "%08x-%08x-%08x-%08x", w[0], w[1], w[2],
		       w[3]);
	if (n == 2 && len > 0 && (size_t)len < room)
		len += snprintf(text + len, room - (size_t)len,
				",%08x-%08x-%08x-%08x", w[4], w[5], w[6], w[7]);
	return len;
}

/* --- the table --------------------------------------------------------------------------- */

#define N8(nm, field, lo, hi) \
	{ .name = "net.ipv4." nm, .offset = offsetof(struct tcp_net, field), \
	  .kind = CTL_U8, .count = 1, .min = lo, .max = hi }
/* What is a module's parameter in Linux: MODULE.NAME. */
#define PARAM(nm, field, lo, hi) \
	{ .name = nm, .offset = offsetof(struct tcp_net, field), \
	  .kind = CTL_U8, .count = 1, .min = lo, .max = hi }
#define N32(nm, field, lo, hi) \
	{ .name = "net.ipv4." nm, .offset = offsetof(struct tcp_net, field), \
	  .kind = CTL_U32, .count = 1, .min = lo, .max = hi }
#define V32(nm, field) \
	{ .name = "net.ipv4." nm, .offset = offsetof(struct tcp_net, field), \
	  .kind = CTL_U32, .count = 3, .min = 1, .max = INT32_MAX }

static const struct ctl_table tcp_table[] = {
	N8("tcp_timestamps", timestamps, 0, 2),
	N8("tcp_sack", sack, 0, 255),
	N8("tcp_dsack", dsack, 0, 255),
	N8("tcp_window_scaling", window_scaling, 0, 255),
	N8("tcp_ecn", ecn, 0, 5),
	N8("tcp_ecn_fallback", ecn_fallback, 0, 1),
	N8("tcp_syncookies", syncookies, 0, 255),
	N8("tcp_syn_retries", syn_retries, 1, 127),
	N8("tcp_synack_retries", synack_retries, 0, 255),
	N8("tcp_retries1", retries1, 0, 255),
	N8("tcp_retries2", retries2, 0, 255),
	N8("tcp_orphan_retries", orphan_retries, 0, 255),
	N8("tcp_tw_reuse", tw_reuse, 0, 2),
	N8("tcp_rfc1337", rfc1337, 0, 255),
	N8("tcp_abort_on_overflow", abort_on_overflow, 0, 255),
	N8("tcp_slow_start_after_idle", slow_start_after_idle, 0, 255),
	N8("tcp_no_metrics_save", no_metrics_save, 0, 255),
	N8("tcp_moderate_rcvbuf", moderate_rcvbuf, 0, 255),
	N8("tcp_adv_win_scale", adv_win_scale, 0, 31),
	N8("tcp_app_win", app_win, 0, 31),
	N8("tcp_frto", frto, 0, 255),
	N8("tcp_recovery", recovery, 0, 255),
	N8("tcp_early_retrans", early_retrans, 0, 4),
	N8("tcp_thin_linear_timeouts", thin_linear_timeouts, 0, 255),
	N8("tcp_workaround_signed_windows", workaround_signed_windows, 0, 255),
	N8("tcp_autocorking", autocorking, 0, 1),
	N8("tcp_retrans_collapse", retrans_collapse, 0, 255),
	N8("tcp_stdurg", stdurg, 0, 255),
	N8("tcp_mtu_probing", mtu_probing, 0, 255),
	N8("tcp_tso_win_divisor", tso_win_divisor, 0, 255),
	N8("tcp_min_tso_segs", min_tso_segs, 1, 255),
	N8("tcp_tso_rtt_log", tso_rtt_log, 0, 255),
	N8("tcp_comp_sack_nr", comp_sack_nr, 0, 255),
	N8("tcp_l3mdev_accept", l3mdev_accept, 0, 1),
	N8("tcp_migrate_req", migrate_req, 0, 1),
	N8("tcp_shrink_window", shrink_window, 0, 1),
	N8("tcp_reflect_tos", reflect_tos, 0, 1),
	N8("tcp_plb_enabled", plb_enabled, 0, 1),
	N8("tcp_backlog_ack_defer", backlog_ack_defer, 0, 1),
	N8("tcp_pingpong_thresh", pingpong_thresh, 1, 255),
	N32("tcp_reordering", reordering, 0, 0),
	N32("tcp_max_reordering", max_reordering, 0, 0),
	N32("tcp_base_mss", base_mss, 0, 0),
	N32("tcp_min_snd_mss", min_snd_mss, TCP_MIN_SND_MSS, 65535),
	N32("tcp_mtu_probe_floor", mtu_probe_floor, TCP_MIN_SND_MSS, 65535),
	N32("tcp_probe_interval", probe_interval, 0, 0),
	N32("tcp_probe_threshold", probe_threshold, 0, 0),
	N32("tcp_fin_timeout", fin_timeout_s, 0, 0),
	N32("tcp_keepalive_time", keepalive_time_s, 0, 0),
	N32("tcp_keepalive_intvl", keepalive_intvl_s, 0, 0),
	N32("tcp_keepalive_probes", keepalive_probes, 0, 255),
	N32("tcp_max_syn_backlog", max_syn_backlog, 0, 0),
	N32("tcp_max_orphans", max_orphans, 0, 0),
	N32("tcp_max_tw_buckets", max_tw_buckets, 0, 0),
	N32("tcp_challenge_ack_limit", challenge_ack_limit, 0, 0),
	N32("tcp_invalid_ratelimit", invalid_ratelimit_ms, 0, 0),
	N32("tcp_notsent_lowat", notsent_lowat, 0, 0),
	N32("tcp_limit_output_bytes", limit_output_bytes, 0, 0),
	N32("tcp_rto_min_us", rto_min_us, 1, 120000000),
	N32("tcp_rto_max_ms", rto_max_ms, 1000, 120000),
	N32("tcp_min_rtt_wlen", min_rtt_wlen_s, 0, 86400),
	N32("tcp_pacing_ss_ratio", pacing_ss_ratio, 0, 1000),
	N32("tcp_pacing_ca_ratio", pacing_ca_ratio, 0, 1000),
	N32("tcp_comp_sack_delay_ns", comp_sack_delay_ns, 0, 0),
	N32("tcp_comp_sack_slack_ns", comp_sack_slack_ns, 0, 0),
	N32("tcp_fastopen", fastopen, 0, 0),
	N32("tcp_fastopen_blackhole_timeout_sec", fastopen_blackhole_s, 0, 0),
	N32("tcp_syn_linear_timeouts", syn_linear_timeouts, 0, 127),
	N32("tcp_child_ehash_entries", child_ehash, 0, 0),
	N32("tcp_early_demux", early_demux, 0, 0),
	N32("tcp_fack", fack, 0, 0),
	N32("tcp_low_latency", low_latency, 0, 0),
	N32("tcp_fwmark_accept", fwmark_accept, 0, 0),
	N32("tcp_ecn_option", ecn_option, 0, 2),
	N32("tcp_ecn_option_beacon", ecn_option_beacon, 0, 3),
	N32("tcp_no_ssthresh_metrics_save", no_ssthresh_metrics_save, 0, 1),
	N32("tcp_tw_reuse_delay", tw_reuse_delay, 0, 60000),
	N32("tcp_plb_idle_rehash_rounds", plb_idle_rehash_rounds, 0, 31),
	N32("tcp_plb_rehash_rounds", plb_rehash_rounds, 0, 31),
	N32("tcp_plb_suspend_rto_sec", plb_suspend_rto_sec, 0, 255),
	N32("tcp_plb_cong_thresh", plb_cong_thresh, 0, 256),
	V32("tcp_rmem", rmem),
	V32("tcp_wmem", wmem),
	PARAM("tcp_cubic.hystart", cubic_hystart, 0, 1),
	PARAM("tcp_cubic.hystart_detect", cubic_hystart_detect, 0, 3),
	{ .name = "net.ipv4.tcp_congestion_control", .kind = CTL_STRING,
	  .count = TCP_CA_NAME_MAX, .write = write_cc, .read = read_cc },
	{ .name = "net.ipv4.tcp_available_congestion_control",
	  .kind = CTL_STRING, .count = 1, .write = write_refused,
	  .read = read_all_cc },
	{ .name = "net.ipv4.tcp_allowed_congestion_control",
	  .kind = CTL_STRING, .count = 1, .write = write_refused,
	  .read = read_all_cc },
	{ .name = "net.ipv4.tcp_fastopen_key", .kind = CTL_STRING,
	  .count = 1, .write = write_fastopen_key,
	  .read = read_fastopen_key },
	{ .name = NULL },
};

int tcp_sysctl_register(struct net *net)
{
	return register_net_sysctl(net, tcp_table, net->tcp);
}
