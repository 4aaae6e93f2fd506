/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The socket ABI that programs are compiled against: the C library's headers
 * where they have it, Linux's numbers where they lack it. Left out on purpose
 * are <netinet/tcp.h>, <netinet/ip.h>, <net/if_arp.h>, <net/ethernet.h> and
 * <linux/...>: their struct tcphdr, iphdr, arphdr and ethhdr would clash with
 * those of buf/wire/.
 */
#ifndef WEIR_BASE_UAPI_H
#define WEIR_BASE_UAPI_H

#include "base/types.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netpacket/packet.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>

/* --- levels and families ------------------------------------------------- */

#ifndef SOL_IP
#define SOL_IP		0
#endif
#ifndef SOL_TCP
#define SOL_TCP		6
#endif
#ifndef SOL_UDP
#define SOL_UDP		17
#endif
#ifndef SOL_IPV6
#define SOL_IPV6	41
#endif
#ifndef SOL_RAW
#define SOL_RAW		255
#endif
#ifndef SOL_PACKET
#define SOL_PACKET	263
#endif
#ifndef SOL_NETLINK
#define SOL_NETLINK	270
#endif
#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP	262
#endif

/* --- SOL_SOCKET ------------------------------------------------------------ */

#ifndef SO_NO_CHECK
#define SO_NO_CHECK	11
#endif
#ifndef SO_PEEK_OFF
#define SO_PEEK_OFF	42
#endif
#ifndef SO_NOFCS
#define SO_NOFCS	43
#endif
#ifndef SO_LOCK_FILTER
#define SO_LOCK_FILTER	44
#endif
#ifndef SO_SELECT_ERR_QUEUE
#define SO_SELECT_ERR_QUEUE 45
#endif
#ifndef SO_WIFI_STATUS
#define SO_WIFI_STATUS		41
#endif
#ifndef SO_ATTACH_REUSEPORT_EBPF
#define SO_ATTACH_REUSEPORT_EBPF 52
#endif
#ifndef SO_PASSPIDFD
#define SO_PASSPIDFD		76
#endif
#ifndef SO_PASSRIGHTS
#define SO_PASSRIGHTS		83
#endif
#ifndef SO_BUSY_POLL
#define SO_BUSY_POLL	46
#endif
#ifndef SO_MAX_PACING_RATE
#define SO_MAX_PACING_RATE 47
#endif
#ifndef SO_BPF_EXTENSIONS
#define SO_BPF_EXTENSIONS 48
#endif
#ifndef SO_INCOMING_CPU
#define SO_INCOMING_CPU	49
#endif
#ifndef SO_ATTACH_BPF
#define SO_ATTACH_BPF	50
#endif
#ifndef SO_ATTACH_REUSEPORT_CBPF
#define SO_ATTACH_REUSEPORT_CBPF 51
#endif
#ifndef SO_CNX_ADVICE
#define SO_CNX_ADVICE	53
#endif
#ifndef SO_MEMINFO
#define SO_MEMINFO	55
#endif
#ifndef SO_INCOMING_NAPI_ID
#define SO_INCOMING_NAPI_ID 56
#endif
#ifndef SO_COOKIE
#define SO_COOKIE	57
#endif
#ifndef SO_PEERGROUPS
#define SO_PEERGROUPS	59
#endif
#ifndef SO_ZEROCOPY
#define SO_ZEROCOPY	60
#endif
#ifndef SO_TXTIME
#define SO_TXTIME	61
#endif
#ifndef SO_BINDTOIFINDEX
#define SO_BINDTOIFINDEX 62
#endif
#ifndef SO_TIMESTAMP_NEW
#define SO_TIMESTAMP_NEW 63
#endif
#ifndef SO_TIMESTAMPNS_NEW
#define SO_TIMESTAMPNS_NEW 64
#endif
#ifndef SO_TIMESTAMPING_NEW
#define SO_TIMESTAMPING_NEW 65
#endif
#ifndef SO_RCVTIMEO_NEW
#define SO_RCVTIMEO_NEW	66
#endif
#ifndef SO_SNDTIMEO_NEW
#define SO_SNDTIMEO_NEW	67
#endif
#ifndef SO_DETACH_REUSEPORT_BPF
#define SO_DETACH_REUSEPORT_BPF 68
#endif
#ifndef SO_PREFER_BUSY_POLL
#define SO_PREFER_BUSY_POLL 69
#endif
#ifndef SO_BUSY_POLL_BUDGET
#define SO_BUSY_POLL_BUDGET 70
#endif
#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE	71
#endif
#ifndef SO_BUF_LOCK
#define SO_BUF_LOCK	72
#endif
#ifndef SO_RESERVE_MEM
#define SO_RESERVE_MEM	73
#endif
#ifndef SO_TXREHASH
#define SO_TXREHASH	74
#endif
#ifndef SO_RCVMARK
#define SO_RCVMARK	75
#endif
#ifndef SO_RCVPRIORITY
#define SO_RCVPRIORITY	82
#endif
#ifndef SCM_TXTIME
#define SCM_TXTIME	SO_TXTIME
#endif
#ifndef SCM_TIMESTAMPNS
#define SCM_TIMESTAMPNS	SO_TIMESTAMPNS
#endif
#ifndef SCM_TIMESTAMPING_OPT_STATS
#define SCM_TIMESTAMPING_OPT_STATS 54
#endif
#ifndef SCM_TIMESTAMPING
#define SCM_TIMESTAMPING SO_TIMESTAMPING
#endif

