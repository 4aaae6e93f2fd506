/* SPDX-License-Identifier: BSD-2-Clause */
/* net.ipv4.* of this floor: names, ranges and defaults as in Linux. */
#include "inet/ipv4_net.h"

#include "buf/wire/ip.h"
#include "dev/sysctl.h"
#include "inet/rtable.h"

void ipv4_sysctl_defaults(struct ipv4_sysctl *s)
{
	*s = (struct ipv4_sysctl){
		.ip_forward = 0,		/* RFC1122 3.1 */
		.ip_default_ttl = IPDEFTTL,
		.ip_early_demux = 1,
		.min_pmtu = 552,
		.mtu_expires = 600,
		.ipfrag_high_thresh = 4 * 1024 * 1024,
		.ipfrag_low_thresh = 3 * 1024 * 1024,
		.ipfrag_time = 30,
		.ipfrag_max_dist = 64,
		.ipfrag_source_max = 1024 * 1024,
		.icmp_echo_ignore_broadcasts = 1,
		.icmp_ignore_bogus_error_responses = 1,
		.icmp_ratelimit = 1000,
		/* destination unreachable, source quench, time exceeded,
		 * parameter problem */
		.icmp_ratemask = 0x1818,
		.icmp_msgs_per_sec = 1000,
		.icmp_msgs_burst = 50,
		.igmp_max_memberships = 20,
		.igmp_qrv = 2,
		.igmp_link_local_mcast_reports = 1,
		.accept_redirects = 1,
		.secure_redirects = 1,
		.shared_media = 1,
		.send_redirects = 1,
	};
}

/* RFC1122 3.1: the switch to be a gateway. What was cached as not for us is
 * looked up again. */
static int write_ip_forward(struct net *net, void *data, const char *text)
{
	u32 on;

	if ((text[0] != '0' && text[0] != '1') ||
	    (text[1] && text[1] != '\n'))
		return -EINVAL;
	on = text[0] == '1';
	WRITE_ONCE(*(u32 *)data, on);
	/* Linux: a router does not listen to redirects. */
	net->ipv4->sysctl.accept_redirects = !on;
	rt_genid_bump(net);
	return 0;
}

#define CTL(full_name, field, lo, hi) \
	{ .name = full_name, .offset = offsetof(struct ipv4_sysctl, field), \
	  .kind = CTL_U32, .count = 1, .min = lo, .max = hi }
/* conf.default is for devices to come; there is one value for all here. */
#define CONF(field, lo, hi) \
	CTL("net.ipv4.conf.all." #field, field, lo, hi), \
	CTL("net.ipv4.conf.default." #field, field, lo, hi)

#define FORWARDING(full_name) \
	{ .name = full_name, .kind = CTL_U32, .count = 1, .max = 1, \
	  .offset = offsetof(struct ipv4_sysctl, ip_forward), \
	  .write = write_ip_forward }

static const struct ctl_table ipv4_table[] = {
	FORWARDING("net.ipv4.ip_forward"),
	FORWARDING("net.ipv4.conf.all.forwarding"),
	CTL("net.ipv4.ip_default_ttl", ip_default_ttl, 1, 255),
	CTL("net.ipv4.ip_no_pmtu_disc", ip_no_pmtu_disc, 0, 3),
	CTL("net.ipv4.ip_early_demux", ip_early_demux, 0, 1),
	CTL("net.ipv4.ip_forward_use_pmtu", ip_forward_use_pmtu, 0, 1),
	CTL("net.ipv4.route.min_pmtu", min_pmtu, IPV4_MIN_MTU, 65535),
	CTL("net.ipv4.route.mtu_expires", mtu_expires, 0, 1u << 30),
	CTL("net.ipv4.ipfrag_high_thresh", ipfrag_high_thresh, 0, 1u << 30),
	CTL("net.ipv4.ipfrag_low_thresh", ipfrag_low_thresh, 0, 1u << 30),
	CTL("net.ipv4.ipfrag_time", ipfrag_time, 1, 3600),
	CTL("net.ipv4.ipfrag_max_dist", ipfrag_max_dist, 0, 1u << 30),
	CTL("net.ipv4.ipfrag_source_max", ipfrag_source_max, 0, 1u << 30),
	CTL("net.ipv4.icmp_echo_ignore_all", icmp_echo_ignore_all, 0, 1),
	CTL("net.ipv4.icmp_echo_ignore_broadcasts",
	    icmp_echo_ignore_broadcasts, 0, 1),
	CTL("net.ipv4.icmp_ignore_bogus_error_responses",
	    icmp_ignore_bogus_error_responses, 0, 1),
	CTL("net.ipv4.icmp_errors_use_inbound_ifaddr",
	    icmp_errors_use_inbound_ifaddr, 0, 1),
	CTL("net.ipv4.icmp_ratelimit", icmp_ratelimit, 0, 1u << 28),
	CTL("net.ipv4.icmp_ratemask", icmp_ratemask, 0, 0xffffffff),
	CTL("net.ipv4.icmp_msgs_per_sec", icmp_msgs_per_sec, 0, 1u << 30),
	CTL("net.ipv4.icmp_msgs_burst", icmp_msgs_burst, 0, 1u << 30),
	CTL("net.ipv4.igmp_max_memberships", igmp_max_memberships, 0, 1u << 30),
	CTL("net.ipv4.igmp_qrv", igmp_qrv, 1, 7),
	CTL("net.ipv4.igmp_link_local_mcast_reports",
	    igmp_link_local_mcast_reports, 0, 1),
	CONF(rp_filter, 0, 2),
	CONF(accept_source_route, 0, 1),
	CONF(accept_redirects, 0, 1),
	CONF(secure_redirects, 0, 1),
	CONF(shared_media, 0, 1),
	CONF(send_redirects, 0, 1),
	CONF(accept_local, 0, 1),
	CONF(route_localnet, 0, 1),
	CONF(drop_unicast_in_l2_multicast, 0, 1),
	CONF(arp_ignore, 0, 8),
	CONF(arp_announce, 0, 2),
	CONF(arp_filter, 0, 1),
	CONF(arp_accept, 0, 2),
	CONF(arp_notify, 0, 1),
	CONF(force_igmp_version, 0, 3),
	{ .name = NULL },
};

int ipv4_sysctl_init(struct net *net)
{
	return register_net_sysctl(net, ipv4_table, &net->ipv4->sysctl);
}

void ipv4_sysctl_exit(struct net *net)
{
	unregister_net_sysctl(net, &net->ipv4->sysctl);
}