/* What SO_MEMINFO returns: an array of u32. */
enum {
	SK_MEMINFO_RMEM_ALLOC, SK_MEMINFO_RCVBUF, SK_MEMINFO_WMEM_ALLOC,
	SK_MEMINFO_SNDBUF, SK_MEMINFO_FWD_ALLOC, SK_MEMINFO_WMEM_QUEUED,
	SK_MEMINFO_OPTMEM, SK_MEMINFO_BACKLOG, SK_MEMINFO_DROPS,
	SK_MEMINFO_VARS
};

/* SO_TIMESTAMPING flags. */
enum {
	SOF_TIMESTAMPING_TX_HARDWARE = 1 << 0,
	SOF_TIMESTAMPING_TX_SOFTWARE = 1 << 1,
	SOF_TIMESTAMPING_RX_HARDWARE = 1 << 2,
	SOF_TIMESTAMPING_RX_SOFTWARE = 1 << 3,
	SOF_TIMESTAMPING_SOFTWARE = 1 << 4,
	SOF_TIMESTAMPING_SYS_HARDWARE = 1 << 5,
	SOF_TIMESTAMPING_RAW_HARDWARE = 1 << 6,
	SOF_TIMESTAMPING_OPT_ID = 1 << 7,
	SOF_TIMESTAMPING_TX_SCHED = 1 << 8,
	SOF_TIMESTAMPING_TX_ACK = 1 << 9,
	SOF_TIMESTAMPING_OPT_CMSG = 1 << 10,
	SOF_TIMESTAMPING_OPT_TSONLY = 1 << 11,
	SOF_TIMESTAMPING_OPT_STATS = 1 << 12,
	SOF_TIMESTAMPING_OPT_PKTINFO = 1 << 13,
	SOF_TIMESTAMPING_OPT_TX_SWHW = 1 << 14,
	SOF_TIMESTAMPING_BIND_PHC = 1 << 15,
	SOF_TIMESTAMPING_OPT_ID_TCP = 1 << 16,
	SOF_TIMESTAMPING_OPT_RX_FILTER = 1 << 17,
	SOF_TIMESTAMPING_TX_COMPLETION = 1 << 18, /* of Bluetooth */
};
struct scm_timestamping {
	struct timespec ts[3];
};

/* --- MSG_ERRQUEUE ------------------------------------------------------------ */

struct sock_ee_data_rfc4884 {
	u16 len;
	u8 flags;
	u8 reserved;
};
struct sock_extended_err {
	u32 ee_errno;
	u8 ee_origin;
	u8 ee_type;
	u8 ee_code;
	u8 ee_pad;
	u32 ee_info;
	union {
		u32 ee_data;
		struct sock_ee_data_rfc4884 ee_rfc4884;
	};
};
static_assert(sizeof(struct sock_extended_err) == 16, "Linux ABI");

#define SO_EE_ORIGIN_NONE	0
#define SO_EE_ORIGIN_LOCAL	1
#define SO_EE_ORIGIN_ICMP	2
#define SO_EE_ORIGIN_ICMP6	3
#define SO_EE_ORIGIN_TXSTATUS	4
#define SO_EE_ORIGIN_TIMESTAMPING SO_EE_ORIGIN_TXSTATUS
#define SO_EE_ORIGIN_ZEROCOPY	5
#define SO_EE_ORIGIN_TXTIME	6
enum {	/* ee_info of SO_EE_ORIGIN_TIMESTAMPING */
	SCM_TSTAMP_SND, SCM_TSTAMP_SCHED, SCM_TSTAMP_ACK,
};
#define SO_EE_OFFENDER(ee)	((struct sockaddr *)((ee) + 1))
#define SO_EE_CODE_ZEROCOPY_COPIED	1
#define SO_EE_CODE_TXTIME_INVALID_PARAM	1
#define SO_EE_CODE_TXTIME_MISSED	2

/* --- messages ---------------------------------------------------------------- */

#ifndef MSG_PROBE
#define MSG_PROBE	0x10
#endif
#ifndef MSG_WAITFORONE
#define MSG_WAITFORONE	0x10000
#endif
#ifndef MSG_BATCH
#define MSG_BATCH	0x40000
#endif
#ifndef MSG_ZEROCOPY
#define MSG_ZEROCOPY	0x4000000
#endif
#ifndef MSG_FASTOPEN
#define MSG_FASTOPEN	0x20000000
#endif
#ifndef MSG_CMSG_CLOEXEC
#define MSG_CMSG_CLOEXEC 0x40000000
#endif

/* --- poll, epoll --------------------------------------------------------------- */

#ifndef POLLRDNORM
#define POLLRDNORM	0x040
#define POLLRDBAND	0x080
#define POLLWRNORM	0x100
#define POLLWRBAND	0x200
#endif
#ifndef POLLMSG
#define POLLMSG		0x400
#endif
#ifndef POLLRDHUP
#define POLLRDHUP	0x2000
#endif
#ifndef EPOLLEXCLUSIVE
#define EPOLLEXCLUSIVE	(1u << 28)
#endif
#ifndef EPOLL_URING_WAKE
#define EPOLL_URING_WAKE (1u << 27)
#endif

/* --- IPPROTO_IP ------------------------------------------------------------------ */

#ifndef IP_NODEFRAG
#define IP_NODEFRAG	22
#endif
#ifndef IP_CHECKSUM
#define IP_CHECKSUM	23
#endif
#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif
#ifndef IP_RECVFRAGSIZE
#define IP_RECVFRAGSIZE	25
#endif
#ifndef IP_RECVERR_RFC4884
#define IP_RECVERR_RFC4884 26
#endif
#ifndef IP_PMTUDISC_INTERFACE
#define IP_PMTUDISC_INTERFACE 4
#endif
#ifndef IP_PMTUDISC_OMIT
#define IP_PMTUDISC_OMIT 5
#endif
#ifndef IP_MINTTL
#define IP_MINTTL	21
#endif
#ifndef IP_MULTICAST_ALL
#define IP_MULTICAST_ALL 49
#endif
#ifndef IP_UNICAST_IF
#define IP_UNICAST_IF	50
#endif
#ifndef IP_LOCAL_PORT_RANGE
#define IP_LOCAL_PORT_RANGE 51
#endif
#ifndef IP_PROTOCOL
#define IP_PROTOCOL	52
#endif
#ifndef INADDR_ALLSNOOPERS_GROUP
#define INADDR_ALLSNOOPERS_GROUP ((in_addr_t)0xe000006a)
#endif

/* SOL_RAW */
#define ICMP_FILTER	1
struct icmp_filter {
	u32 data;		/* bit n: type n is not wanted */
};

/* --- IPPROTO_UDP ------------------------------------------------------------------- */

#define UDP_CORK		1
#define UDP_ENCAP		100
#define UDP_NO_CHECK6_TX	101
#define UDP_NO_CHECK6_RX	102
#define UDP_SEGMENT		103
#define UDP_GRO			104
#define UDP_MAX_SEGMENTS	128

/* --- IPPROTO_TCP ------------------------------------------------------------------- */

#define TCP_NODELAY		1
#define TCP_MAXSEG		2
#define TCP_CORK		3
#define TCP_KEEPIDLE		4
#define TCP_KEEPINTVL		5
#define TCP_KEEPCNT		6
#define TCP_SYNCNT		7
#define TCP_LINGER2		8
#define TCP_DEFER_ACCEPT	9
#define TCP_WINDOW_CLAMP	10
#define TCP_INFO		11
#define TCP_QUICKACK		12
#define TCP_CONGESTION		13
#define TCP_MD5SIG		14
#define TCP_THIN_LINEAR_TIMEOUTS 16
#define TCP_THIN_DUPACK		17
#define TCP_USER_TIMEOUT	18
#define TCP_REPAIR		19
#define TCP_REPAIR_QUEUE	20
#define TCP_QUEUE_SEQ		21
#define TCP_REPAIR_OPTIONS	22
#define TCP_FASTOPEN		23
#define TCP_TIMESTAMP		24
#define TCP_NOTSENT_LOWAT	25
#define TCP_CC_INFO		26
#define TCP_SAVE_SYN		27
#define TCP_SAVED_SYN		28
#define TCP_REPAIR_WINDOW	29
#define TCP_FASTOPEN_CONNECT	30
#define TCP_ULP			31
#define TCP_MD5SIG_EXT		32
#define TCP_FASTOPEN_KEY	33
#define TCP_FASTOPEN_NO_COOKIE	34
#define TCP_ZEROCOPY_RECEIVE	35
#define TCP_INQ			36
#define TCP_CM_INQ		TCP_INQ
#define TCP_TX_DELAY		37
#define TCP_AO_ADD_KEY		38
#define TCP_AO_DEL_KEY		39
#define TCP_AO_INFO		40
#define TCP_AO_GET_KEYS		41
#define TCP_AO_REPAIR		42
#define TCP_IS_MPTCP		43
#define TCP_RTO_MAX_MS		44
#define TCP_RTO_MIN_US		45
#define TCP_DELACK_MAX_US	46

#define TCP_REPAIR_ON		1
#define TCP_REPAIR_OFF		0
#define TCP_REPAIR_OFF_NO_WP	(-1)
#define TCP_CA_NAME_MAX		16

/* The states of RFC 9293 3.3.2 with Linux's numbers. */
enum {
	TCP_ESTABLISHED = 1,
	TCP_SYN_SENT,
	TCP_SYN_RECV,
	TCP_FIN_WAIT1,
	TCP_FIN_WAIT2,
	TCP_TIME_WAIT,
	TCP_CLOSE,
	TCP_CLOSE_WAIT,
	TCP_LAST_ACK,
	TCP_LISTEN,
	TCP_CLOSING,
	TCP_NEW_SYN_RECV,	/* request socket; reported as SYN_RECV */
	TCP_MAX_STATES
};

/* tcpi_ca_state */
enum tcp_ca_state {
	TCP_CA_Open, TCP_CA_Disorder, TCP_CA_CWR, TCP_CA_Recovery, TCP_CA_Loss
};

/* tcpi_options */
#define TCPI_OPT_TIMESTAMPS	1
#define TCPI_OPT_SACK		2
#define TCPI_OPT_WSCALE		4
#define TCPI_OPT_ECN		8	/* ECN was negotiated */
#define TCPI_OPT_ECN_SEEN	16	/* a packet with ECT was received */
#define TCPI_OPT_SYN_DATA	32	/* SYN-ACK acknowledged data of the SYN */
#define TCPI_OPT_USEC_TS	64
#define TCPI_OPT_TFO_CHILD	128

/*
 * What getsockopt(TCP_INFO) returns, cut to the length the program gave.
 * Times in microseconds but for tcpi_last_* (milliseconds). ABI of the host,
 * hence the bit-fields.
 */
struct tcp_info {
	u8 tcpi_state;
	u8 tcpi_ca_state;
	u8 tcpi_retransmits;
	u8 tcpi_probes;
	u8 tcpi_backoff;
	u8 tcpi_options;
	u8 tcpi_snd_wscale : 4, tcpi_rcv_wscale : 4;
	u8 tcpi_delivery_rate_app_limited : 1, tcpi_fastopen_client_fail : 2;

	u32 tcpi_rto;
	u32 tcpi_ato;
	u32 tcpi_snd_mss;
	u32 tcpi_rcv_mss;

	u32 tcpi_unacked;
	u32 tcpi_sacked;
	u32 tcpi_lost;
	u32 tcpi_retrans;
	u32 tcpi_fackets;

	u32 tcpi_last_data_sent;
	u32 tcpi_last_ack_sent;		/* always 0 */
	u32 tcpi_last_data_recv;
	u32 tcpi_last_ack_recv;

	u32 tcpi_pmtu;
	u32 tcpi_rcv_ssthresh;
	u32 tcpi_rtt;
	u32 tcpi_rttvar;
	u32 tcpi_snd_ssthresh;
	u32 tcpi_snd_cwnd;
	u32 tcpi_advmss;
	u32 tcpi_reordering;

	u32 tcpi_rcv_rtt;
	u32 tcpi_rcv_space;

	u32 tcpi_total_retrans;

	u64 tcpi_pacing_rate;
	u64 tcpi_max_pacing_rate;
	u64 tcpi_bytes_acked;		/* RFC 4898 counters from here */
	u64 tcpi_bytes_received;
	u32 tcpi_segs_out;
	u32 tcpi_segs_in;

	u32 tcpi_notsent_bytes;
	u32 tcpi_min_rtt;
	u32 tcpi_data_segs_in;
	u32 tcpi_data_segs_out;

	u64 tcpi_delivery_rate;

	u64 tcpi_busy_time;
	u64 tcpi_rwnd_limited;
	u64 tcpi_sndbuf_limited;

	u32 tcpi_delivered;
	u32 tcpi_delivered_ce;

	u64 tcpi_bytes_sent;
	u64 tcpi_bytes_retrans;
	u32 tcpi_dsack_dups;
	u32 tcpi_reord_seen;

	u32 tcpi_rcv_ooopack;
	u32 tcpi_snd_wnd;
	u32 tcpi_rcv_wnd;
	u32 tcpi_rehash;

	u16 tcpi_total_rto;
	u16 tcpi_total_rto_recoveries;
	u32 tcpi_total_rto_time;

	u32 tcpi_received_ce;		/* Accurate ECN (RFC 9768) from here */
	u32 tcpi_delivered_e1_bytes;
	u32 tcpi_delivered_e0_bytes;
	u32 tcpi_delivered_ce_bytes;
	u32 tcpi_received_e1_bytes;
	u32 tcpi_received_e0_bytes;
	u32 tcpi_received_ce_bytes;
	u16 tcpi_accecn_fail_mode;
	u16 tcpi_accecn_opt_seen;
};
/* tcpi_accecn_fail_mode, bits; tcpi_accecn_opt_seen */
#define TCP_ACCECN_ACE_FAIL_RECV	2
#define TCP_ACCECN_OPT_FAIL_SEND	4
#define TCP_ACCECN_OPT_EMPTY_SEEN	1
#define TCP_ACCECN_OPT_COUNTER_SEEN	2
static_assert(offsetof(struct tcp_info, tcpi_rto) == 8, "Linux ABI");
static_assert(offsetof(struct tcp_info, tcpi_pacing_rate) == 104, "Linux ABI");
static_assert(offsetof(struct tcp_info, tcpi_snd_wnd) == 228, "Linux ABI");
static_assert(sizeof(struct tcp_info) == 280, "Linux ABI");

/* TCP_REPAIR_OPTIONS, TCP_REPAIR_WINDOW, TCP_REPAIR_QUEUE */
struct tcp_repair_opt {
	u32 opt_code;
	u32 opt_val;
};
struct tcp_repair_window {
	u32 snd_wl1;
	u32 snd_wnd;
	u32 max_window;
	u32 rcv_wnd;
	u32 rcv_wup;
};
enum { TCP_NO_QUEUE, TCP_RECV_QUEUE, TCP_SEND_QUEUE, TCP_QUEUES_NR };

/* TCP_CC_INFO */
struct tcp_vegas_info {
	u32 tcpv_enabled, tcpv_rttcnt, tcpv_rtt, tcpv_minrtt;
};
struct tcp_dctcp_info {
	u16 dctcp_enabled, dctcp_ce_state;
	u32 dctcp_alpha, dctcp_ab_ecn, dctcp_ab_tot;
};
struct tcp_bbr_info {
	u32 bbr_bw_lo, bbr_bw_hi;	/* bytes per second */
	u32 bbr_min_rtt;		/* us */
	u32 bbr_pacing_gain, bbr_cwnd_gain; /* << 8 */
};
union tcp_cc_info {
	struct tcp_vegas_info vegas;
	struct tcp_dctcp_info dctcp;
	struct tcp_bbr_info bbr;
};

/* --- ioctl ------------------------------------------------------------------------- */

#ifndef FIONREAD
#define FIONREAD	0x541b
#endif
#ifndef FIONBIO
#define FIONBIO		0x5421
#endif
#ifndef FIOASYNC
#define FIOASYNC	0x5452
#endif
#ifndef TIOCOUTQ
#define TIOCOUTQ	0x5411
#endif
#ifndef FIOSETOWN
#define FIOSETOWN	0x8901
#endif
#ifndef SIOCSPGRP
#define SIOCSPGRP	0x8902
#endif
#ifndef FIOGETOWN
#define FIOGETOWN	0x8903
#endif
#ifndef SIOCGPGRP
#define SIOCGPGRP	0x8904
#endif
#ifndef SIOCATMARK
#define SIOCATMARK	0x8905
#endif
#ifndef SIOCGSTAMP
#define SIOCGSTAMP	0x8906
#endif
#ifndef SIOCGSTAMPNS
#define SIOCGSTAMPNS	0x8907
#endif
#ifndef SIOCINQ
#define SIOCINQ		FIONREAD
#endif
#ifndef SIOCOUTQ
#define SIOCOUTQ	TIOCOUTQ
#endif
#ifndef SIOCOUTQNSD
#define SIOCOUTQNSD	0x894b
#endif
#ifndef SIOCETHTOOL
#define SIOCETHTOOL	0x8946
#endif
#ifndef SIOCGIFTXQLEN
#define SIOCGIFTXQLEN	0x8942
#endif

/* --- link layer ---------------------------------------------------------------------- */

#define ETH_ALEN	6
#define ETH_HLEN	14
#define ETH_ZLEN	60
#define ETH_DATA_LEN	1500
#define ETH_FRAME_LEN	1514
#define ETH_FCS_LEN	4
#define ETH_MIN_MTU	68
#define ETH_MAX_MTU	65535

#define ETH_P_LOOP	0x0060
#define ETH_P_IP	0x0800
#define ETH_P_ARP	0x0806
#define ETH_P_RARP	0x8035
#define ETH_P_8021Q	0x8100
#define ETH_P_IPV6	0x86dd
#define ETH_P_PAUSE	0x8808
#define ETH_P_SLOW	0x8809
#define ETH_P_8021AD	0x88a8
#define ETH_P_LLDP	0x88cc
#define ETH_P_1588	0x88f7
#define ETH_P_802_3_MIN	0x0600	/* below: an 802.3 length */
#define ETH_P_802_3	0x0001
#define ETH_P_ALL	0x0003	/* not on the wire: every frame */
#define ETH_P_802_2	0x0004

#define ARPHRD_NETROM	0
#define ARPHRD_ETHER	1
#define ARPHRD_PPP	512
#define ARPHRD_TUNNEL	768
#define ARPHRD_LOOPBACK	772
#define ARPHRD_VOID	0xffff
#define ARPHRD_NONE	0xfffe

#ifndef IFF_LOWER_UP
#define IFF_LOWER_UP	(1 << 16)
#define IFF_DORMANT	(1 << 17)
#define IFF_ECHO	(1 << 18)
#endif

/* Attributes of SCM_TIMESTAMPING_OPT_STATS. */
enum {
	TCP_NLA_PAD, TCP_NLA_BUSY, TCP_NLA_RWND_LIMITED, TCP_NLA_SNDBUF_LIMITED,
	TCP_NLA_DATA_SEGS_OUT, TCP_NLA_TOTAL_RETRANS, TCP_NLA_PACING_RATE,
	TCP_NLA_DELIVERY_RATE, TCP_NLA_SND_CWND, TCP_NLA_REORDERING,
	TCP_NLA_MIN_RTT, TCP_NLA_RECUR_RETRANS, TCP_NLA_DELIVERY_RATE_APP_LMT,
	TCP_NLA_SNDQ_SIZE, TCP_NLA_CA_STATE, TCP_NLA_SND_SSTHRESH,
	TCP_NLA_DELIVERED, TCP_NLA_DELIVERED_CE, TCP_NLA_BYTES_SENT,
	TCP_NLA_BYTES_RETRANS, TCP_NLA_DSACK_DUPS, TCP_NLA_REORD_SEEN,
	TCP_NLA_SRTT, TCP_NLA_TIMEOUT_REHASH, TCP_NLA_BYTES_NOTSENT,
	TCP_NLA_EDT, TCP_NLA_TTL, TCP_NLA_REHASH,
};

#endif
